//! Simple-font encodings: base tables, glyph names, `Differences`.

use std::sync::LazyLock;

#[path = "base_encodings.rs"]
mod tables;

/// A base encoding of simple fonts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base {
    Standard,
    WinAnsi,
    MacRoman,
    Symbol,
    Dingbats,
}

impl Base {
    /// The encoding that a PDF name means.
    pub(crate) fn from_name(name: &[u8]) -> Option<Self> {
        match name {
            b"StandardEncoding" => Some(Self::Standard),
            b"WinAnsiEncoding" => Some(Self::WinAnsi),
            b"MacRomanEncoding" => Some(Self::MacRoman),
            _ => None,
        }
    }

    /// The character of a code.
    pub(crate) fn char(self, code: u8) -> Option<char> {
        let table = match self {
            Self::Standard => &tables::STANDARD,
            Self::WinAnsi => &tables::WIN_ANSI,
            Self::MacRoman => &tables::MAC_ROMAN,
            Self::Symbol => &tables::SYMBOL,
            Self::Dingbats => return dingbat(code),
        };
        table.get(usize::from(code)).filter(|&&v| v != 0).and_then(|&v| char::from_u32(u32::from(v)))
    }
}

/// The built-in encoding of `ZapfDingbats` (ISO 32000, annex D.6): Unicode's Dingbats in the same order, but for the signs
/// that Unicode had elsewhere already.
fn dingbat(code: u8) -> Option<char> {
    let code = u32::from(code);
    let value = match code {
        0x20 => 0x20,
        0x25 => 0x260E,
        0x2A => 0x261B,
        0x2B => 0x261E,
        0x48 => 0x2605,
        0x6C => 0x25CF,
        0x6E => 0x25A0,
        0x73 => 0x25B2,
        0x74 => 0x25BC,
        0x75 => 0x25C6,
        0x77 => 0x25D7,
        0xA8 => 0x2663,
        0xA9 => 0x2666,
        0xAA => 0x2665,
        0xAB => 0x2660,
        0xAC..=0xB5 => 0x2460 + code - 0xAC,
        0xD5 => 0x2192,
        0xD6 => 0x2194,
        0xD7 => 0x2195,
        0x21..=0x7E => 0x2700 + code - 0x20,
        0xA1..=0xEF | 0xF1..=0xFE => 0x2700 + code - 0x40,
        _ => return None,
    };
    char::from_u32(value)
}

/// Adobe Glyph List, sorted by name bytes.
static NAMES: LazyLock<Vec<(&'static [u8], u16)>> = LazyLock::new(|| {
    let rows = include_str!("glyph_names.tsv").lines().filter_map(|line| line.split_once('\t'));
    rows.filter_map(|(name, hex)| Some((name.as_bytes(), u16::from_str_radix(hex, 16).ok()?))).collect()
});

/// The text that a glyph name stands for (Adobe Glyph List specification, section 2).
pub(crate) fn glyph_text(name: &[u8]) -> Option<String> {
    let name = name.split(|&b| b == b'.').next().filter(|n| !n.is_empty())?;
    if name.contains(&b'_') {
        let parts: Option<Vec<String>> = name.split(|&b| b == b'_').map(component).collect();
        return parts.map(|p| p.concat());
    }
    component(name)
}

fn component(name: &[u8]) -> Option<String> {
    if let Ok(at) = NAMES.binary_search_by(|(known, _)| (*known).cmp(name)) {
        let value = NAMES.get(at)?.1;
        return char::from_u32(u32::from(value)).map(String::from);
    }
    let text = std::str::from_utf8(name).ok()?;
    if let Some(hex) = text.strip_prefix("uni").filter(|h| h.len() >= 4 && h.len().is_multiple_of(4)) {
        let units: Option<Vec<u16>> = hex
            .as_bytes()
            .chunks(4)
            .map(|c| u16::from_str_radix(std::str::from_utf8(c).ok()?, 16).ok())
            .collect();
        return String::from_utf16(&units?).ok();
    }
    if let Some(hex) = text.strip_prefix('u').filter(|h| (4..=6).contains(&h.len())) {
        return u32::from_str_radix(hex, 16).ok().and_then(char::from_u32).map(String::from);
    }
    None
}

/// The code that a made-up glyph name such as `g65`, `G41`, `c65`, `cid:65` or `a65` spells, for fonts of old converters.
pub(crate) fn numbered_name(name: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(name).ok()?;
    let digits = text.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == ':' || c == '_');
    let prefix = text.len() - digits.len();
    if !(1..=5).contains(&prefix) || digits.is_empty() {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_resolve_by_list_form_and_parts() {
        assert_eq!(glyph_text(b"Aacute").as_deref(), Some("\u{C1}"));
        assert_eq!(glyph_text(b"uni0915094D").as_deref(), Some("\u{915}\u{94D}"));
        assert_eq!(glyph_text(b"f_f_i.alt").as_deref(), Some("ffi"));
        assert_eq!(glyph_text(b"u1F600").as_deref(), Some("\u{1F600}"));
        assert_eq!(glyph_text(b".notdef"), None);
        assert_eq!(numbered_name(b"g65"), Some(65));
    }

    #[test]
    fn the_name_list_is_sorted() {
        assert!(NAMES.windows(2).all(|w| w[0].0 < w[1].0));
        assert!(NAMES.len() > 4_000);
    }

    #[test]
    fn base_tables_agree_on_ascii() {
        for code in b'A'..=b'Z' {
            for base in [Base::Standard, Base::WinAnsi, Base::MacRoman] {
                assert_eq!(base.char(code), Some(char::from(code)));
            }
        }
        assert_eq!(Base::WinAnsi.char(0x92), Some('\u{2019}'));
        assert_eq!(Base::Dingbats.char(b'4'), Some('\u{2714}'));
        assert_eq!(Base::Dingbats.char(b'l'), Some('\u{25CF}'));
        assert_eq!(Base::Dingbats.char(0xB6), Some('\u{2776}'));
    }
}
