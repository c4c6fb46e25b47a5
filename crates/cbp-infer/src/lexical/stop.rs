//! Words without content of their own.

/// English stop words, sorted for binary search.
const ENGLISH: [&str; 84] = [
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "because", "been",
    "before", "being", "both", "but", "by", "can", "could", "did", "do", "does", "each", "etc", "for",
    "from", "had", "has", "have", "he", "her", "his", "how", "if", "in", "into", "is", "it", "its", "may",
    "more", "most", "must", "no", "nor", "not", "of", "on", "or", "other", "our", "out", "over", "own",
    "shall", "she", "should", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there",
    "these", "they", "this", "those", "to", "under", "up", "was", "were", "which", "who", "will", "with",
    "would", "you",
];

pub(super) fn is_english(word: &str) -> bool {
    ENGLISH.binary_search(&word).is_ok()
}

/// Hindi stop words in the spelling that folding gives them, sorted for binary search.
const HINDI: [&str; 65] = [
    "अथवा",
    "अन्य",
    "अपना",
    "अपनी",
    "अपने",
    "आदि",
    "इन",
    "इस",
    "इसके",
    "उन",
    "उनके",
    "उस",
    "उसके",
    "एक",
    "एवं",
    "एवम",
    "और",
    "कर",
    "करते",
    "करना",
    "करने",
    "का",
    "कि",
    "किए",
    "किया",
    "किये",
    "किसि",
    "कुछ",
    "के",
    "को",
    "गए",
    "गया",
    "गये",
    "जो",
    "तक",
    "तथा",
    "तो",
    "था",
    "थि",
    "थे",
    "द्वारा",
    "न",
    "ने",
    "पर",
    "भि",
    "में",
    "यह",
    "या",
    "ये",
    "लिए",
    "लिये",
    "व",
    "वह",
    "वे",
    "सभि",
    "सहित",
    "साथ",
    "से",
    "हि",
    "हेतु",
    "है",
    "हैं",
    "हो",
    "होना",
    "होने",
];

pub(super) fn is_hindi(folded: &str) -> bool {
    HINDI.binary_search(&folded).is_ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_lists_are_sorted() {
        assert!(super::ENGLISH.is_sorted() && super::HINDI.is_sorted());
    }
}
