//! Tables that go on over pages become one.

use super::fill::{PageTable, covered_cell, middle_x, middle_y, text_lines};
use crate::{BBox, Cell, Page, Row, Word};

/// Column borders of the two parts may differ by this much.
const SAME_BORDER: f32 = 4.0;
/// The parts may be shifted against each other by this much: inner and outer margins.
const SHIFT: f32 = 60.0;

/// True where the second part's columns fit the first's: same outer borders, and one's inner borders are among the
/// other's.
pub(crate) fn fits(first: &PageTable, second: &PageTable) -> bool {
    union(&first.xs, &shifted(first, second)).is_some()
}

/// The second part's borders moved onto the first's.
fn shifted(first: &PageTable, second: &PageTable) -> Vec<f32> {
    let shift = match (first.xs.first(), second.xs.first()) {
        (Some(a), Some(b)) if (a - b).abs() <= SHIFT => a - b,
        _ => 0.0,
    };
    second.xs.iter().map(|x| x + shift).collect()
}

fn union(a: &[f32], b: &[f32]) -> Option<Vec<f32>> {
    let near = |x: &f32, y: &f32| (x - y).abs() <= SAME_BORDER;
    let ends = a.first().zip(b.first()).is_some_and(|(x, y)| near(x, y))
        && a.last().zip(b.last()).is_some_and(|(x, y)| near(x, y));
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let within = short.iter().all(|x| long.iter().any(|y| near(x, y)));
    (ends && within && short.len() >= 3).then(|| long.to_vec())
}

/// Spreads a part's cells over the columns of `xs`.
fn widen(rows: &mut [Row], own: &[f32], xs: &[f32]) {
    if own.len() == xs.len() {
        return;
    }
    let place: Vec<usize> = own
        .iter()
        .map(|x| {
            let far = |i: &usize| (xs[*i] - x).abs();
            (0..xs.len()).min_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or_default()
        })
        .collect();
    for row in rows {
        let mut cells = vec![covered_cell(); xs.len() - 1];
        for (col, mut cell) in std::mem::take(&mut row.cells).into_iter().enumerate() {
            if cell.covered {
                continue;
            }
            let end = place[(col + cell.col_span).min(place.len() - 1)];
            cell.col_span = end.saturating_sub(place[col]).max(1);
            cells[place[col]] = cell;
        }
        row.cells = cells;
    }
}

/// Appends the part on a later page to a table.
///
/// A repeated header is left out. The later part's first row goes on with the last row where the page break split it:
/// its leading cells are empty and what follows them does not begin a row of its own.
pub(crate) fn join(table: &mut PageTable, mut later: PageTable, last_page: &Page, page: &Page) {
    let own = shifted(table, &later);
    let Some(xs) = union(&table.xs, &own) else { return };
    let old = std::mem::replace(&mut table.xs, xs);
    widen(&mut table.rows, &old, &table.xs);
    widen(&mut later.rows, &own, &table.xs);
    let repeated = repeated_rows(table, &later);
    later.rows.drain(..repeated);
    table.header_rows = table.header_rows.max(repeated);
    if later.rows.is_empty() {
        return;
    }
    let continues = continues_row(table, &later, last_page, page);
    let merged_columns = merged_columns(table, &later);
    let first = &later.rows[0];
    let leading = first.cells.iter().take_while(|c| c.text.is_empty()).count();
    let carried: Vec<usize> = (0..table.columns())
        .filter(|&c| {
            let cell = &first.cells[c];
            !cell.covered && (continues || cell.text.is_empty() && (c < leading || merged_columns[c]))
        })
        .collect();
    if leading == first.cells.len() && !continues {
        table.rows.append(&mut later.rows);
        return;
    }
    let base = table.rows.len();
    let skip = usize::from(continues);
    for &col in &carried {
        let part = later.rows[0].cells[col].clone();
        let Some((row, at)) = owner(&table.rows, col) else { continue };
        let above = &mut table.rows[row].cells[at];
        if above.col_span != part.col_span || at != col || above.text.is_empty() && !continues {
            continue;
        }
        if !part.text.is_empty() {
            if !above.text.is_empty() {
                above.text.push('\n');
            }
            above.text.push_str(&part.text);
        }
        above.row_span = base - row + part.row_span - skip;
        later.rows[0].cells[col] = covered_cell();
    }
    if continues {
        // Cells that could not be carried keep their text: it goes to whatever stands above.
        for col in 0..table.columns() {
            let part = later.rows[0].cells[col].clone();
            if !part.covered
                && !part.text.is_empty()
                && let Some((row, at)) = owner(&table.rows, col)
            {
                let above = &mut table.rows[row].cells[at];
                above.text.push('\n');
                above.text.push_str(&part.text);
            }
        }
        later.rows.remove(0);
    }
    table.rows.append(&mut later.rows);
}

/// The cell that owns a column's place in the last row.
pub(crate) fn owner(rows: &[Row], col: usize) -> Option<(usize, usize)> {
    let last = rows.len().checked_sub(1)?;
    (0..=last).rev().find_map(|row| {
        (0..=col).rev().find_map(|at| {
            let cell = rows[row].cells.get(at)?;
            (!cell.covered && row + cell.row_span > last && at + cell.col_span > col).then_some((row, at))
        })
    })
}

/// How many of the later part's first rows repeat the table's first rows.
fn repeated_rows(table: &PageTable, later: &PageTable) -> usize {
    let same = |a: &Row, b: &Row| {
        a.cells.iter().zip(&b.cells).all(|(a, b)| squeeze(&a.text) == squeeze(&b.text))
            && a.cells.iter().any(|c| !c.text.is_empty())
    };
    let most = table.header_rows.max(1);
    // The header may stand below title rows that are not repeated.
    let starts = 0..most;
    let run = |start: usize| {
        table.rows[start..most.min(table.rows.len())]
            .iter()
            .zip(&later.rows)
            .take_while(|(a, b)| same(a, b))
            .count()
    };
    starts
        .filter(|s| *s < table.rows.len())
        .map(|s| (run(s), s))
        .filter(|(n, s)| s + n == most.min(table.rows.len()))
        .map(|(n, _)| n)
        .max()
        .unwrap_or(0)
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<String>()
}

/// Columns in which cells span rows.
fn merged_columns(table: &PageTable, later: &PageTable) -> Vec<bool> {
    (0..table.columns())
        .map(|col| {
            table
                .rows
                .iter()
                .chain(&later.rows)
                .filter_map(|r| r.cells.get(col))
                .any(|c| c.row_span > 1 && c.col_span == 1)
        })
        .collect()
}

/// The column at which a row's own content begins.
fn begins(row: &Row) -> Option<usize> {
    row.cells.iter().position(|c| !c.text.is_empty())
}

/// True where a page break split the table's last row and the later part's first row goes on with it.
fn continues_row(table: &PageTable, later: &PageTable, last_page: &Page, page: &Page) -> bool {
    let Some(first) = later.rows.first() else { return false };
    let Some(start) = begins(first) else { return true };
    if start == 0 {
        return false;
    }
    let body = table.rows.iter().skip(table.header_rows).chain(later.rows.iter().skip(1));
    let others = body.filter(|r| r.cells.iter().any(|c| !c.covered));
    if !others.filter_map(begins).any(|b| b == start) {
        return true;
    }
    // Sub-rows begin here too: it goes on only where the text was wrapped.
    let Some((row, at)) = owner(&table.rows, start) else { return false };
    wraps(&table.rows[row].cells[at], last_page, &first.cells[start], page)
}

/// True where the first word of the later cell would not have fitted on the last line of the earlier one, and nothing
/// says that it begins something new.
fn wraps(earlier: &Cell, last_page: &Page, later: &Cell, page: &Page) -> bool {
    let (Some(above), Some(below)) = (earlier.bbox, later.bbox) else { return false };
    if earlier.text.is_empty() || starts_anew(&later.text) {
        return false;
    }
    let (above_words, below_words) = (inside(last_page, &above), inside(page, &below));
    let (above_lines, below_lines) = (text_lines(&above_words), text_lines(&below_words));
    let (Some(last), Some(first)) = (above_lines.last(), below_lines.first().and_then(|l| l.first())) else {
        return false;
    };
    let end = last.iter().map(|w| w.bbox.x1).fold(above.x0, f32::max);
    let width = first.bbox.x1 - first.bbox.x0 + 0.25 * first.size;
    end + width > above.x1 - 1.0 - 0.3 * first.size
}

/// A number, letter or bullet that begins an item.
fn starts_anew(text: &str) -> bool {
    crate::pdf::is_item(text) || text.trim().parse::<u32>().is_ok()
}

fn inside<'a>(page: &'a Page, area: &BBox) -> Vec<&'a Word> {
    page.words
        .iter()
        .filter(|w| {
            let (x, y) = (middle_x(&w.bbox), middle_y(&w.bbox));
            x > area.x0 && x < area.x1 && y > area.y0 && y < area.y1
        })
        .collect()
}
