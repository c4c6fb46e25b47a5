//! The committed word lists: verbs with their levels, cues, and how far work reaches, in English and Hindi.

use std::{collections::BTreeMap, sync::LazyLock};

use super::words::{Word, lemmas};

/// Names of the cues, in the order of the features.
pub(crate) const CUES: [&str; 14] = [
    "supervised",
    "autonomy",
    "routine",
    "complex",
    "novel",
    "strategic",
    "others",
    "senior",
    "junior",
    "first course",
    "later course",
    "course",
    "schooling",
    "hands",
];

/// Phrases by their first word; a phrase has a value and the words that follow.
#[derive(Debug, Default)]
pub(crate) struct Phrases {
    by_first: BTreeMap<String, Vec<(Vec<String>, f64)>>,
    /// Length in bytes of the longest first word, so that a long word is not tried in vain.
    longest: usize,
}

impl Phrases {
    fn insert(&mut self, phrase: &str, value: f64) {
        let mut parts = phrase.split_whitespace().map(str::to_owned);
        let Some(first) = parts.next() else { return };
        self.longest = self.longest.max(first.len());
        let entries = self.by_first.entry(first).or_default();
        entries.push((parts.collect(), value));
        entries.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
    }

    /// The longest English phrase that starts at `words[at]`: its value and its number of words.
    pub(crate) fn english(&self, words: &[Word], at: usize) -> Option<(f64, usize)> {
        let first = words.get(at)?;
        lemmas(&first.text).iter().find_map(|lemma| {
            self.by_first.get(lemma)?.iter().find_map(|(rest, value)| {
                let fits = rest.iter().enumerate().all(|(i, part)| {
                    words
                        .get(at + 1 + i)
                        .is_some_and(|w| !w.opens && (w.text == *part || lemmas(&w.text).contains(part)))
                });
                fits.then_some((*value, rest.len() + 1))
            })
        })
    }

    /// The longest list of Hindi stems that starts at `words[at]`: its value and its number of words.
    pub(crate) fn hindi(&self, words: &[Word], at: usize) -> Option<(f64, usize)> {
        let text = words.get(at)?.text.as_str();
        let mut ends: Vec<usize> = text.char_indices().map(|(i, c)| i + c.len_utf8()).collect();
        ends.retain(|&end| end <= self.longest);
        // The longest stem decides, unless a phrase is longer in words.
        let mut best: Option<(f64, usize)> = None;
        for &end in ends.iter().rev() {
            let Some(entries) = text.get(..end).and_then(|stem| self.by_first.get(stem)) else { continue };
            for (rest, value) in entries {
                let fits = rest.iter().enumerate().all(|(i, part)| {
                    words.get(at + 1 + i).is_some_and(|w| !w.opens && w.text.starts_with(part))
                });
                if fits && best.is_none_or(|(_, n)| rest.len() + 1 > n) {
                    best = Some((*value, rest.len() + 1));
                }
            }
        }
        best
    }
}

/// The lists of one language.
#[derive(Debug, Default)]
pub(crate) struct Language {
    pub(crate) verbs: Phrases,
    /// Nouns that name an act; empty in Hindi, where the verb itself is a noun and "to do".
    pub(crate) nouns: Phrases,
    pub(crate) scope: Phrases,
    /// Value: place in [`CUES`].
    pub(crate) cues: [Phrases; CUES.len()],
}

pub(crate) static ENGLISH: LazyLock<Language> = LazyLock::new(|| {
    Language::read(
        include_str!("../../data/level/verbs.en.txt"),
        include_str!("../../data/level/scope.en.txt"),
        include_str!("../../data/level/cues.en.txt"),
    )
});

pub(crate) static HINDI: LazyLock<Language> = LazyLock::new(|| {
    Language::read(
        include_str!("../../data/level/verbs.hi.txt"),
        include_str!("../../data/level/scope.hi.txt"),
        include_str!("../../data/level/cues.hi.txt"),
    )
});

impl Language {
    fn read(verbs: &str, scope: &str, cues: &str) -> Self {
        let mut language = Self::default();
        let mut nouns = false;
        for line in lines(verbs) {
            if line == "[noun]" {
                nouns = true;
            } else if let Some((level, phrases)) = levelled(line) {
                let list = if nouns { &mut language.nouns } else { &mut language.verbs };
                phrases.for_each(|phrase| list.insert(phrase, level));
            }
        }
        for (level, phrases) in lines(scope).filter_map(levelled) {
            phrases.for_each(|phrase| language.scope.insert(phrase, level));
        }
        let mut cue = None;
        for line in lines(cues) {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                cue = CUES.iter().position(|c| *c == name);
            } else if let Some(list) = cue.and_then(|c| language.cues.get_mut(c)) {
                line.split(',').for_each(|phrase| list.insert(phrase.trim(), 1.0));
            }
        }
        language
    }
}

/// Lines with something in them, comments left out.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// `0.22 access, add` → the level and the phrases.
fn levelled(line: &str) -> Option<(f64, impl Iterator<Item = &str>)> {
    let (level, phrases) = line.split_once(' ')?;
    Some((level.parse().ok()?, phrases.split(',').map(str::trim)))
}

#[cfg(test)]
mod tests {
    use super::{super::words::words, *};

    #[test]
    fn every_line_of_the_lists_is_read() {
        for (name, text) in [
            ("verbs.en", include_str!("../../data/level/verbs.en.txt")),
            ("verbs.hi", include_str!("../../data/level/verbs.hi.txt")),
            ("scope.en", include_str!("../../data/level/scope.en.txt")),
            ("scope.hi", include_str!("../../data/level/scope.hi.txt")),
        ] {
            for line in lines(text).filter(|l| *l != "[noun]") {
                let (level, phrases) = levelled(line).unwrap_or_else(|| panic!("{name}: {line}"));
                assert!((0.0..=1.0).contains(&level), "{name}: {line}");
                assert!(phrases.count() > 0, "{name}: {line}");
            }
        }
        for text in
            [include_str!("../../data/level/cues.en.txt"), include_str!("../../data/level/cues.hi.txt")]
        {
            for name in lines(text).filter_map(|l| l.strip_prefix('[')?.strip_suffix(']')) {
                assert!(CUES.contains(&name), "{name}");
            }
        }
    }

    #[test]
    fn longest_phrase_wins() {
        let en = |text: &str| ENGLISH.verbs.english(&words(text), 0);
        assert_eq!(en("carries out inspections").map(|v| v.1), Some(2));
        assert!(en("setting policy").unwrap().0 > en("setting tables").unwrap().0);
        assert_eq!(en("zyzzyva"), None);
        let hi = |text: &str| HINDI.verbs.hindi(&words(text), 0);
        assert_eq!(hi("अनुमोदित करना").map(|v| v.1), Some(1));
        assert!(hi("योजना बनाना").is_some());
    }
}
