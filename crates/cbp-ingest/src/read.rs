//! Any file to a [`Document`]: the bytes tell the format, not the name.

use crate::office::{
    Container, container, decode, read_csv, read_docx, read_text, read_xls, read_xlsx, separator,
};
use crate::pdf::read_pdf;
use crate::{Document, IngestError, Limits, OcrChoice};

/// How to read a document.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Budgets.
    pub limits: Limits,
    /// The password of a locked file; an empty one is tried by itself.
    pub password: Option<String>,
    /// Whether pages without readable text are recognised from their pictures.
    pub ocr: OcrChoice,
}

/// Bytes within which a PDF's mark may stand; some producers write a banner before it.
const PDF_MARK_WITHIN: usize = 1024;

/// The mark of old binary Office files and of locked new ones.
const COMPOUND: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Reads a document of any format that cbp knows, tables included. The format is told from the bytes; `name` is only
/// cited.
///
/// # Errors
///
/// The format is unknown, or the reader of the format fails: see [`IngestError`].
pub fn read_document(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Document, IngestError> {
    let limit = options.limits.bytes;
    if bytes.len() as u64 > limit {
        return Err(IngestError::Limit { name: name.to_owned(), what: "the file's size in bytes", limit });
    }
    let head = bytes.get(..PDF_MARK_WITHIN).unwrap_or(bytes);
    if head.windows(5).any(|w| w == b"%PDF-") {
        return read_pdf(name, bytes, options);
    }
    let limits = &options.limits;
    let unknown = |found: String| Err(IngestError::UnknownFormat { name: name.to_owned(), found });
    if bytes.starts_with(b"PK") {
        return match container(name, bytes, limits)? {
            Container::Docx => read_docx(name, bytes, limits),
            Container::Xlsx => read_xlsx(name, bytes, limits),
            Container::Other(found) => unknown(found.to_owned()),
        };
    }
    if bytes.starts_with(&COMPOUND) {
        let has = |stream: &str| {
            let wide: Vec<u8> = stream.encode_utf16().flat_map(u16::to_le_bytes).collect();
            bytes.windows(wide.len()).any(|w| w == wide)
        };
        return if has("EncryptedPackage") {
            Err(IngestError::LockedOffice { name: name.to_owned() })
        } else if has("Workbook") || has("Book") {
            read_xls(name, bytes, limits)
        } else if has("WordDocument") {
            unknown("an old Word document (.doc)".to_owned())
        } else {
            unknown("an old Office file".to_owned())
        };
    }
    let (text, encoding) = decode(bytes);
    if text.trim().is_empty() || !is_text(&text) || is_markup(&text) {
        return unknown(describe(bytes));
    }
    tracing::debug!(name, encoding, "text");
    let named = std::path::Path::new(name).extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    match separator(&text, named) {
        Some(separator) => read_csv(name, bytes, &text, separator),
        None => read_text(name, bytes, &text, limits),
    }
}

/// Text has hardly any control characters.
fn is_text(text: &str) -> bool {
    let odd = |c: &char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}') || *c == '\u{FFFD}';
    text.chars().filter(odd).count() * 100 <= text.chars().count()
}

/// HTML, XML and Rich Text are text, but their words are not the document's.
fn is_markup(text: &str) -> bool {
    let head = text.trim_start();
    let is = |tag: &str| head.get(..tag.len()).is_some_and(|h| h.eq_ignore_ascii_case(tag));
    is("<!doctype html") || is("<html") || is("<?xml") || is("{\\rtf")
}

/// The first bytes in words, for the error.
fn describe(bytes: &[u8]) -> String {
    match bytes {
        [] => "the file is empty".to_owned(),
        _ if bytes.trim_ascii().is_empty() => "it holds white space only".to_owned(),
        [0xFF, 0xD8, 0xFF, ..] => "a JPEG picture".to_owned(),
        [0x89, b'P', b'N', b'G', ..] => "a PNG picture".to_owned(),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => "a TIFF picture".to_owned(),
        [b'R', b'a', b'r', b'!', ..] => "a RAR archive".to_owned(),
        [b'7', b'z', 0xBC, 0xAF, ..] => "a 7-Zip archive".to_owned(),
        [0x1F, 0x8B, ..] => "a gzip archive".to_owned(),
        _ if bytes.trim_ascii_start().starts_with(b"<") => "a web page or XML".to_owned(),
        [b'{', b'\\', b'r', b't', b'f', ..] => "Rich Text".to_owned(),
        _ => {
            let head: Vec<String> = bytes.iter().take(8).map(|b| format!("{b:02x}")).collect();
            format!("it begins with the bytes {}", head.join(" "))
        }
    }
}
