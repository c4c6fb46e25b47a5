//! Rules to grids: which rules belong together, and which of their cells are merged.

use super::rules::{Rule, Rules};
use crate::BBox;

/// Rules that miss each other by this much still meet.
const MEET: f32 = 2.5;
/// Borders closer than this are one border.
const NARROW: f32 = 3.0;
/// Share of a cell's side that a rule must cover to be its border.
const COVERS: f32 = 0.6;
/// Share of the rules that must end at one place for an undrawn outer border to be assumed there.
const OPEN_SIDE: f32 = 0.6;
/// Largest share of a grid's area that may lie open to the outside; boxes joined by connectors leave more.
const LEAK: f32 = 0.3;
/// Most borders along one axis.
const MOST: usize = 1_500;

/// A merged or single cell of a [`Grid`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) row: usize,
    pub(crate) col: usize,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
}

/// Borders and cells of a table on a page. Cells are in reading order and cover the grid without overlap.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Grid {
    pub(crate) xs: Vec<f32>,
    pub(crate) ys: Vec<f32>,
    pub(crate) cells: Vec<Span>,
}

impl Grid {
    pub(crate) fn rows(&self) -> usize {
        self.ys.len().saturating_sub(1)
    }

    pub(crate) fn columns(&self) -> usize {
        self.xs.len().saturating_sub(1)
    }

    /// Where a cell stands.
    pub(crate) fn area(&self, span: &Span) -> BBox {
        BBox {
            x0: self.xs[span.col],
            y0: self.ys[span.row],
            x1: self.xs[span.col + span.cols],
            y1: self.ys[span.row + span.rows],
        }
    }

    /// Where all of it stands.
    pub(crate) fn bbox(&self) -> BBox {
        self.area(&Span { row: 0, col: 0, rows: self.rows(), cols: self.columns() })
    }
}

/// The grids that the rules of a page draw, from top to bottom.
pub(crate) fn grids(rules: &Rules) -> Vec<Grid> {
    let mut out: Vec<Grid> = components(rules).into_iter().filter_map(|c| grid(&c)).collect();
    out.sort_by(|a, b| {
        let key = |g: &Grid| (g.ys.first().copied(), g.xs.first().copied());
        key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal)
    });
    out
}

/// Groups rules that meet, directly or through others.
fn components(rules: &Rules) -> Vec<Rules> {
    let (hs, vs) = (&rules.horizontal, &rules.vertical);
    let mut sets = Sets::new(hs.len() + vs.len());
    for (i, h) in hs.iter().enumerate() {
        for (j, v) in vs.iter().enumerate() {
            if reaches(h, v.at) && reaches(v, h.at) {
                sets.join(i, hs.len() + j);
            }
        }
    }
    let mut by_root: std::collections::BTreeMap<usize, Rules> = std::collections::BTreeMap::new();
    for (i, h) in hs.iter().enumerate() {
        by_root.entry(sets.find(i)).or_default().horizontal.push(*h);
    }
    for (j, v) in vs.iter().enumerate() {
        by_root.entry(sets.find(hs.len() + j)).or_default().vertical.push(*v);
    }
    by_root.into_values().filter(|r| r.horizontal.len() > 1 && !r.vertical.is_empty()).collect()
}

fn reaches(rule: &Rule, along: f32) -> bool {
    rule.from - MEET <= along && along <= rule.to + MEET
}

/// Disjoint sets by path halving.
pub(crate) struct Sets(Vec<usize>);

impl Sets {
    pub(crate) fn new(len: usize) -> Self {
        Self((0..len).collect())
    }

    pub(crate) fn find(&mut self, mut i: usize) -> usize {
        while self.0[i] != i {
            self.0[i] = self.0[self.0[i]];
            i = self.0[i];
        }
        i
    }

    /// The smaller root stays, so that results do not depend on the order of joins.
    pub(crate) fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        let (low, high) = (a.min(b), a.max(b));
        self.0[high] = low;
    }
}

fn grid(rules: &Rules) -> Option<Grid> {
    let mut horizontal = rules.horizontal.clone();
    let mut vertical = rules.vertical.clone();
    close_sides(&horizontal, &mut vertical);
    close_sides(&vertical, &mut horizontal);
    let (mut xs, mut ys) = (borders(&vertical), borders(&horizontal));
    if xs.len() > MOST || ys.len() > MOST {
        return None;
    }
    loop {
        let sides = Sides::new(&xs, &ys, &horizontal, &vertical);
        let keep_x: Vec<bool> = (0..xs.len()).map(|j| sides.any_vertical(j)).collect();
        let keep_y: Vec<bool> = (0..ys.len()).map(|i| sides.any_horizontal(i)).collect();
        if keep_x.iter().chain(&keep_y).all(|k| *k) {
            if xs.len() < 2 || ys.len() < 2 || sides.leak(&xs, &ys) > LEAK {
                return None;
            }
            let cells = sides.cells();
            return Some(Grid { xs, ys, cells });
        }
        retain(&mut xs, &keep_x);
        retain(&mut ys, &keep_y);
        if xs.len() < 2 || ys.len() < 2 {
            return None;
        }
    }
}

fn retain(values: &mut Vec<f32>, keep: &[bool]) {
    let mut flags = keep.iter();
    values.retain(|_| flags.next().copied().unwrap_or(true));
}

/// Adds the outer border that is not drawn where most rules end beyond the last one drawn.
fn close_sides(along: &[Rule], across: &mut Vec<Rule>) {
    let (first, last) = (fold(across, |r| r.at, f32::min), fold(across, |r| r.at, f32::max));
    let (top, bottom) = (fold(along, |r| r.at, f32::min), fold(along, |r| r.at, f32::max));
    let needed = OPEN_SIDE * along.len() as f32;
    for (ends, outside) in [
        (along.iter().map(|r| r.from).collect::<Vec<_>>(), -1.0),
        (along.iter().map(|r| r.to).collect::<Vec<_>>(), 1.0),
    ] {
        let edge = if outside < 0.0 { first } else { last };
        let extreme = ends.iter().map(|e| e * outside).fold(f32::MIN, f32::max) * outside;
        let beyond = (extreme - edge) * outside;
        let count = ends.iter().filter(|e| (**e - extreme).abs() <= NARROW).count();
        if beyond > 2.0 * NARROW && along.len() > 1 && count as f32 >= needed {
            across.push(Rule { at: extreme, from: top, to: bottom });
        }
    }
}

fn fold(rules: &[Rule], of: impl Fn(&Rule) -> f32, pick: impl Fn(f32, f32) -> f32) -> f32 {
    rules.iter().map(of).reduce(pick).unwrap_or_default()
}

/// Places of the rules; those closer than a narrow column are one, at the longest one's place.
fn borders(rules: &[Rule]) -> Vec<f32> {
    let mut sorted: Vec<(f32, f32)> = rules.iter().map(|r| (r.at, r.to - r.from)).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut out: Vec<(f32, f32)> = Vec::new();
    for (at, length) in sorted {
        match out.last_mut() {
            Some(last) if at - last.0 < NARROW => {
                if length > last.1 {
                    *last = (at, length);
                }
            }
            _ => out.push((at, length)),
        }
    }
    out.into_iter().map(|(at, _)| at).collect()
}

/// Which sides of the grid's cells are drawn.
struct Sides {
    rows: usize,
    cols: usize,
    /// `vertical[j * rows + i]`: border `j` beside row `i`.
    vertical: Vec<bool>,
    /// `horizontal[i * cols + j]`: border `i` above column `j`.
    horizontal: Vec<bool>,
}

impl Sides {
    fn new(xs: &[f32], ys: &[f32], horizontal: &[Rule], vertical: &[Rule]) -> Self {
        Self {
            rows: ys.len() - 1,
            cols: xs.len() - 1,
            vertical: drawn(xs, ys, vertical),
            horizontal: drawn(ys, xs, horizontal),
        }
    }

    fn any_vertical(&self, j: usize) -> bool {
        self.vertical[j * self.rows..(j + 1) * self.rows].iter().any(|d| *d)
    }

    fn any_horizontal(&self, i: usize) -> bool {
        self.horizontal[i * self.cols..(i + 1) * self.cols].iter().any(|d| *d)
    }

    /// Groups of places that no drawn side parts.
    fn groups(&self) -> Sets {
        let mut sets = Sets::new(self.rows * self.cols);
        for i in 0..self.rows {
            for j in 0..self.cols {
                let here = i * self.cols + j;
                if j + 1 < self.cols && !self.vertical[(j + 1) * self.rows + i] {
                    sets.join(here, here + 1);
                }
                if i + 1 < self.rows && !self.horizontal[(i + 1) * self.cols + j] {
                    sets.join(here, here + self.cols);
                }
            }
        }
        sets
    }

    /// Share of the area that is not closed off from the outside.
    fn leak(&self, xs: &[f32], ys: &[f32]) -> f32 {
        let mut sets = self.groups();
        let mut open = vec![false; self.rows * self.cols];
        for i in 0..self.rows {
            for (j, side) in [(0, 0), (self.cols - 1, self.cols)] {
                let root = sets.find(i * self.cols + j);
                open[root] |= !self.vertical[side * self.rows + i];
            }
        }
        for j in 0..self.cols {
            for (i, side) in [(0, 0), (self.rows - 1, self.rows)] {
                let root = sets.find(i * self.cols + j);
                open[root] |= !self.horizontal[side * self.cols + j];
            }
        }
        let (mut leaking, mut all) = (0.0, 0.0);
        for i in 0..self.rows {
            for j in 0..self.cols {
                let area = (xs[j + 1] - xs[j]) * (ys[i + 1] - ys[i]);
                all += area;
                if open[sets.find(i * self.cols + j)] {
                    leaking += area;
                }
            }
        }
        if all > 0.0 { leaking / all } else { 1.0 }
    }

    /// Merged cells. A group that is no rectangle falls apart into runs of columns, row by row.
    fn cells(&self) -> Vec<Span> {
        let mut sets = self.groups();
        let mut bounds: std::collections::BTreeMap<usize, (Span, usize)> = std::collections::BTreeMap::new();
        for i in 0..self.rows {
            for j in 0..self.cols {
                let single = Span { row: i, col: j, rows: 1, cols: 1 };
                let (span, count) = bounds.entry(sets.find(i * self.cols + j)).or_insert((single, 0));
                let end = (span.col + span.cols).max(j + 1);
                span.col = span.col.min(j);
                span.cols = end - span.col;
                span.rows = i + 1 - span.row;
                *count += 1;
            }
        }
        let mut out = Vec::new();
        for (root, (span, count)) in bounds {
            if span.rows * span.cols == count {
                out.push(span);
                continue;
            }
            for row in span.row..span.row + span.rows {
                let mut run: Option<Span> = None;
                for col in span.col..span.col + span.cols {
                    if sets.find(row * self.cols + col) == root {
                        run.get_or_insert(Span { row, col, rows: 1, cols: 0 }).cols += 1;
                    } else {
                        out.extend(run.take());
                    }
                }
                out.extend(run);
            }
        }
        out.sort_by_key(|s| (s.row, s.col));
        out
    }
}

/// For each border and each stretch between two crossing borders: is it drawn?
fn drawn(borders: &[f32], crossing: &[f32], rules: &[Rule]) -> Vec<bool> {
    let stretches = crossing.len() - 1;
    let mut covered = vec![0.0f32; borders.len() * stretches];
    for rule in rules {
        let nearest = borders
            .iter()
            .enumerate()
            .min_by(|a, b| (a.1 - rule.at).abs().total_cmp(&(b.1 - rule.at).abs()))
            .map(|(index, _)| index);
        let Some(border) = nearest.filter(|b| (borders[*b] - rule.at).abs() < NARROW) else { continue };
        for (k, pair) in crossing.windows(2).enumerate() {
            let overlap = rule.to.min(pair[1]) - rule.from.max(pair[0]);
            if overlap > 0.0 {
                covered[border * stretches + k] += overlap;
            }
        }
    }
    let lengths: Vec<f32> = crossing.windows(2).map(|p| p[1] - p[0]).collect();
    covered.iter().enumerate().map(|(at, c)| *c >= COVERS * lengths[at % stretches]).collect()
}
