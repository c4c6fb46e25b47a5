//! Paths as rules and boxes: what a table's lattice and an organogram are read from.

use super::matrix::{Matrix, apply};
use crate::{BBox, Drawing};

/// Thickest filled rectangle that counts as a rule, in points.
const RULE: f32 = 2.5;
/// Most lines and boxes kept of one page: a map or chart has many and means nothing here.
const MOST: usize = 40_000;

/// The current path, in page coordinates.
#[derive(Debug, Default)]
pub(crate) struct Path {
    parts: Vec<Part>,
    rects: Vec<BBox>,
    at: (f32, f32),
}

#[derive(Debug, Default)]
struct Part {
    points: Vec<(f32, f32)>,
    curved: bool,
    closed: bool,
}

impl Path {
    fn point(m: &Matrix, x: f64, y: f64) -> (f32, f32) {
        let (x, y) = apply(m, x, y);
        (x as f32, y as f32)
    }

    pub(crate) fn move_to(&mut self, m: &Matrix, x: f64, y: f64) {
        self.at = Self::point(m, x, y);
        self.parts.push(Part { points: vec![self.at], ..Part::default() });
    }

    pub(crate) fn line_to(&mut self, m: &Matrix, x: f64, y: f64) {
        self.extend(Self::point(m, x, y), false);
    }

    pub(crate) fn curve_to(&mut self, m: &Matrix, x: f64, y: f64) {
        self.extend(Self::point(m, x, y), true);
    }

    fn extend(&mut self, point: (f32, f32), curved: bool) {
        if self.parts.is_empty() {
            self.parts.push(Part { points: vec![self.at], ..Part::default() });
        }
        if let Some(part) = self.parts.last_mut().filter(|p| p.points.len() < 1_000) {
            part.points.push(point);
            part.curved |= curved;
        }
        self.at = point;
    }

    pub(crate) fn close(&mut self) {
        if let Some(part) = self.parts.last_mut() {
            part.closed = true;
        }
    }

    pub(crate) fn rectangle(&mut self, m: &Matrix, x: f64, y: f64, w: f64, h: f64) {
        let corners = [(x, y), (x + w, y), (x, y + h), (x + w, y + h)].map(|(x, y)| Self::point(m, x, y));
        self.rects.push(bounds(&corners));
    }

    pub(crate) fn clear(&mut self) {
        self.parts.clear();
        self.rects.clear();
    }

    /// Adds the path to the drawing as painted, and clears it.
    pub(crate) fn paint(&mut self, drawing: &mut Drawing, stroke: bool, fill: bool) {
        if drawing.lines.len() + drawing.boxes.len() > MOST {
            self.clear();
        }
        for rect in &self.rects {
            add_rect(drawing, *rect);
        }
        for part in &self.parts {
            if part.points.len() < 2 {
                continue;
            }
            let area = bounds(&part.points);
            if is_rectangle(part) || (part.curved && part.points.len() >= 5 && rounded(part, &area)) {
                add_rect(drawing, area);
            } else if stroke && !part.curved {
                let closing = part.closed.then(|| part.points.first().copied()).flatten();
                let ends = part.points.iter().skip(1).copied().chain(closing);
                for (from, to) in part.points.iter().zip(ends) {
                    drawing.lines.push([from.0, from.1, to.0, to.1]);
                }
            } else if fill && !part.curved && (area.x1 - area.x0).min(area.y1 - area.y0) <= RULE {
                add_rect(drawing, area);
            }
        }
        self.clear();
    }
}

fn bounds(points: &[(f32, f32)]) -> BBox {
    let mut b = BBox { x0: f32::MAX, y0: f32::MAX, x1: f32::MIN, y1: f32::MIN };
    for &(x, y) in points {
        b = BBox { x0: b.x0.min(x), y0: b.y0.min(y), x1: b.x1.max(x), y1: b.y1.max(y) };
    }
    b
}

fn add_rect(drawing: &mut Drawing, r: BBox) {
    let (w, h) = (r.x1 - r.x0, r.y1 - r.y0);
    if w <= RULE && h <= RULE {
        // Dotted and dashed rules are drawn as many specks.
        if w > 0.0 || h > 0.0 {
            let (x, y) = (f32::midpoint(r.x0, r.x1), f32::midpoint(r.y0, r.y1));
            let line = if w >= h { [r.x0, y, r.x1, y] } else { [x, r.y0, x, r.y1] };
            drawing.lines.push(line);
        }
    } else if h <= RULE {
        let y = f32::midpoint(r.y0, r.y1);
        drawing.lines.push([r.x0, y, r.x1, y]);
    } else if w <= RULE {
        let x = f32::midpoint(r.x0, r.x1);
        drawing.lines.push([x, r.y0, x, r.y1]);
    } else {
        drawing.boxes.push(r);
    }
}

/// Four corners, every side along an axis.
fn is_rectangle(part: &Part) -> bool {
    let mut points = part.points.as_slice();
    if let [first, middle @ .., last] = points
        && middle.len() == 3
        && near(*first, *last)
    {
        points = &points[..4];
    }
    let &[a, b, c, d] = points else { return false };
    if part.curved {
        return false;
    }
    let aligned = |p: (f32, f32), q: (f32, f32)| (p.0 - q.0).abs() < 0.2 || (p.1 - q.1).abs() < 0.2;
    let crosses = (a.0 - c.0).abs() > 0.2 && (a.1 - c.1).abs() > 0.2;
    aligned(a, b) && aligned(b, c) && aligned(c, d) && aligned(d, a) && crosses
}

/// A closed outline of which most points lie on the sides of its bounding box: a box with rounded corners.
fn rounded(part: &Part, area: &BBox) -> bool {
    let on_side = |p: &&(f32, f32)| {
        let dx = (p.0 - area.x0).abs().min((p.0 - area.x1).abs());
        let dy = (p.1 - area.y0).abs().min((p.1 - area.y1).abs());
        dx < 0.5 || dy < 0.5
    };
    let ends = part.points.first().zip(part.points.last()).is_some_and(|(a, b)| near(*a, *b));
    (part.closed || ends) && part.points.iter().filter(on_side).count() * 10 >= part.points.len() * 8
}

fn near(a: (f32, f32), b: (f32, f32)) -> bool {
    (a.0 - b.0).abs() < 0.2 && (a.1 - b.1).abs() < 0.2
}

#[cfg(test)]
mod tests {
    use super::super::matrix::IDENTITY;
    use super::*;

    #[test]
    fn thin_rectangles_are_rules_and_thick_ones_boxes() {
        let (mut path, mut drawing) = (Path::default(), Drawing::default());
        path.rectangle(&IDENTITY, 10.0, 10.0, 100.0, 0.5);
        path.rectangle(&IDENTITY, 10.0, 20.0, 100.0, 50.0);
        path.paint(&mut drawing, false, true);
        assert_eq!(drawing.lines, [[10.0, 10.25, 110.0, 10.25]]);
        assert_eq!(drawing.boxes, [BBox { x0: 10.0, y0: 20.0, x1: 110.0, y1: 70.0 }]);
    }

    #[test]
    fn a_stroked_polyline_gives_its_sides() {
        let (mut path, mut drawing) = (Path::default(), Drawing::default());
        path.move_to(&IDENTITY, 0.0, 0.0);
        path.line_to(&IDENTITY, 50.0, 0.0);
        path.line_to(&IDENTITY, 50.0, 30.0);
        path.paint(&mut drawing, true, false);
        assert_eq!(drawing.lines, [[0.0, 0.0, 50.0, 0.0], [50.0, 0.0, 50.0, 30.0]]);
    }
}
