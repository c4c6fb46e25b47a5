//! A document as lines with their places.

use crate::{BlockKind, Document};

/// A line of running text, of a heading or of a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    /// 1-based page.
    pub(crate) page: u32,
    /// 0-based block on the page.
    pub(crate) block: u32,
    /// Place in the block's text, in characters.
    pub(crate) start: u32,
    /// The line, trimmed.
    pub(crate) text: &'a str,
    /// Level, where the block is a heading.
    pub(crate) heading: Option<u8>,
    /// True for the first line of its block.
    pub(crate) first: bool,
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
            let mut start = 0;
            let mut first = true;
            for raw in block.text.split('\n') {
                let lead = raw.len() - raw.trim_start().len();
                let text = raw.trim();
                if !text.is_empty() {
                    let skipped = raw.get(..lead).map_or(0, |s| s.chars().count()) as u32;
                    out.push(Line {
                        page: page.number,
                        block: b as u32,
                        start: start + skipped,
                        text,
                        heading,
                        first,
                    });
                    first = false;
                }
                start += raw.chars().count() as u32 + 1;
            }
        }
    }
    out
}
