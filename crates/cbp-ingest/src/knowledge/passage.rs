//! A document as passages: blocks of running text, and table cells.

use cbp_core::Evidence;

use crate::prose::{Locator, Place, collapse};
use crate::{BlockKind, Document};

/// Text that belongs together, with its lines and its place.
pub(crate) struct Passage {
    place: Place,
    lines: Vec<String>,
    /// The lines joined by single spaces.
    pub(crate) text: String,
    /// Column, where it is a table cell.
    pub(crate) column: Option<usize>,
    /// True for a heading.
    pub(crate) heading: bool,
}

impl Passage {
    fn new(place: Place, text: &str, column: Option<usize>, heading: bool) -> Option<Self> {
        let lines: Vec<String> = text.lines().map(collapse).filter(|l| !l.is_empty()).collect();
        (!lines.is_empty()).then(|| Self { place, text: lines.join(" "), lines, column, heading })
    }

    /// Page and number of the block that it is in.
    pub(crate) fn block(&self) -> (u32, u32) {
        (self.place.block_page, self.place.block)
    }

    /// Row, where it is a table cell.
    pub(crate) fn row(&self) -> Option<u32> {
        self.place.row
    }

    /// Number of lines.
    pub(crate) fn lines(&self) -> usize {
        self.lines.len()
    }

    /// The first line.
    pub(crate) fn first_line(&self) -> &str {
        self.lines.first().map_or("", String::as_str)
    }

    /// The text with its line breaks.
    pub(crate) fn raw(&self) -> String {
        self.lines.join("\n")
    }

    /// What follows a heading in the same block; `None` where nothing does.
    pub(crate) fn after_heading(mut self, _heading: &str) -> Option<Self> {
        if self.lines.len() < 2 {
            return None;
        }
        self.lines.remove(0);
        self.text = self.lines.join(" ");
        self.heading = false;
        Some(self)
    }

    /// Evidence that quotes the lines which hold the bytes `start..end` of `text`.
    pub(crate) fn quote(&self, start: usize, end: usize, locator: &mut Locator<'_>) -> Vec<Evidence> {
        let mut at = 0;
        let mut held = Vec::new();
        for line in &self.lines {
            let stop = at + line.len();
            if at < end && start < stop {
                held.push(line.clone());
            }
            at = stop + 1;
        }
        locator.quote(self.place, &held)
    }
}

/// All passages of the readable pages in reading order; running headers and footers left out.
pub(crate) fn passages(document: &Document) -> Vec<Passage> {
    let mut out = Vec::new();
    for page in document.pages.iter().filter(|p| p.verdict.is_readable()) {
        for (b, block) in page.blocks.iter().enumerate() {
            let mut place = Place { block_page: page.number, block: b as u32, page: page.number, row: None };
            match &block.kind {
                BlockKind::Furniture => {}
                BlockKind::Table(table) => {
                    for (r, row) in table.rows.iter().enumerate() {
                        place.page = if row.page == 0 { page.number } else { row.page };
                        place.row = Some(r as u32);
                        let cells = row.cells.iter().enumerate().filter(|(_, c)| !c.covered);
                        out.extend(cells.filter_map(|(i, c)| Passage::new(place, &c.text, Some(i), false)));
                    }
                }
                kind => {
                    let heading = matches!(kind, BlockKind::Heading(_));
                    out.extend(Passage::new(place, &block.text, None, heading));
                }
            }
        }
    }
    out
}
