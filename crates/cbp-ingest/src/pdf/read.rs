//! A whole PDF to a [`Document`].

use rayon::prelude::*;

use super::file::PdfFile;
use super::geometry::PageGeometry;
use super::interp::Interpreter;
use super::page::{Drawn, Legacy};
use crate::{Document, Format, IngestError, Limits, Page, ReadWarning};

/// How to read a PDF.
#[derive(Debug, Clone, Default)]
pub struct PdfOptions {
    /// Budgets.
    pub limits: Limits,
    /// The password of a locked file; an empty one is tried by itself.
    pub password: Option<String>,
}

/// Reads a PDF. Pages are read in parallel on the caller's rayon pool; the result is the same for any number of threads.
///
/// # Errors
///
/// The file is locked, damaged beyond reading, has no pages, or exceeds a budget. Damage to single pages is no error:
/// it stands in [`Document::warnings`] and in the page's [`Verdict`].
pub fn read_pdf(name: &str, bytes: &[u8], options: &PdfOptions) -> Result<Document, IngestError> {
    let file = PdfFile::load(name, bytes, options.password.as_deref(), &options.limits)?;
    let drawn: Vec<Drawn> =
        file.pages.par_iter().map(|&id| Drawn::new(Interpreter::read(&file, id))).collect();
    file.check_budget(name)?;
    let mut warnings: Vec<ReadWarning> =
        file.damage.iter().map(|m| ReadWarning { page: None, message: m.clone() }).collect();
    let legacy = Legacy::find(&drawn);
    let pages: Vec<(Page, Vec<ReadWarning>)> =
        drawn.into_par_iter().enumerate().map(|(i, drawn)| drawn.finish(i as u32 + 1, &legacy)).collect();
    let mut document = Document {
        name: name.to_owned(),
        format: Format::Pdf,
        sha256: crate::sha256_hex(bytes),
        pages: Vec::with_capacity(pages.len()),
        warnings: Vec::new(),
    };
    for (page, page_warnings) in pages {
        document.pages.push(page);
        warnings.extend(page_warnings);
    }
    document.warnings = warnings;
    crate::tables::find_tables(&mut document.pages);
    Ok(document)
}

/// What the content of each page draws, glyph by glyph; for tools that need more than words.
///
/// # Errors
///
/// As [`read_pdf`].
pub fn pdf_geometry(
    name: &str,
    bytes: &[u8],
    options: &PdfOptions,
) -> Result<Vec<PageGeometry>, IngestError> {
    let file = PdfFile::load(name, bytes, options.password.as_deref(), &options.limits)?;
    let pages = file.pages.par_iter().map(|&id| Interpreter::read(&file, id)).collect();
    file.check_budget(name)?;
    Ok(pages)
}
