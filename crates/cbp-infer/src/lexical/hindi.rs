//! Light Hindi: spellings folded, inflections cut.

/// Folds spellings that Hindi writers use for one word.
pub(super) fn fold(word: &str) -> String {
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

/// Endings of nouns, adjectives and verbs as they stand after [`fold`], the longest first.
const ENDINGS: [&str; 5] = [
    "ाएंगि ाएंगे ाउंगि ाउंगा",
    "ाएगि ाएगा ाओगि ाओगे एंगि एंगे ेंगि ेंगे ुंगि ुंगा ातिं नाओं नाएं ताओं ताएं ियां ियों",
    "ाकर ाइए ाइं ाया ेगि ेगा ोगि ोगे ाने ाना ाते ाति ाता तिं ाओं ाएं ुओं ुएं ुआं िया",
    "कर ाओ िए ाइ ाए ने नि ना ते िं ति ता ां ों ें",
    "ो े ु ि ा",
];

/// Cuts one inflectional ending, where at least two letters stay.
pub(super) fn stem(word: &str) -> String {
    let length = word.chars().count();
    let mut endings = ENDINGS.iter().flat_map(|group| group.split(' '));
    let fits = |ending: &str| word.strip_suffix(ending).filter(|_| length >= ending.chars().count() + 2);
    endings.find_map(fits).unwrap_or(word).to_owned()
}
