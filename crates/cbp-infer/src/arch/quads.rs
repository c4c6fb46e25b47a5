//! Registers of eight-bit codes, and the way between their sums and single precision, for each instruction set.

use super::simd::{self, Simd};

/// Integer registers of one instruction set: four codes of each of a few outputs.
///
/// # Safety
///
/// All methods require the instruction set of the implementing type, and pointers good for what they name.
pub(super) trait Quads {
    /// Codes of weights.
    type Weights: Copy;
    /// Codes of activations.
    type Numbers: Copy;
    /// A sum for each of the register's outputs.
    type Sums: Copy;
    /// The register of as many single-precision numbers.
    type Floats: Simd;
    /// All sums 0.
    unsafe fn zero() -> Self::Sums;
    /// Four codes for each of a register's outputs.
    unsafe fn load(codes: *const i8) -> Self::Weights;
    /// The same four codes for every output.
    unsafe fn splat(codes: *const u8) -> Self::Numbers;
    /// Adds the products of the four. Weights lie within ±63, so that two products fit in sixteen bits.
    unsafe fn add(sums: Self::Sums, numbers: Self::Numbers, weights: Self::Weights) -> Self::Sums;
    /// Sums as numbers.
    unsafe fn floats(sums: Self::Sums) -> Self::Floats;
    /// Rounds numbers, ties to even, to the range of `u8` and writes them.
    unsafe fn round(x: Self::Floats, to: *mut u8);
}

/// Eight outputs in plain Rust: the twin that every other instruction set is tested against.
pub(super) struct Portable;

impl Quads for Portable {
    type Weights = [[i8; 4]; 8];
    type Numbers = [u8; 4];
    type Sums = [i32; 8];
    type Floats = simd::Portable;
    #[inline(always)]
    unsafe fn zero() -> [i32; 8] {
        [0; 8]
    }
    #[inline(always)]
    unsafe fn load(codes: *const i8) -> [[i8; 4]; 8] {
        // SAFETY: the caller vouches for 32 readable codes; bytes have no alignment.
        unsafe { codes.cast::<[[i8; 4]; 8]>().read() }
    }
    #[inline(always)]
    unsafe fn splat(codes: *const u8) -> [u8; 4] {
        // SAFETY: the caller vouches for four readable codes.
        unsafe { codes.cast::<[u8; 4]>().read() }
    }
    #[inline(always)]
    unsafe fn add(mut sums: [i32; 8], numbers: [u8; 4], weights: [[i8; 4]; 8]) -> [i32; 8] {
        for (sum, weights) in sums.iter_mut().zip(weights) {
            for (number, weight) in numbers.into_iter().zip(weights) {
                *sum += i32::from(number) * i32::from(weight);
            }
        }
        sums
    }
    #[inline(always)]
    unsafe fn floats(sums: [i32; 8]) -> simd::Portable {
        let sums = sums.map(|sum| sum as f32);
        // SAFETY: eight numbers are read from an array of eight.
        unsafe { Simd::load(sums.as_ptr()) }
    }
    #[inline(always)]
    unsafe fn round(x: simd::Portable, to: *mut u8) {
        let mut numbers = [0.0_f32; 8];
        // SAFETY: eight numbers are written to an array of eight; the caller vouches for eight at `to`.
        unsafe {
            x.store(numbers.as_mut_ptr());
            to.cast::<[u8; 8]>().write(numbers.map(|x| x.round_ties_even() as u8));
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[allow(clippy::wildcard_imports)] // Some twenty intrinsics.
pub(super) mod x86 {
    use core::arch::x86_64::*;

    use super::{Quads, simd};

    /// Everything that code over [`Vnni`] is compiled for.
    pub(in crate::arch) fn has_vnni() -> bool {
        std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("avx512vnni")
    }

    /// Eight outputs.
    pub(in crate::arch) struct Avx2;

    // SAFETY for every method: the trait's contract is that the processor has these instructions and that pointers
    // are good for eight outputs; all loads and stores are the unaligned ones.
    impl Quads for Avx2 {
        type Weights = __m256i;
        type Numbers = __m256i;
        type Sums = __m256i;
        type Floats = simd::Avx2;
        #[inline(always)]
        unsafe fn zero() -> __m256i {
            unsafe { _mm256_setzero_si256() }
        }
        #[inline(always)]
        unsafe fn load(codes: *const i8) -> __m256i {
            unsafe { _mm256_loadu_si256(codes.cast()) }
        }
        #[inline(always)]
        unsafe fn splat(codes: *const u8) -> __m256i {
            unsafe { _mm256_set1_epi32(codes.cast::<i32>().read_unaligned()) }
        }
        #[inline(always)]
        unsafe fn add(sums: __m256i, numbers: __m256i, weights: __m256i) -> __m256i {
            unsafe {
                let twos = _mm256_maddubs_epi16(numbers, weights);
                _mm256_add_epi32(sums, _mm256_madd_epi16(twos, _mm256_set1_epi16(1)))
            }
        }
        #[inline(always)]
        unsafe fn floats(sums: __m256i) -> simd::Avx2 {
            simd::Avx2(unsafe { _mm256_cvtepi32_ps(sums) })
        }
        #[inline(always)]
        unsafe fn round(x: simd::Avx2, to: *mut u8) {
            unsafe {
                let wide = _mm256_cvtps_epi32(x.0);
                let high = _mm256_extracti128_si256::<1>(wide);
                let words = _mm_packs_epi32(_mm256_castsi256_si128(wide), high);
                _mm_storel_epi64(to.cast(), _mm_packus_epi16(words, words));
            }
        }
    }

    /// Sixteen outputs.
    pub(in crate::arch) struct Vnni;

    // SAFETY for every method: as above, for sixteen outputs.
    impl Quads for Vnni {
        type Weights = __m512i;
        type Numbers = __m512i;
        type Sums = __m512i;
        type Floats = simd::Avx512;
        #[inline(always)]
        unsafe fn zero() -> __m512i {
            unsafe { _mm512_setzero_si512() }
        }
        #[inline(always)]
        unsafe fn load(codes: *const i8) -> __m512i {
            unsafe { _mm512_loadu_si512(codes.cast()) }
        }
        #[inline(always)]
        unsafe fn splat(codes: *const u8) -> __m512i {
            unsafe { _mm512_set1_epi32(codes.cast::<i32>().read_unaligned()) }
        }
        #[inline(always)]
        unsafe fn add(sums: __m512i, numbers: __m512i, weights: __m512i) -> __m512i {
            unsafe { _mm512_dpbusd_epi32(sums, numbers, weights) }
        }
        #[inline(always)]
        unsafe fn floats(sums: __m512i) -> simd::Avx512 {
            simd::Avx512(unsafe { _mm512_cvtepi32_ps(sums) })
        }
        #[inline(always)]
        unsafe fn round(x: simd::Avx512, to: *mut u8) {
            unsafe {
                let wide = _mm512_max_epi32(_mm512_cvtps_epi32(x.0), _mm512_setzero_si512());
                _mm_storeu_si128(to.cast(), _mm512_cvtusepi32_epi8(wide));
            }
        }
    }
}

#[cfg(target_arch = "aarch64")]
#[allow(clippy::wildcard_imports)] // Some twenty intrinsics.
pub(super) mod neon {
    use core::arch::aarch64::*;

    use super::{Quads, simd};

    /// Four outputs.
    pub(in crate::arch) struct Neon;

    // SAFETY for every method: every 64-bit Arm processor has these instructions; the caller vouches for four
    // outputs at each pointer.
    impl Quads for Neon {
        type Weights = int8x16_t;
        /// Widened: there is no product of signed and unsigned bytes.
        type Numbers = int16x8_t;
        type Sums = int32x4_t;
        type Floats = simd::Neon;
        #[inline(always)]
        unsafe fn zero() -> int32x4_t {
            unsafe { vdupq_n_s32(0) }
        }
        #[inline(always)]
        unsafe fn load(codes: *const i8) -> int8x16_t {
            unsafe { vld1q_s8(codes) }
        }
        #[inline(always)]
        unsafe fn splat(codes: *const u8) -> int16x8_t {
            unsafe {
                let four = vdup_n_u32(codes.cast::<u32>().read_unaligned());
                vreinterpretq_s16_u16(vmovl_u8(vreinterpret_u8_u32(four)))
            }
        }
        #[inline(always)]
        unsafe fn add(sums: int32x4_t, numbers: int16x8_t, weights: int8x16_t) -> int32x4_t {
            unsafe {
                let low = vmulq_s16(numbers, vmovl_s8(vget_low_s8(weights)));
                let high = vmulq_s16(numbers, vmovl_high_s8(weights));
                vpadalq_s16(sums, vpaddq_s16(low, high))
            }
        }
        #[inline(always)]
        unsafe fn floats(sums: int32x4_t) -> simd::Neon {
            simd::Neon(unsafe { vcvtq_f32_s32(sums) })
        }
        #[inline(always)]
        unsafe fn round(x: simd::Neon, to: *mut u8) {
            unsafe {
                let words = vqmovn_s32(vcvtnq_s32_f32(x.0));
                let bytes = vqmovun_s16(vcombine_s16(words, words));
                to.cast::<u32>().write_unaligned(vget_lane_u32::<0>(vreinterpret_u32_u8(bytes)));
            }
        }
    }
}
