//! Names that a duty writes in another script than the document: प्रधानमंत्री ग्राम सड़क योजना, मनरेगा, एन.आर.एल.एम.

use std::collections::BTreeMap;

use cbp_core::sound::{Writing, consonants, is_abbreviation, spelled, together};

use super::{
    mentions::meaning,
    names::{Spelling, Token},
};

/// Fewest consonants of a name, of an abbreviation that is spoken as a word, and letters of one that is spelled out:
/// what is shorter sounds like too much else.
const NAME: usize = 5;
const SPOKEN: usize = 4;
const SPELLED: usize = 3;

/// Spellings by how they sound. The words are run together, since one script writes प्रधानमंत्री where the other writes
/// Pradhan Mantri.
#[derive(Debug, Default)]
pub(super) struct Heard {
    names: BTreeMap<(Writing, String), (Spelling, usize)>,
    /// Signs of the longest of them.
    longest: usize,
}

impl Heard {
    /// Indexes spellings, each with what it means.
    pub(super) fn new<'a>(spellings: impl Iterator<Item = (&'a [String], Spelling, usize)>) -> Self {
        let mut all: BTreeMap<(Writing, String), Vec<(Spelling, usize)>> = BTreeMap::new();
        for (words, how, item) in spellings {
            for sound in of_name(words, how) {
                all.entry(sound).or_default().push((how, item));
            }
        }
        let longest = all.keys().map(|(_, sound)| sound.len()).max().unwrap_or(0);
        let names = all.into_iter().filter_map(|(sound, means)| Some((sound, meaning(means)?))).collect();
        Self { names, longest }
    }

    /// The longest name of the other script that starts at `at`, and how many words it takes.
    pub(super) fn longest(&self, words: &[Token], at: usize) -> Option<(Spelling, usize, usize)> {
        let writing = Writing::of(&words.get(at)?.text)?;
        let (mut sound, mut letters) = (String::new(), Some(String::new()));
        let mut best = None;
        for (word, length) in words.get(at..)?.iter().zip(1..) {
            if Writing::of(&word.text) != Some(writing) {
                break;
            }
            sound.push_str(&consonants(&word.text));
            letters = letters.zip(self::letters(word)).map(|(all, more)| all + &more);
            if sound.len().min(letters.as_ref().map_or(usize::MAX, String::len)) > self.longest {
                break;
            }
            let named = |sound: &String| self.names.get(&(writing.other(), sound.clone()));
            if let Some(&(how, item)) = named(&sound).or_else(|| named(letters.as_ref()?)) {
                best = Some((how, item, length));
            }
        }
        best
    }
}

/// What a word adds to an abbreviation.
fn letters(word: &Token) -> Option<String> {
    match Writing::of(&word.text)? {
        Writing::Latin => word.capitals.then(|| word.text.to_ascii_uppercase()),
        Writing::Indian => spelled(&word.text),
    }
}

/// How a spelling is heard by those who write it in the other script.
fn of_name(words: &[String], how: Spelling) -> Vec<(Writing, String)> {
    let Some((writing, sound)) = together(words.iter().map(String::as_str)) else { return Vec::new() };
    let letters = match writing {
        Writing::Latin => {
            let short = words.concat().to_ascii_uppercase();
            Some(short).filter(|short| how == Spelling::Abbreviation && is_abbreviation(short))
        }
        Writing::Indian => words.iter().map(|word| spelled(word)).collect::<Option<String>>(),
    };
    let fewest = if how == Spelling::Abbreviation { SPOKEN } else { NAME };
    let spoken = Some(sound).filter(|sound| sound.len() >= fewest);
    let letters = letters.filter(|letters| letters.len() >= SPELLED);
    spoken.into_iter().chain(letters).map(|sound| (writing, sound)).collect()
}
