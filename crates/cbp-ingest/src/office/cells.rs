//! Loose cells of a sheet or Word table to a rectangular [`Table`].

use crate::{Cell, IngestError, Row, Table};

/// Most cells of one table; memory grows with them.
const MOST_CELLS: u64 = 2_000_000;

/// A cell at a place, with its spans.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loose {
    pub(crate) row: usize,
    pub(crate) col: usize,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) text: String,
}

/// Builds a table from cells in reading order. A cell that lies on another's place moves its text there: nothing is
/// lost. `pages` has the page of every row.
///
/// # Errors
///
/// The table would have too many cells.
pub(crate) fn table(name: &str, loose: Vec<Loose>, pages: &[u32]) -> Result<Table, IngestError> {
    let columns = loose.iter().map(|c| c.col.saturating_add(c.cols)).max().unwrap_or(0);
    if (columns as u64).saturating_mul(pages.len() as u64) > MOST_CELLS {
        let what = "the number of cells of a table";
        return Err(IngestError::Limit { name: name.to_owned(), what, limit: MOST_CELLS });
    }
    let mut rows: Vec<Row> =
        pages.iter().map(|&page| Row { page, cells: vec![Cell::default(); columns] }).collect();
    let mut owner: Vec<Option<(usize, usize)>> = vec![None; columns * rows.len()];
    for cell in loose {
        if cell.row >= rows.len() || cell.col >= columns {
            continue;
        }
        if let Some((row, col)) = owner[cell.row * columns + cell.col] {
            push_line(&mut rows[row].cells[col].text, &cell.text);
            continue;
        }
        // The span ends before a place that another cell has.
        let free = |r: usize, c: usize| owner[r * columns + c].is_none();
        let (bottom, right) =
            ((cell.row + cell.rows.max(1)).min(rows.len()), (cell.col + cell.cols.max(1)).min(columns));
        let right = (cell.col + 1..right).find(|&c| !free(cell.row, c)).unwrap_or(right);
        let bottom =
            (cell.row + 1..bottom).find(|&r| (cell.col..right).any(|c| !free(r, c))).unwrap_or(bottom);
        for row in cell.row..bottom {
            for col in cell.col..right {
                owner[row * columns + col] = Some((cell.row, cell.col));
                rows[row].cells[col].covered = true;
            }
        }
        rows[cell.row].cells[cell.col] = Cell {
            text: cell.text,
            row_span: bottom - cell.row,
            col_span: right - cell.col,
            ..Cell::default()
        };
    }
    Ok(Table { columns, header_rows: 0, rows })
}

pub(crate) fn push_line(text: &mut String, line: &str) {
    if !text.is_empty() && !line.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(row: usize, col: usize, rows: usize, cols: usize, text: &str) -> Loose {
        Loose { row, col, rows, cols, text: text.into() }
    }

    #[test]
    fn spans_cover_their_places_and_nothing_is_lost() {
        let loose =
            vec![cell(0, 0, 2, 1, "a"), cell(0, 1, 1, 2, "b"), cell(1, 1, 1, 1, "c"), cell(1, 0, 1, 1, "d")];
        let table = table("x", loose, &[1, 1]).unwrap();
        assert_eq!(table.columns, 3);
        assert_eq!(table.rows[0].cells[0].text, "a\nd");
        assert_eq!((table.rows[0].cells[0].row_span, table.rows[0].cells[1].col_span), (2, 2));
        assert!(table.rows[1].cells[0].covered && table.rows[0].cells[2].covered);
        assert!(!table.rows[1].cells[2].covered);
    }

    #[test]
    fn a_lying_span_is_no_memory_bomb() {
        let wide = cell(0, 3_000_000, 1, 1, "a");
        assert!(matches!(table("x", vec![wide], &[1]), Err(IngestError::Limit { .. })));
    }
}
