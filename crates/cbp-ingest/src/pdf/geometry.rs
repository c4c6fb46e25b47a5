//! What a page's content stream draws, as placed glyphs, rules and boxes, in content order.

use std::sync::Arc;

use super::font::Font;
use crate::{BBox, Drawing};

/// A placed glyph. Coordinates are points, origin at the top left, y down, after `/Rotate`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glyph {
    /// The character code in its font's encoding.
    pub code: u32,
    /// Glyph id in the embedded font program as far as the file says, else the code.
    pub gid: u32,
    /// Index into [`PageGeometry::fonts`].
    pub font: u16,
    /// Writing direction in quarter turns clockwise: 0 left to right, 1 downwards, 2 upside down, 3 upwards.
    pub turn: u8,
    /// True for text drawn invisibly (text rendering mode 3), as over a scan.
    pub invisible: bool,
    /// Origin on the base line.
    pub x: f32,
    /// Origin on the base line.
    pub y: f32,
    /// Advance.
    pub dx: f32,
    /// Advance.
    pub dy: f32,
    /// Font size in points as drawn.
    pub size: f32,
    pub(crate) text: (u32, u16),
}

/// A page as drawn.
#[derive(Debug, Clone, Default)]
pub struct PageGeometry {
    /// Width in points.
    pub width: f32,
    /// Height in points.
    pub height: f32,
    /// Glyphs in content order; overprinted ones once.
    pub glyphs: Vec<Glyph>,
    /// Fonts that the page uses, in order of first use.
    pub fonts: Vec<Arc<Font>>,
    /// Rules and boxes.
    pub drawing: Drawing,
    /// Where pictures stand.
    pub images: Vec<BBox>,
    /// Glyphs for which no text is known.
    pub unmapped: usize,
    /// Glyphs whose text the embedded font corrected.
    pub repaired: usize,
    /// Glyphs that were drawn again in the same place, and stand once in `glyphs`.
    pub overprinted: usize,
    /// What went wrong on the page.
    pub damage: Vec<String>,
    pub(crate) pool: String,
}

impl PageGeometry {
    /// The text of a glyph; empty where it is not known.
    pub fn text(&self, glyph: &Glyph) -> &str {
        let (start, len) = (glyph.text.0 as usize, usize::from(glyph.text.1));
        self.pool.get(start..start + len).unwrap_or_default()
    }

    /// Drops glyphs that are drawn again in (nearly) the same place, as fake bold does. Blanks too: one that is left
    /// of a later pass would part a word of which that pass draws the end.
    ///
    /// Glyphs are looked up in a grid whose cells grow with their size, so that a glyph of any size looks at a few
    /// cells only: a page may say that a letter is a mile high.
    pub(crate) fn drop_overprinted(&mut self) {
        let mut grid: Grid =
            Grid::with_capacity_and_hasher(self.glyphs.len(), std::hash::BuildHasherDefault::default());
        let mut kept = Vec::with_capacity(self.glyphs.len());
        for glyph in &self.glyphs {
            let text = self.text(glyph);
            // In double precision sums of places and sizes stay finite.
            let (x, y) = (f64::from(glyph.x), f64::from(glyph.y));
            let size = f64::from(glyph.size.abs().min(f32::MAX));
            let (across, along) = (size * 0.2, size * 0.1);
            let (rx, ry) = if glyph.turn % 2 == 0 { (along, across) } else { (across, along) };
            let scale = cell_scale(across);
            let width = CELL * f64::from(scale).exp2();
            let cell = |v: f64| (v / width).floor() as i32;
            let mut twice = false;
            'cells: for cx in cell(x - rx)..=cell(x + rx) {
                for cy in cell(y - ry)..=cell(y + ry) {
                    let mut at = grid.get(&(scale, cx, cy)).copied();
                    for _ in 0..LOOKS {
                        let Some(index) = at else { break };
                        let Some((other, next)): Option<&(Glyph, Option<u32>)> = kept.get(index as usize)
                        else {
                            break;
                        };
                        twice = (f64::from(other.x) - x).abs() < rx
                            && (f64::from(other.y) - y).abs() < ry
                            && other.turn == glyph.turn
                            && self.text(other) == text;
                        if twice {
                            break 'cells;
                        }
                        at = *next;
                    }
                }
            }
            if !twice {
                let key = (scale, cell(x), cell(y));
                let next = grid.insert(key, kept.len() as u32);
                kept.push((*glyph, next));
            }
        }
        self.overprinted = self.glyphs.len() - kept.len();
        self.glyphs = kept.into_iter().map(|(glyph, _)| glyph).collect();
    }
}

/// Glyphs of a cell that are looked at, the latest first: a hostile page draws all its glyphs in one place.
const LOOKS: usize = 64;
/// Width of the smallest cells, in points.
const CELL: f64 = 4.0;

/// How often cells double until one is at least as wide as what a glyph looks across; the same for glyphs of one size.
fn cell_scale(across: f64) -> i32 {
    (across / CELL).log2().ceil().max(0.0) as i32
}

type Grid = std::collections::HashMap<(i32, i32, i32), u32, std::hash::BuildHasherDefault<CellHasher>>;

/// A hash of three small integers; the grid is never iterated, so its order does not matter.
#[derive(Default)]
struct CellHasher(u64);

impl std::hash::Hasher for CellHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = (self.0.rotate_left(5) ^ u64::from(b)).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }

    fn write_i32(&mut self, v: i32) {
        self.0 = (self.0.rotate_left(5) ^ u64::from(v as u32)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

#[cfg(test)]
impl PageGeometry {
    /// Draws text of size 10 as one glyph of the first font.
    pub(super) fn put(&mut self, text: &str, (x, y): (f32, f32), dx: f32) {
        let place = (self.pool.len() as u32, text.len() as u16);
        self.pool.push_str(text);
        let glyph = Glyph {
            code: 0,
            gid: 0,
            font: 0,
            turn: 0,
            invisible: false,
            x,
            y,
            dx,
            dy: 0.0,
            size: 10.0,
            text: place,
        };
        self.glyphs.push(glyph);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Glyphs of the given texts, all in one place.
    fn heap(texts: &[String], place: f32) -> PageGeometry {
        let mut page = PageGeometry::default();
        for text in texts {
            page.put(text, (place, place), 5.0);
        }
        page
    }

    #[test]
    fn a_heap_of_letters_in_one_place_is_searched_no_further_than_the_last_ones() {
        for place in [50.0, f32::MAX, -f32::MAX] {
            let different: Vec<String> = (0..30_000).map(|n| n.to_string()).collect();
            let mut page = heap(&different, place);
            page.drop_overprinted();
            assert_eq!((page.glyphs.len(), page.overprinted), (different.len(), 0));
        }
        let mut page = heap(&["a".to_owned(), "b".to_owned(), "a".to_owned()], 50.0);
        page.drop_overprinted();
        assert_eq!((page.glyphs.len(), page.overprinted), (2, 1));
    }

    #[test]
    fn blanks_of_a_second_pass_go_with_its_letters() {
        let mut page = PageGeometry::default();
        for pass in ["a b", "a bc"] {
            for (step, letter) in (0u8..).zip(pass.chars()) {
                page.put(&letter.to_string(), (50.0 + 6.0 * f32::from(step), 50.0), 6.0);
            }
        }
        page.drop_overprinted();
        let left: String = page.glyphs.iter().map(|glyph| page.text(glyph)).collect();
        assert_eq!(left, "a bc");
    }
}
