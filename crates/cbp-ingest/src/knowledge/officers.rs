//! Officers and authorities that a text names.

use crate::frac::{expand_post, names_post};
use crate::prose::{fold, has_devanagari};

/// An officer with the bytes of the text where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Officer {
    pub(crate) name: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Bodies that are given work like officers are.
const BODIES: [&str; 9] = [
    "authority",
    "council",
    "committee",
    "board",
    "tribunal",
    "commission",
    "collector",
    "magistrate",
    "registrar",
];
/// Words that lead to the name of an officer.
const LEADS: [&str; 26] = [
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
const JOINERS: [&str; 6] = ["of", "for", "the", "and", "in", "&"];

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
            w.trim_start_matches(['(', '"', '\u{201c}']).starts_with(char::is_uppercase)
        })
    };
    if !capital(i) {
        return None;
    }
    let mut end = i;
    while let Some((_, word)) = words.get(end) {
        if word.ends_with(['.', ';', ':']) {
            break;
        }
        // "Director, Panchayati Raj may": a comma goes on only between capitals, and once.
        if word.ends_with(',') {
            let short = capital(end + 1)
                && words.get(i..end).is_some_and(|w| w.iter().all(|(_, x)| !x.ends_with(',')));
            if !short || names_post(words.get(end + 1).map_or("", |(_, w)| *w)) {
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

fn named(text: &str, words: &[(usize, &str)], start: usize, stop: usize) -> Option<Officer> {
    let mut start = start;
    // "Power of Magistrate", "Every Collector": what stands before the officer's name.
    while words.get(start).is_some_and(|(_, w)| start < stop && LEADS.contains(&fold(w).as_str())) {
        start += 1;
    }
    let first = words.get(start).filter(|_| start < stop)?;
    let last = words.get(stop - 1)?;
    let begin = first.0 + (first.1.len() - first.1.trim_start_matches(['(', '"', '\u{201c}']).len());
    let end = last.0 + last.1.trim_end_matches([',', '.', ';', ':', '"', '\u{201d}']).len();
    let mut name = text.get(begin..end)?.to_owned();
    if name.matches('(').count() != name.matches(')').count() {
        name = name.replace(['(', ')'], "");
    }
    let folded = fold(&name);
    let body = folded.split(' ').count() >= 2 && BODIES.contains(&folded.rsplit(' ').next().unwrap_or(""));
    let long = folded.split(' ').count() > 8
        || [
            "officer",
            "officers",
            "executive",
            "assistant",
            "worker",
            "expert",
            "experts",
            "head",
            "chief",
            "teacher",
            "teachers",
        ]
        .contains(&folded.as_str());
    let post = names_post(&name) && !folded.starts_with("government ");
    ((post || body) && !long && !folded.is_empty()).then(|| Officer {
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
            let name: Vec<&str> =
                window.iter().map(|(_, w)| w.trim_matches(|c: char| ",;:.()\u{964}".contains(c))).collect();
            let name = name.join(" ");
            // Alone, "सहायक" (helpful) or "अधिकारी" is a common word.
            let common = length == 1
                && ["अधिकारी", "सहायक", "सलाहकार", "विशेषज्ञ", "अध्यक्ष", "शिक्षक"]
                    .map(fold)
                    .contains(&fold(&name));
            if !inner && !common && crate::frac::is_known_post(&name) {
                let start = first.0;
                let end = last.0 + last.1.trim_end_matches(|c: char| ",;:.)\u{964}".contains(c)).len();
                out.push(Officer { name, start, end });
                taken = length;
                break;
            }
        }
        i += taken;
    }
    out
}

fn positions(text: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let mut out = Vec::new();
    for word in text.split(' ') {
        if !word.is_empty() {
            out.push((at, word));
        }
        at += word.len() + 1;
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
        assert_eq!(names("संचालक एवं जिला कार्यक्रम अधिकारी समीक्षा करेंगे।"), ["संचालक", "जिला कार्यक्रम अधिकारी"]);
        assert!(names("Money misused shall be recovered as an arrear of land revenue.").is_empty());
    }
}
