//! `C = epilogue(A · Bᵀ)` with eight-bit [codes](super::codes), exact in integers between two roundings.
//!
//! `B` lies in panels of 16 outputs: for each four inputs the 16 outputs' four codes side by side. A row's result does not
//! depend on which rows are computed beside it.

use super::{
    Isa, PANEL,
    codes::{Codes, Int8Matrix, QUAD, round_rows},
    math,
    quads::{self, Quads},
    simd::Simd,
};

/// A product's operands and extents.
#[derive(Clone, Copy)]
struct Product {
    a: *const u8,
    a_scales: *const [f32; 2],
    rows: usize,
    inputs: usize,
    b: *const i8,
    b_units: *const f32,
    b_totals: *const f32,
    panels: usize,
    c: *mut f32,
    bias: *const f32,
    gelu: bool,
}

/// One tile: `ROWS` rows by the `V` registers of outputs from `panel` on.
#[inline(always)]
unsafe fn tile<Q: Quads, const ROWS: usize, const V: usize>(m: &Product, row: usize, panel: usize) {
    // SAFETY: `int8_gemm` checked that the rows and panels are there.
    unsafe {
        let lanes = Q::Floats::LANES;
        // Where register `v` of four inputs lies in the panels.
        let offset = |v: usize| (v * lanes / PANEL) * m.inputs * PANEL + v * lanes % PANEL * QUAD;
        // Pointers are worked out before the loop, which has nothing to spare.
        let rows: [*const u8; ROWS] = std::array::from_fn(|r| m.a.add((row + r) * m.inputs));
        let registers: [*const i8; V] =
            std::array::from_fn(|v| m.b.add(panel * PANEL * m.inputs + offset(v)));
        let mut sums = [[Q::zero(); V]; ROWS];
        for quad in 0..m.inputs / QUAD {
            let weights = registers.map(|b| Q::load(b.add(quad * QUAD * PANEL)));
            for (sums, a) in sums.iter_mut().zip(rows) {
                let numbers = Q::splat(a.add(QUAD * quad));
                for (sum, weights) in sums.iter_mut().zip(weights) {
                    *sum = Q::add(*sum, numbers, weights);
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            let [unit, zero] = *m.a_scales.add(row + r);
            let (unit, zero) = (Q::Floats::splat(unit), Q::Floats::splat(-zero));
            for (v, &sum) in sums.iter().enumerate() {
                let output = panel * PANEL + v * lanes;
                let unit = unit.mul(Q::Floats::load(m.b_units.add(output)));
                let sum = zero.fma(Q::Floats::load(m.b_totals.add(output)), Q::floats(sum));
                let mut y = sum.fma(unit, Q::Floats::load(m.bias.add(output)));
                if m.gelu {
                    y = math::gelu(y);
                }
                y.store(m.c.add((row + r) * m.panels * PANEL + output));
            }
        }
    }
}

/// All rows against the `V` registers of outputs from `panel` on: full tiles of `ROWS`, then smaller ones.
#[inline(always)]
unsafe fn column<Q: Quads, const ROWS: usize, const V: usize>(m: &Product, panel: usize) {
    let mut row = 0;
    // SAFETY: as in `tile`; each call takes the rows that are left, never more.
    unsafe {
        while row + ROWS <= m.rows {
            tile::<Q, ROWS, V>(m, row, panel);
            row += ROWS;
        }
        while row + 2 <= m.rows {
            tile::<Q, 2, V>(m, row, panel);
            row += 2;
        }
        if row < m.rows {
            tile::<Q, 1, V>(m, row, panel);
        }
    }
}

/// All rows against all panels, as many side by side as `V` registers hold; what is left over, one panel at a time.
#[inline(always)]
unsafe fn product<Q: Quads, const ROWS: usize, const V: usize>(m: &Product) {
    let step = (V * Q::Floats::LANES).div_ceil(PANEL);
    let whole = m.panels / step * step;
    // SAFETY: each column's panels are there. Only registers of a whole panel leave some over.
    unsafe {
        for panel in (0..whole).step_by(step) {
            column::<Q, ROWS, V>(m, panel);
        }
        for panel in whole..m.panels {
            column::<Q, ROWS, 1>(m, panel);
        }
    }
}

/// Rounds the rows, then multiplies them.
#[inline(always)]
unsafe fn kernel<Q: Quads, const ROWS: usize, const V: usize>(
    x: *const f32,
    levels: f32,
    (codes, scales): (*mut u8, *mut [f32; 2]),
    m: &Product,
) {
    // SAFETY: passed on unchanged.
    unsafe {
        round_rows::<Q>(x, m.rows, m.inputs, levels, codes, scales);
        product::<Q, ROWS, V>(m);
    }
}

/// `C = A · Bᵀ + bias`, then GELU if asked for; rows of `a` and `c` follow each other without gaps.
///
/// # Panics
///
/// If a slice does not have the extents that `b` implies; that is this crate's bug.
pub(crate) fn int8_gemm(
    isa: Isa,
    a: &[f32],
    b: &Int8Matrix,
    c: &mut [f32],
    (bias, gelu): (&[f32], bool),
    scratch: &mut Codes,
) {
    let (rows, outputs) = (a.len() / b.inputs, b.units.len());
    assert!(a.len() == rows * b.inputs && c.len() == rows * outputs && bias.len() == outputs);
    let Codes { codes, scales } = scratch;
    codes.resize(codes.len().max(a.len()), 0);
    scales.resize(scales.len().max(rows), [0.0; 2]);
    let made = (codes.as_mut_ptr(), scales.as_mut_ptr());
    let m = Product {
        a: made.0,
        a_scales: made.1,
        rows,
        inputs: b.inputs,
        b: b.codes.as_ptr(),
        b_units: b.units.as_ptr(),
        b_totals: b.totals.as_ptr(),
        panels: outputs / PANEL,
        c: c.as_mut_ptr(),
        bias: bias.as_ptr(),
        gelu,
    };
    let (x, levels) = (a.as_ptr(), b.levels());
    // SAFETY: the extents were just checked, `pack` made `b` whole; `isa` is one that the processor has, and what
    // AVX-512 needs beyond its foundation is asked for here.
    unsafe {
        match isa {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 if quads::x86::has_vnni() => x86::vnni(x, levels, made, &m),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 | Isa::Avx2 => x86::avx2(x, levels, made, &m),
            #[cfg(target_arch = "aarch64")]
            Isa::Neon => kernel::<quads::neon::Neon, 6, 4>(x, levels, made, &m),
            Isa::Portable => kernel::<quads::Portable, 4, 2>(x, levels, made, &m),
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{
        Product, kernel,
        quads::x86::{Avx2, Vnni},
    };

    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn avx2(x: *const f32, levels: f32, made: (*mut u8, *mut [f32; 2]), m: &Product) {
        // SAFETY: passed on unchanged.
        unsafe { kernel::<Avx2, 6, 2>(x, levels, made, m) }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    pub(super) unsafe fn vnni(x: *const f32, levels: f32, made: (*mut u8, *mut [f32; 2]), m: &Product) {
        // SAFETY: passed on unchanged.
        unsafe { kernel::<Vnni, 6, 4>(x, levels, made, m) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::arch::codes::TOP;

    /// The definition: rounds both sides, multiplies in 64-bit integers, scales.
    fn plain(a: &[f32], b: &[f32], inputs: usize, bias: &[f32], levels: f32) -> Vec<f64> {
        let weights = |row: &[f32]| -> (Vec<i64>, f64) {
            let top = row.iter().fold(0.0_f32, |top, x| top.max(x.abs()));
            let inverse = if top > 0.0 { TOP as f32 / top } else { 0.0 };
            (
                row.iter().map(|x| (x * inverse).round_ties_even() as i64).collect(),
                f64::from(top / TOP as f32),
            )
        };
        let numbers = |row: &[f32]| -> (Vec<i64>, i64, f64) {
            let low = row.iter().copied().fold(0.0, f32::min);
            let range = row.iter().copied().fold(0.0, f32::max) - low;
            let inverse = if range > 0.0 { levels / range } else { 0.0 };
            let zero = (-low * inverse).round_ties_even();
            let code = |x: &f32| ((x * inverse + zero).round_ties_even() as i64).clamp(0, 255);
            (row.iter().map(code).collect(), zero as i64, f64::from(range / levels))
        };
        let b: Vec<_> = b.chunks(inputs).map(weights).collect();
        let mut c = Vec::new();
        for row in a.chunks(inputs) {
            let (codes, zero, unit) = numbers(row);
            for ((other, other_unit), bias) in b.iter().zip(bias) {
                let sum: i64 = codes.iter().zip(other).map(|(a, b)| a * b).sum();
                assert!(i32::try_from(sum).is_ok());
                let sum = sum - zero * other.iter().sum::<i64>();
                c.push(sum as f64 * unit * other_unit + f64::from(*bias));
            }
        }
        c
    }

    /// A product of random numbers, or of ones of either sign, against the definition, on every instruction set.
    fn check(rows: usize, inputs: usize, panels: usize, ones: bool, seed: u32) {
        let outputs = panels * PANEL;
        let mut state = seed;
        let mut noise = |n: usize| -> Vec<f32> {
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if ones {
                    ((state >> 30) & 1) as f32 * 2.0 - 1.0
                } else {
                    (state >> 8) as f32 / (1 << 24) as f32 - 0.5
                }
            };
            (0..n).map(|_| next()).collect()
        };
        let (a, b, bias) = (noise(rows * inputs), noise(outputs * inputs), noise(outputs));
        let packed =
            Int8Matrix::pack(outputs, inputs, |o, row| row.copy_from_slice(&b[o * inputs..][..inputs]));
        let want = plain(&a, &b, inputs, &bias, packed.levels());
        let last = (rows - 1) * inputs;
        let exact: f64 = a[last..].iter().zip(&b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        // Each number is off by half a step at most; the errors can all point one way.
        let sum = |row: &[f32]| row.iter().map(|x| f64::from(x.abs())).sum::<f64>();
        let extreme = |row: &[f32], f: fn(f32, f32) -> f32| f64::from(row.iter().copied().fold(0.0, f));
        let (row, weights) = (&a[last..], &b[..inputs]);
        let step = (extreme(row, f32::max) - extreme(row, f32::min)) / f64::from(packed.levels());
        let weight_step = extreme(weights, f32::max).max(-extreme(weights, f32::min)) / f64::from(TOP);
        let bound = 0.5 * step * sum(weights) + 0.5 * weight_step * (sum(row) + 0.5 * step * inputs as f64);
        for isa in Isa::available() {
            let mut scratch = Codes::default();
            let mut c = vec![f32::NAN; rows * outputs];
            int8_gemm(isa, &a, &packed, &mut c, (&bias, false), &mut scratch);
            for (got, want) in c.iter().zip(&want) {
                assert!((f64::from(*got) - want).abs() <= 1e-5 * want.abs().max(1.0), "{isa:?} {got} {want}");
            }
            // A row alone has the same bits as among others.
            let mut alone = vec![f32::NAN; outputs];
            int8_gemm(isa, &a[last..], &packed, &mut alone, (&bias, false), &mut scratch);
            assert_eq!(&alone[..], &c[(rows - 1) * outputs..]);
            let error = (f64::from(alone[0] - bias[0]) - exact).abs();
            assert!(error <= bound * 1.001 + 1e-4, "{isa:?} off by {error}, at most {bound}");
        }
    }

    #[test]
    fn ones_of_either_sign_lie_between_two_codes() {
        check(9, 176, 1, true, 2_057_471_559);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn agrees_with_the_definition(
            rows in 1_usize..16, sixteens in 1_usize..20, panels in 1_usize..4, ones: bool, seed: u32,
        ) {
            check(rows, 16 * sixteens, panels, ones, seed);
        }
    }
}
