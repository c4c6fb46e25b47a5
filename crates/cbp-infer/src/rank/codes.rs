//! Vectors as eight-bit codes, with a proven bound of what that loses.

use super::buffer::Buffer;
use crate::arch::{LANES, OFFSET, PAIR, Panels};

/// Courses as the scan reads them: 16 to a panel, the last one filled up with courses that score 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct Codes {
    data: Buffer<u8>,
    /// What one unit of each course's codes is worth; then, for each course, the length of what the codes leave out
    /// of its vector, never too small.
    scales: Buffer<f32>,
    quads: usize,
    pub(crate) len: usize,
}

/// A number that is not below `x`.
fn round_up(x: f64) -> f32 {
    (x * (1.0 + 1e-6) + 1e-12) as f32
}

/// The nearest whole number, for magnitudes below 2⁵¹: adding a number with one bit for ones rounds to ones.
fn nearest(x: f64) -> f64 {
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    (x + SHIFT) - SHIFT
}

impl Codes {
    /// Encodes vectors of `dims` numbers that follow each other.
    pub(crate) fn new(vectors: &[f32], dims: usize) -> Self {
        let (quads, len) = (dims.div_ceil(4), vectors.len() / dims);
        let padded = len.next_multiple_of(LANES);
        let mut data = vec![OFFSET as u8; padded * quads * 4];
        let mut scales = vec![0.0; padded * 2];
        for (course, vector) in vectors.chunks_exact(dims).enumerate() {
            let unit = vector.iter().fold(0.0_f32, |peak, x| peak.max(x.abs())) / 127.0;
            let mut lost = 0.0;
            let out = &mut data[course / LANES * quads * 4 * LANES..][..quads * 4 * LANES];
            for (i, &x) in vector.iter().enumerate() {
                let code = nearest(f64::from(x / unit)).clamp(-127.0, 127.0);
                let gap = f64::from(x) - code * f64::from(unit);
                lost += gap * gap;
                out[i / 4 * 4 * LANES + course % LANES * 4 + i % 4] = (code as i32 + OFFSET) as u8;
            }
            scales[course] = unit;
            scales[padded + course] = round_up(lost.sqrt());
        }
        Self { data: data.into(), scales: scales.into(), quads, len }
    }

    /// The codes of some courses, in their order.
    pub(crate) fn compact(&self, courses: &[u32]) -> Self {
        let padded = courses.len().next_multiple_of(LANES);
        let mut data = vec![OFFSET as u8; padded * self.quads * 4];
        let mut scales = vec![0.0; padded * 2];
        let (unit, residual) = self.scales.split_at(self.scales.len() / 2);
        let width = self.quads * 4 * LANES;
        for (group, out) in courses.chunks(LANES).zip(data.chunks_exact_mut(width)) {
            for (lane, &course) in group.iter().enumerate() {
                let (panel, from) = (course as usize / LANES, course as usize % LANES);
                let panel = &self.data[panel * width..][..width];
                for (out, panel) in out.chunks_exact_mut(4 * LANES).zip(panel.chunks_exact(4 * LANES)) {
                    out[4 * lane..4 * lane + 4].copy_from_slice(&panel[4 * from..4 * from + 4]);
                }
            }
        }
        for (place, &course) in courses.iter().enumerate() {
            scales[place] = unit[course as usize];
            scales[padded + place] = residual[course as usize];
        }
        Self { data: data.into(), scales: scales.into(), quads: self.quads, len: courses.len() }
    }

    pub(crate) fn panels(&self) -> Panels<'_> {
        let (unit, residual) = self.scales.split_at(self.scales.len() / 2);
        Panels { codes: &self.data, unit, residual, quads: self.quads }
    }

    /// What is kept in a file: codes and scales.
    pub(crate) fn stored(&self) -> (&[u8], &[f32]) {
        (&self.data, &self.scales)
    }

    /// The codes of `len` vectors of `dims` numbers as [`Codes::stored`] gave them; `None` where the lengths do not fit.
    pub(crate) fn from_stored(
        data: Buffer<u8>,
        scales: Buffer<f32>,
        dims: usize,
        len: usize,
    ) -> Option<Self> {
        let (quads, padded) = (dims.div_ceil(4), len.checked_next_multiple_of(LANES)?);
        let fits = data.len() == padded.checked_mul(quads)?.checked_mul(4)? && scales.len() == padded * 2;
        fits.then_some(Self { data, scales, quads, len })
    }
}

/// A need's vector as the scan reads it.
pub(crate) struct NeedCodes {
    /// Four numbers for each four dimensions.
    pub(crate) codes: Vec<i8>,
    /// What the courses' offset adds to the sum of products.
    pub(crate) shift: i32,
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
    pub(crate) fn new(vector: &[f64], weight: f64, extra: usize) -> Self {
        let mut padded = vector.to_vec();
        padded.resize(vector.len().next_multiple_of(4), 0.0);
        let fours = padded.as_chunks::<4>().0;
        // Neighbours of one sign share what the scan can add up; rounding may add 1 to their sum.
        let larger = |a: f64, b: f64| if b > a { b } else { a };
        let of_pair = |a: f64, b: f64| larger((a + b).abs(), larger(a.abs(), b.abs()));
        let peak =
            fours.iter().fold(0.0, |peak, &[a, b, c, d]| larger(peak, larger(of_pair(a, b), of_pair(c, d))));
        // Sums of products with courses' codes must fit in 32 bits.
        let limit = (f64::from(i32::MAX) / (255.0 * vector.len() as f64)).min(f64::from(PAIR - 1)).floor();
        let unit = peak / limit;
        let scale = unit.recip();
        let mut codes = Vec::with_capacity(padded.len());
        // Four running sums of each kind, so that neighbours need not wait for each other.
        let (mut lost, mut kept, mut sum) = ([0.0; 4], [0.0; 4], [0.0; 4]);
        for four in fours {
            let rounded = four.map(|x| nearest(x * scale));
            for i in 0..4 {
                let back = rounded[i] * unit;
                lost[i] += (four[i] - back) * (four[i] - back);
                kept[i] += back * back;
                sum[i] += rounded[i];
            }
            codes.extend_from_slice(&rounded.map(|code| code as i8));
        }
        let [lost, kept, sum]: [f64; 3] = [lost, kept, sum].map(|sums| sums.iter().sum());
        // |q·c − q̂·ĉ| ≤ |q̂|·|c − ĉ| + |q − q̂|·|c|, and vectors have length 1.
        let rounding = (extra + 24) as f64 * f64::from(f32::EPSILON);
        Self {
            codes,
            shift: sum as i32 * OFFSET,
            unit: (weight * unit) as f32,
            reach: round_up(weight * kept.sqrt()),
            slack: round_up(weight * lost.sqrt() * 1.000_001 + rounding * 2.0),
        }
    }
}
