//! What a lattice leaves undone: columns that only the header draws, padding, rows that shading alone draws.

use super::fill::{PageTable, middle_x, middle_y};
use super::lattice::{Grid, Span};
use super::segments::{Line, Segment, lines};
use crate::{BBox, Page, Word};

/// A column or row narrower than this without text of its own is padding.
const PADDING: f32 = 14.0;
/// Bands of shading whose borders differ by less than this belong together.
const SAME: f32 = 3.0;

/// The words of a page inside an area.
pub(crate) fn words_in<'a>(page: &'a Page, area: &BBox) -> Vec<&'a Word> {
    page.words
        .iter()
        .filter(|w| {
            let (x, y) = (middle_x(&w.bbox), middle_y(&w.bbox));
            x > area.x0 && x < area.x1 && y > area.y0 && y < area.y1
        })
        .collect()
}

/// Parts merged cells whose text stands in columns that other rows draw: segments that cross no border, in two columns
/// or more.
pub(crate) fn split_wide(page: &Page, grid: &mut Grid) {
    let mut out = Vec::with_capacity(grid.cells.len());
    for span in &grid.cells {
        if span.cols < 2 || !stands_in_columns(page, grid, span) {
            out.push(*span);
            continue;
        }
        out.extend((0..span.cols).map(|c| Span { col: span.col + c, cols: 1, ..*span }));
    }
    out.sort_by_key(|s| (s.row, s.col));
    grid.cells = out;
}

fn stands_in_columns(page: &Page, grid: &Grid, span: &Span) -> bool {
    let area = grid.area(span);
    let Some(inner) = grid.xs.get(span.col + 1..span.col + span.cols) else { return false };
    let lines = lines(&words_in(page, &area));
    let segments: Vec<&Segment<'_>> = lines.iter().flat_map(|l| &l.segments).collect();
    let crosses = |s: &&Segment<'_>| inner.iter().any(|x| s.x0 < x - 1.0 && s.x1 > x + 1.0);
    let slot = |s: &Segment<'_>| inner.partition_point(|x| *x < f32::midpoint(s.x0, s.x1));
    let mut slots: Vec<usize> = segments.iter().map(|s| slot(s)).collect();
    slots.sort_unstable();
    slots.dedup();
    slots.len() >= 2 && !segments.iter().any(crosses)
}

/// True where a cell stacks the numbers of several rows: nobody drew the rules between them.
pub(crate) fn stacks_rows(page: &Page, grid: &Grid) -> bool {
    let numbers = |span: &&Span| {
        let lines = lines(&words_in(page, &grid.area(span)));
        lines.len() >= 3 && lines.iter().all(|l| l.segments.iter().all(Segment::is_numeric))
    };
    let tall = |row: usize, but: &Span| {
        grid.cells
            .iter()
            .any(|s| s.row == row && s != but && lines(&words_in(page, &grid.area(s))).len() >= 3)
    };
    grid.cells.iter().filter(numbers).any(|s| tall(s.row, s))
}

/// Takes padding out of a table: narrow columns and rows without text of their own.
pub(crate) fn drop_padding(table: &mut PageTable) {
    let mut col = 0;
    while table.columns() > 2 && col < table.columns() {
        let narrow = table.xs[col + 1] - table.xs[col] < PADDING;
        let own = |r: &crate::Row| {
            r.cells.get(col).is_some_and(|c| !c.covered && c.col_span == 1 && !c.text.is_empty())
        };
        if !narrow || table.rows.iter().any(own) {
            col += 1;
            continue;
        }
        for row in &mut table.rows {
            let cell = row.cells.remove(col);
            if cell.col_span > 1 {
                let left = row.cells.get_mut(col);
                if let Some(next) = left {
                    *next = crate::Cell { col_span: cell.col_span - 1, ..cell };
                }
            } else if cell.covered
                && let Some(owner) = row.cells[..col].iter_mut().rev().find(|c| !c.covered)
            {
                owner.col_span = owner.col_span.saturating_sub(1).max(1);
            }
        }
        // The outer borders stay.
        let border = if col == 0 { 1 } else { col };
        table.xs.remove(border);
    }
    for row in (0..table.rows.len()).rev() {
        let cells = &table.rows[row].cells;
        let height = cells
            .iter()
            .filter(|c| !c.covered && c.row_span == 1)
            .filter_map(|c| c.bbox)
            .map(|b| b.y1 - b.y0);
        let low = height.reduce(f32::max).is_some_and(|h| h < 0.6 * PADDING);
        if !low || cells.iter().any(|c| !c.text.is_empty() || c.row_span > 1) || table.rows.len() < 3 {
            continue;
        }
        for col in 0..table.columns() {
            if table.rows[row].cells[col].covered
                && let Some((owner, at)) = super::stitch::owner(&table.rows[..=row], col)
                && at == col
                && owner < row
            {
                let cell = &mut table.rows[owner].cells[at];
                cell.row_span = cell.row_span.saturating_sub(1).max(1);
            }
        }
        table.rows.remove(row);
    }
}

/// Joins grids of one row that share their borders: every other row of such a table is shaded, and nothing else is
/// drawn. Lines above that stand in the same columns are its header.
pub(crate) fn join_bands(page: &Page, grids: &mut Vec<Grid>) {
    let mut at = 0;
    while at < grids.len() {
        if grids[at].rows() != 1 {
            at += 1;
            continue;
        }
        let xs = grids[at].xs.clone();
        let same = |g: &Grid| {
            g.rows() == 1 && g.xs.len() == xs.len() && g.xs.iter().zip(&xs).all(|(a, b)| (a - b).abs() < SAME)
        };
        let bands: Vec<usize> = (at..grids.len()).filter(|i| same(&grids[*i])).collect();
        if bands.len() < 2 {
            at += 1;
            continue;
        }
        let mut ys: Vec<f32> = bands.iter().flat_map(|i| grids[*i].ys.clone()).collect();
        ys.sort_by(f32::total_cmp);
        let mut merged: Vec<f32> = Vec::new();
        for y in ys {
            if merged.last().is_none_or(|last| y - last > SAME) {
                merged.push(y);
            }
        }
        extend(page, &xs, &mut merged);
        let (rows, cols) = (merged.len() - 1, xs.len() - 1);
        let cells =
            (0..rows).flat_map(|row| (0..cols).map(move |col| Span { row, col, rows: 1, cols: 1 })).collect();
        let joined = Grid { xs, ys: merged, cells };
        for i in bands.into_iter().rev() {
            grids.remove(i);
        }
        grids.insert(at.min(grids.len()), joined);
        at += 1;
    }
}

/// Joins grids that stand right below each other and share their borders: tables whose rows are boxes.
pub(crate) fn join_stacked(grids: &mut Vec<Grid>) {
    let mut at = 0;
    while at + 1 < grids.len() {
        let same = |a: &Grid, b: &Grid| {
            a.xs.len() == b.xs.len()
                && a.xs.iter().zip(&b.xs).all(|(a, b)| (a - b).abs() < SAME)
                && a.ys.last().zip(b.ys.first()).is_some_and(|(a, b)| (0.0..8.0).contains(&(b - a)))
        };
        let Some(below) = (at + 1..grids.len()).find(|b| same(&grids[at], &grids[*b])) else {
            at += 1;
            continue;
        };
        let below = grids.remove(below);
        let above = &mut grids[at];
        let rows = above.rows();
        above.ys.pop();
        above.ys.extend(below.ys);
        above.cells.extend(below.cells.iter().map(|s| Span { row: s.row + rows, ..*s }));
    }
}

/// Adds the lines right above and below that stand in the same columns.
fn extend(page: &Page, xs: &[f32], ys: &mut Vec<f32>) {
    let (Some(&left), Some(&right)) = (xs.first(), xs.last()) else { return };
    let inner = &xs[1..xs.len() - 1];
    let fits = |l: &Line<'_>| {
        l.segments.len() * 2 > inner.len() + 1
            && l.segments.len() >= 2
            && !l.segments.iter().any(|s| inner.iter().any(|x| s.x0 < x - 1.0 && s.x1 > x + 1.0))
    };
    for up in [true, false] {
        for _ in 0..2 {
            let edge = if up { ys[0] } else { ys[ys.len() - 1] };
            let area = if up {
                BBox { x0: left - 2.0, y0: edge - 30.0, x1: right + 2.0, y1: edge + 2.0 }
            } else {
                BBox { x0: left - 2.0, y0: edge - 2.0, x1: right + 2.0, y1: edge + 30.0 }
            };
            let lines = lines(&words_in(page, &area));
            let Some(line) = (if up { lines.last() } else { lines.first() }) else { break };
            let near = if up { edge - line.y1 } else { line.y0 - edge };
            if near > 1.2 * line.size || !fits(line) {
                break;
            }
            if up {
                ys.insert(0, line.y0 - 1.0);
            } else {
                ys.push(line.y1 + 1.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fill::covered_cell;
    use super::*;
    use crate::{Cell, Row};

    #[test]
    fn padding_columns_go_and_spans_shrink() {
        let cell = |text: &str, col_span| Cell { text: text.into(), col_span, ..Cell::default() };
        let wide = Row { page: 1, cells: vec![cell("a", 3), covered_cell(), covered_cell(), cell("b", 1)] };
        let narrow = Row { page: 1, cells: vec![cell("", 1), cell("c", 1), cell("", 1), cell("d", 1)] };
        let mut table = PageTable {
            xs: vec![0.0, 5.0, 80.0, 85.0, 160.0],
            rows: vec![wide, narrow],
            ..PageTable::default()
        };
        drop_padding(&mut table);
        assert_eq!(table.columns(), 2);
        let texts: Vec<Vec<&str>> =
            table.rows.iter().map(|r| r.cells.iter().map(|c| c.text.as_str()).collect()).collect();
        assert_eq!(texts, [["a", "b"], ["c", "d"]]);
        assert!(table.rows.iter().all(|r| r.cells.iter().all(|c| c.col_span == 1)));
        assert_eq!(table.xs, [0.0, 85.0, 160.0]);
    }
}
