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
    /// what only the other script has is listed under its sound, where [`seek`] looks.
    pub(crate) lists: BTreeMap<String, List>,
    /// The weighted number of words of each text.
    pub(crate) lengths: Vec<f64>,
}

impl Postings {
    /// Counts the words of texts made of weighted fields: a word of a field counts as often as the field weighs.
    pub(crate) fn new<T: AsRef<str>>(texts: impl IntoIterator<Item = Vec<(T, f64)>>) -> Self {
        // Each word as it is written: its term, and where it stands.
        let mut words: BTreeMap<String, (String, List)> = BTreeMap::new();
        let mut lengths = Vec::new();
        for (text, fields) in (0_u32..).zip(texts) {
            let mut length = 0.0;
            for (field, weight) in fields {
                cut(field.as_ref(), |word, term| {
                    length += weight;
                    let (_, list) = words.entry(word.to_owned()).or_insert_with(|| (term, List::new()));
                    count(list, text, weight);
                });
            }
            lengths.push(length);
        }
        let mut lists: BTreeMap<String, List> = BTreeMap::new();
        let mut heard: BTreeMap<(Writing, String), List> = BTreeMap::new();
        let mut of_term: BTreeSet<(String, Writing, String)> = BTreeSet::new();
        for (word, (term, list)) in words {
            if let Some(writing) = Writing::of(&word) {
                for sound in sounds(&word) {
                    join(heard.entry((writing, sound.clone())).or_default(), &list);
                    of_term.insert((term.clone(), writing, sound));
                }
            }
            join(lists.entry(term).or_default(), &list);
        }
        for (term, writing, sound) in of_term {
            if let Some(other) = heard.get(&(writing.other(), sound)) {
                join(lists.entry(term).or_default(), other);
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
    list.extend_from_slice(other);
    list.sort_by_key(|&(text, _)| text);
    list.dedup_by(|later, first| {
        let same = later.0 == first.0;
        if same {
            first.1 += later.1;
        }
        same
    });
}

/// What words of a script that sound alike are listed under: no term has such a mark.
fn name(writing: Writing, sound: &str) -> String {
    let mark = match writing {
        Writing::Latin => '/',
        Writing::Indian => '\\',
    };
    format!("{mark}{sound}")
}

/// The words of a text, in its order: the term of each, and what `listed` gives for it; where it gives nothing, for a sound
/// of the word in the other script.
pub(crate) fn seek<T>(text: &str, listed: impl Fn(&str) -> Option<T>) -> Vec<(String, Option<T>)> {
    let heard = |word: &str| {
        let writing = Writing::of(word)?;
        sounds(word).iter().find_map(|sound| listed(&name(writing.other(), sound)))
    };
    let mut out = Vec::new();
    cut(text, |word, term| {
        let found = listed(&term).or_else(|| heard(word));
        out.push((term, found));
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str], sought: &str) -> Vec<u32> {
        let postings = Postings::new(texts.iter().map(|text| vec![(*text, 1.0)]));
        let found =
            |term: &str| postings.lists.get(term).map(|list| list.iter().map(|(text, _)| *text).collect());
        seek(sought, found).into_iter().find_map(|(_, texts)| texts).unwrap_or_default()
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
