//! A whole PDF to a [`Document`].

use rayon::prelude::*;

use super::file::PdfFile;
use super::furniture::mark_furniture;
use super::geometry::PageGeometry;
use super::interp::Interpreter;
use super::order::order_blocks;
use super::page::{Drawn, Legacy};
use crate::ocr::{OcrEngine, PictureSource, recognise};
use crate::{Document, Format, IngestError, OcrChoice, Page, ReadOptions, ReadWarning, Verdict};

/// Reads a PDF. Pages are read in parallel on the caller's rayon pool; the result is the same for any number of threads.
///
/// # Errors
///
/// The file is locked, damaged beyond reading, has no pages, or exceeds a budget. Damage to single pages is no error:
/// it stands in [`Document::warnings`] and in the page's [`Verdict`].
pub fn read_pdf(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Document, IngestError> {
    let file = PdfFile::load(name, bytes, options.password.as_deref(), &options.limits)?;
    let drawn: Vec<Drawn> =
        file.pages.par_iter().map(|&id| Drawn::new(Interpreter::read(&file, id))).collect();
    file.check_budget(name)?;
    let mut warnings: Vec<ReadWarning> =
        file.damage.iter().map(|m| ReadWarning { page: None, message: m.clone() }).collect();
    let legacy = Legacy::find(&drawn);
    let mut pages: Vec<(Page, Vec<ReadWarning>)> =
        drawn.into_par_iter().enumerate().map(|(i, drawn)| drawn.finish(i as u32 + 1, &legacy)).collect();
    if let OcrChoice::Engine(engine) = &options.ocr {
        recognise_pages(&mut pages, engine.as_ref(), &file, bytes, options.password.as_deref());
    }
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
    mark_furniture(&mut document.pages);
    document.pages.iter_mut().for_each(|page| order_blocks(&mut page.blocks));
    crate::tables::find_tables(&mut document.pages);
    Ok(document)
}

/// Recognises the pages that have no readable text; what the engine cannot do stands in the page's warnings.
fn recognise_pages(
    pages: &mut [(Page, Vec<ReadWarning>)],
    engine: &dyn OcrEngine,
    file: &PdfFile,
    bytes: &[u8],
    password: Option<&str>,
) {
    let is_unread =
        |page: &Page| matches!(page.verdict, Verdict::NoTextLayer | Verdict::Suspect | Verdict::Partial);
    if !pages.iter().any(|(page, _)| is_unread(page)) {
        return;
    }
    let source = PictureSource::new(file, bytes, password);
    pages.par_iter_mut().filter(|(page, _)| is_unread(page)).for_each(|(page, warnings)| {
        let done = match &source {
            Ok(source) => recognise(page, engine, source).map_err(|e| e.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let message = match done {
            Ok(()) if page.verdict == Verdict::Ocr => {
                warnings.clear();
                format!("its text was recognised from its picture by {}; check it by eye", engine.name())
            }
            Ok(()) => format!("{} found no text in its picture", engine.name()),
            Err(error) => error,
        };
        warnings.push(ReadWarning { page: Some(page.number), message });
    });
}

/// What the content of each page draws, glyph by glyph; for tools that need more than words.
///
/// # Errors
///
/// As [`read_pdf`].
pub fn pdf_geometry(
    name: &str,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<Vec<PageGeometry>, IngestError> {
    let file = PdfFile::load(name, bytes, options.password.as_deref(), &options.limits)?;
    let pages = file.pages.par_iter().map(|&id| Interpreter::read(&file, id)).collect();
    file.check_budget(name)?;
    Ok(pages)
}
