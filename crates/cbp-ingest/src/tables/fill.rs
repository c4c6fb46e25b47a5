//! Words into the cells of a grid.

use super::lattice::Grid;
use crate::{BBox, Cell, Page, Row, Word, wellformedness};

/// A table as it stands on one page, before stitching.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageTable {
    pub(crate) xs: Vec<f32>,
    pub(crate) bbox: BBox,
    pub(crate) rows: Vec<Row>,
    pub(crate) header_rows: usize,
}

impl PageTable {
    pub(crate) fn columns(&self) -> usize {
        self.xs.len().saturating_sub(1)
    }
}

/// Puts the words of a page into a grid's cells.
pub(crate) fn fill(page: &Page, grid: &Grid) -> PageTable {
    let (rows, columns) = (grid.rows(), grid.columns());
    let mut owner = vec![0usize; rows * columns];
    for (index, span) in grid.cells.iter().enumerate() {
        for row in span.row..span.row + span.rows {
            owner[row * columns + span.col..][..span.cols].fill(index);
        }
    }
    let mut members: Vec<Vec<&Word>> = vec![Vec::new(); grid.cells.len()];
    for word in &page.words {
        if let (Some(col), Some(row)) =
            (slot(&grid.xs, middle_x(&word.bbox)), slot(&grid.ys, middle_y(&word.bbox)))
        {
            members[owner[row * columns + col]].push(word);
        }
    }
    let mut out: Vec<Row> =
        (0..rows).map(|_| Row { page: page.number, cells: vec![covered_cell(); columns] }).collect();
    for (span, words) in grid.cells.iter().zip(&members) {
        let text = cell_text(words);
        let noise = !page.verdict.is_readable() && {
            let health = wellformedness(&text);
            health.words > 0 && health.good_share() <= 0.9
        };
        out[span.row].cells[span.col] = Cell {
            text: if noise { String::new() } else { text },
            row_span: span.rows,
            col_span: span.cols,
            covered: false,
            bbox: Some(grid.area(span)),
        };
    }
    PageTable { xs: grid.xs.clone(), bbox: grid.bbox(), rows: out, header_rows: 0 }
}

pub(crate) fn covered_cell() -> Cell {
    Cell { covered: true, ..Cell::default() }
}

/// Which interval of ascending borders a value falls into.
fn slot(borders: &[f32], value: f32) -> Option<usize> {
    let above = borders.partition_point(|b| *b <= value);
    (above > 0 && above < borders.len()).then(|| above - 1)
}

pub(crate) fn middle_x(b: &BBox) -> f32 {
    f32::midpoint(b.x0, b.x1)
}

pub(crate) fn middle_y(b: &BBox) -> f32 {
    f32::midpoint(b.y0, b.y1)
}

/// The words of a cell as lines from top to bottom, each from left to right.
pub(crate) fn text_lines<'a>(words: &[&'a Word]) -> Vec<Vec<&'a Word>> {
    let mut sorted = words.to_vec();
    sorted.sort_by(|a, b| a.bbox.y1.total_cmp(&b.bbox.y1));
    let mut lines: Vec<(f32, f32, Vec<&Word>)> = Vec::new();
    for word in sorted {
        let (top, bottom) = (word.bbox.y0, word.bbox.y1);
        match lines.last_mut() {
            Some((line_top, line_bottom, line))
                if line_bottom.min(bottom) - line_top.max(top)
                    > 0.5 * (bottom - top).min(*line_bottom - *line_top) =>
            {
                line.push(word);
                *line_top = line_top.min(top);
                *line_bottom = line_bottom.max(bottom);
            }
            _ => lines.push((top, bottom, vec![word])),
        }
    }
    for (_, _, line) in &mut lines {
        line.sort_by(|a, b| a.bbox.x0.total_cmp(&b.bbox.x0));
    }
    lines.into_iter().map(|(_, _, line)| line).collect()
}

/// The text of a cell: words joined by blanks, lines by line breaks.
pub(crate) fn cell_text(words: &[&Word]) -> String {
    let mut out = String::new();
    for line in text_lines(words) {
        if !out.is_empty() {
            out.push('\n');
        }
        for (at, word) in line.iter().enumerate() {
            if at > 0 {
                out.push(' ');
            }
            out.push_str(&word.text);
        }
    }
    out
}
