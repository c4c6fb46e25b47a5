//! Officers and authorities that a text names.

use super::title::is_officer;
use crate::frac::expand_post;
use crate::prose::{fold, has_devanagari};

/// An officer with the bytes of the text where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Officer {
    pub(crate) name: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Words that lead to the name of an officer.
const LEADS: [&str; 34] = [
    "all",
    "these",
    "those",
    "other",
    "besides",
    "provided",
    "providedthat",
    "that",
    "the",
    "a",
    "an",
    "every",
    "each",
    "any",
    "such",
    "no",
    "if",
    "where",
    "when",
    "of",
    "and",
    "for",
    "power",
    "powers",
    "procedure",
    "duty",
    "duties",
    "appointment",
    "constitution",
    "functions",
    "removal",
    "salary",
    "subordination",
    "jurisdiction",
];
/// Words before a Hindi name of the rank table that belong to it.
const RANKS_ABOVE: [&str; 9] = ["मुख्य", "अपर", "उप", "वरिष्ठ", "कनिष्ठ", "संयुक्त", "अतिरिक्त", "प्रधान", "विशेष"];
/// Most words of a title.
const LONGEST: usize = 8;
const QUOTES: [char; 6] = ['\'', '"', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}'];
/// Words between two capitals of one name.
const JOINERS: [&str; 5] = ["of", "for", "and", "in", "&"];
/// Capitals that begin a sentence, and so end what stands before them.
const OPENERS: [&str; 9] = ["The", "Every", "Each", "Any", "Such", "No", "Where", "When", "Whenever"];

/// Officers that a text names: in English by capitals, in Hindi by the names of the rank table.
pub(crate) fn officers(text: &str) -> Vec<Officer> {
    if has_devanagari(text) { hindi(text) } else { english(text) }
}

fn english(text: &str) -> Vec<Officer> {
    let mut out = Vec::new();
    let words: Vec<(usize, &str)> = positions(text);
    let mut i = 0;
    while i < words.len() {
        let Some(end) = run(&words, i) else {
            i += 1;
            continue;
        };
        // "Executive Engineer and Junior Engineer" names two.
        let mut start = i;
        for k in i..=end {
            let split = k == end || words.get(k).is_some_and(|(_, w)| *w == "and" || *w == "&");
            if !split {
                continue;
            }
            let stop = if k == end { end + 1 } else { k };
            out.extend(named(text, &words, start, stop));
            start = k + 1;
        }
        i = end + 1;
    }
    out
}

/// Last word of a run of capitals that begins at `i`, joined by "of", "and", or a comma inside a title.
fn run(words: &[(usize, &str)], i: usize) -> Option<usize> {
    let capital = |k: usize| {
        words.get(k).is_some_and(|(_, w)| {
            w.trim_start_matches(['(', '[', '"', '\u{201c}']).starts_with(char::is_uppercase)
        })
    };
    if !capital(i) {
        return None;
    }
    let mut end = i;
    while let Some((_, word)) = words.get(end) {
        // "Committee.- The Board" is a heading before its text.
        if word.trim_end_matches(['-', '\u{2013}', '\u{2014}']).ends_with(['.', ';', ':']) {
            break;
        }
        // "Director, Panchayati Raj may": a comma goes on only between capitals, and once.
        if word.ends_with(',') {
            let short = capital(end + 1)
                && words.get(i..end).is_some_and(|w| w.iter().all(|(_, x)| !x.ends_with(',')));
            if !short || next_is_an_officer(words, end + 1) {
                break;
            }
        }
        if capital(end + 1) {
            end += 1;
        } else if words.get(end + 1).is_some_and(|(_, w)| JOINERS.contains(w)) && capital(end + 2) {
            end += 2;
        } else {
            break;
        }
    }
    Some(end)
}

/// True where the capitals from `i` to the next stop name an officer or a body: "District Magistrate, Sub-divisional
/// Magistrate" are two, "Director, Panchayati Raj" is one.
fn next_is_an_officer(words: &[(usize, &str)], i: usize) -> bool {
    let mut piece = Vec::new();
    for (_, word) in words.get(i..).unwrap_or_default().iter().take(5) {
        if !word.starts_with(char::is_uppercase) {
            break;
        }
        piece.push(*word);
        if word.ends_with([',', '.', ';', ':']) {
            break;
        }
    }
    is_officer(&piece.join(" "))
}

fn named(text: &str, words: &[(usize, &str)], start: usize, stop: usize) -> Option<Officer> {
    let capital = |k: &usize| words.get(*k).is_some_and(|(_, w)| OPENERS.contains(w));
    let mut start = (start..stop).rev().find(capital).map_or(start, |k| k + 1);
    // "Power of Magistrate", "Every Collector": what stands before the officer's name.
    while words.get(start).is_some_and(|(_, w)| start < stop && LEADS.contains(&fold(w).as_str())) {
        start += 1;
    }
    let first = words.get(start).filter(|_| start < stop)?;
    let last = words.get(stop - 1)?;
    // Square brackets mark what an amendment put in.
    let before = |c: char| matches!(c, '(' | '[') || QUOTES.contains(&c);
    let after = |c: char| ",.;:]-\u{2013}\u{2014}".contains(c) || QUOTES.contains(&c);
    let begin = first.0 + (first.1.len() - first.1.trim_start_matches(before).len());
    let end = last.0 + last.1.trim_end_matches(after).len();
    let mut name = text.get(begin..end)?.to_owned();
    if name.matches('(').count() != name.matches(')').count() {
        name = name.replace(['(', ')'], "");
    }
    (fold(&name).split(' ').count() <= LONGEST && is_officer(&name)).then(|| Officer {
        name: expand_post(&name),
        start: begin,
        end,
    })
}

fn hindi(text: &str) -> Vec<Officer> {
    let words = positions(text);
    let mut out: Vec<Officer> = Vec::new();
    let mut i = 0;
    while i < words.len() {
        let mut taken = 1;
        for length in (1..=6.min(words.len() - i)).rev() {
            let Some(window) = words.get(i..i + length) else { continue };
            let (Some(first), Some(last)) = (window.first(), window.last()) else { continue };
            let inner =
                window.iter().take(length - 1).any(|(_, w)| w.ends_with([',', ';', ':', '\u{964}', ')']));
            let edge = |c: char| ",;:.()-/\u{2013}\u{964}".contains(c) || QUOTES.contains(&c);
            let lead = |w: &str| w.len() - w.trim_start_matches(edge).len();
            let name: Vec<&str> = window.iter().map(|(_, w)| w.trim_matches(edge)).collect();
            if name.first().is_none_or(|w| w.is_empty()) || name.last().is_none_or(|w| w.is_empty()) {
                continue;
            }
            let name = name.join(" ");
            // Alone, "सहायक" (helpful) or "अधिकारी" is a common word.
            let common = length == 1
                && ["अधिकारी", "सहायक", "सलाहकार", "विशेषज्ञ", "अध्यक्ष", "शिक्षक"]
                    .map(fold)
                    .contains(&fold(&name));
            if !inner && !common && crate::frac::is_known_post(&name) {
                let mut start = first.0 + lead(first.1);
                let end = last.0 + last.1.trim_end_matches(edge).len();
                let above = i.checked_sub(1).and_then(|k| words.get(k));
                if let Some((at, word)) =
                    above.filter(|(_, w)| RANKS_ABOVE.contains(&w.trim_start_matches(edge)))
                {
                    start = at + lead(word);
                }
                let name = text.get(start..end).map_or(name, str::to_owned);
                out.push(Officer { name, start, end });
                taken = length;
                break;
            }
        }
        i += taken;
    }
    out
}

/// Words with their places; a long dash ends one as a space does.
fn positions(text: &str) -> Vec<(usize, &str)> {
    let ends = [' ', '\u{2014}'];
    let mut at = 0;
    let mut out = Vec::new();
    for piece in text.split_inclusive(ends) {
        let word = piece.trim_end_matches(ends);
        if !word.is_empty() {
            out.push((at, word));
        }
        at += piece.len();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        officers(text).into_iter().map(|o| o.name).collect()
    }

    #[test]
    fn officers_and_bodies_are_found() {
        assert_eq!(
            names(
                "The Director, Panchayati Raj may suspend a resolution and refer it to the State Government."
            ),
            ["Director, Panchayati Raj"]
        );
        assert_eq!(
            names("Assistant Engineer and Junior Engineer shall report to the Programme Authority."),
            ["Assistant Engineer", "Junior Engineer", "Programme Authority"]
        );
        assert_eq!(
            names("Accounts shall be audited by the Director of Local Fund Audit."),
            ["Director of Local Fund Audit"]
        );
        assert_eq!(
            names("shall be fixed by the [Road Safety Board] and [the Chief Transport Officer.]"),
            ["Road Safety Board", "Chief Transport Officer"]
        );
        assert_eq!(names("संचालक एवं जिला कार्यक्रम अधिकारी समीक्षा करेंगे।"), ["संचालक", "जिला कार्यक्रम अधिकारी"]);
        assert_eq!(
            names("(ख) ‘मुख्य प्रशासनिक अधिकारी’ से संस्थान का मुख्य प्रशासनिक अधिकारी अभिप्रेत है"),
            ["मुख्य प्रशासनिक अधिकारी", "मुख्य प्रशासनिक अधिकारी"]
        );
        assert_eq!(
            names(
                "Executive Magistrates.\u{2014}(1) In every district the District Magistrate, Sub-divisional Magistrate or Revision The State Appellate Tribunal may act."
            ),
            [
                "Executive Magistrates",
                "District Magistrate",
                "Sub-divisional Magistrate",
                "State Appellate Tribunal"
            ]
        );
        assert!(
            names("Executive Instructions on the Factory Workers Act; Local Jurisdiction of Executive")
                .is_empty()
        );
        assert!(names("Money misused shall be recovered as an arrear of land revenue.").is_empty());
    }
}
