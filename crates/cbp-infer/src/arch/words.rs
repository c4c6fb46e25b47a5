//! Registers of sixteen-bit numbers, and the way between their sums and single precision, for each instruction set.

use super::simd::{self, Simd};

/// Integer registers of one instruction set: two numbers of each of a few outputs.
///
/// # Safety
///
/// All methods require the instruction set of the implementing type, and pointers good for what they name.
pub(super) trait Words: Copy {
    /// A sum for each of the register's outputs.
    type Sums: Copy;
    /// The register of as many single-precision numbers.
    type Floats: Simd;
    /// All sums 0.
    unsafe fn zero() -> Self::Sums;
    /// Two numbers for each of a register's outputs, widened.
    unsafe fn load(codes: *const i8) -> Self;
    /// The same two numbers for every output.
    unsafe fn splat(codes: *const i16) -> Self;
    /// Adds the products of neighbours.
    unsafe fn add(sums: Self::Sums, a: Self, b: Self) -> Self::Sums;
    /// Sums as numbers.
    unsafe fn floats(sums: Self::Sums) -> Self::Floats;
    /// Rounds numbers of the range of `i16`, ties to even, and writes them.
    unsafe fn round(x: Self::Floats, to: *mut i16);
}

/// Eight outputs in plain Rust: the twin that every other instruction set is tested against.
#[derive(Clone, Copy)]
pub(super) struct Portable([i16; 16]);

impl Words for Portable {
    type Sums = [i32; 8];
    type Floats = simd::Portable;
    #[inline(always)]
    unsafe fn zero() -> Self::Sums {
        [0; 8]
    }
    #[inline(always)]
    unsafe fn load(codes: *const i8) -> Self {
        // SAFETY: the caller vouches for 16 readable numbers; bytes have no alignment.
        let codes = unsafe { codes.cast::<[i8; 16]>().read() };
        Self(codes.map(i16::from))
    }
    #[inline(always)]
    unsafe fn splat(codes: *const i16) -> Self {
        // SAFETY: the caller vouches for two readable numbers.
        let pair = unsafe { [*codes, *codes.add(1)] };
        Self(std::array::from_fn(|i| pair[i % 2]))
    }
    #[inline(always)]
    unsafe fn add(sums: Self::Sums, a: Self, b: Self) -> Self::Sums {
        std::array::from_fn(|i| {
            sums[i]
                + i32::from(a.0[2 * i]) * i32::from(b.0[2 * i])
                + i32::from(a.0[2 * i + 1]) * i32::from(b.0[2 * i + 1])
        })
    }
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
#[allow(clippy::wildcard_imports)] // Some twenty intrinsics.
pub(super) mod x86 {
    use core::arch::x86_64::*;

    use super::{Words, simd};

    /// Everything that code over [`Vnni`] is compiled for.
    pub(in crate::arch) fn has_vnni() -> bool {
        std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("avx512vnni")
    }

    /// Eight outputs.
    #[derive(Clone, Copy)]
    pub(in crate::arch) struct Avx2(__m256i);

    // SAFETY for every method: the trait's contract is that the processor has these instructions and that pointers
    // are good for eight outputs; all loads and stores are the unaligned ones.
    impl Words for Avx2 {
        type Sums = __m256i;
        type Floats = simd::Avx2;
        #[inline(always)]
        unsafe fn zero() -> __m256i {
            unsafe { _mm256_setzero_si256() }
        }
        #[inline(always)]
        unsafe fn load(codes: *const i8) -> Self {
            Self(unsafe { _mm256_cvtepi8_epi16(_mm_loadu_si128(codes.cast())) })
        }
        #[inline(always)]
        unsafe fn splat(codes: *const i16) -> Self {
            Self(unsafe { _mm256_set1_epi32(codes.cast::<i32>().read_unaligned()) })
        }
        #[inline(always)]
        unsafe fn add(sums: __m256i, a: Self, b: Self) -> __m256i {
            unsafe { _mm256_add_epi32(sums, _mm256_madd_epi16(a.0, b.0)) }
        }
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

    /// Sixteen outputs.
    #[derive(Clone, Copy)]
    pub(in crate::arch) struct Vnni(__m512i);

    // SAFETY for every method: as above, for sixteen outputs.
    impl Words for Vnni {
        type Sums = __m512i;
        type Floats = simd::Avx512;
        #[inline(always)]
        unsafe fn zero() -> __m512i {
            unsafe { _mm512_setzero_si512() }
        }
        #[inline(always)]
        unsafe fn load(codes: *const i8) -> Self {
            Self(unsafe { _mm512_cvtepi8_epi16(_mm256_loadu_si256(codes.cast())) })
        }
        #[inline(always)]
        unsafe fn splat(codes: *const i16) -> Self {
            Self(unsafe { _mm512_set1_epi32(codes.cast::<i32>().read_unaligned()) })
        }
        #[inline(always)]
        unsafe fn add(sums: __m512i, a: Self, b: Self) -> __m512i {
            unsafe { _mm512_dpwssd_epi32(sums, a.0, b.0) }
        }
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
#[allow(clippy::wildcard_imports)] // Some twenty intrinsics.
pub(super) mod neon {
    use core::arch::aarch64::*;

    use super::{Words, simd};

    /// Four outputs.
    #[derive(Clone, Copy)]
    pub(in crate::arch) struct Neon(int16x8_t);

    // SAFETY for every method: every 64-bit Arm processor has these instructions; the caller vouches for four
    // outputs at each pointer.
    impl Words for Neon {
        type Sums = int32x4_t;
        type Floats = simd::Neon;
        #[inline(always)]
        unsafe fn zero() -> int32x4_t {
            unsafe { vdupq_n_s32(0) }
        }
        #[inline(always)]
        unsafe fn load(codes: *const i8) -> Self {
            Self(unsafe { vmovl_s8(vld1_s8(codes)) })
        }
        #[inline(always)]
        unsafe fn splat(codes: *const i16) -> Self {
            Self(unsafe { vreinterpretq_s16_s32(vdupq_n_s32(codes.cast::<i32>().read_unaligned())) })
        }
        #[inline(always)]
        unsafe fn add(sums: int32x4_t, a: Self, b: Self) -> int32x4_t {
            unsafe {
                let low = vmull_s16(vget_low_s16(a.0), vget_low_s16(b.0));
                let high = vmull_high_s16(a.0, b.0);
                vaddq_s32(sums, vpaddq_s32(low, high))
            }
        }
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
