//! Vectors as eight-bit codes, with a proven bound of what that loses.

use crate::arch::{Isa, LANES, Panels, dot};

/// Courses as the scan reads them: 16 to a panel, the last one filled up with courses that score 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct Codes {
    data: Vec<i8>,
    /// What one unit of a course's codes is worth.
    unit: Vec<f32>,
    /// Length of what the codes leave out of a course's vector, never too small.
    pub(crate) residual: Vec<f32>,
    pairs: usize,
    pub(crate) len: usize,
}

/// A number that is not below `x`.
fn round_up(x: f64) -> f32 {
    (x * (1.0 + 1e-6) + 1e-12) as f32
}

/// Largest magnitude in a vector.
fn peak(vector: &[f32]) -> f32 {
    vector.iter().fold(0.0, |peak, x| peak.max(x.abs()))
}

impl Codes {
    /// Encodes vectors of `dims` numbers that follow each other.
    pub(crate) fn new(vectors: &[f32], dims: usize) -> Self {
        let (pairs, len) = (dims.div_ceil(2), vectors.len() / dims);
        let padded = len.next_multiple_of(LANES);
        let mut codes = Self {
            data: vec![0; padded * pairs * 2],
            unit: vec![0.0; padded],
            residual: vec![0.0; padded],
            pairs,
            len,
        };
        for (course, vector) in vectors.chunks_exact(dims).enumerate() {
            let unit = peak(vector) / 127.0;
            let mut lost = 0.0;
            let out = &mut codes.data[course / LANES * pairs * 2 * LANES..][..pairs * 2 * LANES];
            for (i, &x) in vector.iter().enumerate() {
                let code = (x / unit).round().clamp(-127.0, 127.0);
                let gap = f64::from(x) - f64::from(code) * f64::from(unit);
                lost += gap * gap;
                out[i / 2 * 2 * LANES + course % LANES * 2 + i % 2] = code as i8;
            }
            codes.unit[course] = unit;
            codes.residual[course] = round_up(lost.sqrt());
        }
        codes
    }

    /// The codes of some courses, in their order.
    pub(crate) fn compact(&self, courses: &[u32]) -> Self {
        let padded = courses.len().next_multiple_of(LANES);
        let mut codes = Self {
            data: vec![0; padded * self.pairs * 2],
            unit: vec![0.0; padded],
            residual: vec![0.0; padded],
            pairs: self.pairs,
            len: courses.len(),
        };
        let width = self.pairs * 2 * LANES;
        for (group, out) in courses.chunks(LANES).zip(codes.data.chunks_exact_mut(width)) {
            for (lane, &course) in group.iter().enumerate() {
                let (panel, from) = (course as usize / LANES, course as usize % LANES);
                let panel = &self.data[panel * width..][..width];
                for (out, panel) in out.chunks_exact_mut(2 * LANES).zip(panel.chunks_exact(2 * LANES)) {
                    out[2 * lane] = panel[2 * from];
                    out[2 * lane + 1] = panel[2 * from + 1];
                }
            }
        }
        for (place, &course) in courses.iter().enumerate() {
            codes.unit[place] = self.unit[course as usize];
            codes.residual[place] = self.residual[course as usize];
        }
        codes
    }

    pub(crate) fn panels(&self) -> Panels<'_> {
        Panels { codes: &self.data, unit: &self.unit, residual: &self.residual, pairs: self.pairs }
    }
}

/// A need's vector as the scan reads it.
pub(crate) struct NeedCodes {
    /// Two numbers a pair of dimensions.
    pub(crate) codes: Vec<i16>,
    /// What one unit is worth in the score.
    pub(crate) unit: f32,
    /// What one unit of a course's residual is worth in the score.
    pub(crate) reach: f32,
    /// What the need's own codes, and all rounding, may be off by in the score.
    pub(crate) slack: f32,
}

impl NeedCodes {
    /// Encodes a unit vector whose cosine counts `weight` in the score. `extra` more numbers are added to the score
    /// in single precision.
    pub(crate) fn new(vector: &[f32], weight: f64, extra: usize) -> Self {
        let pairs = vector.len().div_ceil(2);
        // Sums of products with courses' codes must fit in 32 bits.
        let limit = (f64::from(i32::MAX) / (127.0 * 2.0 * pairs as f64)).min(8191.0).floor();
        let unit = f64::from(peak(vector)) / limit;
        let mut codes = vec![0; pairs * 2];
        let (mut lost, mut kept) = (0.0, 0.0);
        for (out, &x) in codes.iter_mut().zip(vector) {
            let code = (f64::from(x) / unit).round();
            *out = code as i16;
            lost += (f64::from(x) - code * unit).powi(2);
            kept += (code * unit).powi(2);
        }
        let length = dot(Isa::best(), vector, vector).sqrt();
        // |q·c − q̂·ĉ| ≤ |q̂|·|c − ĉ| + |q − q̂|·|c|, and the vectors of courses have length 1.
        let rounding = (extra + 24) as f64 * f64::from(f32::EPSILON);
        Self {
            codes,
            unit: (weight * unit) as f32,
            reach: round_up(weight * kept.sqrt()),
            slack: round_up(weight * lost.sqrt() * 1.000_001 + rounding * (1.0 + length)),
        }
    }
}
