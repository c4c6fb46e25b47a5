//! How a word sounds, so that it is found in the other script.
//!
//! Indian papers write one word in two scripts: पंचायत and Panchayat, बजट and budget, आरटीआई and RTI. Both sides are
//! reduced to their consonants; what romanisation leaves open (aspirates, long and short, dental and retroflex, b and
//! bh, v and w, j, z and soft g) is folded together, y and the vowels inside are left out. An abbreviation that is
//! spelled out by the names of its letters becomes these letters.
//!
//! This finds what is the same name or loan word; it translates nothing.
//!
//! ```
//! use cbp_core::sound::sounds;
//! assert_eq!(sounds("पंचायत"), sounds("Panchayat"));
//! assert_eq!(sounds("आरटीआई"), ["RTI"]);
//! ```
//!
//! The blocks of the nine Indian scripts lie alike in Unicode, so each is read as if it were Devanagari.

/// A script as far as sounds are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Writing {
    /// English, and Indian words in Latin letters.
    Latin,
    /// Any of the Indian scripts.
    Indian,
}

impl Writing {
    /// What a word is written in, by its first letter: `None` for numbers and all other scripts.
    pub fn of(word: &str) -> Option<Self> {
        match word.chars().next()? {
            c @ '\u{900}'..='\u{D7F}' => (!c.is_numeric()).then_some(Self::Indian),
            c if c.is_ascii_alphabetic() => Some(Self::Latin),
            _ => None,
        }
    }

    /// The script that a word of this one may be written in as well.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Latin => Self::Indian,
            Self::Indian => Self::Latin,
        }
    }
}

/// Folds spellings that Hindi writers use for one word: nukta goes, candrabindu and a nasal before a consonant become a
/// point, long i and u short, ॉ becomes ा; digits of any Indian script become ASCII.
pub fn fold(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let mut out = String::with_capacity(word.len());
    let mut i = 0;
    while let Some(&c) = letters.get(i) {
        let next = letters.get(i + 1).copied();
        i += 1;
        match c {
            // Nukta: ज़ and ज.
            '\u{93C}' => {}
            'ँ' => out.push('ं'),
            // A nasal consonant that closes a syllable is written as a point too: हिन्दी, हिंदी.
            'न' | 'म' | 'ङ' | 'ञ' | 'ण'
                if next == Some('्') && letters.get(i + 1).is_some_and(|&l| is_consonant(l)) =>
            {
                out.push('ं');
                i += 1;
            }
            'ई' => out.push('इ'),
            'ऊ' => out.push('उ'),
            'ी' => out.push('ि'),
            'ू' => out.push('ु'),
            'ऑ' => out.push('आ'),
            'ॉ' => out.push('ा'),
            _ => out.push(digit(c).unwrap_or(c)),
        }
    }
    out
}

fn is_consonant(c: char) -> bool {
    ('क'..='ह').contains(&c)
}

/// The ASCII digit of a digit in any of the nine Indian blocks, where it stands at offset 0x66 to 0x6F.
fn digit(c: char) -> Option<char> {
    let value = (u32::from(c).checked_sub(0x900)? % 128).checked_sub(0x66)?;
    char::from_digit(value, 10)
}

/// Fewest signs of a sound: one consonant is in too many words.
const FEWEST: usize = 2;
/// Fewest of an abbreviation that is spoken as a word: RTI is not रात.
const SPOKEN: usize = 3;

/// The sounds of a word: consonants in lower case, with `a` before them where the word starts with a vowel; letters of an
/// abbreviation in capitals. A Latin word in capitals may be read both ways (MNREGA: मनरेगा, RTI: आरटीआई).
pub fn sounds(word: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut fewest = FEWEST;
    let (opens, consonants) = match Writing::of(word) {
        Some(Writing::Latin) => {
            if is_abbreviation(word) {
                out.push(word.to_owned());
                fewest = SPOKEN;
            }
            (word.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']), latin(word))
        }
        Some(Writing::Indian) => {
            let folded = folded(word);
            if let Some(letters) = letters(&folded).filter(|letters| letters.len() > 1) {
                return vec![letters];
            }
            (folded.starts_with(|c| ('अ'..='औ').contains(&c)), indian(&folded))
        }
        None => return out,
    };
    let mut sound = if opens { format!("a{consonants}") } else { consonants };
    // The English plural.
    if sound.len() > 3 && sound.ends_with('s') {
        sound.pop();
    }
    if sound.len() >= fewest {
        out.push(sound);
    }
    out
}

/// Two to six capitals.
pub fn is_abbreviation(word: &str) -> bool {
    (2..=6).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase())
}

/// The script and the consonants of words run together, for names that one script writes in one word and the other in two:
/// प्रधानमंत्री and Pradhan Mantri. `None` where they are not all of one script.
pub fn together<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<(Writing, String)> {
    let mut found: Option<(Writing, String)> = None;
    for word in words {
        let writing = Writing::of(word)?;
        let (first, sound) = found.get_or_insert_with(|| (writing, String::new()));
        if *first != writing {
            return None;
        }
        sound.push_str(&consonants(word));
    }
    found
}

/// The consonants of a word.
pub fn consonants(word: &str) -> String {
    match Writing::of(word) {
        Some(Writing::Latin) => latin(word),
        Some(Writing::Indian) => indian(&folded(word)),
        None => String::new(),
    }
}

/// The word in Devanagari, spelled the one way that [`fold`] gives it.
fn folded(word: &str) -> String {
    let devanagari = |c: char| match c {
        // Gurmukhi has a nasal sign of its own.
        '\u{A70}' => 'ं',
        '\u{980}'..='\u{D7F}' => char::from_u32(0x900 + u32::from(c) % 128).unwrap_or(c),
        _ => c,
    };
    fold(&word.chars().map(devanagari).collect::<String>())
}

/// The letters whose names a word is made of: एनआरएलएम is NRLM, के is K. `None` where any part of it names no letter.
pub fn spelled(word: &str) -> Option<String> {
    letters(&folded(word))
}

fn letters(folded: &str) -> Option<String> {
    let mut rest = folded;
    let mut out = String::new();
    while !rest.is_empty() {
        let (name, letter) = LETTERS.iter().find(|(name, _)| rest.starts_with(name))?;
        out.push(*letter);
        rest = rest.strip_prefix(name)?;
    }
    Some(out)
}

/// Hindi names of the letters as folding leaves them, longer ones before those that they start with.
const LETTERS: [(&str, char); 28] = [
    ("डब्ल्यु", 'W'),
    ("डबल्यु", 'W'),
    ("एक्स", 'X'),
    ("क्यु", 'Q'),
    ("एफ", 'F'),
    ("एच", 'H'),
    ("एल", 'L'),
    ("एम", 'M'),
    ("एन", 'N'),
    ("एस", 'S'),
    ("ए", 'A'),
    ("बि", 'B'),
    ("सि", 'C'),
    ("डि", 'D'),
    ("इ", 'E'),
    ("जि", 'G'),
    ("आइ", 'I'),
    ("जेड", 'Z'),
    ("जे", 'J'),
    ("के", 'K'),
    ("ओ", 'O'),
    ("पि", 'P'),
    ("आर", 'R'),
    ("टि", 'T'),
    ("यु", 'U'),
    ("वि", 'V'),
    ("वाइ", 'Y'),
    ("जैड", 'Z'),
];

fn indian(folded: &str) -> String {
    let mut out = String::new();
    // The last consonant, while the virama joins the next one to it.
    let mut joined = None;
    let mut letters = folded.chars().peekable();
    while let Some(c) = letters.next() {
        let next = letters.peek().copied();
        let sound = match c {
            'क' | 'ख' => 'k',
            'ज' if next == Some('्') && letters.clone().nth(1) == Some('ञ') => {
                letters.nth(1);
                'g'
            }
            'ग' | 'घ' | 'ज' | 'झ' => 'g',
            'च' | 'छ' => 'c',
            'ट' | 'ठ' | 'त' | 'थ' => 't',
            'ड' | 'ढ' | 'द' | 'ध' => 'd',
            // A doubled nasal is folded to a point and itself.
            'ं' if matches!(next, Some('न' | 'म')) => continue,
            'ङ' | 'ञ' | 'ण' | 'न' | 'ं' => 'n',
            'प' => 'p',
            'फ' => 'f',
            'ब' | 'भ' => 'b',
            'म' => 'm',
            'र' | 'ऋ' | 'ृ' => 'r',
            'ल' | 'ळ' => 'l',
            'व' => 'v',
            'श' | 'ष' | 'स' => 's',
            'ह' => 'h',
            '0'..='9' => c,
            '्' => {
                joined = out.chars().last();
                continue;
            }
            _ => {
                joined = None;
                continue;
            }
        };
        if joined.take() != Some(sound) {
            out.push(sound);
        }
    }
    out
}

const fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

fn latin(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let mut out = String::new();
    let mut rest = lower.as_str();
    let mut before = '\0';
    while let Some(c) = rest.chars().next() {
        let (heard, length) =
            cluster(rest, before).unwrap_or_else(|| (letter(c, rest, before), c.len_utf8()));
        for sound in heard.chars() {
            // A doubled consonant is heard once.
            if is_vowel(before) || !out.ends_with(sound) {
                out.push(sound);
            }
        }
        let (taken, left) = rest.split_at_checked(length).unwrap_or((rest, ""));
        before = taken.chars().last().unwrap_or(c);
        rest = left;
    }
    out
}

/// Letters that are heard otherwise together than alone, with how many they are.
fn cluster(rest: &str, before: char) -> Option<(&'static str, usize)> {
    let first = before == '\0';
    let found = |parts: &[&str]| parts.iter().any(|part| rest.starts_with(part));
    Some(match () {
        () if first && found(&["kn"]) => ("n", 2),
        () if first && found(&["wr"]) => ("r", 2),
        () if first && found(&["ps"]) => ("s", 2),
        () if found(&["sch"]) => ("sk", 3),
        () if found(&["tio", "tia", "cio", "cia"]) && !first => ("s", 2),
        () if found(&["sio"]) => (if is_vowel(before) { "g" } else { "s" }, 2),
        () if found(&["ture", "tural"]) && !first => ("c", 2),
        () if found(&["ght"]) => ("t", 3),
        () if found(&["dge", "dgi"]) => ("g", 2),
        () if found(&["ck"]) => ("k", 2),
        () if found(&["chn", "chr", "chl", "chm"]) => ("k", 2),
        () if found(&["ch"]) => ("c", 2),
        () if found(&["ph"]) => ("f", 2),
        () if found(&["qu"]) => ("kv", 2),
        () => return None,
    })
}

/// What one letter is heard as; nothing for vowels and silent ones.
fn letter(c: char, rest: &str, before: char) -> &str {
    let next = rest.chars().nth(1).unwrap_or('\0');
    match c {
        'b' => "b",
        'c' if matches!(next, 'e' | 'i' | 'y') => "s",
        'c' | 'k' | 'q' => "k",
        'd' => "d",
        'f' => "f",
        'g' | 'j' | 'z' => "g",
        // After a consonant it only makes that an aspirate; before one, and at the end, it is silent.
        'h' if (before == '\0' || is_vowel(before)) && (is_vowel(next) || matches!(next, 'm' | 'r')) => "h",
        'l' => "l",
        'm' if matches!(next, 'p' | 'b' | 'f') => "n",
        'm' => "m",
        'n' => "n",
        'p' => "p",
        'r' => "r",
        's' => "s",
        't' => "t",
        'v' | 'w' => "v",
        'x' => "ks",
        '0'..='9' => rest.get(..1).unwrap_or_default(),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_in_two_scripts_sounds_alike() {
        for (indian, latin) in [
            ("पंचायत", "Panchayat"),
            ("स्वच्छ", "Swachh"),
            ("सिंचाई", "Sinchayee"),
            ("शिक्षा", "Shiksha"),
            ("लक्ष्मी", "Laxmi"),
            ("सम्मान", "Samman"),
            ("संबल", "Sambal"),
            ("महिला", "Mahila"),
            ("अभियान", "Abhiyan"),
            ("ज़िला", "zila"),
            ("बजट", "budget"),
            ("मैनेजमेंट", "management"),
            ("इंजीनियर", "engineer"),
            ("टेक्नोलॉजी", "technology"),
            ("प्रोजेक्ट", "projects"),
            ("कंप्यूटर", "computer"),
            ("मिशन", "mission"),
            ("डिवीज़न", "division"),
            ("स्कीम", "scheme"),
            ("एग्रीकल्चर", "agriculture"),
            ("ગ્રામ", "gram"),
            ("ਪੰਚਾਇਤ", "panchayat"),
        ] {
            assert_eq!(sounds(indian), sounds(latin), "{indian} {latin}");
        }
    }

    #[test]
    fn abbreviations_are_spelled_out_or_spoken() {
        assert_eq!(sounds("आरटीआई"), ["RTI"]);
        assert_eq!(sounds("एनआरएलएम"), ["NRLM"]);
        assert_eq!(sounds("पीएमजीएसवाई"), ["PMGSY"]);
        assert!(sounds("PMGSY").contains(&"PMGSY".to_owned()));
        assert!(sounds("MNREGA").contains(&sounds("मनरेगा").concat()));
        assert_eq!(sounds("RTI"), ["RTI"]);
        // One letter is no abbreviation, and a word that only starts like one is none.
        assert!(sounds("के").is_empty());
        assert_eq!(spelled("एकल"), None);
    }

    #[test]
    fn what_sounds_otherwise_stays_apart() {
        for (indian, latin) in
            [("बजट", "bucket"), ("आजीविका", "avocado"), ("भवन", "villain"), ("ऑडिट", "date")]
        {
            assert_ne!(sounds(indian), sounds(latin), "{indian} {latin}");
        }
    }

    #[test]
    fn words_of_one_script_run_together() {
        let hindi = together(["प्रधानमंत्री", "सड़क"]).unwrap();
        let latin = together(["Pradhan", "Mantri", "Sadak"]).unwrap();
        assert_eq!((hindi.0, latin.0, &hindi.1), (Writing::Indian, Writing::Latin, &latin.1));
        assert_eq!(together(["सड़क", "Yojana"]), None);
        assert_eq!(together(["सड़क", "2024"]), None);
        assert_eq!(together([]), None);
        // What is not ASCII ends no word.
        assert_eq!(consonants("naïvete"), "nvt");
    }

    #[test]
    fn too_little_and_other_scripts_have_no_sound() {
        for word in ["", "a", "I", "का", "15", "१५", "Ж", "日本", "é"] {
            assert!(sounds(word).is_empty(), "{word}");
        }
    }
}
