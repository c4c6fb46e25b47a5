//! Dot products that come out the same on every processor.
//!
//! Products of two single-precision numbers are exact in double precision, so fusing changes nothing; eight running
//! sums are always added in the same order. One side is widened beforehand: it meets many others.

use super::Isa;

/// The dot product in double precision of two vectors of single-precision numbers, the first of them widened. Where one
/// slice is longer, its tail counts for nothing.
pub(crate) fn dot(isa: Isa, a: &[f64], b: &[f32]) -> f64 {
    let [product] = dots(isa, a, [b]);
    product
}

/// As [`dot`], of one vector with several of one length: sums that do not wait for each other.
///
/// # Panics
///
/// If the several are not equally long; that is this crate's bug.
pub(crate) fn dots<const N: usize>(isa: Isa, a: &[f64], b: [&[f32]; N]) -> [f64; N] {
    assert!(b.windows(2).all(|pair| pair[0].len() == pair[1].len()));
    match isa {
        // SAFETY: `isa` is one that the processor has.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 | Isa::Avx2 => unsafe { dots_avx2(a, b) },
        _ => b.map(|b| dot_portable(a, b)),
    }
}

/// Asks the processor to bring a vector into its second-level cache, which takes more at a time than the first, while other
/// work goes on.
pub(crate) fn fetch(vector: &[f32]) {
    for line in vector.chunks(16) {
        super::simd::fetch(line.as_ptr());
    }
}

fn add_up([a, b, c, d, e, f, g, h]: [f64; 8]) -> f64 {
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}

fn dot_portable(a: &[f64], b: &[f32]) -> f64 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        add_products(&mut sums, a, b);
    }
    add_up(sums)
}

#[inline(always)]
fn add_products(sums: &mut [f64; 8], a: &[f64], b: &[f32]) {
    for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
        *sum += a * f64::from(b);
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn dots_avx2<const N: usize>(a: &[f64], b: [&[f32]; N]) -> [f64; N] {
    use core::arch::x86_64::{
        _mm_loadu_ps, _mm256_cvtps_pd, _mm256_fmadd_pd, _mm256_loadu_pd, _mm256_setzero_pd, _mm256_storeu_pd,
    };
    let len = b.iter().fold(a.len(), |len, b| len.min(b.len()));
    let whole = len - len % 8;
    let mut sums = [[_mm256_setzero_pd(); 2]; N];
    for at in (0..whole).step_by(8) {
        // SAFETY: `at + 8` is at most the length of all slices.
        unsafe {
            let wide = |p: *const f32| _mm256_cvtps_pd(_mm_loadu_ps(p));
            let a = a.as_ptr().add(at);
            let (low, high) = (_mm256_loadu_pd(a), _mm256_loadu_pd(a.add(4)));
            for (sums, b) in sums.iter_mut().zip(b) {
                let b = b.as_ptr().add(at);
                sums[0] = _mm256_fmadd_pd(low, wide(b), sums[0]);
                sums[1] = _mm256_fmadd_pd(high, wide(b.add(4)), sums[1]);
            }
        }
    }
    std::array::from_fn(|n| {
        let mut eight = [0.0; 8];
        // SAFETY: eight numbers are written to an array of eight.
        unsafe {
            _mm256_storeu_pd(eight.as_mut_ptr(), sums[n][0]);
            _mm256_storeu_pd(eight.as_mut_ptr().add(4), sums[n][1]);
        }
        add_products(&mut eight, &a[whole..len], &b[n][whole..len]);
        add_up(eight)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_processor_gives_the_same_bits(
            a in prop::collection::vec(-1.0e3_f32..1.0e3, 0..70),
            b in prop::collection::vec(-1.0_f32..1.0, 0..70),
        ) {
            let a: Vec<f64> = a.into_iter().map(f64::from).collect();
            let plain: f64 = a.iter().zip(&b).map(|(&a, &b)| a * f64::from(b)).sum();
            let want = dot(Isa::Portable, &a, &b);
            prop_assert!((want - plain).abs() < 1e-9);
            for isa in Isa::available() {
                prop_assert_eq!(dot(isa, &a, &b).to_bits(), want.to_bits());
                let back: Vec<f32> = b.iter().rev().copied().collect();
                let [first, other, again] = dots(isa, &a, [&b, &back, &b]).map(f64::to_bits);
                prop_assert_eq!([first, again], [want.to_bits(); 2]);
                prop_assert_eq!(other, dot(Isa::Portable, &a, &back).to_bits());
            }
        }
    }
}
