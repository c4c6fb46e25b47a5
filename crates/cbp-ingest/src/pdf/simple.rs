//! What the codes of a simple font mean: `ToUnicode`, differences, encodings, the font's own map.

use lopdf::{Dictionary, Object};

use super::cmap::ToUnicode;
use super::encoding::{Base, glyph_text, numbered_name};
use super::file::PdfFile;
use super::font::TextSource;
use super::program::Program;
use super::texts::Texts;

pub(super) fn base_texts(base: Base) -> Texts {
    let mut texts = Texts::default();
    for code in 0..=255u8 {
        if let Some(c) = base.char(code) {
            texts.set(u32::from(code), c.encode_utf8(&mut [0; 4]));
        }
    }
    texts
}

/// Code to text of a simple font: `ToUnicode` over `Differences` over the base encoding over the program's own.
pub(super) fn simple_texts(
    file: &PdfFile,
    dict: &Dictionary,
    descriptor: Option<&Dictionary>,
    name: &str,
    subtype: &[u8],
    to_unicode: Option<&ToUnicode>,
) -> (Texts, TextSource) {
    let encoding = file.get(dict, b"Encoding");
    let encoding_dict = file.as_dict(encoding);
    let base_name =
        encoding.as_name().ok().or_else(|| encoding_dict.and_then(|d| file.name(d, b"BaseEncoding")));
    let base = base_name.and_then(Base::from_name);
    let mut names: Vec<Option<String>> = vec![None; 256];
    let mut source = TextSource::Encoding;
    let symbolic = descriptor.and_then(|d| file.number(d, b"Flags")).is_some_and(|f| f as u32 & 4 != 0);
    let covered = to_unicode.is_some_and(|t| t.map.len() > 1);
    let program_needed = !covered && base.is_none() && subtype != b"Type3";
    let program = if program_needed { descriptor.and_then(|d| Program::load(file, d)) } else { None };
    if let Some(built_in) = program.as_ref().map(Program::texts_by_code).filter(|t| !t.is_empty()) {
        for (code, text) in built_in {
            if let Some(slot) = names.get_mut(usize::from(code)) {
                *slot = Some(text);
            }
        }
        source = TextSource::Program;
    } else {
        let fallback = match base {
            Some(base) => Some(base),
            None if name.starts_with("Symbol") => Some(Base::Symbol),
            None if name.starts_with("ZapfDingbats") => Some(Base::Dingbats),
            None if subtype == b"Type3" => None,
            None if subtype == b"TrueType" || symbolic => Some(Base::WinAnsi),
            None => Some(Base::Standard),
        };
        if let Some(base) = fallback {
            for (code, slot) in (0..=255u8).zip(names.iter_mut()) {
                *slot = base.char(code).map(String::from);
            }
        }
    }
    if let Some(differences) = encoding_dict {
        apply_differences(file, differences, &mut names);
    }
    // Letters of a picture font are no letters; what it draws beside text are marks of lists.
    if ["Wingdings", "Webdings"].iter().any(|face| name.starts_with(face)) {
        for (_, slot) in (0..).zip(names.iter_mut()).filter(|(code, _)| *code != u32::from(b' ')) {
            *slot = Some("•".to_owned());
        }
    }
    if let Some(map) = to_unicode {
        for (code, text) in &map.map {
            if let Some(slot) = names.get_mut(*code as usize).filter(|_| !text.is_empty()) {
                *slot = Some(text.clone());
            }
        }
        if covered {
            source = TextSource::ToUnicode;
        }
    }
    let mut texts = Texts::default();
    for (code, text) in (0..).zip(&names) {
        if let Some(text) = text {
            texts.set(code, text);
        }
    }
    if texts.is_empty() {
        source = TextSource::None;
    }
    (texts, source)
}

fn apply_differences(file: &PdfFile, encoding: &Dictionary, names: &mut [Option<String>]) {
    let Ok(list) = file.get(encoding, b"Differences").as_array() else { return };
    let mut code = 0usize;
    for item in list {
        match file.resolve(item) {
            Object::Integer(i) => code = usize::try_from(*i).unwrap_or(usize::MAX),
            Object::Real(r) => code = *r as usize,
            Object::Name(name) => {
                if let Some(slot) = names.get_mut(code) {
                    let numbered = || {
                        let value = numbered_name(name).filter(|v| (32..256).contains(v))?;
                        Base::WinAnsi.char(value as u8).map(String::from)
                    };
                    *slot = glyph_text(name).or_else(numbered);
                }
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
}
