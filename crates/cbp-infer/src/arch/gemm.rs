//! `C = epilogue(A · Bᵀ)` in single precision, with `B` packed once.
//!
//! `B` (the weights, one row an output) is stored as panels of 16 outputs: for each input, 16 neighbouring
//! numbers. A register tile of a few rows by one or two panels walks down the inputs; each element of `C` is one
//! chain of fused multiply-adds in input order, whatever the number of rows, so a row's result never depends on
//! which rows are computed beside it. Inputs are taken in blocks of [`DEPTH`], so that a panel's block stays in
//! the first-level cache while all rows pass it.

use super::{
    Isa,
    isa::dispatch,
    math,
    pages::Space,
    simd::{self, Simd},
};

/// Outputs in a panel.
pub(crate) const PANEL: usize = 16;

/// Inputs in a block: 384 × 16 numbers are 24 KiB.
const DEPTH: usize = 384;

/// Where a weight matrix lies in panels among an encoder's weights.
pub(crate) struct PackedMatrix {
    place: usize,
    inputs: usize,
    outputs: usize,
}

impl PackedMatrix {
    /// Packs `outputs` rows of `inputs` numbers into the next of `space`; `row` fills the given slice with row `o`.
    ///
    /// `outputs` must be a multiple of [`PANEL`].
    pub(crate) fn pack(
        space: &mut Space<'_>,
        outputs: usize,
        inputs: usize,
        mut row: impl FnMut(usize, &mut [f32]),
    ) -> Self {
        assert!(outputs.is_multiple_of(PANEL));
        let (place, data) = space.take(outputs * inputs);
        let mut rows = vec![0.0; PANEL * inputs];
        for (panel, out) in data.chunks_exact_mut(PANEL * inputs).enumerate() {
            for (j, row_j) in rows.chunks_exact_mut(inputs).enumerate() {
                row(panel * PANEL + j, row_j);
            }
            for (k, out) in out.chunks_exact_mut(PANEL).enumerate() {
                for (j, out) in out.iter_mut().enumerate() {
                    *out = rows[j * inputs + k];
                }
            }
        }
        Self { place, inputs, outputs }
    }
}

/// What happens to an element once its dot product is complete.
#[derive(Clone, Copy)]
pub(crate) enum Epilogue<'a> {
    /// Nothing.
    None,
    /// Add a number per output.
    Bias(&'a [f32]),
    /// Add a number per output, then GELU.
    BiasGelu(&'a [f32]),
}

/// The epilogue as the kernels take it: a pointer (null for none) and whether GELU follows.
#[derive(Clone, Copy)]
struct Finish {
    bias: *const f32,
    gelu: bool,
}

/// One register tile: `ROWS` rows by `V` registers of outputs.
///
/// `fresh` starts from zero, else from what `c` holds; `finish` is given with the last block of inputs. With each input a
/// number is fetched ahead, `stride` numbers behind the one before.
#[inline(always)]
unsafe fn tile<S: Simd, const ROWS: usize, const V: usize>(
    depth: usize,
    a: *const f32,
    lda: usize,
    b: *const f32,
    b_panel: usize,
    (ahead, stride): (*const f32, usize),
    c: *mut f32,
    ldc: usize,
    fresh: bool,
    finish: Option<Finish>,
) {
    // SAFETY: the caller checked that `a` has ROWS rows of `depth` numbers, `b` the panels that V registers
    // cover, and `c` ROWS rows of V · LANES numbers.
    unsafe {
        // Where register `v` of an output row lies in the panels.
        let offset = |v: usize| (v * S::LANES / PANEL) * b_panel + v * S::LANES % PANEL;
        let mut acc = [[S::splat(0.0); V]; ROWS];
        if !fresh {
            for (r, acc) in acc.iter_mut().enumerate() {
                for (v, acc) in acc.iter_mut().enumerate() {
                    *acc = S::load(c.add(r * ldc + v * S::LANES));
                }
            }
        }
        for k in 0..depth {
            simd::fetch(ahead.wrapping_add(k * stride));
            let mut w = [S::splat(0.0); V];
            for (v, w) in w.iter_mut().enumerate() {
                *w = S::load(b.add(k * PANEL + offset(v)));
            }
            for (r, acc) in acc.iter_mut().enumerate() {
                let x = S::splat(*a.add(r * lda + k));
                for (v, acc) in acc.iter_mut().enumerate() {
                    *acc = x.fma(w[v], *acc);
                }
            }
        }
        if let Some(finish) = finish
            && !finish.bias.is_null()
        {
            for v in 0..V {
                let bias = S::load(finish.bias.add(v * S::LANES));
                for acc in &mut acc {
                    acc[v] = acc[v].add(bias);
                }
            }
        }
        for (r, acc) in acc.iter().enumerate() {
            for (v, acc) in acc.iter().enumerate() {
                acc.store(c.add(r * ldc + v * S::LANES));
            }
        }
        if finish.is_some_and(|finish| finish.gelu) {
            for r in 0..ROWS {
                for v in 0..V {
                    let c = c.add(r * ldc + v * S::LANES);
                    math::gelu(S::load(c)).store(c);
                }
            }
        }
    }
}

/// All rows against one group of panels, one block of inputs, in tiles of at most `ROWS` rows that differ by one at most:
/// a tile of one or two rows would wait for its own sums.
///
/// Meanwhile the next group's block is fetched, each tile's steps an equal part: there are more weights than the caches
/// hold, so that it would otherwise be waited for.
#[inline(always)]
unsafe fn column<S: Simd, const ROWS: usize, const V: usize>(
    depth: usize,
    a: *const f32,
    lda: usize,
    rows: usize,
    b: *const f32,
    b_panel: usize,
    c: *mut f32,
    ldc: usize,
    fresh: bool,
    finish: Option<Finish>,
) {
    let tiles = rows.div_ceil(ROWS);
    let (low, larger) = (rows / tiles, rows % tiles);
    let step = (V * S::LANES).div_ceil(PANEL);
    let stride = (step * PANEL).div_ceil(tiles);
    let next = b.wrapping_add(step * b_panel);
    let mut row = 0;
    for i in 0..tiles {
        let size = low + usize::from(i < larger);
        let ahead = (next.wrapping_add(i * depth * stride), stride);
        macro_rules! tile {
            ($($n:literal)*) => {
                match size {
                    $($n if $n <= ROWS => {
                        // SAFETY: as in `tile`; the sizes add up to the rows.
                        unsafe {
                            let (a, c) = (a.add(row * lda), c.add(row * ldc));
                            tile::<S, { $n }, V>(depth, a, lda, b, b_panel, ahead, c, ldc, fresh, finish);
                        }
                    })*
                    _ => {}
                }
            };
        }
        tile!(1 2 3 4 5 6 7 8 9 10 11 12);
        row += size;
    }
}

#[inline(always)]
unsafe fn gemm_kernel<S: Simd>(
    a: *const f32,
    lda: usize,
    rows: usize,
    inputs: usize,
    b: *const f32,
    panels: usize,
    c: *mut f32,
    ldc: usize,
    finish: Finish,
) {
    // SAFETY: `gemm_panels` checked all extents.
    unsafe {
        let b_panel = inputs * PANEL;
        let mut from = 0;
        while from < inputs {
            let depth = DEPTH.min(inputs - from);
            let last = from + depth == inputs;
            let mut panel = 0;
            while panel < panels {
                let c = c.add(panel * PANEL);
                let b = b.add(panel * b_panel + from * PANEL);
                let bias = if finish.bias.is_null() { finish.bias } else { finish.bias.add(panel * PANEL) };
                let end = last.then_some(Finish { bias, gelu: finish.gelu });
                let a = a.add(from);
                // Sixteen lanes leave registers for two panels side by side; four lanes have 32 registers.
                if S::LANES == 16 && panel + 2 <= panels {
                    column::<S, 12, 2>(depth, a, lda, rows, b, b_panel, c, ldc, from == 0, end);
                    panel += 2;
                } else {
                    match S::LANES {
                        16 => column::<S, 12, 1>(depth, a, lda, rows, b, b_panel, c, ldc, from == 0, end),
                        8 => column::<S, 6, 2>(depth, a, lda, rows, b, b_panel, c, ldc, from == 0, end),
                        _ => column::<S, 6, 4>(depth, a, lda, rows, b, b_panel, c, ldc, from == 0, end),
                    }
                    panel += 1;
                }
            }
            from += depth;
        }
    }
}

dispatch!(unsafe fn gemm_raw / gemm_kernel(
    a: *const f32, lda: usize, rows: usize, inputs: usize, b: *const f32, panels: usize, c: *mut f32, ldc: usize,
    finish: Finish,
));

/// `C[..rows, ..16 · panels] = epilogue(A · Bᵀ)` for panels that lie in a plain slice.
///
/// `a` has rows of `inputs` numbers `lda` apart, `c` rows `ldc` apart, `b` `panels × inputs × 16` numbers.
///
/// # Panics
///
/// If a slice is shorter than its extents say; that is this crate's bug.
pub(crate) fn gemm_panels(
    isa: Isa,
    (a, lda): (&[f32], usize),
    rows: usize,
    inputs: usize,
    b: &[f32],
    (c, ldc): (&mut [f32], usize),
    epilogue: Epilogue<'_>,
) {
    if rows == 0 {
        return;
    }
    let panels = b.len() / (PANEL * inputs);
    assert!(inputs > 0 && b.len() == panels * PANEL * inputs);
    assert!(lda >= inputs && a.len() >= (rows - 1) * lda + inputs);
    assert!(ldc >= panels * PANEL && c.len() >= (rows - 1) * ldc + panels * PANEL);
    let finish = match epilogue {
        Epilogue::None => Finish { bias: std::ptr::null(), gelu: false },
        Epilogue::Bias(bias) | Epilogue::BiasGelu(bias) => {
            assert!(bias.len() == panels * PANEL);
            Finish { bias: bias.as_ptr(), gelu: matches!(epilogue, Epilogue::BiasGelu(_)) }
        }
    };
    // SAFETY: the extents were just checked.
    unsafe { gemm_raw(isa, a.as_ptr(), lda, rows, inputs, b.as_ptr(), panels, c.as_mut_ptr(), ldc, finish) }
}

/// [`gemm_panels`] with a [`PackedMatrix`] of `weights` and rows that follow each other without gaps.
pub(crate) fn gemm(
    isa: Isa,
    a: &[f32],
    (weights, b): (&[f32], &PackedMatrix),
    c: &mut [f32],
    epilogue: Epilogue<'_>,
) {
    let rows = a.len() / b.inputs;
    let panels = &weights[b.place..][..b.outputs * b.inputs];
    gemm_panels(isa, (a, b.inputs), rows, b.inputs, panels, (c, b.outputs), epilogue);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::Pages;
    use proptest::prelude::*;

    fn naive(a: &[f32], b: &[f32], rows: usize, inputs: usize, outputs: usize) -> Vec<f64> {
        let mut c = vec![0.0; rows * outputs];
        for r in 0..rows {
            for o in 0..outputs {
                c[r * outputs + o] =
                    (0..inputs).map(|k| f64::from(a[r * inputs + k]) * f64::from(b[o * inputs + k])).sum();
            }
        }
        c
    }

    fn noise(n: usize, seed: u32) -> Vec<f32> {
        let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12345);
        (0..n)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 24) as f32 - 0.5
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn agrees_with_the_definition(rows in 1_usize..30, inputs in 1_usize..900, panels in 1_usize..5, seed: u32) {
            let outputs = panels * PANEL;
            let (a, b, bias) = (noise(rows * inputs, seed), noise(outputs * inputs, !seed), noise(outputs, seed ^ 7));
            let want = naive(&a, &b, rows, inputs, outputs);
            let mut pages = Pages::zeroed(outputs * inputs).unwrap();
            let mut space = Space { rest: pages.numbers_mut(), place: 0 };
            let row = |o: usize, row: &mut [f32]| row.copy_from_slice(&b[o * inputs..][..inputs]);
            let packed = PackedMatrix::pack(&mut space, outputs, inputs, row);
            let weights = (pages.numbers(), &packed);
            for isa in Isa::available() {
                let mut c = vec![f32::NAN; rows * outputs];
                gemm(isa, &a, weights, &mut c, Epilogue::Bias(&bias));
                for (i, (got, want)) in c.iter().zip(&want).enumerate() {
                    prop_assert!((f64::from(*got) - want - f64::from(bias[i % outputs])).abs() < 1e-4);
                }
                // A row alone has the same bits as among others.
                let mut alone = vec![f32::NAN; outputs];
                let last = (rows - 1) * inputs;
                gemm(isa, &a[last..], weights, &mut alone, Epilogue::Bias(&bias));
                prop_assert_eq!(&alone[..], &c[(rows - 1) * outputs..]);
            }
        }
    }
}
