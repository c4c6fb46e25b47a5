//! The boxes of a page with the text in them.

use crate::{BBox, Page, Word};

/// A box with its lines of text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    pub(crate) bbox: BBox,
    pub(crate) lines: Vec<String>,
}

/// Sides that differ by less are the same.
const NEAR: f32 = 3.0;
/// Smallest width and height of a box that holds words.
const SMALLEST: (f32, f32) = (18.0, 8.0);

/// The boxes that hold words, from the top left. Frames around other boxes are left out.
pub(crate) fn frames(page: &Page) -> Vec<Frame> {
    let mut boxes: Vec<BBox> = Vec::new();
    for b in page.drawing.boxes.iter().copied().chain(closed(&page.drawing.lines)) {
        let large = b.x1 - b.x0 >= SMALLEST.0 && b.y1 - b.y0 >= SMALLEST.1;
        if large && !boxes.iter().any(|k| same(k, &b)) {
            boxes.push(b);
        }
    }
    // A word belongs to the smallest box around its middle.
    let mut held: Vec<Vec<&Word>> = vec![Vec::new(); boxes.len()];
    for word in &page.words {
        let middle = (f32::midpoint(word.bbox.x0, word.bbox.x1), f32::midpoint(word.bbox.y0, word.bbox.y1));
        let smallest = (0..boxes.len())
            .filter(|&i| boxes.get(i).is_some_and(|b| holds(b, middle)))
            .min_by(|&a, &b| area(&boxes, a).total_cmp(&area(&boxes, b)));
        if let Some(words) = smallest.and_then(|i| held.get_mut(i)) {
            words.push(word);
        }
    }
    let mut out: Vec<Frame> = boxes
        .into_iter()
        .zip(held)
        .filter(|(_, words)| !words.is_empty())
        .map(|(bbox, words)| Frame { bbox, lines: text_lines(&words) })
        .collect();
    out.sort_by(|a, b| a.bbox.y0.total_cmp(&b.bbox.y0).then(a.bbox.x0.total_cmp(&b.bbox.x0)));
    out
}

fn area(boxes: &[BBox], i: usize) -> f32 {
    boxes.get(i).map_or(f32::MAX, |b| (b.x1 - b.x0) * (b.y1 - b.y0))
}

fn same(a: &BBox, b: &BBox) -> bool {
    [(a.x0, b.x0), (a.y0, b.y0), (a.x1, b.x1), (a.y1, b.y1)].iter().all(|(p, q)| (p - q).abs() < NEAR)
}

fn holds(b: &BBox, (x, y): (f32, f32)) -> bool {
    x >= b.x0 - 1.0 && x <= b.x1 + 1.0 && y >= b.y0 - 1.0 && y <= b.y1 + 1.0
}

/// Boxes that are drawn as four lines: two level ones of the same ends, and upright ones that close them.
fn closed(lines: &[[f32; 4]]) -> Vec<BBox> {
    let level: Vec<(f32, f32, f32)> = lines
        .iter()
        .filter(|l| (l[1] - l[3]).abs() < 1.0 && (l[0] - l[2]).abs() >= SMALLEST.0)
        .map(|l| (l[0].min(l[2]), l[0].max(l[2]), l[1]))
        .collect();
    let upright: Vec<(f32, f32, f32)> = lines
        .iter()
        .filter(|l| (l[0] - l[2]).abs() < 1.0 && (l[1] - l[3]).abs() >= SMALLEST.1)
        .map(|l| (l[1].min(l[3]), l[1].max(l[3]), l[0]))
        .collect();
    let side = |x: f32, top: f32, bottom: f32| {
        upright.iter().any(|(y0, y1, at)| {
            (at - x).abs() < NEAR && (y0 - top).abs() < NEAR && (y1 - bottom).abs() < NEAR
        })
    };
    let mut out = Vec::new();
    // Thousands of rules make a table, not an organogram.
    if level.len() > 400 {
        return out;
    }
    for (x0, x1, top) in &level {
        for (a, b, bottom) in &level {
            let pair = (a - x0).abs() < NEAR && (b - x1).abs() < NEAR && bottom - top >= SMALLEST.1;
            if pair && side(*x0, *top, *bottom) && side(*x1, *top, *bottom) {
                out.push(BBox { x0: *x0, y0: *top, x1: *x1, y1: *bottom });
            }
        }
    }
    out
}

/// Words to lines: words on one level, from left to right.
fn text_lines(words: &[&Word]) -> Vec<String> {
    let mut sorted: Vec<&&Word> = words.iter().collect();
    sorted.sort_by(|a, b| a.bbox.y0.total_cmp(&b.bbox.y0).then(a.bbox.x0.total_cmp(&b.bbox.x0)));
    let mut rows: Vec<(f32, Vec<&Word>)> = Vec::new();
    for word in sorted {
        let middle = f32::midpoint(word.bbox.y0, word.bbox.y1);
        match rows.last_mut() {
            Some((at, row)) if (middle - *at).abs() < (word.bbox.y1 - word.bbox.y0).max(4.0) * 0.5 => {
                row.push(word);
            }
            _ => rows.push((middle, vec![word])),
        }
    }
    rows.into_iter()
        .map(|(_, mut row)| {
            row.sort_by(|a, b| a.bbox.x0.total_cmp(&b.bbox.x0));
            row.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
        })
        .collect()
}
