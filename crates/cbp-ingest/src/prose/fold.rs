//! Text made comparable, in English and Hindi.

use unicode_normalization::UnicodeNormalization as _;

/// White space collapsed to single spaces, none at the ends.
pub(crate) fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Folds a name or header for comparison.
///
/// Lower case; letters and digits only, single spaces; `&` as "and"; full stops, apostrophes and zero-width joiners
/// vanish so that "S.O." meets "SO". In Devanagari the spellings that vary from office to office become one: nukta
/// goes, candrabindu is anusvara, a class nasal before its stop is anusvara, digits are ASCII.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let chars: Vec<char> = text.nfc().collect();
    for (i, &c) in chars.iter().enumerate() {
        match c {
            '&' => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
                out.push_str("and ");
            }
            '\'' | '\u{2019}' | '\u{200c}' | '\u{200d}' | '\u{93c}' | '\u{ad}' => {}
            // A full stop between letters or after an abbreviation joins; one before a space separates.
            '.' | '\u{970}' => {
                let next_space = chars.get(i + 1).is_none_or(|n| n.is_whitespace());
                if next_space && !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            '\u{901}' => out.push('\u{902}'),
            'ङ' | 'ञ' | 'ण' | 'न' | 'म'
                if chars.get(i + 1) == Some(&'\u{94d}')
                    && chars.get(i + 2).is_some_and(|&n| same_class(c, n)) =>
            {
                out.push('\u{902}');
            }
            '\u{94d}'
                if out.ends_with('\u{902}') && i > 0 && chars.get(i - 1).is_some_and(|&p| is_nasal(p)) => {}
            '\u{966}'..='\u{96f}' => {
                out.push(char::from(b'0' + (c as u32 - 0x966) as u8));
            }
            _ if c.is_alphanumeric() || ('\u{900}'..='\u{963}').contains(&c) || is_indic_sign(c) => {
                out.extend(c.to_lowercase());
            }
            _ => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Vowel signs of the other Indian scripts are neither letters nor digits but belong to the word.
fn is_indic_sign(c: char) -> bool {
    ('\u{980}'..='\u{d7f}').contains(&c)
}

fn is_nasal(c: char) -> bool {
    matches!(c, 'ङ' | 'ञ' | 'ण' | 'न' | 'म')
}

/// True where `stop` is a stop of the class of the nasal, so that the pair may be written with anusvara.
fn same_class(nasal: char, stop: char) -> bool {
    match nasal {
        'ङ' => ('क'..='घ').contains(&stop),
        'ञ' => ('च'..='झ').contains(&stop),
        'ण' => ('ट'..='ढ').contains(&stop),
        'न' => ('त'..='ध').contains(&stop),
        'म' => ('प'..='भ').contains(&stop),
        _ => false,
    }
}

/// True where the text has a Devanagari letter.
pub(crate) fn has_devanagari(text: &str) -> bool {
    text.chars().any(|c| ('\u{904}'..='\u{939}').contains(&c))
}

/// Rows of a shipped table: fields by tab, comments by `#`, blank lines ignored.
pub(crate) fn table_rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|l| !l.starts_with('#') && !l.trim().is_empty())
        .map(|l| l.split('\t').map(str::trim).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_fold_alike() {
        for (a, b) in [
            ("S. No.", "s no"),
            ("S.No.", "sno"),
            ("S.O.", "SO"),
            ("Dy. Secretary", "dy secretary"),
            ("Dy.Secretary", "dysecretary"),
            ("AS & FA", "AS and FA"),
            ("क्र.सं.", "क्रसं"),
            ("खण्ड विकास अधिकारी", "खंड विकास अधिकारी"),
            ("गतिविधियाँ", "गतिविधियां"),
            ("आंगनवाड़ी", "आंगनवाड\u{93c}ी"),
            ("सम्बल", "संबल"),
            ("सहायक ग्रेड-२", "सहायक ग्रेड 2"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} / {b}");
        }
        assert_ne!(fold("जन्म"), fold("जंम"), "a nasal before another nasal stays");
    }
}
