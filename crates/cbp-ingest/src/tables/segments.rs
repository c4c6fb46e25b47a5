//! Words to lines of segments: runs of words with a wide gap on either side.

use super::fill::text_lines;
use crate::{BBox, Word};

/// A gap of this many font sizes parts segments.
const WIDE: f32 = 0.9;
/// A gap of this many font sizes parts words of two columns where the columns part.
const TIGHT: f32 = 0.38;

/// Words that stand together on a line.
#[derive(Debug, Clone)]
pub(crate) struct Segment<'a> {
    pub(crate) words: Vec<&'a Word>,
    pub(crate) x0: f32,
    pub(crate) x1: f32,
}

impl<'a> Segment<'a> {
    fn new(words: Vec<&'a Word>) -> Self {
        let x0 = words.iter().map(|w| w.bbox.x0).fold(f32::MAX, f32::min);
        let x1 = words.iter().map(|w| w.bbox.x1).fold(f32::MIN, f32::max);
        Self { words, x0, x1 }
    }

    pub(crate) fn is_numeric(&self) -> bool {
        let text = || self.words.iter().flat_map(|w| w.text.chars());
        let digits = text().filter(char::is_ascii_digit).count();
        let dashes = text().all(|c| matches!(c, '-' | '–' | '—' | '*' | '.' | '†' | '‡'));
        digits * 2 >= text().filter(|c| c.is_alphanumeric()).count() && digits > 0 || dashes
    }
}

/// A line of a page.
#[derive(Debug, Clone)]
pub(crate) struct Line<'a> {
    pub(crate) segments: Vec<Segment<'a>>,
    pub(crate) y0: f32,
    pub(crate) y1: f32,
    pub(crate) size: f32,
}

impl Line<'_> {
    pub(crate) fn bbox(&self) -> BBox {
        let x0 = self.segments.iter().map(|s| s.x0).fold(f32::MAX, f32::min);
        let x1 = self.segments.iter().map(|s| s.x1).fold(f32::MIN, f32::max);
        BBox { x0, y0: self.y0, x1, y1: self.y1 }
    }
}

/// Lines from top to bottom, segments from left to right.
pub(crate) fn lines<'a>(words: &[&'a Word]) -> Vec<Line<'a>> {
    text_lines(words)
        .into_iter()
        .filter_map(|words| {
            let first = words.first()?;
            let size = words.iter().map(|w| w.size).fold(first.size, f32::max);
            let y0 = words.iter().map(|w| w.bbox.y0).fold(f32::MAX, f32::min);
            let y1 = words.iter().map(|w| w.bbox.y1).fold(f32::MIN, f32::max);
            let mut segments: Vec<Segment<'a>> = Vec::new();
            for word in words {
                match segments.last_mut() {
                    Some(last) if word.bbox.x0 - last.x1 < WIDE * size.max(4.0) => {
                        last.words.push(word);
                        last.x1 = last.x1.max(word.bbox.x1);
                    }
                    _ => segments.push(Segment::new(vec![word])),
                }
            }
            Some(Line { segments, y0, y1, size })
        })
        .collect()
}

/// A stretch without text between two columns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Gutter {
    pub(crate) from: f32,
    pub(crate) to: f32,
}

impl Gutter {
    pub(crate) fn middle(self) -> f32 {
        f32::midpoint(self.from, self.to)
    }
}

/// The gutters of lines: stretches that hardly any line covers, with text on both sides.
///
/// Lines with few segments are headings that span columns, or rows with gaps; only lines with at least as many as the
/// typical one decide.
pub(crate) fn gutters(lines: &[Line<'_>]) -> Vec<Gutter> {
    let mut counts: Vec<usize> = lines.iter().map(|l| l.segments.len()).filter(|n| *n > 1).collect();
    counts.sort_unstable();
    let Some(typical) = counts.get(counts.len() / 2).copied() else { return Vec::new() };
    let deciding: Vec<&Line<'_>> = lines.iter().filter(|l| l.segments.len() >= typical).collect();
    let allowed = deciding.len() / 14;
    // Sweep over the ends of segments.
    let mut ends: Vec<(f32, i32)> =
        deciding.iter().flat_map(|l| &l.segments).flat_map(|s| [(s.x0, 1), (s.x1, -1)]).collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    let mut out: Vec<Gutter> = Vec::new();
    let mut depth = 0i32;
    let mut open: Option<f32> = None;
    for (x, step) in ends {
        depth += step;
        if depth as usize <= allowed {
            open.get_or_insert(x);
        } else if let Some(from) = open.take() {
            out.push(Gutter { from, to: x });
        }
    }
    let left = deciding.iter().filter_map(|l| l.segments.first()).map(|s| s.x0).fold(f32::MAX, f32::min);
    out.retain(|g| g.to - g.from >= 1.5 && g.from > left);
    out
}

/// Splits the segments of a line where a gutter falls into a gap between words that is wider than a blank.
pub(crate) fn split_at<'a>(line: &Line<'a>, gutters: &[Gutter]) -> Line<'a> {
    let mut segments = Vec::with_capacity(line.segments.len());
    for segment in &line.segments {
        let mut open: Vec<&Word> = Vec::new();
        for &word in &segment.words {
            if let Some(last) = open.last() {
                let (from, to) = (last.bbox.x1, word.bbox.x0);
                let parts = gutters
                    .iter()
                    .any(|g| g.from < to && g.to > from && g.middle() > from - 1.0 && g.middle() < to + 1.0);
                if parts && to - from > TIGHT * line.size {
                    segments.push(Segment::new(std::mem::take(&mut open)));
                }
            }
            open.push(word);
        }
        segments.push(Segment::new(open));
    }
    Line { segments, ..line.clone() }
}
