//! Which texts hold a word, in whichever script they write it.

use std::collections::{BTreeMap, BTreeSet};

use cbp_core::sound::{Writing, sounds};

use super::terms::cut;

/// Texts that hold a term, ascending, and how often.
pub(crate) type List = Vec<(u32, f64)>;

/// An inverted index before anything is weighed.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    /// By term. A term of one script also lists the texts that have a word of the other script which sounds like it;
    /// what only the other script has is listed under its sound, where [`Wanted::find`] looks.
    pub(crate) lists: BTreeMap<String, List>,
    /// The weighted number of words of each text.
    pub(crate) lengths: Vec<f64>,
}

impl Postings {
    /// Counts the words of texts made of weighted fields: a word of a field counts as often as the field weighs.
    pub(crate) fn new<T: AsRef<str>>(texts: impl IntoIterator<Item = Vec<(T, f64)>>) -> Self {
        let mut lists: BTreeMap<String, List> = BTreeMap::new();
        let mut heard: BTreeMap<(Writing, String), List> = BTreeMap::new();
        let mut sound_of: BTreeMap<String, BTreeSet<(Writing, String)>> = BTreeMap::new();
        let mut lengths = Vec::new();
        for (text, fields) in (0_u32..).zip(texts) {
            let mut length = 0.0;
            for (field, weight) in fields {
                cut(field.as_ref(), |word, term| {
                    length += weight;
                    if let Some(writing) = Writing::of(word) {
                        for sound in sounds(word) {
                            let sound = (writing, sound);
                            count(heard.entry(sound.clone()).or_default(), text, weight);
                            sound_of.entry(term.clone()).or_default().insert(sound);
                        }
                    }
                    count(lists.entry(term).or_default(), text, weight);
                });
            }
            lengths.push(length);
        }
        for (term, sounds) in sound_of {
            let list = lists.entry(term).or_default();
            for (writing, sound) in sounds {
                if let Some(other) = heard.get(&(writing.other(), sound)) {
                    join(list, other);
                }
            }
        }
        lists.extend(heard.into_iter().map(|((writing, sound), list)| (name(writing, &sound), list)));
        Self { lists, lengths }
    }
}

fn count(list: &mut List, text: u32, weight: f64) {
    match list.last_mut() {
        Some((last, count)) if *last == text => *count += weight,
        _ => list.push((text, weight)),
    }
}

/// Adds the counts of one list to another.
fn join(list: &mut List, other: &List) {
    let mut both: BTreeMap<u32, f64> = list.iter().copied().collect();
    for &(text, weight) in other {
        *both.entry(text).or_default() += weight;
    }
    *list = both.into_iter().collect();
}

/// What words of a script that sound alike are listed under: no term has such a mark.
fn name(writing: Writing, sound: &str) -> String {
    let mark = match writing {
        Writing::Latin => '/',
        Writing::Indian => '\\',
    };
    format!("{mark}{sound}")
}

/// A word that is looked for.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// The word's term.
    pub(crate) term: String,
    word: String,
}

impl Wanted {
    /// The words of a text, in its order.
    pub(crate) fn of(text: &str) -> Vec<Self> {
        let mut out = Vec::new();
        cut(text, |word, term| out.push(Self { term, word: word.to_owned() }));
        out
    }

    /// What `listed` gives for the word; where it gives nothing, for the sound of it in the other script.
    pub(crate) fn find<T>(&self, listed: impl Fn(&str) -> Option<T>) -> Option<T> {
        listed(&self.term).or_else(|| {
            let writing = Writing::of(&self.word)?;
            sounds(&self.word).iter().find_map(|sound| listed(&name(writing.other(), sound)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str], sought: &str) -> Vec<u32> {
        let postings = Postings::new(texts.iter().map(|text| vec![(*text, 1.0)]));
        let found =
            |term: &str| postings.lists.get(term).map(|list| list.iter().map(|(text, _)| *text).collect());
        Wanted::of(sought).first().and_then(|word| word.find(found)).unwrap_or_default()
    }

    #[test]
    fn a_word_is_found_in_either_script() {
        let both = ["Budget of the office", "कार्यालय का बजट", "Audit", "Budgets and बजट"];
        assert_eq!(texts(&both, "budget"), [0, 1, 3]);
        assert_eq!(texts(&both, "बजट"), [0, 1, 3]);
        let english = ["Budget of the office", "RTI requests", "Audit"];
        assert_eq!(texts(&english, "बजट"), [0]);
        assert_eq!(texts(&english, "आरटीआई"), [1]);
        assert_eq!(texts(&["कार्यालय का बजट", "लेखा"], "budgets"), [0]);
        assert_eq!(texts(&english, "योजना"), [] as [u32; 0]);
    }

    #[test]
    fn a_text_that_writes_a_word_twice_counts_it_twice() {
        let postings = Postings::new([vec![("budget, बजट", 2.0)], vec![("budget", 1.0)]]);
        assert_eq!(postings.lists["budget"], [(0, 4.0), (1, 1.0)]);
        assert_eq!(postings.lengths, [4.0, 1.0]);
    }

    #[test]
    fn one_script_alone_is_listed_as_it_stands() {
        let postings = Postings::new([vec![("drafting notes", 1.0)], vec![("note", 3.0)]]);
        assert_eq!(postings.lists["note"], [(0, 1.0), (1, 3.0)]);
        assert_eq!(postings.lists["draft"], [(0, 1.0)]);
    }
}
