//! Any file to a [`Document`]: the bytes tell the format, not the name.

use crate::pdf::{PdfOptions, read_pdf};
use crate::{Document, IngestError, Limits};

/// How to read a document.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Budgets.
    pub limits: Limits,
    /// The password of a locked file; an empty one is tried by itself.
    pub password: Option<String>,
}

/// Bytes within which a PDF's mark may stand; some producers write a banner before it.
const PDF_MARK_WITHIN: usize = 1024;

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
        let pdf = PdfOptions { limits: options.limits.clone(), password: options.password.clone() };
        return read_pdf(name, bytes, &pdf);
    }
    Err(IngestError::UnknownFormat { name: name.to_owned(), found: describe(bytes) })
}

/// The first bytes in words, for the error.
fn describe(bytes: &[u8]) -> String {
    match bytes {
        [] => "the file is empty".to_owned(),
        [0xFF, 0xD8, 0xFF, ..] => "a JPEG picture".to_owned(),
        [0x89, b'P', b'N', b'G', ..] => "a PNG picture".to_owned(),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => "a TIFF picture".to_owned(),
        [b'R', b'a', b'r', b'!', ..] => "a RAR archive".to_owned(),
        [b'7', b'z', 0xBC, 0xAF, ..] => "a 7-Zip archive".to_owned(),
        [0x1F, 0x8B, ..] => "a gzip archive".to_owned(),
        [b'{', b'\\', b'r', b't', b'f', ..] => "Rich Text".to_owned(),
        _ => {
            let head: Vec<String> = bytes.iter().take(8).map(|b| format!("{b:02x}")).collect();
            format!("it begins with the bytes {}", head.join(" "))
        }
    }
}
