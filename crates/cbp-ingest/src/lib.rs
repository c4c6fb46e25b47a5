//! Reads a government department's papers: bytes to [`Document`], and documents to their meaning.

mod department;
mod document;
mod error;
mod frac;
mod hindi;
mod kind;
mod knowledge;
mod limits;
mod ocr;
mod office;
mod organogram;
mod pdf;
mod prose;
mod read;
mod render;
mod tables;

pub use department::{DepartmentError, DepartmentFile};
pub use document::{
    BBox, Block, BlockKind, Cell, Document, Drawing, Format, Page, ReadWarning, Row, Table, Verdict, Word,
};
pub use error::IngestError;
pub use frac::{annexure_csv, frac_dictionary};
pub use hindi::{LegacyLayout, Wellformedness, normalise, wellformedness};
pub use kind::{DocumentKind, document_kind};
pub use knowledge::knowledge_base;
pub use limits::Limits;
pub use ocr::{OcrCache, OcrChoice, OcrEngine, OcrError, OcrLine, OcrPage, OcrWord, Picture, Tesseract};
pub use organogram::{Organogram, OrganogramPost, organogram};
pub use pdf::{Font, Glyph, PageGeometry, TextSource, pdf_geometry, read_pdf};
pub use read::{ReadOptions, read_document};
pub use render::{to_markdown, to_text};

/// SHA-256 of bytes, lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::Digest;
    use std::fmt::Write;
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
