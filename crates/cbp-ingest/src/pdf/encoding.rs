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
        };
        table.get(usize::from(code)).filter(|&&v| v != 0).and_then(|&v| char::from_u32(u32::from(v)))
    }
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
    }
}
