//! Is a text Devanagari that a person could have written, or noise from a broken font?

use super::shape::{VIRAMA, has_devanagari, is_consonant, is_vowel_sign};

/// Counts of Devanagari words in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wellformedness {
    /// Words with Devanagari letters.
    pub words: usize,
    /// Of these, words with an impossible sequence of signs or with letters of another script inside.
    pub malformed: usize,
    /// Of the words, those of one letter (a lone consonant is rarely a word).
    pub single: usize,
}

impl Wellformedness {
    /// Share of words that are well formed, 0 to 1; 1 where there are none.
    pub fn good_share(&self) -> f64 {
        if self.words == 0 { 1.0 } else { 1.0 - self.malformed as f64 / self.words as f64 }
    }

    /// True where the text is too broken to be passed on.
    pub fn is_noise(&self) -> bool {
        let share = |n: usize| n as f64 / self.words.max(1) as f64;
        self.words >= 8 && (share(self.malformed) > 0.10 || share(self.single) > 0.30)
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.words += other.words;
        self.malformed += other.malformed;
        self.single += other.single;
    }
}

/// Counts the Devanagari words of a text and those that cannot be right.
pub fn wellformedness(text: &str) -> Wellformedness {
    let mut out = Wellformedness::default();
    for word in text.split(|c: char| c.is_whitespace() || c.is_ascii_punctuation() || "।॥–—‘’“”".contains(c))
    {
        if !has_devanagari(word) {
            continue;
        }
        out.words += 1;
        out.malformed += usize::from(!is_wellformed(without_latin(word)));
        out.single += usize::from(word.chars().count() == 1 && word.chars().all(is_consonant));
    }
    out
}

/// A Latin word of at least two letters written without a blank before or after a Hindi one, "औरwww", is no fault.
fn without_latin(word: &str) -> &str {
    let is_latin = |c: char| c.is_ascii_alphabetic();
    let front = word.len() - word.trim_start_matches(is_latin).len();
    let back = word.len() - word.trim_end_matches(is_latin).len();
    let rest = word.get(if front >= 2 { front } else { 0 }..word.len() - if back >= 2 { back } else { 0 });
    rest.filter(|r| r.chars().count() >= 2).unwrap_or(word)
}

/// One word: a sign needs a letter before it, at most one vowel sign a syllable, no virama at the start, no other letters.
fn is_wellformed(word: &str) -> bool {
    let mut last = ' ';
    for c in word.chars() {
        let ok = match c {
            VIRAMA => is_consonant(last) || last == '\u{93C}',
            '\u{93C}' => is_consonant(last),
            _ if is_vowel_sign(c) => is_consonant(last) || last == '\u{93C}',
            '\u{900}'..='\u{903}' => {
                is_consonant(last)
                    || is_vowel_sign(last)
                    || last == '\u{93C}'
                    || matches!(last, 'अ'..='औ' | 'ॠ' | 'ॲ')
            }
            // Latin letters, replacement characters and private codes do not mix with Devanagari inside a word.
            _ => !(c.is_ascii_alphabetic() || c == '\u{FFFD}' || matches!(c, '\u{E000}'..='\u{F8FF}')),
        };
        if !ok {
            return false;
        }
        last = c;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_text_passes_and_noise_is_counted() {
        let good = wellformedness("राष्ट्रीय ग्रामीण स्वास्थ्य मिशन के अन्तर्गत कार्य। पढ़ें 2024 में हैं।");
        assert_eq!((good.malformed, good.single), (0, 0));
        assert_eq!(wellformedness("विवरण औरwww.ayush.gov.inपर").malformed, 0);
        let bad = wellformedness("ाकृ तक च क सा क े ंु abक");
        assert!(bad.malformed >= 4 && bad.words >= 7, "{bad:?}");
    }
}
