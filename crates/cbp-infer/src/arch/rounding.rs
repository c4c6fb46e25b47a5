//! The way between the integers of [`Words`] and single precision, for each instruction set.

use super::{
    scan::{self, Words},
    simd::{self, Simd},
};

/// What kernels in integers need beside [`Words`].
///
/// # Safety
///
/// As of [`Words`]; the pointer is good for a register's numbers.
pub(super) trait Rounding: Words {
    /// The register of as many single-precision numbers.
    type Floats: Simd;
    /// Sums as numbers.
    unsafe fn floats(sums: Self::Sums) -> Self::Floats;
    /// Rounds numbers of the range of `i16`, ties to even, and writes them.
    unsafe fn round(x: Self::Floats, to: *mut i16);
}

impl Rounding for scan::Portable {
    type Floats = simd::Portable;
    #[inline(always)]
    unsafe fn floats(sums: [i32; 8]) -> simd::Portable {
        let sums = sums.map(|sum| sum as f32);
        // SAFETY: eight numbers are read from an array of eight.
        unsafe { Simd::load(sums.as_ptr()) }
    }
    #[inline(always)]
    unsafe fn round(x: simd::Portable, to: *mut i16) {
        let mut numbers = [0.0_f32; 8];
        // SAFETY: eight numbers are written to an array of eight; the caller vouches for eight at `to`.
        unsafe {
            x.store(numbers.as_mut_ptr());
            to.cast::<[i16; 8]>().write_unaligned(numbers.map(|x| x.round_ties_even() as i16));
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use core::arch::x86_64::{
        __m256i, __m512i, _mm_packs_epi32, _mm_storeu_si128, _mm256_castsi256_si128, _mm256_cvtepi32_ps,
        _mm256_cvtps_epi32, _mm256_extracti128_si256, _mm256_storeu_si256, _mm512_cvtepi32_epi16,
        _mm512_cvtepi32_ps, _mm512_cvtps_epi32,
    };

    use super::{
        Rounding,
        scan::x86::{Avx2, Vnni},
        simd,
    };

    // SAFETY for every method: the trait's contract is that the processor has these instructions and that the
    // pointer is good for a register's numbers; stores are the unaligned ones.
    impl Rounding for Avx2 {
        type Floats = simd::Avx2;
        #[inline(always)]
        unsafe fn floats(sums: __m256i) -> simd::Avx2 {
            simd::Avx2(unsafe { _mm256_cvtepi32_ps(sums) })
        }
        #[inline(always)]
        unsafe fn round(x: simd::Avx2, to: *mut i16) {
            unsafe {
                let wide = _mm256_cvtps_epi32(x.0);
                let high = _mm256_extracti128_si256::<1>(wide);
                _mm_storeu_si128(to.cast(), _mm_packs_epi32(_mm256_castsi256_si128(wide), high));
            }
        }
    }

    impl Rounding for Vnni {
        type Floats = simd::Avx512;
        #[inline(always)]
        unsafe fn floats(sums: __m512i) -> simd::Avx512 {
            simd::Avx512(unsafe { _mm512_cvtepi32_ps(sums) })
        }
        #[inline(always)]
        unsafe fn round(x: simd::Avx512, to: *mut i16) {
            unsafe { _mm256_storeu_si256(to.cast(), _mm512_cvtepi32_epi16(_mm512_cvtps_epi32(x.0))) }
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod neon {
    use core::arch::aarch64::{int32x4_t, vcvtnq_s32_f32, vcvtq_f32_s32, vqmovn_s32, vst1_s16};

    use super::{Rounding, scan::neon::Neon, simd};

    // SAFETY for every method: every 64-bit Arm processor has these instructions; the caller vouches for four numbers.
    impl Rounding for Neon {
        type Floats = simd::Neon;
        #[inline(always)]
        unsafe fn floats(sums: int32x4_t) -> simd::Neon {
            simd::Neon(unsafe { vcvtq_f32_s32(sums) })
        }
        #[inline(always)]
        unsafe fn round(x: simd::Neon, to: *mut i16) {
            unsafe { vst1_s16(to, vqmovn_s32(vcvtnq_s32_f32(x.0))) }
        }
    }
}
