//! Vectors as integer codes, with a proven bound of what that loses.

use super::buffer::Buffer;
use crate::arch::{Block, LANES, Line, Panels, QUAD, Width, ZERO};

/// Courses as the scan reads them: 16 to a panel, the last one filled up with courses that score 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct Codes {
    data: Buffer<Line>,
    /// What one unit of each course's codes is worth; then, for each course, the length of what the codes leave out
    /// of its vector, never too small.
    scales: Buffer<f32>,
    quads: usize,
    pub(crate) len: usize,
}

/// Nothing but zeros.
const ZEROS: Line = Line([[ZERO as u8; QUAD]; LANES]);

/// A number that is not below `x`.
fn round_up(x: f64) -> f32 {
    (x * (1.0 + 1e-6) + 1e-12) as f32
}

/// Added to a number of a magnitude below 2⁵¹ it rounds to ones, since the sum has one bit for ones: the lowest.
const SHIFT: f64 = 6_755_399_441_055_744.0;

/// The greatest magnitude, from several running ones, so that neighbours need not wait for each other.
fn peak(vector: &[f64]) -> f64 {
    let (eights, rest) = vector.as_chunks::<8>();
    let mut peaks = [0.0_f64; 8];
    for eight in eights {
        for (peak, x) in peaks.iter_mut().zip(eight) {
            *peak = x.abs().max(*peak);
        }
    }
    rest.iter().chain(&peaks).fold(0.0, |peak, x| peak.max(x.abs()))
}

impl Codes {
    /// Encodes vectors of `dims` numbers that follow each other.
    pub(crate) fn new(vectors: &[f32], dims: usize) -> Self {
        let (quads, len) = (dims.div_ceil(QUAD), vectors.len() / dims);
        let padded = len.next_multiple_of(LANES);
        let mut scales = vec![0.0; padded * 2];
        let data = Buffer::filled(padded / LANES * quads, |data| {
            data.fill(ZEROS);
            for (course, vector) in vectors.chunks_exact(dims).enumerate() {
                let unit = vector.iter().fold(0.0_f32, |peak, x| peak.max(x.abs())) / 127.0;
                let mut lost = 0.0;
                let out = &mut data[course / LANES * quads..][..quads];
                for (i, &x) in vector.iter().enumerate() {
                    let code = ((f64::from(x / unit) + SHIFT) - SHIFT).clamp(-127.0, 127.0);
                    let gap = f64::from(x) - code * f64::from(unit);
                    lost += gap * gap;
                    out[i / QUAD].0[course % LANES][i % QUAD] = (code as i32 + ZERO) as u8;
                }
                scales[course] = unit;
                scales[padded + course] = round_up(lost.sqrt());
            }
        });
        Self { data, scales: scales.into(), quads, len }
    }

    /// The codes of some courses, in their order.
    pub(crate) fn compact(&self, courses: &[u32]) -> Self {
        let padded = courses.len().next_multiple_of(LANES);
        let mut data = vec![ZEROS; padded / LANES * self.quads];
        let mut scales = vec![0.0; padded * 2];
        let (unit, residual) = self.scales.split_at(self.scales.len() / 2);
        for (group, out) in courses.chunks(LANES).zip(data.chunks_exact_mut(self.quads)) {
            for (lane, &course) in group.iter().enumerate() {
                let (panel, from) = (course as usize / LANES, course as usize % LANES);
                let panel = &self.data[panel * self.quads..][..self.quads];
                for (out, panel) in out.iter_mut().zip(panel) {
                    out.0[lane] = panel.0[from];
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
    pub(crate) fn stored(&self) -> (&[Line], &[f32]) {
        (&self.data, &self.scales)
    }

    /// The codes of `len` vectors of `dims` numbers as [`Codes::stored`] gave them; `None` where the lengths do not fit.
    pub(crate) fn from_stored(
        data: Buffer<Line>,
        scales: Buffer<f32>,
        dims: usize,
        len: usize,
    ) -> Option<Self> {
        let (quads, padded) = (dims.div_ceil(QUAD), len.checked_next_multiple_of(LANES)?);
        let fits = data.len() == (padded / LANES).checked_mul(quads)? && scales.len() == padded * 2;
        fits.then_some(Self { data, scales, quads, len })
    }
}

/// A need's vector in whole numbers.
pub(crate) struct NeedCodes {
    width: Width,
    /// As many as there are dimensions, and zeros up to a multiple of four.
    codes: Vec<i16>,
    /// What one unit is worth in the score.
    unit: f32,
    /// What one unit of a course's residual is worth in the score.
    pub(crate) reach: f32,
    /// What the need's own codes, and all rounding, may be off by in the score.
    pub(crate) slack: f32,
}

impl NeedCodes {
    /// Encodes a unit vector whose cosine counts `weight` in the score, which rounding to single precision may put off by
    /// `rounding`.
    pub(crate) fn new(vector: &[f64], weight: f64, rounding: f64, width: Width) -> Self {
        // Sums of products with courses' codes must fit in 32 bits.
        let limit = (f64::from(i32::MAX) / (127.0 * vector.len() as f64)).min(width.largest().into()).floor();
        let unit = peak(vector) / limit;
        let scale = unit.recip();
        let mut codes = Vec::with_capacity(vector.len().next_multiple_of(QUAD));
        // Four running sums of each kind, so that neighbours need not wait for each other.
        let (mut lost, mut kept) = ([0.0; QUAD], [0.0; QUAD]);
        let mut encode = |four: [f64; QUAD]| {
            let shifted = four.map(|x| x * scale + SHIFT);
            for i in 0..QUAD {
                let back = (shifted[i] - SHIFT) * unit;
                lost[i] += (four[i] - back) * (four[i] - back);
                kept[i] += back * back;
            }
            // The lowest bits of the sum are the whole number.
            codes.extend_from_slice(&shifted.map(|code| code.to_bits() as i16));
        };
        let (fours, rest) = vector.as_chunks::<QUAD>();
        fours.iter().copied().for_each(&mut encode);
        if !rest.is_empty() {
            encode(std::array::from_fn(|i| rest.get(i).copied().unwrap_or(0.0)));
        }
        let [lost, kept]: [f64; 2] = [lost, kept].map(|sums| sums.iter().sum());
        // |q·c − q̂·ĉ| ≤ |q̂|·|c − ĉ| + |q − q̂|·|c|, and vectors have length 1.
        Self {
            width,
            codes,
            unit: (weight * unit) as f32,
            reach: round_up(weight * kept.sqrt()),
            slack: round_up(weight * lost.sqrt() * 1.000_001 + rounding),
        }
    }
}

/// A few needs side by side, as the scan reads them.
pub(crate) struct NeedBlock {
    width: Width,
    cells: Vec<i32>,
    start: Vec<i32>,
    unit: Vec<f32>,
    reach: Vec<f32>,
    slack: Vec<f32>,
}

impl NeedBlock {
    /// `needs` are of one width.
    pub(crate) fn new(needs: &[NeedCodes]) -> Self {
        let width = needs.first().map_or(Width::Words, |need| need.width);
        let (rows, steps) = (needs.len(), width.cells());
        let mut cells = vec![0; needs.iter().map(|need| need.codes.len() / QUAD * steps).sum()];
        for (row, need) in needs.iter().enumerate() {
            let fours = need.codes.as_chunks().0;
            for (cells, four) in cells.chunks_exact_mut(rows * steps).zip(fours) {
                for step in 0..steps {
                    cells[step * rows + row] = width.cell(*four, step);
                }
            }
        }
        // Sums wrap as the scan's do.
        let start = |need: &NeedCodes| {
            need.codes.iter().map(|&code| i32::from(code)).sum::<i32>().wrapping_mul(-ZERO)
        };
        Self {
            width,
            cells,
            start: needs.iter().map(start).collect(),
            unit: needs.iter().map(|need| need.unit).collect(),
            reach: needs.iter().map(|need| need.reach).collect(),
            slack: needs.iter().map(|need| need.slack).collect(),
        }
    }

    pub(crate) fn block(&self) -> Block<'_> {
        let Self { width, cells, start, unit, reach, slack } = self;
        Block { width: *width, cells, start, unit, reach, slack }
    }
}
