//! Walkman Chanakya 905 and kin, of textbooks and older printing: Kruti Dev keys with exceptions.

/// Turns the letter before it (and before its signs) into another: व into क, प into फ, उ into ऊ.
pub(crate) const TAIL: char = '\u{FDD2}';

/// What [`TAIL`] makes of a letter.
pub(crate) fn with_tail(letter: char) -> Option<char> {
    match letter {
        'व' => Some('क'),
        'प' => Some('फ'),
        'उ' => Some('ऊ'),
        _ => None,
    }
}

/// Keys that differ from [`kruti::KEYS`](super::kruti::KEYS).
#[rustfmt::skip]
pub(crate) const KEYS: &[(&str, &str)] = &[
    ("Q", "\u{FDD2}"), ("¯", "\u{FDD0}"), ("£", "र्\u{FDD0}"), ("¼", "द्ध"), ("½", "ऋ"), ("/", "ध"), ("/k", "धा"), ("/ks", "धो"), ("/kS", "धौ"), ("”", "ज्"), ("¨", "ो"), ("©", "ौ"), ("¢", "े"),
    ("É", "ह्न"), ("μ", "-"), ("µ", "-"), ("(", "("), (")", ")"), ("-", "-"), ("‘", "‘"), ("’", "’"), ("“", "“"),
];
