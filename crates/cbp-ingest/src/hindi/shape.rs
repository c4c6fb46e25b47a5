//! Devanagari letters: classes, order, normal form.

use unicode_normalization::UnicodeNormalization;

/// The sign that takes a consonant's inherent vowel away.
pub(crate) const VIRAMA: char = '\u{94D}';

/// A consonant letter.
pub(crate) fn is_consonant(c: char) -> bool {
    matches!(c, '\u{915}'..='\u{939}' | '\u{958}'..='\u{95F}' | '\u{978}'..='\u{97F}')
}

/// A dependent vowel sign, nasal mark, visarga or nukta; the virama is none.
pub(crate) fn is_sign(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{903}' | '\u{93A}'..='\u{93C}' | '\u{93E}'..='\u{94C}' | '\u{94E}' | '\u{94F}' | '\u{955}'..='\u{957}')
}

/// A dependent vowel sign.
pub(crate) fn is_vowel_sign(c: char) -> bool {
    matches!(c, '\u{93A}' | '\u{93B}' | '\u{93E}'..='\u{94C}' | '\u{94E}' | '\u{94F}' | '\u{955}'..='\u{957}')
}

/// True for text with a letter or sign of Devanagari.
pub(crate) fn has_devanagari(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{900}'..='\u{963}' | '\u{970}'..='\u{97F}'))
}

/// One spelling for what looks the same: NFC, letters with nukta taken apart as NFC has them, no joiners where they
/// change nothing, a danda for a bar behind a letter, ASCII digits for Devanagari ones.
pub fn normalise(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let composed: String = text.nfc().collect();
    if !composed.chars().any(|c| matches!(c, '\u{900}'..='\u{97F}')) {
        return composed;
    }
    let mut out: Vec<char> = Vec::with_capacity(composed.len() / 3 + 1);
    let mut chars = composed.chars().peekable();
    while let Some(c) = chars.next() {
        let last = out.last().copied();
        match c {
            // A joiner means something only behind a virama and before a consonant; a non-joiner likewise.
            '\u{200C}' | '\u{200D}'
                if last != Some(VIRAMA) || !chars.peek().copied().is_some_and(is_consonant) => {}
            // Explicit half forms read as the conjunct.
            '\u{200D}' => {}
            '|' if last.is_some_and(|l| has_devanagari(l.encode_utf8(&mut [0; 4]))) => out.push('।'),
            VIRAMA if last == Some(VIRAMA) => {}
            '०'..='९' => out.extend(char::from_digit(c as u32 - '०' as u32, 10)),
            _ => out.push(c),
        }
    }
    // Without a joiner between them, a letter and its nukta may compose.
    out.into_iter().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_form_is_one_spelling() {
        assert_eq!(normalise("\u{958}"), "\u{915}\u{93C}");
        assert_eq!(normalise("क्\u{200D}ष"), "क्ष");
        assert_eq!(normalise("है|"), "है।");
        assert_eq!(normalise("न\u{200D}\u{93C}"), normalise("\u{929}"));
        assert_eq!(normalise("a|b"), "a|b");
        assert_eq!(normalise("धारा २४ (१)"), "धारा 24 (1)");
        assert_eq!(normalise("२०२४"), "2024");
    }
}
