//! What the words of a duty say about mastery, as numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    lexicon::{CUES, ENGLISH, HINDI, Language},
    words::{Word, names, words},
};

/// Names of the features that come before those of the cues, in their order.
#[cfg(test)]
const FIRST: [&str; LEN - CUES.len()] = [
    "verb mean",
    "verb highest",
    "verb lowest",
    "first verb",
    "other verbs mean",
    "no verb",
    "reach highest",
    "reach mean",
    "no reach",
    "length",
    "clauses",
    "word length",
    "long words",
    "purpose",
    "numbers",
];
/// Number of features.
pub(crate) const LEN: usize = 15 + CUES.len();

/// The level that stands in for an unknown verb or reach: the middle of the lists.
const UNKNOWN: f64 = 0.38;

/// Something of a list that was found in a duty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Found {
    /// Its level in the list, 0 to 1.
    pub(crate) level: f64,
    /// Bytes `[start, end)` of the duty.
    pub(crate) span: (usize, usize),
}

/// A duty as the word lists see it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    /// Fifteen numbers of verbs, reach and length, then one for each of [`CUES`].
    pub(crate) values: [f64; LEN],
    /// Its different words, without numbers.
    pub(crate) words: BTreeSet<String>,
    /// Verbs at the head of their clauses, in order.
    pub(crate) verbs: Vec<Found>,
    /// The farthest reach that is named.
    pub(crate) reach: Option<Found>,
    /// The first cue of a low and of a high level: places in [`CUES`] and where they stand.
    pub(crate) cues: Vec<(usize, (usize, usize))>,
}

impl Reading {
    /// What a lexicon has for the duty's words, and the share that each of them gets: a long text says no more than a short
    /// one.
    pub(crate) fn known<'a, T>(&self, lexicon: &'a BTreeMap<String, T>) -> (Vec<&'a T>, f64) {
        let known: Vec<&T> = self.words.iter().filter_map(|word| lexicon.get(word)).collect();
        let share = (known.len().max(1) as f64).sqrt().recip();
        (known, share)
    }
}

/// Reads a duty.
pub(crate) fn read(text: &str) -> Reading {
    let words = words(text);
    let mut main = Vec::new();
    let mut other = Vec::new();
    let mut reaches: Vec<Found> = Vec::new();
    let mut cues: Vec<(usize, (usize, usize))> = Vec::new();
    let mut purposes = 0;
    let mut at = 0;
    // The last Hindi act of the clause that is open: Hindi puts its verb last.
    let mut last_act: Option<Found> = None;
    while at < words.len() {
        let hindi = words[at].devanagari();
        let language: &Language = if hindi { &HINDI } else { &ENGLISH };
        let span =
            |n: usize| (words[at].span.0, words.get(at + n - 1).map_or(words[at].span.1, |w| w.span.1));
        let mut step = 1;
        if hindi {
            if words[at].opens || matches!(words[at].text.as_str(), "तथा" | "एवं" | "और" | "व" | "अथवा")
            {
                main.extend(last_act.take());
            }
            if let Some((level, n)) = language.verbs.hindi(&words, at) {
                if let Some(before) = last_act.replace(Found { level, span: span(n) }) {
                    other.push(before);
                }
                step = step.max(n);
            }
        } else if let Some((level, n)) = act(language, &words, at) {
            let found = Found { level, span: span(n) };
            match place(&words, at) {
                Place::Head => main.push(found),
                Place::Purpose => {
                    purposes += 1;
                    other.push(found);
                }
                Place::Inside if names_act(language, &words, at, n) => main.push(found),
                Place::Inside => {}
            }
            step = step.max(n);
        }
        let find = |list: &super::lexicon::Phrases| {
            if hindi { list.hindi(&words, at) } else { list.english(&words, at) }
        };
        if let Some((level, n)) = find(&language.scope).filter(|_| !names(&words, at)) {
            reaches.push(Found { level, span: span(n) });
        }
        for (cue, list) in language.cues.iter().enumerate() {
            if let Some((_, n)) = find(list) {
                cues.push((cue, span(n)));
            }
        }
        at += step;
    }
    main.extend(last_act);
    if main.is_empty() {
        std::mem::swap(&mut main, &mut other);
    }
    let values = numbers(&words, &main, &other, &reaches, &cues, purposes);
    // The first of the farthest.
    let reach = reaches.into_iter().reduce(|a, b| if b.level > a.level { b } else { a });
    let words = words.into_iter().filter(|word| word.script.is_some()).map(|word| word.text).collect();
    Reading { values, words, verbs: main, reach, cues }
}

/// A verb, or a noun that names an act, at `words[at]`.
fn act(language: &Language, words: &[Word], at: usize) -> Option<(f64, usize)> {
    let verb = language.verbs.english(words, at);
    let noun = language.nouns.english(words, at);
    match (verb, noun) {
        (Some(v), Some(n)) if n.1 > v.1 => Some(n),
        (Some(v), _) => Some(v),
        (None, n) => n,
    }
}

/// True for "… supervision of staff": the noun carries the act wherever it stands, unless it is the object of a verb.
fn names_act(language: &Language, words: &[Word], at: usize, n: usize) -> bool {
    language.nouns.english(words, at).is_some()
        && words.get(at + n).is_some_and(|w| w.text == "of")
        && !words[..at].iter().rev().take_while(|w| !w.opens).any(|w| w.text == "the")
}

/// Where a verb stands in its clause.
enum Place {
    Head,
    Purpose,
    Inside,
}

fn place(words: &[Word], at: usize) -> Place {
    if words[at].opens {
        return Place::Head;
    }
    let before =
        |back: usize| at.checked_sub(back).and_then(|i| words.get(i)).map_or("", |w| w.text.as_str());
    match before(1) {
        "and" | "or" | "will" | "can" | "may" | "must" | "shall" | "should" | "also" | "you" | "who"
        | "they" | "then" => Place::Head,
        "to" => match before(2) {
            "" | "able" | "ability" | "responsible" | "required" | "has" | "have" | "how" | "expected" => {
                Place::Head
            }
            _ => Place::Purpose,
        },
        "for" if matches!(before(2), "responsible" | "responsibility" | "accountable" | "answerable") => {
            Place::Head
        }
        "for" | "by" | "in" | "while" | "when" if words[at].text.ends_with("ing") => Place::Purpose,
        adverb if adverb.len() > 4 && adverb.ends_with("ly") => {
            if words[at - 1].opens || matches!(before(2), "and" | "or" | "will" | "can" | "to" | "you") {
                Place::Head
            } else {
                Place::Inside
            }
        }
        _ => Place::Inside,
    }
}

fn numbers(
    words: &[Word],
    main: &[Found],
    other: &[Found],
    reaches: &[Found],
    cues: &[(usize, (usize, usize))],
    purposes: usize,
) -> [f64; LEN] {
    let mean = |found: &[Found]| {
        if found.is_empty() {
            UNKNOWN
        } else {
            found.iter().map(|f| f.level).sum::<f64>() / found.len() as f64
        }
    };
    let highest = |found: &[Found]| found.iter().map(|f| f.level).fold(f64::NAN, f64::max);
    let known = |value: f64| if value.is_nan() { UNKNOWN } else { value };
    let flag = |yes: bool| if yes { 1.0 } else { 0.0 };
    let count = words.len().max(1) as f64;
    let letters: usize = words.iter().map(|w| w.text.chars().count()).sum();
    let long = words.iter().filter(|w| w.text.chars().count() > 9).count();
    let clauses = words.iter().filter(|w| w.opens).count();
    let mut values = [0.0; LEN];
    values[0] = mean(main);
    values[1] = known(highest(main));
    values[2] = known(main.iter().map(|f| f.level).fold(f64::NAN, f64::min));
    values[3] = main.first().map_or(UNKNOWN, |f| f.level);
    values[4] = mean(other);
    values[5] = flag(main.is_empty());
    values[6] = known(highest(reaches));
    values[7] = mean(reaches);
    values[8] = flag(reaches.is_empty());
    values[9] = (count.ln_1p() / 6.0).min(1.0);
    values[10] = ((clauses as f64).ln_1p() / 4.0).min(1.0);
    values[11] = (letters as f64 / count / 10.0).min(1.0);
    values[12] = long as f64 / count;
    values[13] = (purposes as f64 / 3.0).min(1.0);
    values[14] = flag(words.iter().any(|w| w.script.is_none()));
    for cue in 0..CUES.len() {
        let hits = cues.iter().filter(|(c, _)| *c == cue).count() as f64;
        // Three hits in a sentence say it all; in a page they say less.
        values[15 + cue] = (hits / (count / 12.0).max(1.0).sqrt() / 3.0).min(1.0);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(text: &str) -> Vec<&str> {
        read(text).verbs.iter().map(|f| &text[f.span.0..f.span.1]).collect()
    }

    #[test]
    fn heads_of_clauses_are_found() {
        assert_eq!(
            heads("Examine tender papers and put up the comparative statement"),
            ["Examine", "put up"]
        );
        assert_eq!(heads("Responsible for supervising field staff to ensure quality"), ["supervising"]);
        assert_eq!(
            heads("You can: - evaluate options - set direction for the team"),
            ["evaluate", "set direction"]
        );
        assert_eq!(heads("Overall supervision of the section"), ["supervision"]);
        assert_eq!(heads("पदोन्नति के प्रस्तावों का परीक्षण करना और आदेश अनुमोदित करना"), ["परीक्षण", "अनुमोदित"]);
        assert_eq!(heads("पर्यवेक्षण में सहायता करना"), ["सहायता"]);
    }

    #[test]
    fn reach_and_cues_are_found() {
        let reading = read("Independently frame the policy of the State for emerging risks");
        assert!(reading.reach.unwrap().level > 0.8);
        let cue = |name: &str| reading.values[FIRST.iter().chain(&CUES).position(|n| *n == name).unwrap()];
        assert!(cue("autonomy") > 0.0 && cue("novel") > 0.0 && cue("strategic") > 0.0);
        assert!(cue("routine") == 0.0);
    }

    #[test]
    fn higher_duties_read_higher() {
        let verb = |text: &str| read(text).values[0];
        for (low, high) in [
            ("Type letters and maintain the diary", "Examine proposals and draft replies"),
            ("Examine proposals", "Approve proposals and formulate policy"),
            ("आवक-जावक पंजी में प्रविष्टि करना", "कर्मचारियों के कार्य का पर्यवेक्षण करना"),
            ("कर्मचारियों के कार्य का पर्यवेक्षण करना", "विभाग की नीति निर्धारित करना"),
        ] {
            assert!(verb(low) < verb(high), "{low} / {high}");
        }
    }

    #[test]
    fn any_text_gives_finite_numbers() {
        let long = "शासन frames 12 ".repeat(800);
        for text in ["", " ", "x", "\u{0}\u{7}", "का", "…", "-", long.as_str(), "\u{94d}\u{93f}"] {
            let reading = read(text);
            assert!(reading.values.iter().all(|v| v.is_finite() && (0.0..=1.0).contains(v)), "{text:?}");
        }
    }
}
