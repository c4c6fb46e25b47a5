//! Glyphs to words and lines, in content order.

use super::geometry::{Glyph, PageGeometry};
use crate::BBox;
use crate::hindi::{PRE_I, REPH, VIRAMA};

/// A gap of this many font sizes separates words.
const WORD_GAP: f32 = 0.15;
/// A base line may move by this many font sizes within a line: superscripts.
const LINE_SHIFT: f32 = 0.5;
/// How far the next glyph may step back within a word, in font sizes: kerning and marks.
const STEP_BACK: f32 = 0.5;
/// A glyph narrower than this many font sizes has no width.
const NO_WIDTH: f32 = 0.01;
/// A short i that begins this many font sizes before the letter last drawn was written behind it.
const BEHIND: f32 = 0.1;
/// A blank takes no room if what follows begins within this many font sizes of where the blank began.
const NO_ROOM: f32 = 0.05;

/// A run of a word in one font.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Span {
    pub(crate) font: u16,
    pub(crate) text: String,
}

/// A word in writing-direction coordinates: `start`..`end` along the line, `base` across it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RawWord {
    pub(crate) spans: Vec<Span>,
    pub(crate) turn: u8,
    pub(crate) start: f32,
    pub(crate) end: f32,
    pub(crate) base: f32,
    pub(crate) size: f32,
    pub(crate) top: f32,
    pub(crate) bottom: f32,
    pub(crate) bold: bool,
    pub(crate) invisible: bool,
    /// True where white space or a gap stands before the word.
    pub(crate) spaced: bool,
    /// Where the last letter began; marks drawn over a letter do not count.
    last_start: f32,
}

impl RawWord {
    fn ends_in_virama(&self) -> bool {
        self.spans.last().is_some_and(|s| s.text.ends_with(VIRAMA))
    }

    /// The word's box on the page.
    pub(crate) fn bbox(&self) -> BBox {
        let (a0, a1, c0, c1) = (self.start, self.end.max(self.start), self.top, self.bottom);
        match self.turn {
            0 => BBox { x0: a0, y0: c0, x1: a1, y1: c1 },
            1 => BBox { x0: -c1, y0: a0, x1: -c0, y1: a1 },
            2 => BBox { x0: -a1, y0: -c1, x1: -a0, y1: -c0 },
            _ => BBox { x0: c0, y0: -a1, x1: c1, y1: -a0 },
        }
    }
}

/// Along and across coordinates of a point for a writing direction.
fn turned(turn: u8, x: f32, y: f32) -> (f32, f32) {
    match turn {
        0 => (x, y),
        1 => (y, -x),
        2 => (-x, -y),
        _ => (-y, x),
    }
}

/// Splits a page's glyphs into words.
pub(crate) fn words(page: &PageGeometry) -> Vec<RawWord> {
    let mut out: Vec<RawWord> = Vec::with_capacity(page.glyphs.len() / 5);
    let mut open = false;
    let mut spaced = true;
    // Where a blank after a virama began: it may be a joiner.
    let mut joiner: Option<f32> = None;
    for glyph in &page.glyphs {
        let text = page.text(glyph);
        if text.is_empty() {
            continue;
        }
        let (start, base) = turned(glyph.turn, glyph.x, glyph.y);
        let (dx, _) = turned(glyph.turn, glyph.dx, glyph.dy);
        if text.chars().all(|c| c.is_whitespace() || c == '\0') {
            // Joiners arrive as blanks without width, or with one over which the next letter is drawn: the gap decides.
            if dx.abs() > NO_WIDTH * glyph.size {
                let after_virama =
                    open && joiner.is_none() && out.last().is_some_and(RawWord::ends_in_virama);
                joiner = after_virama.then_some(start);
                open &= after_virama;
                spaced |= !after_virama;
            }
            continue;
        }
        if joiner.take().is_some_and(|at| (start - at).abs() > NO_ROOM * glyph.size) {
            open = false;
            spaced = true;
        }
        if let Some(word) = out.last_mut()
            && word.turn == glyph.turn
        {
            let size = word.size.max(glyph.size);
            let gap = start - word.end;
            let shift = (base - word.base).abs();
            let follows = (gap > -STEP_BACK * size || is_mark(text) && gap > -2.0 * size)
                && shift < LINE_SHIFT * word.size.min(glyph.size).max(1.0);
            // A mark set back over the last letter (zero width, or a Devanagari sign) belongs to the word.
            if open && follows && gap <= WORD_GAP * word.size.min(glyph.size).max(size * 0.6) {
                extend(word, page, glyph, text, start, start + dx);
                continue;
            }
            spaced |= !follows || gap > WORD_GAP * size;
        } else {
            spaced = true;
        }
        out.push(begin(page, glyph, text, start, start + dx, base, spaced));
        open = true;
        spaced = false;
    }
    out
}

fn begin(
    page: &PageGeometry,
    glyph: &Glyph,
    text: &str,
    start: f32,
    end: f32,
    base: f32,
    spaced: bool,
) -> RawWord {
    let font = page.fonts.get(usize::from(glyph.font));
    let (ascent, descent) = font.map_or((0.8, -0.2), |f| (f.ascent, f.descent));
    RawWord {
        spans: vec![Span { font: glyph.font, text: clean(&in_glyph_order(text)) }],
        turn: glyph.turn,
        start,
        end: end.max(start),
        base,
        size: glyph.size,
        top: base - ascent * glyph.size,
        bottom: base - descent * glyph.size,
        bold: font.is_some_and(|f| f.bold),
        invisible: glyph.invisible,
        spaced,
        last_start: start,
    }
}

fn extend(word: &mut RawWord, page: &PageGeometry, glyph: &Glyph, text: &str, start: f32, end: f32) {
    // Producers that write letters in logical order step back to draw the short i.
    let text = if start >= word.last_start - BEHIND * word.size { &in_glyph_order(text) } else { text };
    if !is_mark(text) {
        word.last_start = start;
    }
    match word.spans.last_mut() {
        Some(span) if span.font == glyph.font => push_clean(&mut span.text, text),
        _ => word.spans.push(Span { font: glyph.font, text: clean(text) }),
    }
    word.end = word.end.max(end);
    word.bold &= page.fonts.get(usize::from(glyph.font)).is_some_and(|f| f.bold);
}

/// A Devanagari sign, which may be drawn back over its letter.
fn is_mark(text: &str) -> bool {
    text.chars().next().is_some_and(|c| matches!(c, '\u{900}'..='\u{903}' | '\u{93A}'..='\u{94F}' | REPH))
}

/// Marks a short i and a reph that a font draws in glyph order, so that they can be put into letter order.
fn in_glyph_order(text: &str) -> std::borrow::Cow<'_, str> {
    if let Some(rest) = text.strip_prefix('ि') {
        return match rest.strip_prefix(REPH) {
            Some(rest) => format!("र्{PRE_I}{rest}").into(),
            None => format!("{PRE_I}{rest}").into(),
        };
    }
    match text.strip_prefix("र्") {
        Some(rest) if rest.chars().all(|c| matches!(c, 'ं' | 'ँ')) => format!("{REPH}{rest}").into(),
        _ => text.into(),
    }
}

fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    push_clean(&mut out, text);
    out
}

/// Control characters are no text; Latin ligatures are spelled out so that words can be found.
fn push_clean(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\u{FB00}' => out.push_str("ff"),
            '\u{FB01}' => out.push_str("fi"),
            '\u{FB02}' => out.push_str("fl"),
            '\u{FB03}' => out.push_str("ffi"),
            '\u{FB04}' => out.push_str("ffl"),
            '\u{FB05}' | '\u{FB06}' => out.push_str("st"),
            // C1 codes stay: legacy fonts draw letters on them.
            c if c < ' ' || c == '\u{7F}' || c.is_whitespace() || c == '\u{FEFF}' => {}
            c => out.push(c),
        }
    }
}

/// A line: consecutive words on one base line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RawLine {
    /// First word and one past the last.
    pub(crate) words: std::ops::Range<usize>,
    pub(crate) turn: u8,
    pub(crate) start: f32,
    pub(crate) end: f32,
    pub(crate) base: f32,
    pub(crate) size: f32,
    pub(crate) bold: bool,
}

/// Groups words into lines, in content order.
pub(crate) fn lines(words: &[RawWord]) -> Vec<RawLine> {
    let mut out: Vec<RawLine> = Vec::new();
    let mut last: Option<&RawWord> = None;
    for (index, word) in words.iter().enumerate() {
        let joins = last.is_some_and(|last| {
            let size = last.size.max(word.size);
            last.turn == word.turn
                && (word.base - last.base).abs() < LINE_SHIFT * last.size.max(1.0)
                && word.start > last.end - STEP_BACK * size
        });
        match out.last_mut().filter(|_| joins) {
            Some(line) => {
                line.words.end = index + 1;
                line.end = line.end.max(word.end);
                line.size = line.size.max(word.size);
                line.bold &= word.bold;
            }
            None => out.push(RawLine {
                words: index..index + 1,
                turn: word.turn,
                start: word.start,
                end: word.end,
                base: word.base,
                size: word.size,
                bold: word.bold,
            }),
        }
        last = Some(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::pdf::font::Font;

    /// Glyphs of one font of size 10: text, origin, advance.
    fn page(glyphs: &[(&str, f32, f32)]) -> PageGeometry {
        let mut page = PageGeometry { fonts: vec![Arc::new(Font::unknown())], ..PageGeometry::default() };
        for (text, x, dx) in glyphs {
            page.put(text, (*x, 100.0), *dx);
        }
        page
    }

    fn texts(glyphs: &[(&str, f32, f32)]) -> Vec<String> {
        let words = words(&page(glyphs));
        words.iter().map(|w| w.spans.iter().map(|s| s.text.as_str()).collect()).collect()
    }

    #[test]
    fn a_blank_that_the_next_letter_covers_is_a_joiner() {
        let covered = [("त\u{94d}", 0.0, 4.5), (" ", 4.6, 5.0), ("स", 4.6, 7.0)];
        assert_eq!(texts(&covered), ["त्स"]);
        let kept = [("त\u{94d}", 0.0, 4.5), (" ", 4.6, 2.5), ("स", 7.1, 7.0)];
        assert_eq!(texts(&kept), ["त्", "स"]);
        let two = [("त\u{94d}", 0.0, 4.5), (" ", 4.6, 5.0), (" ", 4.6, 5.0), ("स", 4.6, 7.0)];
        assert_eq!(texts(&two), ["त्", "स"]);
        let latin = [("a", 0.0, 5.0), (" ", 5.0, 2.5), ("b", 5.0, 5.0)];
        assert_eq!(texts(&latin), ["a", "b"]);
    }
}
