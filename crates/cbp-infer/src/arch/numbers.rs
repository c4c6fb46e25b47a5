//! Registers of the scan: four numbers of each of a few courses, and their products with a need's.

use super::{
    Isa,
    simd::{self, Simd},
};

/// How wide the numbers of needs are that an instruction set multiplies with courses' bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// Eight bits: four products are added at once, without loss.
    #[cfg(target_arch = "x86_64")]
    Bytes,
    /// Sixteen bits as twice eight.
    #[cfg(target_arch = "x86_64")]
    BytePairs,
    /// Sixteen bits: courses' numbers are widened, and two products added at once.
    Words,
}

impl Width {
    /// What is fastest on these processors. A need by itself waits for courses' numbers anyway: more bits cost no
    /// time, and save exact scores.
    pub(crate) fn of(isa: Isa, needs: usize) -> Self {
        match isa {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 if x86::has_vnni() => {
                if needs == 1 {
                    Self::BytePairs
                } else {
                    Self::Bytes
                }
            }
            _ => Self::Words,
        }
    }

    /// The largest number.
    pub(crate) const fn largest(self) -> i16 {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Bytes => i8::MAX as i16,
            #[cfg(target_arch = "x86_64")]
            Self::BytePairs => (i8::MAX as i16) << 8 | i8::MAX as i16,
            Self::Words => i16::MAX,
        }
    }

    /// The cells that four numbers of a need fill.
    pub(crate) const fn cells(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Bytes => 1,
            _ => 2,
        }
    }

    /// Cell `step` of four numbers: of words first the even and then the odd ones, as courses' bytes come apart easily like
    /// that; of pairs first the low bytes, from -128 to 127.
    pub(crate) fn cell(self, four: [i16; 4], step: usize) -> i32 {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Bytes => i32::from_ne_bytes(four.map(|number| number as u8)),
            #[cfg(target_arch = "x86_64")]
            Self::BytePairs if step == 0 => i32::from_ne_bytes(four.map(|number| number as u8)),
            #[cfg(target_arch = "x86_64")]
            Self::BytePairs => i32::from_ne_bytes(four.map(|number| ((number + 128) >> 8) as u8)),
            Self::Words => {
                let [low, high] = [four[step % 2], four[step % 2 + 2]].map(i16::to_ne_bytes);
                i32::from_ne_bytes([low[0], low[1], high[0], high[1]])
            }
        }
    }
}

/// Registers of one instruction set: numbers of courses, in the width that a need's have.
///
/// # Safety
///
/// All methods require the instruction set of the implementing type, and pointers good for what they name.
pub(super) trait Numbers: Copy {
    /// Cells of a need that meet four numbers of a course, one after the other.
    const STEPS: usize;
    /// A sum for each of the register's courses.
    type Sums: Copy;
    /// The sums as numbers in single precision: as many lanes as courses.
    type Floats: Simd;
    /// The same sum for all courses.
    unsafe fn start(sum: i32) -> Self::Sums;
    /// What meets cell `step`, of four numbers for each of a register's courses.
    unsafe fn load(codes: *const u8, step: usize) -> Self;
    /// A cell of a need, for every course.
    unsafe fn splat(cell: *const i32) -> Self;
    /// Adds the products of each course with cell `step`, modulo 2³².
    unsafe fn add(sums: Self::Sums, courses: Self, need: Self, step: usize) -> Self::Sums;
    /// Adds sums, modulo 2³².
    unsafe fn join(sums: Self::Sums, more: Self::Sums) -> Self::Sums;
    /// Converts the sums.
    unsafe fn floats(sums: Self::Sums) -> Self::Floats;
}

/// Eight courses in plain Rust: the twin that every other instruction set is tested against.
#[derive(Clone, Copy)]
pub(super) struct Portable([i16; 16]);

impl Numbers for Portable {
    const STEPS: usize = 2;
    type Sums = [i32; 8];
    type Floats = simd::Portable;
    #[inline(always)]
    unsafe fn start(sum: i32) -> [i32; 8] {
        [sum; 8]
    }
    #[inline(always)]
    unsafe fn load(codes: *const u8, step: usize) -> Self {
        // SAFETY: the caller vouches for 32 readable numbers; bytes have no alignment.
        let codes = unsafe { codes.cast::<[u8; 32]>().read() };
        Self(std::array::from_fn(|i| i16::from(codes[2 * i + step])))
    }
    #[inline(always)]
    unsafe fn splat(cell: *const i32) -> Self {
        // SAFETY: the caller vouches for a readable cell, which is aligned for its halves.
        let two = unsafe { cell.cast::<[i16; 2]>().read() };
        Self(std::array::from_fn(|i| two[i % 2]))
    }
    #[inline(always)]
    unsafe fn add(sums: [i32; 8], courses: Self, need: Self, _: usize) -> [i32; 8] {
        let product = |i: usize| i32::from(courses.0[i]) * i32::from(need.0[i]);
        std::array::from_fn(|c| sums[c].wrapping_add(product(2 * c)).wrapping_add(product(2 * c + 1)))
    }
    #[inline(always)]
    unsafe fn join(sums: [i32; 8], more: [i32; 8]) -> [i32; 8] {
        std::array::from_fn(|c| sums[c].wrapping_add(more[c]))
    }
    #[inline(always)]
    unsafe fn floats(sums: [i32; 8]) -> simd::Portable {
        let floats = sums.map(|sum| sum as f32);
        // SAFETY: eight numbers are read from an array of eight.
        unsafe { simd::Portable::load(floats.as_ptr()) }
    }
}

#[cfg(target_arch = "x86_64")]
#[allow(clippy::wildcard_imports)] // Some twenty intrinsics.
pub(super) mod x86 {
    use core::arch::x86_64::*;

    pub(in crate::arch) use super::super::quads::x86::has_vnni;
    use super::{Numbers, simd};

    /// Eight courses.
    #[derive(Clone, Copy)]
    pub(in crate::arch) struct Avx2(__m256i);

    // SAFETY for every method: the trait's contract is that the processor has these instructions and that pointers
    // are good for eight courses; all loads are the unaligned ones.
    impl Numbers for Avx2 {
        const STEPS: usize = 2;
        type Sums = __m256i;
        type Floats = simd::Avx2;
        #[inline(always)]
        unsafe fn start(sum: i32) -> __m256i {
            unsafe { _mm256_set1_epi32(sum) }
        }
        #[inline(always)]
        unsafe fn load(codes: *const u8, step: usize) -> Self {
            unsafe {
                let codes = _mm256_loadu_si256(codes.cast());
                Self(if step == 0 {
                    _mm256_and_si256(codes, _mm256_set1_epi16(0xff))
                } else {
                    _mm256_srli_epi16::<8>(codes)
                })
            }
        }
        #[inline(always)]
        unsafe fn splat(cell: *const i32) -> Self {
            Self(unsafe { _mm256_set1_epi32(*cell) })
        }
        #[inline(always)]
        unsafe fn add(sums: __m256i, courses: Self, need: Self, _: usize) -> __m256i {
            unsafe { _mm256_add_epi32(sums, _mm256_madd_epi16(courses.0, need.0)) }
        }
        #[inline(always)]
        unsafe fn join(sums: __m256i, more: __m256i) -> __m256i {
            unsafe { _mm256_add_epi32(sums, more) }
        }
        #[inline(always)]
        unsafe fn floats(sums: __m256i) -> simd::Avx2 {
            unsafe { simd::Avx2(_mm256_cvtepi32_ps(sums)) }
        }
    }

    /// Sixteen courses.
    #[derive(Clone, Copy)]
    pub(in crate::arch) struct Vnni(__m512i);

    // SAFETY for every method: as above, for sixteen courses.
    impl Numbers for Vnni {
        const STEPS: usize = 1;
        type Sums = __m512i;
        type Floats = simd::Avx512;
        #[inline(always)]
        unsafe fn start(sum: i32) -> __m512i {
            unsafe { _mm512_set1_epi32(sum) }
        }
        #[inline(always)]
        unsafe fn load(codes: *const u8, _: usize) -> Self {
            Self(unsafe { _mm512_loadu_si512(codes.cast()) })
        }
        #[inline(always)]
        unsafe fn splat(cell: *const i32) -> Self {
            Self(unsafe { _mm512_set1_epi32(*cell) })
        }
        #[inline(always)]
        unsafe fn add(sums: __m512i, courses: Self, need: Self, _: usize) -> __m512i {
            unsafe { _mm512_dpbusd_epi32(sums, courses.0, need.0) }
        }
        #[inline(always)]
        unsafe fn join(sums: __m512i, more: __m512i) -> __m512i {
            unsafe { _mm512_add_epi32(sums, more) }
        }
        #[inline(always)]
        unsafe fn floats(sums: __m512i) -> simd::Avx512 {
            unsafe { simd::Avx512(_mm512_cvtepi32_ps(sums)) }
        }
    }

    /// Sixteen courses, for needs of twice eight bits.
    #[derive(Clone, Copy)]
    pub(in crate::arch) struct VnniPairs(Vnni);

    // SAFETY for every method: as above; what is done twice is passed on.
    impl Numbers for VnniPairs {
        const STEPS: usize = 2;
        /// Of low bytes and of high ones.
        type Sums = [__m512i; 2];
        type Floats = simd::Avx512;
        #[inline(always)]
        unsafe fn start(sum: i32) -> [__m512i; 2] {
            unsafe { [Vnni::start(sum), Vnni::start(0)] }
        }
        #[inline(always)]
        unsafe fn load(codes: *const u8, step: usize) -> Self {
            Self(unsafe { Vnni::load(codes, step) })
        }
        #[inline(always)]
        unsafe fn splat(cell: *const i32) -> Self {
            Self(unsafe { Vnni::splat(cell) })
        }
        #[inline(always)]
        unsafe fn add(mut sums: [__m512i; 2], courses: Self, need: Self, step: usize) -> [__m512i; 2] {
            sums[step] = unsafe { Vnni::add(sums[step], courses.0, need.0, step) };
            sums
        }
        #[inline(always)]
        unsafe fn join(sums: [__m512i; 2], more: [__m512i; 2]) -> [__m512i; 2] {
            unsafe { [Vnni::join(sums[0], more[0]), Vnni::join(sums[1], more[1])] }
        }
        #[inline(always)]
        unsafe fn floats(sums: [__m512i; 2]) -> simd::Avx512 {
            unsafe {
                let sum = _mm512_add_epi32(sums[0], _mm512_slli_epi32::<8>(sums[1]));
                simd::Avx512(_mm512_cvtepi32_ps(sum))
            }
        }
    }
}

#[cfg(target_arch = "aarch64")]
#[allow(clippy::wildcard_imports)] // Some ten intrinsics.
pub(super) mod neon {
    use core::arch::aarch64::*;

    use super::{Numbers, simd};

    /// Four courses.
    #[derive(Clone, Copy)]
    pub(in crate::arch) struct Neon(int16x8_t);

    // SAFETY for every method: every 64-bit Arm processor has these instructions; the caller vouches for four
    // courses at each pointer.
    impl Numbers for Neon {
        const STEPS: usize = 2;
        type Sums = int32x4_t;
        type Floats = simd::Neon;
        #[inline(always)]
        unsafe fn start(sum: i32) -> int32x4_t {
            unsafe { vdupq_n_s32(sum) }
        }
        #[inline(always)]
        unsafe fn load(codes: *const u8, step: usize) -> Self {
            unsafe {
                let codes = vreinterpretq_u16_u8(vld1q_u8(codes));
                Self(vreinterpretq_s16_u16(if step == 0 {
                    vandq_u16(codes, vdupq_n_u16(0xff))
                } else {
                    vshrq_n_u16::<8>(codes)
                }))
            }
        }
        #[inline(always)]
        unsafe fn splat(cell: *const i32) -> Self {
            Self(unsafe { vreinterpretq_s16_s32(vdupq_n_s32(*cell)) })
        }
        #[inline(always)]
        unsafe fn add(sums: int32x4_t, courses: Self, need: Self, _: usize) -> int32x4_t {
            unsafe {
                let low = vmull_s16(vget_low_s16(courses.0), vget_low_s16(need.0));
                let high = vmull_high_s16(courses.0, need.0);
                vaddq_s32(sums, vpaddq_s32(low, high))
            }
        }
        #[inline(always)]
        unsafe fn join(sums: int32x4_t, more: int32x4_t) -> int32x4_t {
            unsafe { vaddq_s32(sums, more) }
        }
        #[inline(always)]
        unsafe fn floats(sums: int32x4_t) -> simd::Neon {
            unsafe { simd::Neon(vcvtq_f32_s32(sums)) }
        }
    }
}
