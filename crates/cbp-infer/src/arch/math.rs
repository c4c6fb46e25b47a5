//! Elementwise functions and row reductions of a transformer, vectorised.

use super::{Isa, isa::dispatch, simd::Simd};

/// `e^x` to about 2 units in the last place; below −87 it is the smallest normal number's neighbourhood, never a
/// negative or a NaN.
#[inline(always)]
pub(super) unsafe fn exp<S: Simd>(x: S) -> S {
    // SAFETY: the caller has the instruction set of `S`.
    unsafe {
        let x = x.max(S::splat(-87.0)).min(S::splat(88.0));
        let magic = S::splat(12_582_912.0);
        let t = x.fma(S::splat(std::f32::consts::LOG2_E), magic);
        let n = t.sub(magic);
        // ln 2 in two pieces, the first with trailing zeros, so that `n · hi` is exact.
        let r = n.fma(S::splat(-0.693_359_4), x);
        let r = n.fma(S::splat(2.121_944_4e-4), r);
        let mut p = S::splat(1.987_569_1e-4);
        for c in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
            p = p.fma(r, S::splat(c));
        }
        let y = p.fma(r.mul(r), r.add(S::splat(1.0)));
        y.scale_exponent(t)
    }
}

/// The Gauss error function, absolute error below 5e-7: a rational minimax approximation on [−4, 4], odd over
/// even, beyond which the result is ±1 in single precision.
#[inline(always)]
unsafe fn erf<S: Simd>(x: S) -> S {
    // SAFETY: the caller has the instruction set of `S`.
    unsafe {
        let x = x.max(S::splat(-4.0)).min(S::splat(4.0));
        let x2 = x.mul(x);
        let mut p = S::splat(-2.726_142_4e-10);
        for c in
            [2.770_681_4e-8, -2.101_024e-6, -5.692_506_5e-5, -7.349_906_4e-4, -2.954_6e-3, -1.609_603_3e-2]
        {
            p = p.fma(x2, S::splat(c));
        }
        let mut q = S::splat(-1.456_607_2e-5);
        for c in [-2.133_740_6e-4, -1.682_827e-3, -7.373_329e-3, -1.426_474e-2] {
            q = q.fma(x2, S::splat(c));
        }
        x.mul(p).div(q)
    }
}

/// `x · Φ(x)`, the exact (error function) form of GELU.
#[inline(always)]
pub(super) unsafe fn gelu<S: Simd>(x: S) -> S {
    // SAFETY: the caller has the instruction set of `S`.
    unsafe {
        let half = x.mul(S::splat(0.5));
        erf(x.mul(S::splat(std::f32::consts::FRAC_1_SQRT_2))).fma(half, half)
    }
}

/// Sums a row with four registers, then their lanes: one order for one instruction set, always.
#[inline(always)]
unsafe fn sum_by<S: Simd>(len: usize, at: impl Fn(usize) -> S) -> f32 {
    // SAFETY: the caller has the instruction set of `S`; `at` is only given multiples of LANES below `len`.
    unsafe {
        let mut total = [S::splat(0.0); 4];
        let mut i = 0;
        while i + 4 * S::LANES <= len {
            for (j, total) in total.iter_mut().enumerate() {
                *total = total.add(at(i + j * S::LANES));
            }
            i += 4 * S::LANES;
        }
        while i < len {
            total[0] = total[0].add(at(i));
            i += S::LANES;
        }
        total[0].add(total[1]).add(total[2].add(total[3])).sum()
    }
}

#[inline(always)]
unsafe fn layer_norm_kernel<S: Simd>(
    x: *mut f32,
    add: *const f32,
    rows: usize,
    width: usize,
    gain: *const f32,
    bias: *const f32,
    epsilon: f32,
) {
    // SAFETY: `x`, and `add` where it is not null, hold `rows × width` numbers, `gain` and `bias` `width`, and
    // `width` is a multiple of 16, hence of LANES: every access is inside.
    unsafe {
        let scale = 1.0 / width as f32;
        for row in 0..rows {
            let x = x.add(row * width);
            if !add.is_null() {
                let add = add.add(row * width);
                for i in (0..width).step_by(S::LANES) {
                    S::load(x.add(i)).add(S::load(add.add(i))).store(x.add(i));
                }
            }
            let mean = S::splat(sum_by::<S>(width, |i| S::load(x.add(i))) * scale);
            let variance = sum_by::<S>(width, |i| {
                let d = S::load(x.add(i)).sub(mean);
                d.mul(d)
            }) * scale;
            let inverse = S::splat(1.0 / (variance + epsilon).sqrt());
            for i in (0..width).step_by(S::LANES) {
                let y = S::load(x.add(i)).sub(mean).mul(inverse);
                y.fma(S::load(gain.add(i)), S::load(bias.add(i))).store(x.add(i));
            }
        }
    }
}

dispatch!(unsafe fn layer_norm_raw / layer_norm_kernel(
    x: *mut f32, add: *const f32, rows: usize, width: usize, gain: *const f32, bias: *const f32, epsilon: f32,
));

/// Normalises each row of `x` (`gain.len()` wide, a multiple of 16) to mean 0 and variance 1, then scales and
/// shifts it, in place.
pub(crate) fn layer_norm(isa: Isa, x: &mut [f32], gain: &[f32], bias: &[f32], epsilon: f32) {
    let width = gain.len();
    assert!(width.is_multiple_of(16) && bias.len() == width && x.len().is_multiple_of(width));
    // SAFETY: the lengths were just checked.
    unsafe {
        let rows = x.len() / width;
        layer_norm_raw(
            isa,
            x.as_mut_ptr(),
            std::ptr::null(),
            rows,
            width,
            gain.as_ptr(),
            bias.as_ptr(),
            epsilon,
        );
    }
}

/// [`layer_norm`] of `x + add`.
pub(crate) fn add_layer_norm(isa: Isa, x: &mut [f32], add: &[f32], gain: &[f32], bias: &[f32], epsilon: f32) {
    let width = gain.len();
    assert!(
        width.is_multiple_of(16)
            && bias.len() == width
            && x.len().is_multiple_of(width)
            && add.len() == x.len()
    );
    // SAFETY: the lengths were just checked.
    unsafe {
        let rows = x.len() / width;
        layer_norm_raw(isa, x.as_mut_ptr(), add.as_ptr(), rows, width, gain.as_ptr(), bias.as_ptr(), epsilon);
    }
}

/// Sixteen of what the columns of a row add before, then of what padding does; so for what they are multiplied with after.
const ADDED: [f32; 32] = edge(0.0, f32::NEG_INFINITY);
const KEPT: [f32; 32] = edge(1.0, 0.0);

const fn edge(inside: f32, outside: f32) -> [f32; 32] {
    let mut both = [inside; 32];
    let mut i = 16;
    while i < 32 {
        both[i] = outside;
        i += 1;
    }
    both
}

#[inline(always)]
unsafe fn softmax_kernel<S: Simd>(x: *mut f32, rows: usize, stride: usize, len: usize) {
    // SAFETY: each row has `stride` numbers, a multiple of 16, hence of LANES, and `len ≤ stride`; at most LANES, hence
    // 16, of the numbers at an edge count as inside.
    unsafe {
        // Columns beyond `len` are padding of the panel: they must not take part, and end as zero.
        let whole = len - len % S::LANES;
        let at_edge = |edge: &[f32; 32], i: usize| S::load(edge.as_ptr().add(16 - (len.max(i) - i).min(16)));
        for row in 0..rows {
            let x = x.add(row * stride);
            let mut top = S::splat(f32::NEG_INFINITY);
            for i in (0..whole).step_by(S::LANES) {
                top = top.max(S::load(x.add(i)));
            }
            for i in (whole..stride).step_by(S::LANES) {
                top = top.max(S::load(x.add(i)).add(at_edge(&ADDED, i)));
            }
            let top = S::splat(top.largest());
            for i in (0..whole).step_by(S::LANES) {
                exp(S::load(x.add(i)).sub(top)).store(x.add(i));
            }
            for i in (whole..stride).step_by(S::LANES) {
                exp(S::load(x.add(i)).sub(top)).mul(at_edge(&KEPT, i)).store(x.add(i));
            }
            let inverse = S::splat(1.0 / sum_by::<S>(stride, |i| S::load(x.add(i))));
            for i in (0..stride).step_by(S::LANES) {
                S::load(x.add(i)).mul(inverse).store(x.add(i));
            }
        }
    }
}

dispatch!(unsafe fn softmax_raw / softmax_kernel(x: *mut f32, rows: usize, stride: usize, len: usize));

/// Softmax of the first `len` numbers of each row; the rest of the `stride` (a multiple of 16), finite as well, becomes
/// zero.
pub(crate) fn softmax(isa: Isa, x: &mut [f32], stride: usize, len: usize) {
    assert!(
        stride.is_multiple_of(16)
            && stride > 0
            && (1..=stride).contains(&len)
            && x.len().is_multiple_of(stride)
    );
    // SAFETY: the lengths were just checked.
    unsafe { softmax_raw(isa, x.as_mut_ptr(), x.len() / stride, stride, len) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    unsafe fn map_kernel<S: Simd>(x: *mut f32, n: usize, which: usize) {
        unsafe {
            for i in (0..n).step_by(S::LANES) {
                let v = S::load(x.add(i));
                let y = match which {
                    0 => exp(v),
                    1 => erf(v),
                    _ => gelu(v),
                };
                y.store(x.add(i));
            }
        }
    }
    dispatch!(unsafe fn map / map_kernel(x: *mut f32, n: usize, which: usize));

    fn apply(isa: Isa, xs: &[f32], which: usize) -> Vec<f32> {
        let mut padded = xs.to_vec();
        padded.resize(xs.len().next_multiple_of(16), 0.0);
        unsafe { map(isa, padded.as_mut_ptr(), padded.len(), which) };
        padded.truncate(xs.len());
        padded
    }

    /// erf by its Taylor series in double precision.
    fn erf_exact(x: f64) -> f64 {
        if x.abs() > 5.0 {
            return x.signum();
        }
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            let n = f64::from(n);
            term *= -x * x / n;
            sum += term / (2.0 * n + 1.0);
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    }

    #[test]
    fn functions_agree_with_double_precision() {
        let xs: Vec<f32> = (-6000..6000).map(|i| i as f32 * 0.001).collect();
        for isa in Isa::available() {
            for (x, y) in xs.iter().zip(apply(isa, &xs, 0)) {
                assert!((f64::from(y) / f64::from(*x).exp() - 1.0).abs() < 4e-7, "{isa:?} exp {x}");
            }
            for (x, y) in xs.iter().zip(apply(isa, &xs, 1)) {
                assert!((f64::from(y) - erf_exact(f64::from(*x))).abs() < 6e-7, "{isa:?} erf {x}");
            }
            for (x, y) in xs.iter().zip(apply(isa, &xs, 2)) {
                let x = f64::from(*x);
                let want = x * 0.5 * (1.0 + erf_exact(x * std::f64::consts::FRAC_1_SQRT_2));
                assert!((f64::from(y) - want).abs() < 1e-6, "{isa:?} gelu {x}");
            }
        }
    }

    #[test]
    fn exp_has_no_wild_ends() {
        for isa in Isa::available() {
            let y = apply(isa, &[-1e30, -100.0, 0.0, 88.0], 0);
            assert!(y[0] >= 0.0 && y[0] < 1e-37 && y[1] < 1e-37);
            assert!((y[2] - 1.0).abs() < 1e-7 && y[3].is_finite());
        }
    }

    proptest! {
        #[test]
        fn rows_agree_with_the_plain_formula(
            x in prop::collection::vec(-4.0_f32..4.0, 96),
            add in prop::collection::vec(-1.0_f32..1.0, 96),
            len in 1_usize..=48,
        ) {
            let gain: Vec<f32> = (0..48).map(|i| 1.0 + i as f32 * 0.01).collect();
            let bias: Vec<f32> = (0..48).map(|i| i as f32 * 0.1).collect();
            for isa in Isa::available() {
                let mut y = x.clone();
                add_layer_norm(isa, &mut y, &add, &gain, &bias, 1e-5);
                let mut z: Vec<f32> = x.iter().zip(&add).map(|(a, b)| a + b).collect();
                layer_norm(isa, &mut z, &gain, &bias, 1e-5);
                for row in 0..2 {
                    let v: Vec<f64> = (0..48).map(|i| f64::from(x[row * 48 + i] + add[row * 48 + i])).collect();
                    let mean = v.iter().sum::<f64>() / 48.0;
                    let var = v.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / 48.0;
                    for i in 0..48 {
                        let want = (v[i] - mean) / (var + 1e-5).sqrt() * f64::from(gain[i]) + f64::from(bias[i]);
                        prop_assert!((f64::from(y[row * 48 + i]) - want).abs() < 1e-4);
                        prop_assert_eq!(y[row * 48 + i].to_bits(), z[row * 48 + i].to_bits());
                    }
                }
                let mut s = x.clone();
                softmax(isa, &mut s, 48, len);
                for row in s.chunks(48) {
                    prop_assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
                    prop_assert!(row[len..].iter().all(|&p| p == 0.0));
                }
                let total: f64 = x[..len].iter().map(|&a| f64::from(a).exp()).sum();
                for i in 0..len {
                    prop_assert!((f64::from(s[i]) - f64::from(x[i]).exp() / total).abs() < 1e-6);
                }
            }
        }
    }
}
