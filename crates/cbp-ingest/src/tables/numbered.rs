//! Tables of running text whose columns are numbered: the row `1 2 3 4` says where columns stand when the gaps between
//! them are too narrow to see.

use super::fill::{PageTable, cell_text, middle_x};
use super::place::hull;
use super::segments::{Line, Segment};
use crate::{BBox, Cell, Page, Row, Word};

/// Fewest numbered columns.
const LEAST: usize = 4;
/// Lines further apart than this many font sizes end the table.
const APART: f32 = 4.0;

/// The tables below rows of column numbers. The names above such a row stay text.
pub(crate) fn numbered(page: &Page, lines: &[Line<'_>]) -> Vec<PageTable> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let mut end = at + 1;
        if is_numbering(line) {
            while lines
                .get(end)
                .is_some_and(|l| !is_numbering(l) && l.y0 - lines[end - 1].y1 < APART * l.size)
            {
                end += 1;
            }
            out.extend(build(page, &lines[at..end]));
        }
        at = end;
    }
    out
}

/// One number in each segment, from 1 upwards.
fn is_numbering(line: &Line<'_>) -> bool {
    let number = |s: &Segment<'_>| match s.words.as_slice() {
        [word] => word.text.trim_matches(['(', ')', '.']).parse::<usize>().ok(),
        _ => None,
    };
    line.segments.len() >= LEAST && line.segments.iter().enumerate().all(|(n, s)| number(s) == Some(n + 1))
}

fn build(page: &Page, lines: &[Line<'_>]) -> Option<PageTable> {
    let (numbers, body) = lines.split_first()?;
    let segments = || body.iter().flat_map(|l| &l.segments);
    let numeric = segments().filter(|s| s.is_numeric()).count();
    if body.len() < 3 || numeric * 2 > segments().count() {
        return None;
    }
    let words: Vec<&Word> = segments().flat_map(|s| s.words.iter().copied()).collect();
    let area = lines.iter().map(Line::bbox).reduce(hull)?;
    let mut xs = vec![area.x0];
    for pair in numbers.segments.windows(2) {
        xs.push(emptiest(&words, middle(&pair[0]), middle(&pair[1])));
    }
    xs.push(area.x1);
    let inner = &xs[1..xs.len() - 1];
    let crossing =
        words.iter().filter(|w| inner.iter().any(|x| w.bbox.x0 < x - 1.5 && w.bbox.x1 > x + 1.5)).count();
    if crossing * 20 > words.len() {
        return None;
    }
    let mut rows = vec![row(page, &xs, std::slice::from_ref(numbers))];
    let mut from = 0;
    for (n, line) in body.iter().enumerate().skip(1) {
        let begins = line.segments.iter().flat_map(|s| &s.words).any(|w| middle_x(&w.bbox) < inner[0]);
        if begins {
            rows.push(row(page, &xs, &body[from..n]));
            from = n;
        }
    }
    rows.push(row(page, &xs, &body[from..]));
    Some(PageTable { xs, bbox: area, rows, header_rows: 1 })
}

fn middle(segment: &Segment<'_>) -> f32 {
    f32::midpoint(segment.x0, segment.x1)
}

/// The middle of the widest stretch between two places that the fewest words cover.
fn emptiest(words: &[&Word], from: f32, to: f32) -> f32 {
    let steps = ((to - from).max(1.0) as usize).min(600);
    let place = |n: usize| from + (to - from) * n as f32 / steps as f32;
    let cover = |x: f32| words.iter().filter(|w| w.bbox.x0 - 0.5 < x && w.bbox.x1 + 0.5 > x).count();
    let counts: Vec<usize> = (0..=steps).map(|n| cover(place(n))).collect();
    let least = counts.iter().copied().min().unwrap_or(0);
    let (mut best, mut run) = ((0, 0), 0);
    for (n, count) in counts.iter().enumerate() {
        run = if *count == least { run + 1 } else { 0 };
        if run > best.1 {
            best = (n, run);
        }
    }
    place(best.0.saturating_sub(best.1 / 2))
}

fn row(page: &Page, xs: &[f32], lines: &[Line<'_>]) -> Row {
    let y0 = lines.iter().map(|l| l.y0).fold(f32::MAX, f32::min);
    let y1 = lines.iter().map(|l| l.y1).fold(f32::MIN, f32::max);
    let last = xs.len() - 2;
    let cells = (0..=last).map(|col| {
        let inside = |w: &&Word| {
            let x = middle_x(&w.bbox);
            (col == 0 || x >= xs[col]) && (col == last || x < xs[col + 1])
        };
        let words: Vec<&Word> = lines
            .iter()
            .flat_map(|l| &l.segments)
            .flat_map(|s| s.words.iter().copied())
            .filter(inside)
            .collect();
        let bbox = Some(BBox { x0: xs[col], y0, x1: xs[col + 1], y1 });
        Cell { text: cell_text(&words), bbox, ..Cell::default() }
    });
    Row { page: page.number, cells: cells.collect() }
}

#[cfg(test)]
mod tests {
    use super::super::segments::lines;
    use super::*;

    #[test]
    fn column_numbers_part_columns_that_nearly_touch() {
        let word = |text: &str, x0: f32, x1: f32, y: f32| Word {
            text: text.into(),
            bbox: BBox { x0, y0: y, x1, y1: y + 9.0 },
            size: 9.0,
            bold: false,
        };
        let mut words = Vec::new();
        for (n, x) in [20.0, 80.0, 140.0, 200.0].into_iter().enumerate() {
            words.push(word(&(n + 1).to_string(), x, x + 5.0, 0.0));
        }
        for (n, y) in [12.0, 24.0, 36.0, 48.0].into_iter().enumerate() {
            if n % 2 == 0 {
                words.push(word("s", 18.0, 30.0, y));
            }
            // Columns two to four are three points apart.
            words.extend([
                word("alpha", 60.0, 108.0, y),
                word("beta", 111.0, 168.0, y),
                word("gamma", 171.0, 220.0, y),
            ]);
        }
        let refs: Vec<&Word> = words.iter().collect();
        let tables = numbered(&Page::default(), &lines(&refs));
        let texts: Vec<Vec<&str>> =
            tables[0].rows.iter().map(|r| r.cells.iter().map(|c| c.text.as_str()).collect()).collect();
        assert_eq!(texts[0], ["1", "2", "3", "4"]);
        assert_eq!(texts[1], ["s", "alpha\nalpha", "beta\nbeta", "gamma\ngamma"]);
        assert_eq!(texts.len(), 3);
    }
}
