//! Text to terms.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use cbp_core::sound::fold;

use super::{hindi, stop};

/// Cuts a text into the terms by which it is found.
///
/// - A word is a run of letters, digits and combining signs, so that Indian words stay whole; an apostrophe inside
///   an English word ends it. `C++` and `C#` keep their signs.
/// - English words are lower-cased and reduced to their stem (Porter 2). Words in capitals of two to five letters
///   are abbreviations: never stop words, never stemmed.
/// - Hindi spellings that vary are folded (nukta, chandrabindu, nasal before a consonant, long and short i and u),
///   and inflections are cut. Words of other scripts are lower-cased only.
/// - Stop words of English and Hindi are left out. Digits of Indian scripts become ASCII.
///
/// ```
/// use cbp_infer::lexical::terms;
/// assert_eq!(terms("Drafting of the agreements"), ["draft", "agreement"]);
/// assert_eq!(terms("सम्बंधित योजनाओं का"), terms("संबंधित योजना"));
/// assert_eq!(terms("IT"), ["it"]);
/// assert!(terms("it is").is_empty());
/// ```
pub fn terms(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    cut(text, |_, term| out.push(term));
    out
}

/// Tells each word of a text that is no stop word, as it stands there and as the term that it is found by.
pub(super) fn cut(text: &str, mut tell: impl FnMut(&str, String)) {
    let text = if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect::<String>())
    };
    let english = Stemmer::create(Algorithm::English);
    let mut word = String::new();
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        if is_word(c) {
            word.push(c);
        } else if matches!(c, '\u{200C}' | '\u{200D}' | '\u{AD}') {
            // Joiners change the shape of a word, not the word.
        } else if matches!(c, '+' | '#') && is_short_name(&word) {
            word.push(c);
        } else {
            if let Some(term) = term(&word, &english) {
                tell(&word, term);
            }
            word.clear();
            if matches!(c, '\'' | '’') && characters.peek().is_some_and(char::is_ascii_alphabetic) {
                // The possessive's or contraction's tail carries nothing.
                while characters.peek().is_some_and(|&next| is_word(next)) {
                    characters.next();
                }
            }
        }
    }
    if let Some(term) = term(&word, &english) {
        tell(&word, term);
    }
}

/// `C`, `C+`, `F`: what `+` and `#` may follow.
fn is_short_name(word: &str) -> bool {
    word.chars().count() <= 2 && word.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Letters, digits, and the signs of the Indian scripts without danda, abbreviation sign and currency.
fn is_word(c: char) -> bool {
    match c {
        '\u{964}' | '\u{965}' | '\u{970}' => false,
        '\u{900}'..='\u{D7F}' => true,
        _ => c.is_alphanumeric(),
    }
}

/// The term of a word; `None` for a stop word.
fn term(word: &str, english: &Stemmer) -> Option<String> {
    let first = word.chars().next()?;
    if ('\u{900}'..='\u{D7F}').contains(&first) {
        let folded = fold(word);
        return (!folded.is_empty() && !stop::is_hindi(&folded)).then(|| hindi::stem(&folded));
    }
    let length = word.chars().count();
    let capitals = (2..=5).contains(&length) && word.chars().all(|c| c.is_ascii_uppercase());
    let lower = word.to_lowercase();
    if capitals || !lower.is_ascii() {
        return Some(lower);
    }
    (!stop::is_english(&lower)).then(|| english.stem(&lower).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_words_meet_in_their_stem() {
        assert_eq!(terms("Drafts, drafting; DRAFTED"), ["draft", "draft", "draft"]);
        assert_eq!(terms("the officer's duties and o'clock"), ["offic", "duti", "o"]);
        assert_eq!(terms("policy-making"), ["polici", "make"]);
    }

    #[test]
    fn names_with_signs_stay_whole() {
        assert_eq!(terms("C++ and C# or C"), ["c++", "c#", "c"]);
        assert_eq!(terms("uses ASP.NET daily"), ["use", "asp", "net", "daili"]);
    }

    #[test]
    fn capitals_are_abbreviations() {
        assert_eq!(terms("IT for it"), ["it"]);
        assert_eq!(terms("WHO and who"), ["who"]);
    }

    #[test]
    fn hindi_spellings_and_inflections_meet() {
        let same = |a: &str, b: &str| assert_eq!(terms(a), terms(b), "{a} {b}");
        same("हिन्दी", "हिंदी");
        same("ज़िला", "जिला");
        same("योजनाओं", "योजना");
        same("कर्मचारियों", "कर्मचारी");
        same("पाँच", "पांच");
        same("क्षेत्र\u{200D}", "क्षेत्र");
        assert_eq!(terms("१५ ग्राम पंचायतों के लिए").len(), 3);
        assert_eq!(terms("१५"), ["15"]);
        assert!(terms("के लिए और का है").is_empty());
    }

    #[test]
    fn other_scripts_and_noise() {
        assert_eq!(terms("தமிழ் மொழி").len(), 2);
        assert_eq!(terms("Économie"), ["économie"]);
        assert!(terms("").is_empty());
        assert!(terms(" \u{0}\u{7} — !!! ।").is_empty());
    }
}
