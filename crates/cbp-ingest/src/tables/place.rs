//! Tables into a page's blocks, in place of the text that stands in them.

use super::fill::{PageTable, cell_text, middle_x, middle_y};
use crate::{BBox, Block, BlockKind, Page, Table, Word};

/// Takes the text inside `area` out of the page's blocks; says before which block the table belongs.
pub(crate) fn clear_area(page: &mut Page, area: &BBox) -> usize {
    let blocks = std::mem::take(&mut page.blocks);
    let mut place = None;
    for mut block in blocks {
        let Some(bbox) = block.bbox.filter(|b| overlaps(b, area) && is_text(&block)) else {
            page.blocks.push(block);
            continue;
        };
        place.get_or_insert(page.blocks.len());
        if within(area, &bbox) {
            continue;
        }
        // Partly outside: keep the words that stand outside.
        let own: Vec<&Word> = page.words.iter().filter(|w| within_middle(&bbox, &w.bbox)).collect();
        let outside: Vec<&Word> = own.iter().copied().filter(|w| !within_middle(area, &w.bbox)).collect();
        if outside.len() == own.len() {
            if place == Some(page.blocks.len()) {
                place = None;
            }
            page.blocks.push(block);
        } else if !outside.is_empty() {
            let above = outside.iter().all(|w| w.bbox.y0 < area.y0);
            block.text = cell_text(&outside);
            block.bbox = outside.iter().map(|w| w.bbox).reduce(hull);
            page.blocks.push(block);
            if above && place == Some(page.blocks.len() - 1) {
                place = Some(page.blocks.len());
            }
        }
    }
    place.unwrap_or_else(|| {
        page.blocks
            .iter()
            .position(|b| b.bbox.is_some_and(|b| b.y0 >= area.y0 && b.x1 > area.x0))
            .unwrap_or(page.blocks.len())
    })
}

fn is_text(block: &Block) -> bool {
    !matches!(block.kind, BlockKind::Table(_))
}

fn overlaps(a: &BBox, b: &BBox) -> bool {
    a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1
}

fn within(outer: &BBox, inner: &BBox) -> bool {
    let slack = 2.0;
    inner.x0 >= outer.x0 - slack
        && inner.x1 <= outer.x1 + slack
        && inner.y0 >= outer.y0 - slack
        && inner.y1 <= outer.y1 + slack
}

fn within_middle(outer: &BBox, inner: &BBox) -> bool {
    let (x, y) = (middle_x(inner), middle_y(inner));
    x >= outer.x0 && x <= outer.x1 && y >= outer.y0 && y <= outer.y1
}

pub(crate) fn hull(a: BBox, b: BBox) -> BBox {
    BBox { x0: a.x0.min(b.x0), y0: a.y0.min(b.y0), x1: a.x1.max(b.x1), y1: a.y1.max(b.y1) }
}

/// Puts finished tables in the place of their placeholders; those that went to an earlier page leave none.
pub(crate) fn finish(page: &mut Page, tables: Vec<Option<PageTable>>) {
    let mut tables = tables.into_iter();
    page.blocks.retain_mut(|block| {
        if is_text(block) {
            return true;
        }
        let Some(found) = tables.next().flatten() else { return false };
        let table = Table {
            columns: found.columns(),
            header_rows: found.header_rows.min(found.rows.len()),
            rows: found.rows,
        };
        block.text = plain(&table);
        block.kind = BlockKind::Table(table);
        true
    });
}

/// The text of a table: cells by tab, rows by line break, line breaks in cells as blanks.
pub(crate) fn plain(table: &Table) -> String {
    let mut out = String::new();
    for (at, row) in table.rows.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        for (col, cell) in row.cells.iter().enumerate() {
            if col > 0 {
                out.push('\t');
            }
            out.push_str(&cell.text.replace(['\n', '\t'], " "));
        }
    }
    out
}
