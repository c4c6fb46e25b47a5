//! Drawn lines and boxes to the rules of a page: long, straight, merged, along an axis.

use crate::{BBox, Page, Word};

/// Rules closer than this are one: double strokes, and the two edges of neighbouring boxes.
const SAME: f32 = 1.6;
/// Pieces of a rule further apart than this are two: dashes and dots are closer.
const GAP: f32 = 3.0;
/// A rule shorter than this is a speck.
const SHORT: f32 = 5.0;
/// A page with more rules than this shows a map or a chart.
const MOST: usize = 6_000;

/// A rule: `at` across, `from`..`to` along.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rule {
    pub(crate) at: f32,
    pub(crate) from: f32,
    pub(crate) to: f32,
}

/// The rules of a page.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// `at` is y.
    pub(crate) horizontal: Vec<Rule>,
    /// `at` is x.
    pub(crate) vertical: Vec<Rule>,
}

impl Rules {
    /// Collects the rules of a page. The edges of boxes count, except of boxes behind a run of words (highlights) and
    /// behind the whole page.
    pub(crate) fn of(page: &Page) -> Self {
        let mut horizontal = Vec::new();
        let mut vertical = Vec::new();
        for &[x0, y0, x1, y1] in &page.drawing.lines {
            let (dx, dy) = ((x1 - x0).abs(), (y1 - y0).abs());
            if dy <= 1.0 && dx >= dy {
                horizontal.push(Rule { at: f32::midpoint(y0, y1), from: x0.min(x1), to: x0.max(x1) });
            } else if dx <= 1.0 {
                vertical.push(Rule { at: f32::midpoint(x0, x1), from: y0.min(y1), to: y0.max(y1) });
            }
        }
        for b in &page.drawing.boxes {
            if is_backdrop(page, b) || is_highlight(&page.words, b) {
                continue;
            }
            horizontal.extend([b.y0, b.y1].map(|at| Rule { at, from: b.x0, to: b.x1 }));
            vertical.extend([b.x0, b.x1].map(|at| Rule { at, from: b.y0, to: b.y1 }));
        }
        let rules = Self { horizontal: merge(horizontal), vertical: merge(vertical) };
        if rules.horizontal.len() + rules.vertical.len() > MOST { Self::default() } else { rules }
    }
}

fn is_backdrop(page: &Page, b: &BBox) -> bool {
    (b.x1 - b.x0) * (b.y1 - b.y0) > 0.85 * page.width * page.height
}

/// A box that hugs one line of words is a highlight or an underline's background.
fn is_highlight(words: &[Word], b: &BBox) -> bool {
    let height = b.y1 - b.y0;
    if height > 40.0 {
        return false;
    }
    words.iter().any(|w| {
        let middle = f32::midpoint(w.bbox.y0, w.bbox.y1);
        height < 1.6 * w.size && middle > b.y0 && middle < b.y1 && (w.bbox.x0 - b.x0).abs() < 0.8
    })
}

/// Joins collinear pieces that touch or overlap.
fn merge(mut rules: Vec<Rule>) -> Vec<Rule> {
    rules.retain(|r| r.at.is_finite() && r.from.is_finite() && r.to.is_finite());
    rules.sort_by(|a, b| a.at.total_cmp(&b.at));
    let mut out = Vec::new();
    let mut rest = rules.as_mut_slice();
    while let Some(first) = rest.first().map(|r| r.at) {
        let count = rest.iter().take_while(|r| r.at - first <= SAME).count();
        let (cluster, tail) = rest.split_at_mut(count);
        cluster.sort_by(|a, b| a.from.total_cmp(&b.from).then(a.to.total_cmp(&b.to)));
        let length: f32 = cluster.iter().map(|r| r.to - r.from + 0.01).sum();
        let at = cluster.iter().map(|r| r.at * (r.to - r.from + 0.01)).sum::<f32>() / length;
        let start = out.len();
        for r in cluster {
            match out[start..].last_mut() {
                Some(Rule { to, .. }) if r.from <= *to + GAP => *to = to.max(r.to),
                _ => out.push(Rule { at, ..*r }),
            }
        }
        rest = tail;
    }
    out.retain(|r| r.to - r.from >= SHORT);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Drawing;

    #[test]
    fn dashes_and_double_strokes_become_one_rule() {
        let dashes = (0..30).map(|i| [i as f32 * 4.0, 50.0, i as f32 * 4.0 + 2.0, 50.0]);
        let lines = dashes.chain([[10.0, 51.0, 200.0, 51.0], [0.0, 80.0, 2.0, 80.0]]).collect();
        let page = Page { drawing: Drawing { lines, boxes: Vec::new() }, ..Page::default() };
        let rules = Rules::of(&page);
        assert_eq!(rules.horizontal.len(), 1, "{rules:?}");
        assert!(rules.horizontal[0].from < 0.1 && rules.horizontal[0].to > 199.0);
        assert!(rules.vertical.is_empty());
    }

    #[test]
    fn a_highlight_behind_words_is_no_cell() {
        let area = BBox { x0: 100.0, y0: 100.0, x1: 160.0, y1: 114.0 };
        let word = Word {
            text: "Introduction".into(),
            bbox: BBox { x0: 100.2, y0: 101.0, x1: 159.0, y1: 112.0 },
            size: 11.0,
            bold: true,
        };
        let drawing = Drawing { lines: Vec::new(), boxes: vec![area] };
        let page = Page { width: 595.0, height: 842.0, drawing, ..Page::default() };
        assert_eq!(Rules::of(&page).horizontal.len(), 2);
        let page = Page { words: vec![word], ..page };
        assert!(Rules::of(&page).horizontal.is_empty());
    }
}
