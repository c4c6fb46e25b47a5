//! Fonts: what each code means, how wide it is, and how the font looks. Parsed once per document.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use lopdf::{Dictionary, Object};

use super::cmap::{CodeMap, ToUnicode, parse_code_map, parse_to_unicode};
use super::encoding::Base;
use super::file::PdfFile;
use super::program::Program;
use super::simple::{base_texts, simple_texts};
use super::texts::Texts;
use super::widths::Widths;
use crate::hindi::{REPH, has_devanagari};

/// Fonts by the address of their dictionary, which does not move while the document lives.
#[derive(Default)]
pub(crate) struct FontCache {
    slots: Mutex<BTreeMap<usize, Arc<OnceLock<Arc<Font>>>>>,
}

impl FontCache {
    /// The font of a dictionary, parsed by the first page that asks.
    pub(crate) fn get(&self, file: &PdfFile, dict: &Dictionary) -> Arc<Font> {
        let key = std::ptr::from_ref(dict) as usize;
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(key).or_default())
        };
        Arc::clone(slot.get_or_init(|| Arc::new(Font::load(file, dict))))
    }
}

/// How codes of a font are laid out in a string.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Codes {
    /// One byte each.
    Bytes,
    /// By a composite font's encoding.
    Composite(Box<CodeMap>),
}

/// A font as text extraction needs it.
#[derive(Debug, Clone)]
pub struct Font {
    /// The font's name without its subset prefix.
    pub name: String,
    /// True where the name or the descriptor says bold.
    pub bold: bool,
    /// True where the font is written from top to bottom.
    pub vertical: bool,
    /// Height above the base line, in ems.
    pub ascent: f32,
    /// Depth below the base line, in ems (negative).
    pub descent: f32,
    /// How its text was come by.
    pub source: TextSource,
    pub(crate) codes: Codes,
    pub(crate) widths: Widths,
    /// Thousandths to text space; a Type 3 font brings its own.
    pub(crate) scale: f64,
    /// For a Type 3 font: height of its glyph space in text space.
    pub(crate) is_type3: bool,
    texts: Texts,
    /// Codes whose `ToUnicode` entry the font program contradicts, sorted.
    repaired: Vec<u32>,
    cid_to_gid: Option<Vec<u8>>,
}

/// Where a font's code-to-text map comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextSource {
    /// The font's `ToUnicode` map.
    ToUnicode,
    /// A named or built-in encoding and glyph names.
    Encoding,
    /// The embedded font program's own character map, inverted.
    Program,
    /// Nothing says what the codes mean.
    None,
}

/// One code of a shown string.
pub(crate) struct Shown<'f> {
    pub(crate) code: u32,
    /// Glyph id in the embedded program as far as the file says: CID through `/CIDToGIDMap`, or the code.
    pub(crate) gid: u32,
    /// Advance in text space units for a font size of 1.
    pub(crate) advance: f64,
    pub(crate) text: Option<&'f str>,
    /// True for the single-byte code 32, to which word spacing applies.
    pub(crate) is_space_code: bool,
}

impl Font {
    /// A font that maps nothing, for text shown without one.
    pub(crate) fn unknown() -> Self {
        Self {
            name: String::new(),
            bold: false,
            vertical: false,
            ascent: 0.8,
            descent: -0.2,
            source: TextSource::Encoding,
            codes: Codes::Bytes,
            widths: Widths::standard("Helvetica"),
            scale: 0.001,
            is_type3: false,
            texts: base_texts(Base::WinAnsi),
            repaired: Vec::new(),
            cid_to_gid: None,
        }
    }

    /// Goes through the codes of a string.
    pub(crate) fn show<'f>(&'f self, bytes: &[u8], mut each: impl FnMut(Shown<'f>)) {
        match &self.codes {
            Codes::Bytes => {
                for &b in bytes {
                    let code = u32::from(b);
                    each(Shown {
                        code,
                        gid: code,
                        advance: self.widths.get(code) * self.scale,
                        text: self.texts.get(code),
                        is_space_code: b == 32,
                    });
                }
            }
            Codes::Composite(map) => {
                let mut rest = bytes;
                while let Some((code, len)) = map.next_code(rest) {
                    rest = rest.get(len..).unwrap_or_default();
                    let cid = map.cid(code);
                    let advance = if self.vertical { 1.0 } else { self.widths.get(cid) * self.scale };
                    each(Shown {
                        code,
                        gid: self.gid(cid),
                        advance,
                        text: self.texts.get(code),
                        is_space_code: len == 1 && code == 32,
                    });
                }
            }
        }
    }

    fn gid(&self, cid: u32) -> u32 {
        let Some(map) = &self.cid_to_gid else { return cid };
        let at = cid as usize * 2;
        match map.get(at..at + 2) {
            Some(pair) => u32::from(pair[0]) << 8 | u32::from(pair[1]),
            None => 0,
        }
    }

    fn load(file: &PdfFile, dict: &Dictionary) -> Self {
        let subtype = file.name(dict, b"Subtype").unwrap_or_default();
        let base_font =
            String::from_utf8_lossy(file.name(dict, b"BaseFont").unwrap_or_default()).into_owned();
        let name = strip_subset(&base_font).to_owned();
        let to_unicode = load_to_unicode(file, dict);
        if subtype == b"Type0" {
            return Self::load_composite(file, dict, name, to_unicode);
        }
        Self::load_simple(file, dict, name, subtype, to_unicode.as_ref())
    }

    fn load_simple(
        file: &PdfFile,
        dict: &Dictionary,
        name: String,
        subtype: &[u8],
        to_unicode: Option<&ToUnicode>,
    ) -> Self {
        let descriptor = file.dict(dict, b"FontDescriptor");
        let is_type3 = subtype == b"Type3";
        let mut font = Self {
            widths: Widths::simple(file, dict, descriptor, &name),
            is_type3,
            ..Self::common(file, descriptor, name)
        };
        if is_type3 {
            let matrix = file.numbers(dict, b"FontMatrix");
            font.scale = matrix.first().copied().filter(|v| *v != 0.0).unwrap_or(0.001).abs();
        }
        let (texts, source) = simple_texts(file, dict, descriptor, &font.name, subtype, to_unicode);
        font.texts = texts;
        font.source = source;
        if let Some(program) = devanagari_program(file, descriptor, to_unicode) {
            font.repair(
                &program,
                (0..=255).filter_map(|code| Some((code, program.glyph_of_code(code as u8)?))),
            );
        }
        font
    }

    /// Takes the embedded font's own word for what its glyphs mean. `codes` gives codes with their glyphs.
    fn repair(&mut self, program: &Program, codes: impl Iterator<Item = (u32, u32)>) {
        let Some(by_glyph) = program.devanagari_by_glyph() else { return };
        for (code, glyph) in codes {
            let Some(text) = by_glyph.get(&glyph).filter(|t| has_devanagari(t) || t.contains(REPH)) else {
                continue;
            };
            let spelled = text.replace(REPH, "र्");
            if self.texts.get(code) != Some(&spelled) {
                self.repaired.push(code);
            }
            self.texts.set(code, text);
        }
    }

    /// True where the text of a code was corrected from the font program.
    pub(crate) fn is_repaired(&self, code: u32) -> bool {
        !self.repaired.is_empty() && self.repaired.binary_search(&code).is_ok()
    }

    fn load_composite(
        file: &PdfFile,
        dict: &Dictionary,
        name: String,
        to_unicode: Option<ToUnicode>,
    ) -> Self {
        let descendants = file.get(dict, b"DescendantFonts");
        let descendant = match descendants {
            Object::Array(list) => list.first().and_then(|o| file.as_dict(o)),
            other => file.as_dict(other),
        };
        let empty = Dictionary::new();
        let descendant = descendant.unwrap_or(&empty);
        let descriptor = file.dict(descendant, b"FontDescriptor");
        let map = match file.get(dict, b"Encoding") {
            Object::Name(name) => CodeMap::predefined(name),
            Object::Stream(stream) => {
                let data = file.data(stream).unwrap_or_default();
                Some(parse_code_map(&data, file.limits.cmap_entries))
            }
            _ => None,
        };
        let known = map.is_some();
        let map = map.unwrap_or_else(|| CodeMap::identity(false));
        let cid_to_gid = match file.get(descendant, b"CIDToGIDMap") {
            Object::Stream(stream) => file.data(stream).ok(),
            _ => None,
        };
        let mut font = Self {
            widths: Widths::composite(file, descendant),
            vertical: map.vertical,
            cid_to_gid,
            ..Self::common(file, descriptor, name)
        };
        if let Some(to_unicode) = to_unicode.filter(|t| !t.map.is_empty()) {
            for (code, text) in &to_unicode.map {
                font.texts.set(*code, text);
            }
            font.source = TextSource::ToUnicode;
            if let Some(program) = devanagari_program(file, descriptor, Some(&to_unicode)) {
                let cids: Vec<(u32, u32)> =
                    (0..=0xFFFF).map(|code| (code, font.gid(map.cid(code)))).collect();
                font.repair(&program, cids.into_iter().filter(|(_, glyph)| *glyph != 0));
            }
        } else if map.is_utf16 {
            for code in 0..=0xFFFF {
                if let Some(c) = char::from_u32(code) {
                    font.texts.set(code, c.encode_utf8(&mut [0; 4]));
                }
            }
            font.source = TextSource::Encoding;
        } else if known && let Some(program) = descriptor.and_then(|d| Program::load(file, d)) {
            let names = program.devanagari_by_glyph().unwrap_or_else(|| program.unicode_by_glyph());
            for cid in 0..=0xFFFF {
                if let Some(text) = names.get(&font.gid(cid)) {
                    font.texts.set(cid, text);
                }
            }
            font.source = if font.texts.is_empty() { TextSource::None } else { TextSource::Program };
        }
        font.codes = Codes::Composite(Box::new(map));
        font
    }

    fn common(file: &PdfFile, descriptor: Option<&Dictionary>, name: String) -> Self {
        let metric = |key: &[u8]| descriptor.and_then(|d| file.number(d, key)).map(|v| v / 1000.0);
        let flags = metric(b"Flags").map_or(0, |f| (f * 1000.0) as u32);
        let lower = name.to_ascii_lowercase();
        let heavy = metric(b"FontWeight").is_some_and(|w| w >= 0.6);
        let bold = heavy
            || flags & (1 << 18) != 0
            || ["bold", "black", "heavy", "demi"].iter().any(|w| lower.contains(w));
        let ascent = metric(b"Ascent").filter(|a| (0.3..1.5).contains(a)).unwrap_or(0.8) as f32;
        let descent = metric(b"Descent").map(|d| -d.abs()).filter(|d| (-0.8..-0.01).contains(d));
        Self {
            name,
            bold,
            vertical: false,
            ascent: ascent.min(1.05),
            descent: descent.unwrap_or(-0.22).max(-0.4) as f32,
            source: TextSource::None,
            codes: Codes::Bytes,
            widths: Widths::standard(""),
            scale: 0.001,
            is_type3: false,
            texts: Texts::default(),
            repaired: Vec::new(),
            cid_to_gid: None,
        }
    }
}

/// `ABCDEF+Name` without the prefix.
fn strip_subset(name: &str) -> &str {
    match name.split_once('+') {
        Some((prefix, rest)) if prefix.len() == 6 && prefix.bytes().all(|b| b.is_ascii_uppercase()) => rest,
        _ => name,
    }
}

fn load_to_unicode(file: &PdfFile, dict: &Dictionary) -> Option<ToUnicode> {
    let Object::Stream(stream) = file.get(dict, b"ToUnicode") else { return None };
    let data = file.data(stream).ok()?;
    Some(parse_to_unicode(&data, file.limits.cmap_entries))
}

/// The embedded program of a font that has Devanagari to say.
fn devanagari_program(
    file: &PdfFile,
    descriptor: Option<&Dictionary>,
    to_unicode: Option<&ToUnicode>,
) -> Option<Program> {
    // Private codes are what some producers write for conjuncts.
    let private = |text: &String| text.chars().any(|c| matches!(c, '\u{E000}'..='\u{F8FF}'));
    let devanagari =
        to_unicode.is_some_and(|t| t.map.values().any(|text| has_devanagari(text) || private(text)));
    if devanagari { Program::load(file, descriptor?) } else { None }
}
