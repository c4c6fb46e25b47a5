//! Where quoted words stand.

use std::collections::BTreeMap;

use cbp_core::Evidence;

use super::collapse;
use crate::Document;

/// The block, and the table row in it, that a quote was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// 1-based page on which the block stands.
    pub(crate) block_page: u32,
    /// 0-based block on that page.
    pub(crate) block: u32,
    /// 1-based page on which the row begins; the block's own page for text.
    pub(crate) page: u32,
    /// 0-based row, where the block is a table.
    pub(crate) row: Option<u32>,
}

/// Finds quotes in one document.
///
/// A table that goes on over pages is one block of its first page, and a cell may go on overleaf. The words of each
/// page say where a line of a cell really stands; a quote over two pages becomes two pieces of evidence.
pub(crate) struct Locator<'a> {
    document: &'a Document,
    pages: BTreeMap<u32, String>,
    blocks: BTreeMap<(u32, u32), Haystack>,
}

/// A block's text with white space collapsed, and for each of its bytes the character of the original.
struct Haystack {
    text: String,
    place: Vec<u32>,
    cursor: usize,
}

/// How far behind the last find a quote is looked for before the whole block is.
const WINDOW: usize = 1 << 16;

impl<'a> Locator<'a> {
    pub(crate) fn new(document: &'a Document) -> Self {
        let mut pages = BTreeMap::new();
        for page in document.pages.iter().filter(|p| !p.words.is_empty()) {
            let mut text = String::new();
            for word in &page.words {
                text.push_str(&word.text);
                text.push(' ');
            }
            pages.insert(page.number, collapse(&text));
        }
        Self { document, pages, blocks: BTreeMap::new() }
    }

    /// Evidence for lines of a block or cell, one piece for each page that they stand on.
    pub(crate) fn quote(&mut self, place: Place, lines: &[String]) -> Vec<Evidence> {
        let mut groups: Vec<(u32, String)> = Vec::new();
        let mut page = place.page;
        for line in lines {
            let line = collapse(line);
            if line.is_empty() {
                continue;
            }
            if place.row.is_some() && !self.stands_on(page, &line) && self.stands_on(page + 1, &line) {
                page += 1;
            }
            match groups.last_mut() {
                Some((p, quote)) if *p == page => {
                    quote.push(' ');
                    quote.push_str(&line);
                }
                _ => groups.push((page, line)),
            }
        }
        groups
            .into_iter()
            .map(|(page, quote)| {
                let here = page == place.block_page;
                Evidence {
                    document: self.document.name.clone(),
                    page,
                    block: here.then_some(place.block),
                    row: place.row,
                    span: if here { self.span(place.block_page, place.block, &quote) } else { None },
                    quote,
                }
            })
            .collect()
    }

    /// True where the page is known to hold the line.
    fn stands_on(&self, page: u32, line: &str) -> bool {
        self.pages.get(&page).is_some_and(|t| t.contains(line))
    }

    fn span(&mut self, page: u32, block: u32, quote: &str) -> Option<(u32, u32)> {
        let document = self.document;
        let haystack = match self.blocks.entry((page, block)) {
            std::collections::btree_map::Entry::Occupied(e) => e.into_mut(),
            std::collections::btree_map::Entry::Vacant(e) => {
                let page = document.pages.iter().find(|p| p.number == page)?;
                e.insert(Haystack::new(&page.blocks.get(block as usize)?.text))
            }
        };
        haystack.find(quote)
    }
}

impl Haystack {
    fn new(original: &str) -> Self {
        let mut text = String::with_capacity(original.len());
        let mut place = Vec::with_capacity(original.len());
        for (i, c) in original.chars().enumerate() {
            if !c.is_whitespace() {
                text.push(c);
            } else if text.is_empty() || text.ends_with(' ') {
                continue;
            } else {
                text.push(' ');
            }
            place.resize(text.len(), i as u32);
        }
        Self { text, place, cursor: 0 }
    }

    fn find(&mut self, quote: &str) -> Option<(u32, u32)> {
        let near = (self.cursor + WINDOW).min(self.text.len());
        let near = (near..=self.text.len()).find(|&n| self.text.is_char_boundary(n))?;
        let at = self
            .text
            .get(self.cursor..near)
            .and_then(|t| t.find(quote))
            .map(|i| i + self.cursor)
            .or_else(|| self.text.find(quote))?;
        self.cursor = at;
        let end = at + quote.len();
        Some((*self.place.get(at)?, *self.place.get(end - 1)? + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_characters_of_the_original() {
        let mut haystack = Haystack::new("क  ख\n\tabc  def");
        assert_eq!(haystack.find("abc def"), Some((6, 14)));
        assert_eq!(haystack.find("क ख"), Some((0, 4)), "an earlier quote is found after a later one");
        assert_eq!(haystack.find("none"), None);
    }
}
