//! Numbers to eight-bit codes: weights once, when a model is loaded, activations before every product.
//!
//! Each output's weights share one scale and are rounded to [`TOP`] steps either way: with seven bits of weight and
//! eight of activation two products fit in sixteen bits, which is what processors without a product of four bytes add
//! without loss. The numbers of each row of activations share a scale and a zero point, since those behind a GELU lie to
//! one side.

use super::{PANEL, quads::Quads, simd::Simd};

/// The largest code of a weight.
pub(super) const TOP: i32 = 63;

/// Inputs whose codes stand side by side.
pub(super) const QUAD: usize = 4;

/// A weight matrix in panels of eight-bit codes.
pub(crate) struct Int8Matrix {
    pub(super) codes: Vec<i8>,
    /// What one step of an output's codes is worth.
    pub(super) units: Vec<f32>,
    /// The sum of an output's codes, which a row's zero point is multiplied with.
    pub(super) totals: Vec<f32>,
    pub(super) inputs: usize,
}

impl Int8Matrix {
    /// Rounds and packs `outputs` rows of `inputs` numbers; `row` fills the given slice with row `o`.
    ///
    /// `outputs` must be a multiple of [`PANEL`] and `inputs` one of 16.
    pub(crate) fn pack(outputs: usize, inputs: usize, mut row: impl FnMut(usize, &mut [f32])) -> Self {
        assert!(outputs.is_multiple_of(PANEL) && inputs.is_multiple_of(16) && inputs > 0);
        let mut codes = vec![0; outputs * inputs];
        let (mut units, mut totals) = (Vec::with_capacity(outputs), Vec::with_capacity(outputs));
        let mut numbers = vec![0.0; inputs];
        for (panel, codes) in codes.chunks_exact_mut(PANEL * inputs).enumerate() {
            for j in 0..PANEL {
                row(panel * PANEL + j, &mut numbers);
                let top = numbers.iter().fold(0.0_f32, |top, x| top.max(x.abs()));
                let inverse = if top > 0.0 { TOP as f32 / top } else { 0.0 };
                units.push(top / TOP as f32);
                let mut total = 0.0;
                for (quad, codes) in numbers.chunks_exact(QUAD).zip(codes.chunks_exact_mut(QUAD * PANEL)) {
                    for (x, code) in quad.iter().zip(&mut codes[QUAD * j..]) {
                        let rounded = nearest(x * inverse);
                        total += rounded;
                        *code = rounded as i8;
                    }
                }
                totals.push(total);
            }
        }
        Self { codes, units, totals, inputs }
    }

    /// The largest code of an activation with which no sum over all inputs overflows.
    pub(super) fn levels(&self) -> f32 {
        (i32::MAX / TOP / self.inputs as i32).min(i32::from(u8::MAX)) as f32
    }
}

/// The nearest whole number, ties to even, of one below 2^22: in two additions, since [`f32::round_ties_even`] is a
/// call on processors that must run anywhere.
const fn nearest(x: f32) -> f32 {
    const MAGIC: f32 = 12_582_912.0;
    (x + MAGIC) - MAGIC
}

/// The left side of a product: rows as codes. Keeps its room from one use to the next.
#[derive(Default)]
pub(crate) struct Codes {
    pub(super) codes: Vec<u8>,
    /// What one step of a row's codes is worth, and which code stands for 0.
    pub(super) scales: Vec<[f32; 2]>,
}

/// Rounds rows of `inputs` numbers, a multiple of 16, each to at most `levels` steps between its extremes and 0.
#[inline(always)]
pub(super) unsafe fn round_rows<Q: Quads>(
    x: *const f32,
    rows: usize,
    inputs: usize,
    levels: f32,
    codes: *mut u8,
    scales: *mut [f32; 2],
) {
    // SAFETY: `int8_gemm` made room; `inputs` is a multiple of every register's width.
    unsafe {
        for row in 0..rows {
            let (x, codes) = (x.add(row * inputs), codes.add(row * inputs));
            let (mut low, mut high) = (Q::Floats::splat(0.0), Q::Floats::splat(0.0));
            for i in (0..inputs).step_by(Q::Floats::LANES) {
                let x = Q::Floats::load(x.add(i));
                low = low.min(x);
                high = high.max(x);
            }
            let below = Q::Floats::splat(0.0).sub(low).largest();
            let range = high.largest() + below;
            let inverse = if range > 0.0 { levels / range } else { 0.0 };
            let zero = nearest(below * inverse);
            *scales.add(row) = [range / levels, zero];
            let (inverse, zero) = (Q::Floats::splat(inverse), Q::Floats::splat(zero));
            for i in (0..inputs).step_by(Q::Floats::LANES) {
                // Not fused: every instruction set gives the same codes.
                Q::round(Q::Floats::load(x.add(i)).mul(inverse).add(zero), codes.add(i));
            }
        }
    }
}
