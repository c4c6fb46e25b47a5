//! Tables: from rules and words to rows and cells, stitched over pages.

mod columns_header;
mod fill;
mod header;
mod lattice;
mod numbered;
mod place;
mod refine;
mod rules;
mod segments;
mod stitch;
mod unruled;

#[cfg(test)]
mod tests;

use self::fill::{PageTable, fill};
pub(crate) use self::header::header_rows;
use self::header::mark_header;
use self::lattice::grids;
pub(crate) use self::place::plain;
use self::place::{clear_area, finish};
use self::refine::{drop_padding, join_bands, join_stacked, split_wide, stacks_rows};
use self::rules::Rules;
use self::unruled::{aligned_in, unruled};
use crate::{BBox, Block, BlockKind, Page, Table};

/// Finds the tables of a document: blocks of text inside a table give way to one [`BlockKind::Table`] block, and
/// a table that goes on over pages becomes one, on the page where it begins.
pub(crate) fn find_tables(pages: &mut [Page]) {
    let mut found: Vec<Vec<PageTable>> = Vec::with_capacity(pages.len());
    for page in pages.iter_mut() {
        let before = found.last().and_then(|tables| tables.last());
        found.push(page_tables(page, before));
    }
    let mut whole: Vec<Vec<Option<PageTable>>> = Vec::with_capacity(found.len());
    // Where the table stands that may go on: page and rank on it.
    let mut open: Option<(usize, usize)> = None;
    for (index, tables) in found.into_iter().enumerate() {
        let last = tables.len().saturating_sub(1);
        let mut kept = Vec::with_capacity(tables.len());
        for (rank, table) in tables.into_iter().enumerate() {
            let begun = open.take().filter(|_| rank == 0 && is_first(&pages[index]));
            let target = begun.and_then(|(p, r)| whole.get_mut(p)?.get_mut(r)?.as_mut().map(|t| (p, r, t)));
            let here = match target {
                Some((p, r, earlier)) if stitch::fits(earlier, &table) => {
                    stitch::join(earlier, table, &pages[index - 1], &pages[index]);
                    kept.push(None);
                    (p, r)
                }
                _ => {
                    kept.push(Some(table));
                    (index, rank)
                }
            };
            open = (rank == last && is_last(&pages[index])).then_some(here);
        }
        if kept.is_empty() {
            open = None;
        }
        whole.push(kept);
    }
    for (page, tables) in pages.iter_mut().zip(whole) {
        finish(page, tables);
    }
}

/// Finds the tables of a page and puts a placeholder block where each belongs; the tables come in that order. `before`
/// is the last table of the page before: what it goes on with need not look like a table by itself.
fn page_tables(page: &mut Page, before: Option<&PageTable>) -> Vec<PageTable> {
    let rules = Rules::of(page);
    let mut grids = grids(&rules);
    join_bands(page, &mut grids);
    join_stacked(&mut grids);
    let mut tables = Vec::with_capacity(grids.len());
    for grid in &mut grids {
        if stacks_rows(page, grid)
            && let Some(table) = aligned_in(page, &rules, grid)
        {
            tables.push(table);
            continue;
        }
        split_wide(page, grid);
        let mut table = fill(page, grid);
        drop_padding(&mut table);
        let goes_on = || tables.is_empty() && before.is_some_and(|b| stitch::fits(b, &table));
        if is_table(&table) || goes_on() {
            mark_header(&mut table, page);
            tables.push(table);
        }
    }
    let taken: Vec<BBox> = tables.iter().map(|t| t.bbox).collect();
    tables.extend(unruled(page, &rules, &taken));
    let mut out: Vec<PageTable> = Vec::new();
    for table in tables {
        let at = clear_area(page, &table.bbox);
        let rank = page.blocks.iter().take(at).filter(|b| is_placeholder(b)).count();
        let block =
            Block { kind: BlockKind::Table(Table::default()), text: String::new(), bbox: Some(table.bbox) };
        page.blocks.insert(at, block);
        out.insert(rank, table);
    }
    out
}

fn is_placeholder(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Table(_))
}

/// At least two cells with text beside each other, else it is a frame around text, or boxes and connectors.
fn is_table(table: &PageTable) -> bool {
    let beside = |r: &crate::Row| r.cells.iter().filter(|c| !c.text.is_empty()).count() >= 2;
    table.columns() >= 2 && table.rows.iter().any(beside)
}

/// True where nothing but furniture stands above the page's first table.
fn is_first(page: &Page) -> bool {
    page.blocks.iter().take_while(|b| !is_placeholder(b)).all(|b| is_margin(b, page))
}

/// True where nothing but furniture stands below the page's last table.
fn is_last(page: &Page) -> bool {
    page.blocks.iter().rev().take_while(|b| !is_placeholder(b)).all(|b| is_margin(b, page))
}

/// Running headers, footers and page numbers.
fn is_margin(block: &Block, page: &Page) -> bool {
    let edge = 0.1 * page.height;
    matches!(block.kind, BlockKind::Furniture)
        || is_page_number(&block.text)
        || block.bbox.is_some_and(|b| b.y1 < edge || b.y0 > page.height - edge)
}

/// `7`, `- 7 -`, `Page 7 of 9`, `vii`.
fn is_page_number(text: &str) -> bool {
    let rest: String =
        text.chars().filter(|c| !matches!(c, '-' | '–' | '—' | '|' | '.' | '[' | ']')).collect();
    let mut words = rest.split_whitespace().peekable();
    words.peek().is_some()
        && rest.len() <= 20
        && words.all(|w| {
            w.parse::<u32>().is_ok()
                || matches!(w.to_lowercase().as_str(), "page" | "of" | "पृष्ठ")
                || w.chars().all(|c| "ivxlc".contains(c))
        })
}
