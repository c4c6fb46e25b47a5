//! The header of a table without a lattice: stacked lines, and names that span columns.

use super::fill::{cell_text, covered_cell};
use super::rules::Rules;
use super::segments::Gutter;
use super::unruled::{Placed, span};
use crate::{BBox, Cell, Row, Word};

/// Lines of one name stand closer than this many font sizes.
const CLOSE: f32 = 0.75;

/// A name in the header, of one or more lines.
struct Name<'a> {
    from: usize,
    to: usize,
    y0: f32,
    y1: f32,
    last_line: usize,
    words: Vec<&'a Word>,
}

/// Builds the header rows of the first lines of a table. A name stands in the row of its last line.
pub(crate) fn header(
    placed: &[Placed<'_>],
    rules: &Rules,
    gutters: &[Gutter],
    bounds: &[f32],
    page: u32,
) -> Vec<Row> {
    let mut names: Vec<Name<'_>> = Vec::new();
    for (index, line) in placed.iter().enumerate() {
        let before = names.len();
        for (segment, own) in line.line.segments.iter().zip(&line.spans) {
            let (mut from, mut to) = *own;
            // A rule right below that is not the table's own says which columns the name spans.
            let below = rules.horizontal.iter().find(|r| {
                r.at > line.line.y1 - 3.0
                    && r.at < line.line.y1 + 0.7 * line.line.size
                    && r.from <= segment.x0 + 2.0
                    && r.to >= segment.x1 - 2.0
                    && r.to - r.from < 0.75 * (bounds[bounds.len() - 1] - bounds[0])
            });
            if let Some(rule) = below {
                let wide = span(rule.from + 2.0, rule.to - 2.0, gutters);
                (from, to) = (from.min(wide.0), to.max(wide.1));
            }
            let alone = line.spans.iter().filter(|s| s.0 <= to && s.1 >= from).count() == 1;
            let joined = names[..before].iter_mut().rev().find(|n| n.from <= to && n.to >= from);
            match joined {
                Some(name)
                    if line.line.y0 - name.y1 < CLOSE * line.line.size
                        && (name.from, name.to) != (0, bounds.len())
                        && ((name.from, name.to) == (from, to)
                            || alone
                                && name.from <= from
                                && to <= name.to
                                && name.to - name.from <= to - from)
                        && !parted(rules, name.y1, line.line.y0, segment.x0, segment.x1) =>
                {
                    name.y1 = line.line.y1;
                    name.last_line = index;
                    name.words.extend(&segment.words);
                }
                _ => names.push(Name {
                    from,
                    to,
                    y0: line.line.y0,
                    y1: line.line.y1,
                    last_line: index,
                    words: segment.words.clone(),
                }),
            }
        }
    }
    let mut levels: Vec<usize> = names.iter().map(|n| n.last_line).collect();
    levels.sort_unstable();
    levels.dedup();
    let columns = bounds.len() - 1;
    let mut rows = Vec::with_capacity(levels.len());
    for level in levels {
        let mut cells = vec![Cell::default(); columns];
        let mut free = vec![true; columns];
        for name in names.iter().filter(|n| n.last_line == level) {
            let to = (name.from..=name.to.min(columns - 1)).take_while(|c| free[*c]).last();
            let Some(to) = to else {
                // Overlaps a name to its left, or stands in one column with it: their words stand together.
                if let Some(left) = (0..=name.from).rev().find(|c| !cells[*c].covered) {
                    cells[left].text.push(' ');
                    cells[left].text.push_str(&cell_text(&name.words));
                }
                continue;
            };
            cells[name.from] = Cell {
                text: cell_text(&name.words),
                col_span: to - name.from + 1,
                bbox: Some(BBox { x0: bounds[name.from], y0: name.y0, x1: bounds[to + 1], y1: name.y1 }),
                ..Cell::default()
            };
            free[name.from..=to].fill(false);
            cells[name.from + 1..=to].fill(covered_cell());
        }
        rows.push(Row { page, cells });
    }
    rows
}

fn parted(rules: &Rules, above: f32, below: f32, x0: f32, x1: f32) -> bool {
    let middle = f32::midpoint(x0, x1);
    let inside = |r: &&super::rules::Rule| {
        r.at > above - 3.0 && r.at < below + 3.0 && r.from < middle && r.to > middle
    };
    rules.horizontal.iter().any(|r| inside(&r))
}
