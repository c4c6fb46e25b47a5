//! A document as lines with their places.

use crate::{BlockKind, Document};

/// A line of running text, of a heading or of a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    /// 1-based page.
    pub(crate) page: u32,
    /// 0-based block on the page.
    pub(crate) block: u32,
    /// The line, trimmed.
    pub(crate) text: &'a str,
    /// Level, where the block is a heading.
    pub(crate) heading: Option<u8>,
}

/// The lines of all readable pages in reading order; tables, running headers and footers left out.
pub(crate) fn lines(document: &Document) -> Vec<Line<'_>> {
    let mut out = Vec::new();
    for page in document.pages.iter().filter(|p| p.verdict.is_readable()) {
        for (b, block) in page.blocks.iter().enumerate() {
            let heading = match block.kind {
                BlockKind::Heading(level) => Some(level),
                BlockKind::Table(_) | BlockKind::Furniture => continue,
                _ => None,
            };
            let texts = block.text.lines().map(str::trim).filter(|l| !l.is_empty());
            out.extend(texts.map(|text| Line { page: page.number, block: b as u32, text, heading }));
        }
    }
    out
}
