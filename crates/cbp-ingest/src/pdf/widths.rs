//! Glyph widths: `/Widths`, `/W`, and the standard fonts' own where a file leaves them out.

use lopdf::{Dictionary, Object};

use super::file::PdfFile;

/// Advance widths in thousandths of the font size.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Widths {
    table: Vec<f32>,
    default: f32,
}

impl Widths {
    /// The width of a code (simple fonts) or CID (composite fonts).
    pub(crate) fn get(&self, code: u32) -> f64 {
        let width = self.table.get(code as usize).copied().filter(|w| !w.is_nan()).unwrap_or(self.default);
        f64::from(width)
    }

    fn set(&mut self, code: usize, width: f64) {
        if code > 0xFFFF {
            return;
        }
        if self.table.len() <= code {
            self.table.resize(code + 1, f32::NAN);
        }
        if let Some(slot) = self.table.get_mut(code) {
            *slot = width as f32;
        }
    }

    /// Widths of a simple font; `name` picks a standard font where the file gives none.
    pub(crate) fn simple(
        file: &PdfFile,
        font: &Dictionary,
        descriptor: Option<&Dictionary>,
        name: &str,
    ) -> Self {
        let missing = descriptor.and_then(|d| file.number(d, b"MissingWidth")).unwrap_or(0.0);
        let mut widths = Self { table: Vec::new(), default: missing as f32 };
        let Ok(array) = file.get(font, b"Widths").as_array() else {
            return Self::standard(name);
        };
        let first = file.number(font, b"FirstChar").unwrap_or(0.0).clamp(0.0, 255.0) as usize;
        for (code, width) in (first..=255).zip(array) {
            if let Some(width) = file.as_number(width) {
                widths.set(code, width);
            }
        }
        widths
    }

    /// Widths of a composite font's descendant, from `/W` and `/DW`.
    pub(crate) fn composite(file: &PdfFile, descendant: &Dictionary) -> Self {
        let default = file.number(descendant, b"DW").unwrap_or(1000.0);
        let mut widths = Self { table: Vec::new(), default: default as f32 };
        let Ok(array) = file.get(descendant, b"W").as_array() else { return widths };
        let mut items = array.iter();
        while let Some(first) = items.next().and_then(|o| file.as_number(o)) {
            let first = first.clamp(0.0, 65_535.0) as usize;
            match items.next().map(|o| file.resolve(o)) {
                Some(Object::Array(list)) => {
                    for (code, width) in (first..=0xFFFF).zip(list) {
                        widths.set(code, file.as_number(width).unwrap_or(default));
                    }
                }
                Some(last) => {
                    let last = file.as_number(last).unwrap_or(0.0).clamp(0.0, 65_535.0) as usize;
                    let Some(width) = items.next().and_then(|o| file.as_number(o)) else { break };
                    for code in first..=last {
                        widths.set(code, width);
                    }
                }
                None => break,
            }
        }
        widths
    }

    /// Widths of the standard font that a name comes nearest to.
    pub(crate) fn standard(name: &str) -> Self {
        let bold = name.contains("Bold");
        let table: Option<&[u16; 95]> = if name.contains("Courier") || name.contains("Mono") {
            None
        } else if name.contains("Times") || name.contains("Serif") || name.contains("Roman") {
            Some(if bold { &TIMES_BOLD } else { &TIMES })
        } else {
            Some(if bold { &HELVETICA_BOLD } else { &HELVETICA })
        };
        let mut widths = Self { table: Vec::new(), default: if table.is_some() { 556.0 } else { 600.0 } };
        for (code, &width) in (32..).zip(table.into_iter().flatten()) {
            widths.set(code, f64::from(width));
        }
        widths
    }
}

/// Codes 32 to 126 of the Adobe core font metrics.
#[rustfmt::skip]
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];
#[rustfmt::skip]
const HELVETICA_BOLD: [u16; 95] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611,
    556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389,
    280, 389, 584,
];
#[rustfmt::skip]
const TIMES: [u16; 95] = [
    250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500, 500, 500, 500, 500,
    500, 500, 500, 278, 278, 564, 564, 564, 444, 921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889,
    722, 722, 556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469, 500, 333, 444, 500, 444, 500,
    444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500, 500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480,
    200, 480, 541,
];
#[rustfmt::skip]
const TIMES_BOLD: [u16; 95] = [
    250, 333, 555, 500, 500, 1000, 833, 278, 333, 333, 500, 570, 250, 333, 250, 278, 500, 500, 500, 500, 500, 500, 500,
    500, 500, 500, 333, 333, 570, 570, 570, 500, 930, 722, 667, 722, 722, 667, 611, 778, 778, 389, 500, 778, 667, 944,
    722, 778, 611, 778, 722, 556, 667, 722, 722, 1000, 722, 722, 667, 333, 278, 333, 581, 500, 333, 500, 556, 444, 556,
    444, 333, 500, 556, 278, 333, 556, 278, 833, 556, 500, 556, 556, 444, 389, 333, 556, 500, 722, 500, 500, 444, 394,
    220, 394, 520,
];
