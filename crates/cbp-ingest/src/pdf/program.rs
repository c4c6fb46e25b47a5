//! Embedded font programs, read only as far as text needs: built-in encodings and character maps.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Object};
use ttf_parser::{GlyphId, RawFace, Tag, cff, cmap, post};

use super::encoding::{Base, glyph_text};
use super::file::PdfFile;
use crate::hindi::{has_devanagari, invert};

/// The bytes of an embedded font program.
pub(crate) struct Program {
    data: Vec<u8>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Type1,
    Cff,
    Sfnt,
}

impl Program {
    /// Loads the program that a font descriptor names.
    pub(crate) fn load(file: &PdfFile, descriptor: &Dictionary) -> Option<Self> {
        for key in [b"FontFile2".as_slice(), b"FontFile3", b"FontFile"] {
            if let Object::Stream(stream) = file.get(descriptor, key) {
                return Self::from_bytes(file.data(stream).ok()?);
            }
        }
        None
    }

    fn from_bytes(data: Vec<u8>) -> Option<Self> {
        let kind = match data.get(..4)? {
            [0, 1, 0, 0] | b"OTTO" | b"true" | b"ttcf" => Kind::Sfnt,
            [1, 0, _, _] => Kind::Cff,
            [b'%', b'!', ..] | [0x80, 1, ..] => Kind::Type1,
            _ => return None,
        };
        Some(Self { data, kind })
    }

    fn table(&self, tag: [u8; 4]) -> Option<&[u8]> {
        RawFace::parse(&self.data, 0).ok()?.table(Tag::from_bytes(&tag))
    }

    fn cff(&self) -> Option<cff::Table<'_>> {
        match self.kind {
            Kind::Cff => cff::Table::parse(&self.data),
            Kind::Sfnt => cff::Table::parse(self.table(*b"CFF ")?),
            Kind::Type1 => None,
        }
    }

    /// Text by code, as the program's own encoding has it.
    pub(crate) fn texts_by_code(&self) -> BTreeMap<u8, String> {
        match self.kind {
            Kind::Type1 => type1_encoding(&self.data),
            Kind::Cff => self.cff_encoding(),
            Kind::Sfnt => self.sfnt_encoding(),
        }
    }

    fn cff_encoding(&self) -> BTreeMap<u8, String> {
        let mut out = BTreeMap::new();
        let Some(table) = self.cff() else { return out };
        for code in 0..=255u8 {
            let name = table.glyph_index(code).filter(|g| g.0 != 0).and_then(|g| table.glyph_name(g));
            if let Some(text) = name.and_then(|n| glyph_text(n.as_bytes())) {
                out.insert(code, text);
            }
        }
        out
    }

    /// A TrueType font without an encoding: code to glyph by the (1,0) or (3,0) map, glyph to text by the rest.
    fn sfnt_encoding(&self) -> BTreeMap<u8, String> {
        let mut out = BTreeMap::new();
        if self.table(*b"cmap").is_none() {
            return self.cff_encoding();
        }
        let by_glyph = self.unicode_by_glyph();
        for code in 0..=255u8 {
            if let Some(text) = self.glyph_of_code(code).and_then(|glyph| by_glyph.get(&glyph)) {
                out.insert(code, text.clone());
            }
        }
        out
    }

    /// Text by glyph id with conjuncts, for a Devanagari font that keeps its substitutions.
    pub(crate) fn devanagari_by_glyph(&self) -> Option<BTreeMap<u32, String>> {
        self.table(*b"GSUB")?;
        let known = self.unicode_by_glyph();
        if !known.values().any(|text| has_devanagari(text)) {
            return None;
        }
        invert(&self.data, &known)
    }

    /// Glyph id of a code of a simple TrueType font, by its (3,0) or (1,0) map.
    pub(crate) fn glyph_of_code(&self, code: u8) -> Option<u32> {
        let cmap = self.table(*b"cmap").and_then(cmap::Table::parse)?;
        let code = u32::from(code);
        cmap.subtables.into_iter().find_map(|t| {
            let symbol = t.platform_id == ttf_parser::PlatformId::Windows && t.encoding_id == 0;
            let glyph = if symbol { t.glyph_index(0xF000 + code) } else { None };
            glyph.or_else(|| t.glyph_index(code)).filter(|g| g.0 != 0).map(|g| u32::from(g.0))
        })
    }

    /// Text by glyph id: the Unicode character map inverted, then glyph names.
    pub(crate) fn unicode_by_glyph(&self) -> BTreeMap<u32, String> {
        let mut out = BTreeMap::new();
        if let Some(map) = self.table(*b"cmap").and_then(cmap::Table::parse) {
            for table in map.subtables.into_iter().filter(cmap::Subtable::is_unicode) {
                table.codepoints(|point| {
                    let glyph = table.glyph_index(point).filter(|g| g.0 != 0);
                    // The private area of symbol fonts says nothing.
                    let c = char::from_u32(point).filter(|c| !('\u{E000}'..'\u{F8FF}').contains(c));
                    if let (Some(glyph), Some(c)) = (glyph, c) {
                        out.entry(u32::from(glyph.0)).or_insert_with(|| c.to_string());
                    }
                });
            }
        }
        if let Some(names) = self.table(*b"post").and_then(post::Table::parse) {
            for glyph in 0..u16::MAX {
                let Some(name) = names.glyph_name(GlyphId(glyph)) else { break };
                if let Some(text) = glyph_text(name.as_bytes()) {
                    out.entry(u32::from(glyph)).or_insert(text);
                }
            }
        }
        if let Some(table) = self.cff() {
            for glyph in 0..table.number_of_glyphs() {
                let id = GlyphId(glyph);
                // A CID-keyed table addresses glyphs by CID.
                let key = table.glyph_cid(id).map_or(u32::from(glyph), u32::from);
                if let Some(text) = table.glyph_name(id).and_then(|n| glyph_text(n.as_bytes())) {
                    out.entry(key).or_insert(text);
                }
            }
        }
        out
    }
}

/// The `/Encoding` array in the clear part of a Type 1 program: `dup 65 /A put`.
fn type1_encoding(data: &[u8]) -> BTreeMap<u8, String> {
    let mut out = BTreeMap::new();
    let head = data.get(..data.len().min(40_000)).unwrap_or_default();
    let Some(at) = head.windows(9).position(|w| w == b"/Encoding") else { return out };
    let text = String::from_utf8_lossy(head.get(at + 9..).unwrap_or_default());
    if text.trim_start().starts_with("StandardEncoding") {
        for code in 0..=255u8 {
            if let Some(c) = Base::Standard.char(code) {
                out.insert(code, c.to_string());
            }
        }
        return out;
    }
    let spaced = text.replace('/', " /");
    let mut words = spaced.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "dup" => {
                let code = words.next().and_then(|w| w.parse::<u8>().ok());
                let name = words.next().and_then(|w| w.strip_prefix('/'));
                if let (Some(code), Some(text)) = (code, name.and_then(|n| glyph_text(n.as_bytes()))) {
                    out.insert(code, text);
                }
            }
            "def" | "readonly" if !out.is_empty() => break,
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_type1_encoding_array() {
        let program =
            b"%!PS-AdobeFont-1.0: X\n/Encoding 256 array\n0 1 255 {1 index exch /.notdef put} for\n\
            dup 65/A put\ndup 66 /beta put\nreadonly def\ncurrentfile eexec dup 67 /C put";
        let map = type1_encoding(program);
        assert_eq!(map.get(&65).map(String::as_str), Some("A"));
        assert_eq!(map.get(&66).map(String::as_str), Some("\u{3B2}"));
        assert_eq!(map.len(), 2);
    }
}
