//! Vectors as integer codes, with a proven bound of what that loses.

use super::buffer::Buffer;
use crate::arch::{LANES, Panels};

/// Courses as the scan reads them: 16 to a panel, the last one filled up with courses that score 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct Codes {
    data: Buffer<i8>,
    /// What one unit of each course's codes is worth; then, for each course, the length of what the codes leave out
    /// of its vector, never too small.
    scales: Buffer<f32>,
    pairs: usize,
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
        let (pairs, len) = (dims.div_ceil(2), vectors.len() / dims);
        let padded = len.next_multiple_of(LANES);
        let mut data = vec![0; padded * pairs * 2];
        let mut scales = vec![0.0; padded * 2];
        for (course, vector) in vectors.chunks_exact(dims).enumerate() {
            let unit = vector.iter().fold(0.0_f32, |peak, x| peak.max(x.abs())) / 127.0;
            let mut lost = 0.0;
            let out = &mut data[course / LANES * pairs * 2 * LANES..][..pairs * 2 * LANES];
            for (i, &x) in vector.iter().enumerate() {
                let code = nearest(f64::from(x / unit)).clamp(-127.0, 127.0);
                let gap = f64::from(x) - code * f64::from(unit);
                lost += gap * gap;
                out[i / 2 * 2 * LANES + course % LANES * 2 + i % 2] = code as i8;
            }
            scales[course] = unit;
            scales[padded + course] = round_up(lost.sqrt());
        }
        Self { data: data.into(), scales: scales.into(), pairs, len }
    }

    /// The codes of some courses, in their order.
    pub(crate) fn compact(&self, courses: &[u32]) -> Self {
        let padded = courses.len().next_multiple_of(LANES);
        let mut data = vec![0; padded * self.pairs * 2];
        let mut scales = vec![0.0; padded * 2];
        let (unit, residual) = self.scales.split_at(self.scales.len() / 2);
        let width = self.pairs * 2 * LANES;
        for (group, out) in courses.chunks(LANES).zip(data.chunks_exact_mut(width)) {
            for (lane, &course) in group.iter().enumerate() {
                let (panel, from) = (course as usize / LANES, course as usize % LANES);
                let panel = &self.data[panel * width..][..width];
                for (out, panel) in out
                    .as_chunks_mut::<{ 2 * LANES }>()
                    .0
                    .iter_mut()
                    .zip(panel.as_chunks::<{ 2 * LANES }>().0)
                {
                    [out[2 * lane], out[2 * lane + 1]] = [panel[2 * from], panel[2 * from + 1]];
                }
            }
        }
        for (place, &course) in courses.iter().enumerate() {
            scales[place] = unit[course as usize];
            scales[padded + place] = residual[course as usize];
        }
        Self { data: data.into(), scales: scales.into(), pairs: self.pairs, len: courses.len() }
    }

    pub(crate) fn panels(&self) -> Panels<'_> {
        let (unit, residual) = self.scales.split_at(self.scales.len() / 2);
        Panels { codes: &self.data, unit, residual, pairs: self.pairs }
    }

    /// What is kept in a file: codes and scales.
    pub(crate) fn stored(&self) -> (&[i8], &[f32]) {
        (&self.data, &self.scales)
    }

    /// The codes of `len` vectors of `dims` numbers as [`Codes::stored`] gave them; `None` where the lengths do not fit.
    pub(crate) fn from_stored(
        data: Buffer<i8>,
        scales: Buffer<f32>,
        dims: usize,
        len: usize,
    ) -> Option<Self> {
        let (pairs, padded) = (dims.div_ceil(2), len.checked_next_multiple_of(LANES)?);
        let fits = data.len() == padded.checked_mul(pairs)?.checked_mul(2)? && scales.len() == padded * 2;
        fits.then_some(Self { data, scales, pairs, len })
    }
}

/// A need's vector as the scan reads it.
pub(crate) struct NeedCodes {
    /// Two numbers for each two dimensions.
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
    pub(crate) fn new(vector: &[f64], weight: f64, extra: usize) -> Self {
        // Sums of products with courses' codes must fit in 32 bits.
        let limit = (f64::from(i32::MAX) / (127.0 * vector.len() as f64)).min(f64::from(i16::MAX)).floor();
        let peak = vector.iter().fold(0.0, |peak: f64, x| peak.max(x.abs()));
        let unit = peak / limit;
        let scale = unit.recip();
        let mut padded = vector.to_vec();
        padded.resize(vector.len().next_multiple_of(4), 0.0);
        let mut codes = Vec::with_capacity(padded.len());
        // Four running sums of each kind, so that neighbours need not wait for each other.
        let (mut lost, mut kept) = ([0.0; 4], [0.0; 4]);
        for four in padded.as_chunks::<4>().0 {
            let rounded = four.map(|x| nearest(x * scale));
            for i in 0..4 {
                let back = rounded[i] * unit;
                lost[i] += (four[i] - back) * (four[i] - back);
                kept[i] += back * back;
            }
            codes.extend_from_slice(&rounded.map(|code| code as i16));
        }
        codes.truncate(vector.len().next_multiple_of(2));
        let [lost, kept]: [f64; 2] = [lost, kept].map(|sums| sums.iter().sum());
        // |q·c − q̂·ĉ| ≤ |q̂|·|c − ĉ| + |q − q̂|·|c|, and vectors have length 1.
        let rounding = (extra + 24) as f64 * f64::from(f32::EPSILON);
        Self {
            codes,
            unit: (weight * unit) as f32,
            reach: round_up(weight * kept.sqrt()),
            slack: round_up(weight * lost.sqrt() * 1.000_001 + rounding * 2.0),
        }
    }
}
