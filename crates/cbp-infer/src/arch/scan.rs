//! The scan of ranking: eight-bit courses against sixteen-bit needs, exact in integers.
//!
//! Courses lie in panels of 16: for each two neighbouring dimensions the 16 courses' two numbers side by side
//! (32 bytes). A register tile of a few needs by one panel walks down the dimensions, widens the courses' numbers, and uses the
//! instruction that multiplies sixteen-bit numbers and adds neighbours: two products an instruction lane, twice as many as single
//! precision. Eight-bit needs would read no less and lose more: what they leave out has to be made good by exact scores.

use super::{
    Isa,
    isa::dispatch,
    simd::{self, Simd},
};

/// Courses in a panel.
pub(crate) const LANES: usize = 16;

/// Needs in the widest tile.
pub(crate) const ROWS: usize = 6;

/// Courses as the scan reads them; all slices cover whole panels.
#[derive(Clone, Copy)]
pub(crate) struct Panels<'a> {
    /// `panels × pairs × 32` numbers.
    pub(crate) codes: &'a [i8],
    /// What one unit of a course's codes is worth.
    pub(crate) unit: &'a [f32],
    /// How far a course's codes are from its vector.
    pub(crate) residual: &'a [f32],
    /// Pairs of dimensions.
    pub(crate) pairs: usize,
}

/// Needs as the scan reads them: at most [`ROWS`].
#[derive(Clone, Copy)]
pub(crate) struct Block<'a> {
    /// `pairs × rows × 2` numbers. The caller sees to it that no sum of products with courses' codes passes 32 bits.
    pub(crate) codes: &'a [i16],
    /// For each need: what one unit of its codes is worth in the score.
    pub(crate) unit: &'a [f32],
    /// For each need: what one unit of a course's residual is worth in the score.
    pub(crate) reach: &'a [f32],
    /// For each need: what its codes and all rounding may be off by, in the score. Added after a dense part below 0
    /// has been cut off, since rounding of what else is added does not go with it.
    pub(crate) slack: &'a [f32],
}

/// Integer registers of one instruction set: two numbers of each of a few courses, in sixteen bits.
///
/// # Safety
///
/// All methods require the instruction set of the implementing type, and pointers good for what they name.
trait Numbers: Copy {
    /// A sum for each of the register's courses.
    type Sums: Copy;
    /// The sums as numbers in single precision: as many lanes as courses.
    type Floats: Simd;
    /// Sums of nothing yet.
    unsafe fn zero() -> Self::Sums;
    /// Two numbers for each of a register's courses.
    unsafe fn load(codes: *const i8) -> Self;
    /// The two numbers of a need, for every course.
    unsafe fn splat(codes: *const i16) -> Self;
    /// Adds the two products of each course.
    unsafe fn add(sums: Self::Sums, courses: Self, need: Self) -> Self::Sums;
    /// Adds sums.
    unsafe fn join(sums: Self::Sums, more: Self::Sums) -> Self::Sums;
    /// Converts the sums.
    unsafe fn floats(sums: Self::Sums) -> Self::Floats;
}

/// Adds the products of one pair of dimensions: `N` needs by one panel of `R` registers.
#[inline(always)]
unsafe fn products<B: Numbers, const N: usize, const R: usize>(
    sums: &mut [[B::Sums; R]; N],
    codes: *const i8,
    need: *const i16,
) {
    // SAFETY: `tile` gives pointers to a whole pair of a panel and of `N` needs.
    unsafe {
        let mut courses = [B::load(codes); R];
        for (r, courses) in courses.iter_mut().enumerate().skip(1) {
            *courses = B::load(codes.add(r * 2 * B::Floats::LANES));
        }
        for (n, sums) in sums.iter_mut().enumerate() {
            let two = B::splat(need.add(2 * n));
            for (sum, &courses) in sums.iter_mut().zip(&courses) {
                *sum = B::add(*sum, courses, two);
            }
        }
    }
}

/// One tile: `N` needs by one panel of `R` registers, added to `N` rows of `out` that are `stride` apart. `C` neighbouring
/// pairs of dimensions have sums of their own, so that a tile of few needs does not wait for its last product; whole
/// numbers add up to the same in any order.
#[inline(always)]
unsafe fn tile<B: Numbers, const N: usize, const R: usize, const C: usize>(
    panels: &Panels<'_>,
    block: &Block<'_>,
    panel: usize,
    out: *mut f32,
    stride: usize,
) {
    // SAFETY: `scan` checked that all slices cover the panel and `N` needs.
    unsafe {
        let mut chains = [[[B::zero(); R]; N]; C];
        let mut codes = panels.codes.as_ptr().add(panel * panels.pairs * 2 * LANES);
        let mut need = block.codes.as_ptr();
        for _ in 0..panels.pairs / C {
            for (c, sums) in chains.iter_mut().enumerate() {
                products::<B, N, R>(sums, codes.add(c * 2 * LANES), need.add(c * 2 * N));
            }
            codes = codes.add(C * 2 * LANES);
            need = need.add(C * 2 * N);
        }
        for _ in 0..panels.pairs % C {
            products::<B, N, R>(&mut chains[0], codes, need);
            codes = codes.add(2 * LANES);
            need = need.add(2 * N);
        }
        let mut sums = chains[0];
        for chain in &chains[1..] {
            for (sums, more) in sums.iter_mut().zip(chain) {
                for (sum, &more) in sums.iter_mut().zip(more) {
                    *sum = B::join(*sum, more);
                }
            }
        }
        for (n, sums) in sums.iter().enumerate() {
            let unit = B::Floats::splat(*block.unit.get_unchecked(n));
            let reach = B::Floats::splat(*block.reach.get_unchecked(n));
            let slack = B::Floats::splat(*block.slack.get_unchecked(n));
            for (r, &sum) in sums.iter().enumerate() {
                let first = r * B::Floats::LANES;
                let course = panel * LANES + first;
                let unit = B::Floats::load(panels.unit.as_ptr().add(course)).mul(unit);
                let off = B::Floats::load(panels.residual.as_ptr().add(course)).mul(reach);
                let dense = B::floats(sum).fma(unit, off).max(B::Floats::splat(0.0));
                let out = out.add(n * stride + first);
                B::Floats::load(out).add(dense.add(slack)).store(out);
            }
        }
    }
}

#[inline(always)]
unsafe fn scan_kernel<B: Numbers, const R: usize>(
    panels: &Panels<'_>,
    block: &Block<'_>,
    from: usize,
    to: usize,
    out: *mut f32,
    stride: usize,
) {
    for panel in from..to {
        // SAFETY: as in `tile`; row `N − 1` of `out` reaches past the last panel.
        unsafe {
            let out = out.add((panel - from) * LANES);
            match block.unit.len() {
                6 => tile::<B, 6, R, 1>(panels, block, panel, out, stride),
                5 => tile::<B, 5, R, 1>(panels, block, panel, out, stride),
                4 => tile::<B, 4, R, 1>(panels, block, panel, out, stride),
                3 => tile::<B, 3, R, 1>(panels, block, panel, out, stride),
                2 => tile::<B, 2, R, 2>(panels, block, panel, out, stride),
                _ => tile::<B, 1, R, 4>(panels, block, panel, out, stride),
            }
        }
    }
}

/// Adds upper bounds of the dense part of the score of all courses in panels `from..to`, for a block of needs, to `out`: a row
/// for each need, `stride` apart, one number a course.
///
/// # Panics
///
/// If a slice is shorter than its extents say; that is this crate's bug.
pub(crate) fn scan(
    isa: Isa,
    panels: &Panels<'_>,
    block: &Block<'_>,
    (from, to): (usize, usize),
    (out, stride): (&mut [f32], usize),
) {
    let rows = block.unit.len();
    assert!((1..=ROWS).contains(&rows) && from <= to);
    assert!(panels.codes.len() >= to * panels.pairs * 2 * LANES);
    assert!(panels.unit.len() >= to * LANES && panels.residual.len() >= to * LANES);
    assert!(block.codes.len() >= panels.pairs * rows * 2);
    assert!(block.reach.len() == rows && block.slack.len() == rows);
    assert!(out.len() >= (rows - 1) * stride + (to - from) * LANES);
    let out = out.as_mut_ptr();
    // SAFETY: the extents were just checked; `isa` is one that the processor has, and what AVX-512 needs beyond its
    // foundation is asked for here.
    unsafe {
        match isa {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512
                if std::arch::is_x86_feature_detected!("avx512vnni")
                    && std::arch::is_x86_feature_detected!("avx512bw") =>
            {
                x86::scan_vnni(panels, block, from, to, out, stride);
            }
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 | Isa::Avx2 => x86::scan_avx2(panels, block, from, to, out, stride),
            #[cfg(target_arch = "aarch64")]
            Isa::Neon => scan_kernel::<neon::Neon, 4>(panels, block, from, to, out, stride),
            Isa::Portable => scan_kernel::<Portable, 2>(panels, block, from, to, out, stride),
        }
    }
}

#[inline(always)]
unsafe fn sift_kernel<S: Simd>(bounds: *const f32, panels: usize, least: f32, out: *mut u16) {
    // SAFETY: `sift` checked the extents.
    unsafe {
        let least = S::splat(least);
        for panel in 0..panels {
            let mut lanes = 0;
            for first in (0..LANES).step_by(S::LANES) {
                lanes |= S::load(bounds.add(panel * LANES + first)).at_least(least) << first;
            }
            *out.add(panel) = lanes as u16;
        }
    }
}

dispatch!(unsafe fn sift_raw / sift_kernel(bounds: *const f32, panels: usize, least: f32, out: *mut u16));

/// Which bounds of each panel are at least `least`: a bit for each course.
///
/// # Panics
///
/// If there are not as many masks as panels; that is this crate's bug.
pub(crate) fn sift(isa: Isa, bounds: &[f32], least: f32, out: &mut [u16]) {
    assert!(bounds.len() == out.len() * LANES);
    // SAFETY: the extents were just checked; `isa` is one that the processor has.
    unsafe { sift_raw(isa, bounds.as_ptr(), out.len(), least, out.as_mut_ptr()) }
}

/// Eight courses in plain Rust: the twin that every other instruction set is tested against.
#[derive(Clone, Copy)]
struct Portable([i16; 16]);

impl Numbers for Portable {
    type Sums = [i32; 8];
    type Floats = simd::Portable;
    #[inline(always)]
    unsafe fn zero() -> [i32; 8] {
        [0; 8]
    }
    #[inline(always)]
    unsafe fn load(codes: *const i8) -> Self {
        // SAFETY: the caller vouches for 16 readable numbers; bytes have no alignment.
        Self(unsafe { codes.cast::<[i8; 16]>().read() }.map(i16::from))
    }
    #[inline(always)]
    unsafe fn splat(codes: *const i16) -> Self {
        // SAFETY: the caller vouches for two readable numbers, aligned for their type.
        let two = unsafe { codes.cast::<[i16; 2]>().read() };
        Self(std::array::from_fn(|i| two[i % 2]))
    }
    #[inline(always)]
    unsafe fn add(sums: [i32; 8], courses: Self, need: Self) -> [i32; 8] {
        let product = |i: usize| i32::from(courses.0[i]) * i32::from(need.0[i]);
        std::array::from_fn(|c| sums[c] + product(2 * c) + product(2 * c + 1))
    }
    #[inline(always)]
    unsafe fn join(sums: [i32; 8], more: [i32; 8]) -> [i32; 8] {
        std::array::from_fn(|c| sums[c] + more[c])
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
mod x86 {
    use core::arch::x86_64::*;

    use super::{Block, Numbers, Panels, scan_kernel, simd};

    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn scan_avx2(
        panels: &Panels<'_>,
        block: &Block<'_>,
        from: usize,
        to: usize,
        out: *mut f32,
        stride: usize,
    ) {
        // SAFETY: passed on unchanged.
        unsafe { scan_kernel::<Avx2, 2>(panels, block, from, to, out, stride) }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    pub(super) unsafe fn scan_vnni(
        panels: &Panels<'_>,
        block: &Block<'_>,
        from: usize,
        to: usize,
        out: *mut f32,
        stride: usize,
    ) {
        // SAFETY: passed on unchanged.
        unsafe { scan_kernel::<Vnni, 1>(panels, block, from, to, out, stride) }
    }

    /// Eight courses.
    #[derive(Clone, Copy)]
    struct Avx2(__m256i);

    // SAFETY for every method: the trait's contract is that the processor has these instructions and that pointers
    // are good for eight courses; all loads are the unaligned ones.
    impl Numbers for Avx2 {
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
        unsafe fn add(sums: __m256i, courses: Self, need: Self) -> __m256i {
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
    struct Vnni(__m512i);

    // SAFETY for every method: as above, for sixteen courses.
    impl Numbers for Vnni {
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
        unsafe fn add(sums: __m512i, courses: Self, need: Self) -> __m512i {
            unsafe { _mm512_dpwssd_epi32(sums, courses.0, need.0) }
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
}

#[cfg(target_arch = "aarch64")]
#[allow(clippy::wildcard_imports)] // Some ten intrinsics.
mod neon {
    use core::arch::aarch64::*;

    use super::{Numbers, simd};

    /// Four courses.
    #[derive(Clone, Copy)]
    pub(super) struct Neon(int16x8_t);

    // SAFETY for every method: every 64-bit Arm processor has these instructions; the caller vouches for four
    // courses at each pointer.
    impl Numbers for Neon {
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
        unsafe fn add(sums: int32x4_t, courses: Self, need: Self) -> int32x4_t {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The bound of one course by the definition, in double precision.
    fn bound(panels: &Panels<'_>, block: &Block<'_>, row: usize, course: usize) -> f64 {
        let rows = block.unit.len();
        let (panel, lane) = (course / LANES, course % LANES);
        let sum: i64 = (0..2 * panels.pairs)
            .map(|i| {
                let code = panels.codes[(panel * panels.pairs + i / 2) * 2 * LANES + lane * 2 + i % 2];
                let need = block.codes[i / 2 * 2 * rows + row * 2 + i % 2];
                i64::from(code) * i64::from(need)
            })
            .sum();
        let off = f64::from(panels.residual[course]) * f64::from(block.reach[row]);
        let dense = sum as f64 * f64::from(panels.unit[course]) * f64::from(block.unit[row]);
        (dense + off).max(0.0) + f64::from(block.slack[row])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn every_processor_adds_the_bounds_of_the_definition(
            pairs in 1_usize..80,
            count in 1_usize..5,
            rows in 1_usize..=ROWS,
            skipped in 0_usize..2,
            extreme: bool,
            seed: u64,
        ) {
            let mut state = seed | 1;
            let mut next = move || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as i32 - (1 << 23)
            };
            let mut small = |n: usize| -> Vec<f32> { (0..n).map(|_| next().unsigned_abs() as f32 * 1e-9).collect() };
            let (unit, residual) = (small(count * LANES), small(count * LANES));
            let (need_unit, reach, slack) = (small(rows), small(rows), small(rows));
            let before = small(rows * count * LANES);
            let codes: Vec<i8> = (0..count * pairs * 2 * LANES)
                .map(|_| if extreme { 127 } else { (next() >> 16) as i8 })
                .collect();
            let need_codes: Vec<i16> = (0..pairs * rows * 2)
                .map(|_| if extreme { i16::MAX } else { (next() >> 8) as i16 })
                .collect();
            let panels = Panels { codes: &codes, unit: &unit, residual: &residual, pairs };
            let block =
                Block { codes: &need_codes, unit: &need_unit, reach: &reach, slack: &slack };
            let (from, stride) = (skipped.min(count - 1), count * LANES);
            for isa in Isa::available() {
                let mut out = before.clone();
                scan(isa, &panels, &block, (from, count), (&mut out, stride));
                for row in 0..rows {
                    for at in 0..stride {
                        let (got, was) = (f64::from(out[row * stride + at]), f64::from(before[row * stride + at]));
                        let scanned = at < (count - from) * LANES;
                        let want = if scanned { was + bound(&panels, &block, row, from * LANES + at) } else { was };
                        prop_assert!((got - want).abs() <= 1e-5 * want.abs().max(1e-3), "{got} {want}");
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn every_processor_finds_the_bounds_that_reach(
            bounds in prop::collection::vec(prop_oneof![-1.0_f32..1.0, Just(0.5), Just(f32::NEG_INFINITY)], 0..100),
            least in prop_oneof![-1.0_f32..1.0, Just(0.5)],
        ) {
            let whole = bounds.as_chunks::<LANES>().0;
            for isa in Isa::available() {
                let mut masks = vec![0; whole.len()];
                sift(isa, whole.as_flattened(), least, &mut masks);
                for (mask, bounds) in masks.iter().zip(whole) {
                    for (lane, bound) in bounds.iter().enumerate() {
                        prop_assert_eq!(mask >> lane & 1 == 1, *bound >= least);
                    }
                }
            }
        }
    }
}
