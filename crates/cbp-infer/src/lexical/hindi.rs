//! Light Hindi: inflections cut.

/// Endings of nouns, adjectives and verbs as they stand after [`cbp_core::sound::fold`], the longest first.
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
