//! The one place where a text is made ready for a model.
//!
//! [`normalise`] does, in this order:
//!
//! 1. Unicode NFC, so that a letter typed as two code points is the letter typed as one;
//! 2. every run of white space and control characters becomes one space; none at the ends;
//! 3. characters without width that carry no meaning are dropped (byte order mark, zero-width space, word joiner,
//!    soft hyphen, direction marks); the joiners U+200C and U+200D stay, since they change Indian words;
//! 4. digits of the Indian scripts become `0`–`9`: models know those, and `१५` and `15` mean the same;
//! 5. text in a legacy font (Kruti Dev and its kin, which arrive as ASCII), or mostly private-use and replacement
//!    characters, is refused: its vector would look sound and mean nothing.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation;

/// Rises when the rules above change, so that cached vectors of other rules are not met.
pub(crate) const RULES: u32 = 1;

/// The script that most letters of a text are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Script {
    /// Latin, and texts without letters.
    Latin,
    /// Hindi, Marathi, Nepali, Sanskrit, Konkani and others.
    Devanagari,
    /// Bengali, Assamese.
    Bengali,
    /// Punjabi.
    Gurmukhi,
    /// Gujarati.
    Gujarati,
    /// Odia.
    Oriya,
    /// Tamil.
    Tamil,
    /// Telugu.
    Telugu,
    /// Kannada.
    Kannada,
    /// Malayalam.
    Malayalam,
    /// Any other.
    Other,
}

/// The Indian scripts in the order of their Unicode blocks, which start at U+0900 and are 128 wide.
const INDIC: [Script; 9] = [
    Script::Devanagari,
    Script::Bengali,
    Script::Gurmukhi,
    Script::Gujarati,
    Script::Oriya,
    Script::Tamil,
    Script::Telugu,
    Script::Kannada,
    Script::Malayalam,
];

impl Script {
    /// Every script, in order.
    pub const ALL: [Self; 11] = [
        Self::Latin,
        Self::Devanagari,
        Self::Bengali,
        Self::Gurmukhi,
        Self::Gujarati,
        Self::Oriya,
        Self::Tamil,
        Self::Telugu,
        Self::Kannada,
        Self::Malayalam,
        Self::Other,
    ];

    /// The script of a letter; `None` for what is no letter.
    pub fn of_char(c: char) -> Option<Self> {
        match u32::from(c) {
            0x964 | 0x965 => None,
            code @ 0x900..=0xD7F => INDIC.get(((code - 0x900) / 128) as usize).copied(),
            0..0x250 => c.is_alphabetic().then_some(Self::Latin),
            _ => c.is_alphabetic().then_some(Self::Other),
        }
    }

    /// The script that most letters of `text` are in; the earlier in [`Script::ALL`] on a tie.
    ///
    /// A letter of an Indian script counts twice: a consonant with its vowel signs is several code points, but
    /// a Hindi sentence with English names in brackets is a Hindi sentence.
    pub fn of(text: &str) -> Self {
        let mut counts: BTreeMap<Self, usize> = BTreeMap::new();
        for script in text.chars().filter_map(Self::of_char) {
            *counts.entry(script).or_default() += if INDIC.contains(&script) { 2 } else { 1 };
        }
        let mut best = (Self::Latin, 0);
        for (script, count) in counts {
            if count > best.1 {
                best = (script, count);
            }
        }
        best.0
    }

    /// Its name in manifests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latin => "latin",
            Self::Devanagari => "devanagari",
            Self::Bengali => "bengali",
            Self::Gurmukhi => "gurmukhi",
            Self::Gujarati => "gujarati",
            Self::Oriya => "oriya",
            Self::Tamil => "tamil",
            Self::Telugu => "telugu",
            Self::Kannada => "kannada",
            Self::Malayalam => "malayalam",
            Self::Other => "other",
        }
    }
}

/// Makes a text ready for a model; the module's documentation has the rules.
///
/// The result may be empty: an empty text is the caller's decision.
///
/// # Errors
///
/// The reason, as a sentence, when the text is noise that must not be embedded.
pub fn normalise(text: &str) -> Result<Cow<'_, str>, String> {
    let clean = if is_plain(text) { Cow::Borrowed(text) } else { Cow::Owned(rewrite(text)) };
    refuse_noise(&clean)?;
    Ok(clean)
}

/// Whether `normalise` would leave the text as it is: most texts are clean, and need no copy.
fn is_plain(text: &str) -> bool {
    let mut spaced = true;
    for c in text.chars() {
        if c == ' ' {
            if spaced {
                return false;
            }
            spaced = true;
        } else if c.is_whitespace() || c.is_control() || is_dropped(c) || ascii_digit(c).is_some() {
            return false;
        } else {
            spaced = false;
        }
    }
    (text.is_empty() || !spaced) && is_nfc_quick(text.chars()) == unicode_normalization::IsNormalized::Yes
}

fn rewrite(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfc() {
        if c.is_whitespace() || c.is_control() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_dropped(c) {
            out.push(ascii_digit(c).unwrap_or(c));
        }
    }
    out.truncate(out.trim_end().len());
    out
}

const fn is_dropped(c: char) -> bool {
    matches!(
        c,
        '\u{FEFF}' | '\u{200B}' | '\u{2060}' | '\u{AD}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
    )
}

/// The ASCII digit for a digit of an Indian script.
fn ascii_digit(c: char) -> Option<char> {
    let code = u32::from(c);
    if !(0x900..0xD80).contains(&code) {
        return None;
    }
    // In each of the nine blocks the digits are at offsets 0x66 to 0x6F.
    let digit = ((code - 0x900) % 128).checked_sub(0x66).filter(|&digit| digit < 10)?;
    char::from_digit(digit, 10)
}

/// Frequent Hindi words as Kruti Dev and `DevLys` spell them in ASCII. None is an English word.
const LEGACY: [&str; 22] = [
    "ds", "dk", "dks", "esa", "gS", "gSa", "vkSj", ",oa", "ls", "fd;k", "fy,", "dh", "djus", "ij", "}kjk",
    "rFkk", "vFkok", "ugha", "gksxk", "foHkkx", "izca/ku", "dk;Z",
];

fn refuse_noise(text: &str) -> Result<(), String> {
    let (mut letters, mut unknown) = (0_usize, 0_usize);
    for c in text.chars() {
        letters += usize::from(!c.is_whitespace());
        unknown += usize::from(matches!(c, '\u{FFFD}' | '\u{E000}'..='\u{F8FF}'));
    }
    if unknown * 3 > letters {
        return Err(format!(
            "{unknown} of {letters} characters have no meaning (a font without a usable character map, or bytes \
             that are not UTF-8); extract the text again or use OCR"
        ));
    }
    let (mut words, mut hits) = (0_usize, 0_usize);
    for word in text.split(' ') {
        words += 1;
        hits += usize::from(LEGACY.contains(&word));
    }
    if hits >= 3 && hits * 12 >= words {
        return Err("this is Hindi in a legacy font (such as Kruti Dev) that was not converted to Unicode; \
                    convert it first"
            .into());
    }
    Ok(())
}

/// Splits a text into sentences, at the boundaries of Unicode and at the danda; nothing is lost.
pub(crate) fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for sentence in text.split_sentence_bounds() {
        out.extend(sentence.split_inclusive(['।', '॥', ';']).map(str::trim).filter(|s| !s.is_empty()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_apply_in_order() {
        let cases = [
            ("plain text", "plain text"),
            ("  two\t\nlines \u{7} ", "two lines"),
            ("cafe\u{301}", "caf\u{e9}"),
            ("धारा १५ का उपबंध", "धारा 15 का उपबंध"),
            ("௧௨ நாட்கள்", "12 நாட்கள்"),
            ("zero\u{200b}width \u{feff}mark", "zerowidth mark"),
            ("क्\u{200d}ष", "क्\u{200d}ष"),
            (" \u{200b} ", ""),
        ];
        for (input, want) in cases {
            assert_eq!(normalise(input).unwrap(), want, "{input:?}");
            assert_eq!(normalise(want).unwrap(), want, "normalising twice changes nothing");
        }
        assert!(matches!(normalise("plain text"), Ok(Cow::Borrowed(_))));
    }

    #[test]
    fn noise_is_refused_and_english_is_not() {
        assert!(normalise("foHkkx ds deZpkjh dk dk;Z esa gS vkSj fy,").unwrap_err().contains("legacy"));
        assert!(normalise("\u{f0b7}\u{f0a8}\u{fffd} ab").unwrap_err().contains("no meaning"));
        assert!(normalise("The DS shall ensure that dk is filled in").is_ok());
        assert!(normalise("\u{f0b7} Prepare the annual budget").is_ok(), "a bullet is not noise");
    }

    #[test]
    fn scripts_are_recognised() {
        let cases = [
            ("Maintain the registers", Script::Latin),
            ("रजिस्टर का रखरखाव", Script::Devanagari),
            ("योजना (Scheme) का कार्यान्वयन", Script::Devanagari),
            ("রেজিস্টার", Script::Bengali),
            ("பதிவேடு", Script::Tamil),
            ("രജിസ്റ്റർ", Script::Malayalam),
            ("12 / 34", Script::Latin),
            ("реестр", Script::Other),
        ];
        for (text, want) in cases {
            assert_eq!(Script::of(text), want, "{text}");
        }
    }

    #[test]
    fn sentences_cover_the_text() {
        let text = "First point. Second point; third. पहला वाक्य। दूसरा वाक्य।";
        let parts = sentences(text);
        assert_eq!(parts.len(), 5);
        assert_eq!(parts.join(" "), text);
    }
}
