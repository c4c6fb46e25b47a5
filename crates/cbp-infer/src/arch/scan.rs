//! The scan of ranking: eight-bit courses against sixteen-bit needs, exact in integers.
//!
//! Courses lie in panels of 16: for each pair of neighbouring dimensions the 16 courses' two numbers side by side
//! (32 bytes). A register tile of a few needs by one panel walks down the pairs with multiply-and-add of
//! neighbours. What comes out is an upper bound of each course's score; the scan stops where one reaches its
//! need's threshold, so that scores that do not matter never leave the registers.

use super::Isa;

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
    /// `pairs × rows × 2` numbers.
    pub(crate) codes: &'a [i16],
    /// For each need: what one unit of its codes is worth in the score.
    pub(crate) unit: &'a [f32],
    /// For each need: what one unit of a course's residual is worth in the score.
    pub(crate) reach: &'a [f32],
    /// For each need: what its codes and all rounding may be off by, in the score. Added after a dense part below 0
    /// has been cut off, since rounding of what else is added does not go with it.
    pub(crate) slack: &'a [f32],
    /// For each need: a bound below this does not matter.
    pub(crate) threshold: &'a [f32],
}

/// What is added to the bounds of the courses after the dense part: row `r` begins at `r × stride`, one number a course of
/// the scanned panels. Empty for nothing.
#[derive(Clone, Copy)]
pub(crate) struct Bias<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) stride: usize,
}

/// Where a scan stopped.
pub(crate) struct Stop {
    /// For each need the lanes whose bound reaches the threshold.
    pub(crate) lanes: [u32; ROWS],
    /// For each need the bounds of the panel.
    pub(crate) bounds: [[f32; LANES]; ROWS],
}

impl Default for Stop {
    fn default() -> Self {
        Self { lanes: [0; ROWS], bounds: [[0.0; LANES]; ROWS] }
    }
}

/// The numbers of one tile's end.
#[derive(Clone, Copy)]
pub(super) struct End {
    unit: f32,
    reach: f32,
    slack: f32,
    threshold: f32,
    course_unit: *const f32,
    residual: *const f32,
    bias: *const f32,
    out: *mut f32,
}

/// Integer registers of one instruction set.
///
/// # Safety
///
/// All methods require the instruction set of the implementing type, and pointers good for what they name.
pub(super) trait Words: Copy {
    /// A register of sums.
    type Sums: Copy;
    /// All sums 0.
    unsafe fn zero() -> Self::Sums;
    /// Two numbers for each of a register's courses, widened.
    unsafe fn load(codes: *const i8) -> Self;
    /// The two numbers of a need, for every course.
    unsafe fn splat(codes: *const i16) -> Self;
    /// Adds the products of neighbours.
    unsafe fn add(sums: Self::Sums, a: Self, b: Self) -> Self::Sums;
    /// Sums to bounds; the lanes that reach the threshold, one bit each.
    unsafe fn finish(sums: Self::Sums, end: End) -> u32;
}

/// One tile: `N` needs by one panel.
#[inline(always)]
unsafe fn tile<W: Words, const N: usize, const R: usize>(
    panels: &Panels<'_>,
    block: &Block<'_>,
    panel: usize,
    bias: *const f32,
    stride: usize,
    stop: &mut Stop,
) -> u32 {
    // SAFETY: `scan` checked that all slices cover the panel and `N` needs.
    unsafe {
        let mut sums = [[W::zero(); R]; N];
        let mut codes = panels.codes.as_ptr().add(panel * panels.pairs * 2 * LANES);
        let mut need = block.codes.as_ptr();
        // Fewer needs leave less work a pair, so that the loop's own instructions would count: take several at a time.
        let unrolled = if N > 3 { 1 } else { 4 };
        let step = |codes: *const i8, need: *const i16, sums: &mut [[W::Sums; R]; N]| {
            let mut words = [W::splat(need); R];
            for (r, word) in words.iter_mut().enumerate() {
                *word = W::load(codes.add(r * 2 * LANES / R));
            }
            for (n, sums) in sums.iter_mut().enumerate() {
                let pair = W::splat(need.add(2 * n));
                for (sum, &word) in sums.iter_mut().zip(&words) {
                    *sum = W::add(*sum, word, pair);
                }
            }
        };
        for _ in 0..panels.pairs / unrolled {
            for _ in 0..unrolled {
                step(codes, need, &mut sums);
                codes = codes.add(2 * LANES);
                need = need.add(2 * N);
            }
        }
        for _ in 0..panels.pairs % unrolled {
            step(codes, need, &mut sums);
            codes = codes.add(2 * LANES);
            need = need.add(2 * N);
        }
        let mut any = 0;
        for (n, sums) in sums.iter().enumerate() {
            let mut lanes = 0;
            for (r, &sum) in sums.iter().enumerate() {
                let first = r * LANES / R;
                let course = panel * LANES + first;
                let end = End {
                    unit: *block.unit.get_unchecked(n),
                    reach: *block.reach.get_unchecked(n),
                    slack: *block.slack.get_unchecked(n),
                    threshold: *block.threshold.get_unchecked(n),
                    course_unit: panels.unit.as_ptr().add(course),
                    residual: panels.residual.as_ptr().add(course),
                    bias: if bias.is_null() { bias } else { bias.add(n * stride + first) },
                    out: stop.bounds.get_unchecked_mut(n).as_mut_ptr().add(first),
                };
                lanes |= W::finish(sum, end) << first;
            }
            *stop.lanes.get_unchecked_mut(n) = lanes;
            any |= lanes;
        }
        any
    }
}

/// Scans panels until one has a bound that matters; its number, or `to`.
#[inline(always)]
unsafe fn scan_rows<W: Words, const N: usize, const R: usize>(
    panels: &Panels<'_>,
    block: &Block<'_>,
    (from, first, to): (usize, usize, usize),
    bias: &Bias<'_>,
    stop: &mut Stop,
) -> usize {
    for panel in from..to {
        // SAFETY: as in `tile`; row `N − 1` of the bias reaches past the last panel.
        let hit = unsafe {
            let values = if bias.values.is_empty() {
                std::ptr::null()
            } else {
                bias.values.as_ptr().add((panel - first) * LANES)
            };
            tile::<W, N, R>(panels, block, panel, values, bias.stride, stop)
        };
        if hit != 0 {
            return panel;
        }
    }
    to
}

/// Picks the tile for the number of needs.
macro_rules! by_rows {
    ($words:ty, $registers:literal, $panels:ident, $block:ident, $range:ident, $bias:ident, $stop:ident) => {
        match $block.unit.len() {
            6 => scan_rows::<$words, 6, $registers>($panels, $block, $range, $bias, $stop),
            5 => scan_rows::<$words, 5, $registers>($panels, $block, $range, $bias, $stop),
            4 => scan_rows::<$words, 4, $registers>($panels, $block, $range, $bias, $stop),
            3 => scan_rows::<$words, 3, $registers>($panels, $block, $range, $bias, $stop),
            2 => scan_rows::<$words, 2, $registers>($panels, $block, $range, $bias, $stop),
            _ => scan_rows::<$words, 1, $registers>($panels, $block, $range, $bias, $stop),
        }
    };
}

/// Scans panels `from..to` for a block of needs until a bound reaches its need's threshold.
///
/// Returns the panel where that is, with `stop` filled in, or `to`. The bias's first column is the first course of panel
/// `first`, which is not after `from`.
///
/// # Panics
///
/// If a slice is shorter than its extents say; that is this crate's bug.
pub(crate) fn scan(
    isa: Isa,
    panels: &Panels<'_>,
    block: &Block<'_>,
    range: (usize, usize, usize),
    bias: &Bias<'_>,
    stop: &mut Stop,
) -> usize {
    let (from, first, to) = range;
    let rows = block.unit.len();
    assert!((1..=ROWS).contains(&rows) && first <= from && from <= to);
    assert!(panels.codes.len() >= to * panels.pairs * 2 * LANES);
    assert!(panels.unit.len() >= to * LANES && panels.residual.len() >= to * LANES);
    assert!(block.codes.len() >= panels.pairs * rows * 2);
    assert!(block.reach.len() == rows && block.slack.len() == rows && block.threshold.len() == rows);
    assert!(bias.values.is_empty() || bias.values.len() >= (rows - 1) * bias.stride + (to - first) * LANES);
    // SAFETY: the extents were just checked; `isa` is one that the processor has, and what AVX-512 needs beyond its
    // foundation is asked for here.
    unsafe {
        match isa {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 if x86::has_vnni() => x86::scan_vnni(panels, block, range, bias, stop),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 | Isa::Avx2 => x86::scan_avx2(panels, block, range, bias, stop),
            #[cfg(target_arch = "aarch64")]
            Isa::Neon => by_rows!(neon::Neon, 4, panels, block, range, bias, stop),
            Isa::Portable => by_rows!(Portable, 2, panels, block, range, bias, stop),
        }
    }
}

/// Eight courses in plain Rust: the twin that every other instruction set is tested against.
#[derive(Clone, Copy)]
pub(super) struct Portable([i16; 16]);

impl Words for Portable {
    type Sums = [i32; 8];
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
    unsafe fn finish(sums: Self::Sums, end: End) -> u32 {
        let mut lanes = 0;
        for (i, &sum) in sums.iter().enumerate() {
            // SAFETY: the caller vouches for eight numbers at each pointer.
            unsafe {
                let off = *end.residual.add(i) * end.reach;
                let dense = sum as f32 * (*end.course_unit.add(i) * end.unit) + off;
                let bias = if end.bias.is_null() { 0.0 } else { *end.bias.add(i) };
                let bound = dense.max(0.0) + end.slack + bias;
                *end.out.add(i) = bound;
                lanes |= u32::from(bound >= end.threshold) << i;
            }
        }
        lanes
    }
}

#[cfg(target_arch = "x86_64")]
#[allow(clippy::wildcard_imports)] // Some forty intrinsics.
pub(super) mod x86 {
    use core::arch::x86_64::*;

    use super::{Bias, Block, End, Panels, Stop, Words, scan_rows};

    /// Everything that [`scan_vnni`] is compiled for.
    pub(in crate::arch) fn has_vnni() -> bool {
        std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("avx512vnni")
    }

    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn scan_avx2(
        panels: &Panels<'_>,
        block: &Block<'_>,
        range: (usize, usize, usize),
        bias: &Bias<'_>,
        stop: &mut Stop,
    ) -> usize {
        // SAFETY: passed on unchanged.
        unsafe { by_rows!(Avx2, 2, panels, block, range, bias, stop) }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    pub(super) unsafe fn scan_vnni(
        panels: &Panels<'_>,
        block: &Block<'_>,
        range: (usize, usize, usize),
        bias: &Bias<'_>,
        stop: &mut Stop,
    ) -> usize {
        // SAFETY: passed on unchanged.
        unsafe { by_rows!(Vnni, 1, panels, block, range, bias, stop) }
    }

    /// Eight courses.
    #[derive(Clone, Copy)]
    pub(in crate::arch) struct Avx2(__m256i);

    // SAFETY for every method: the trait's contract is that the processor has these instructions and that pointers
    // are good for eight courses; all loads and stores are the unaligned ones.
    impl Words for Avx2 {
        type Sums = __m256i;
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
        unsafe fn finish(sums: __m256i, end: End) -> u32 {
            unsafe {
                let unit = _mm256_mul_ps(_mm256_loadu_ps(end.course_unit), _mm256_set1_ps(end.unit));
                let residual = _mm256_loadu_ps(end.residual);
                let off = _mm256_mul_ps(residual, _mm256_set1_ps(end.reach));
                let dense = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums), unit, off);
                let dense = _mm256_max_ps(dense, _mm256_setzero_ps());
                let mut bound = _mm256_add_ps(dense, _mm256_set1_ps(end.slack));
                if !end.bias.is_null() {
                    bound = _mm256_add_ps(bound, _mm256_loadu_ps(end.bias));
                }
                _mm256_storeu_ps(end.out, bound);
                let over = _mm256_cmp_ps::<_CMP_GE_OQ>(bound, _mm256_set1_ps(end.threshold));
                _mm256_movemask_ps(over) as u32
            }
        }
    }

    /// Sixteen courses.
    #[derive(Clone, Copy)]
    pub(in crate::arch) struct Vnni(__m512i);

    // SAFETY for every method: as above, for sixteen courses.
    impl Words for Vnni {
        type Sums = __m512i;
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
        unsafe fn finish(sums: __m512i, end: End) -> u32 {
            unsafe {
                let unit = _mm512_mul_ps(_mm512_loadu_ps(end.course_unit), _mm512_set1_ps(end.unit));
                let residual = _mm512_loadu_ps(end.residual);
                let off = _mm512_mul_ps(residual, _mm512_set1_ps(end.reach));
                let dense = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums), unit, off);
                let dense = _mm512_max_ps(dense, _mm512_setzero_ps());
                let mut bound = _mm512_add_ps(dense, _mm512_set1_ps(end.slack));
                if !end.bias.is_null() {
                    bound = _mm512_add_ps(bound, _mm512_loadu_ps(end.bias));
                }
                _mm512_storeu_ps(end.out, bound);
                u32::from(_mm512_cmp_ps_mask::<_CMP_GE_OQ>(bound, _mm512_set1_ps(end.threshold)))
            }
        }
    }
}

#[cfg(target_arch = "aarch64")]
#[allow(clippy::wildcard_imports)] // Some twenty intrinsics.
pub(super) mod neon {
    use core::arch::aarch64::*;

    use super::{End, Words};

    /// Four courses.
    #[derive(Clone, Copy)]
    pub(in crate::arch) struct Neon(int16x8_t);

    // SAFETY for every method: every 64-bit Arm processor has these instructions; the caller vouches for four
    // courses at each pointer.
    impl Words for Neon {
        type Sums = int32x4_t;
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
        unsafe fn finish(sums: int32x4_t, end: End) -> u32 {
            unsafe {
                let unit = vmulq_n_f32(vld1q_f32(end.course_unit), end.unit);
                let off = vmulq_n_f32(vld1q_f32(end.residual), end.reach);
                let dense = vfmaq_f32(off, vcvtq_f32_s32(sums), unit);
                let dense = vmaxq_f32(dense, vdupq_n_f32(0.0));
                let mut bound = vaddq_f32(dense, vdupq_n_f32(end.slack));
                if !end.bias.is_null() {
                    bound = vaddq_f32(bound, vld1q_f32(end.bias));
                }
                vst1q_f32(end.out, bound);
                let bits = [1_u32, 2, 4, 8];
                let over = vcgeq_f32(bound, vdupq_n_f32(end.threshold));
                vaddvq_u32(vandq_u32(over, vld1q_u32(bits.as_ptr())))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block<'a>(
        (codes, unit, reach, slack): (&'a [i16], &'a [f32], &'a [f32], &'a [f32]),
        threshold: &'a [f32],
    ) -> Block<'a> {
        Block { codes, unit, reach, slack, threshold }
    }

    /// The bound of one course by the definition, in double precision.
    fn bound(panels: &Panels<'_>, block: &Block<'_>, row: usize, course: usize, bias: f32) -> f64 {
        let rows = block.unit.len();
        let (panel, lane) = (course / LANES, course % LANES);
        let sum: i64 = (0..2 * panels.pairs)
            .map(|i| {
                let at = panel * panels.pairs * 2 * LANES + i / 2 * 2 * LANES + lane * 2 + i % 2;
                i64::from(panels.codes[at]) * i64::from(block.codes[i / 2 * 2 * rows + row * 2 + i % 2])
            })
            .sum();
        let off = f64::from(panels.residual[course]) * f64::from(block.reach[row]);
        let dense = sum as f64 * f64::from(panels.unit[course]) * f64::from(block.unit[row]);
        (dense + off).max(0.0) + f64::from(block.slack[row]) + f64::from(bias)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn every_processor_gives_the_bounds_of_the_definition(
            pairs in 1_usize..40,
            count in 1_usize..5,
            rows in 1_usize..=ROWS,
            seed: u64,
            with_bias: bool,
        ) {
            let mut state = seed | 1;
            let mut next = move || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as i32 - (1 << 23)
            };
            let mut small = |n: usize| -> Vec<f32> { (0..n).map(|_| next().unsigned_abs() as f32 * 1e-9).collect() };
            let (unit, residual) = (small(count * LANES), small(count * LANES));
            let (need_unit, reach, slack) = (small(rows), small(rows), small(rows));
            let values = if with_bias { small(rows * count * LANES) } else { Vec::new() };
            let codes: Vec<i8> = (0..count * pairs * 2 * LANES).map(|_| (next() >> 16) as i8).collect();
            let need_codes: Vec<i16> = (0..pairs * rows * 2).map(|_| (next() >> 10) as i16).collect();
            let panels = Panels { codes: &codes, unit: &unit, residual: &residual, pairs };
            let bias = Bias { values: &values, stride: count * LANES };
            let of = |row: usize, course: usize| values.get(row * count * LANES + course).copied().unwrap_or(0.0);
            let need = (&need_codes[..], &need_unit[..], &reach[..], &slack[..]);
            for isa in Isa::available() {
                let (low, high) = (vec![f32::MIN; rows], vec![f32::MAX; rows]);
                let mut stop = Stop::default();
                prop_assert_eq!(scan(isa, &panels, &block(need, &high), (0, 0, count), &bias, &mut stop), count);
                for panel in 0..count {
                    let at = scan(isa, &panels, &block(need, &low), (panel, 0, count), &bias, &mut stop);
                    prop_assert_eq!(at, panel);
                    for row in 0..rows {
                        prop_assert_eq!(stop.lanes[row], 0xFFFF);
                        for lane in 0..LANES {
                            let course = panel * LANES + lane;
                            let want = bound(&panels, &block(need, &low), row, course, of(row, course));
                            let got = f64::from(stop.bounds[row][lane]);
                            prop_assert!((got - want).abs() <= 1e-5 * want.abs().max(1e-3), "{got} {want}");
                        }
                    }
                    // With one need's threshold at one of its bounds, exactly the lanes that reach it are named.
                    let mut exact = high.clone();
                    exact[0] = stop.bounds[0][3];
                    let lanes: u32 = (0..LANES).map(|l| u32::from(stop.bounds[0][l] >= exact[0]) << l).sum();
                    let at = scan(isa, &panels, &block(need, &exact), (panel, 0, panel + 1), &bias, &mut stop);
                    prop_assert_eq!((at, stop.lanes[0]), (panel, lanes));
                }
            }
        }
    }
}
