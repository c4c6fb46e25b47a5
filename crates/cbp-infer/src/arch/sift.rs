//! Rows of bounds: which may matter, and how high a threshold they justify.

use super::{Isa, isa::dispatch, scan::LANES, simd::Simd};

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

#[inline(always)]
unsafe fn peaks_kernel<S: Simd>(
    bounds: *const f32,
    residual: *const f32,
    panels: usize,
    span: usize,
    reach: f32,
    slack: f32,
    out: *mut f32,
) {
    // SAFETY: `peaks` checked the extents.
    unsafe {
        let (reach, slack) = (S::splat(-2.0 * reach), S::splat(2.0 * slack));
        for (group, first) in (0..panels).step_by(span).enumerate() {
            for lane in (0..LANES).step_by(S::LANES) {
                let mut peak = S::splat(f32::NEG_INFINITY);
                for panel in first..panels.min(first + span) {
                    let at = panel * LANES + lane;
                    let upper = S::load(bounds.add(at)).sub(slack);
                    peak = peak.max(S::load(residual.add(at)).fma(reach, upper));
                }
                peak.store(out.add(group * LANES + lane));
            }
        }
    }
}

dispatch!(unsafe fn peaks_raw / peaks_kernel(
    bounds: *const f32,
    residual: *const f32,
    panels: usize,
    span: usize,
    reach: f32,
    slack: f32,
    out: *mut f32,
));

/// The largest lower bound of each group of courses, those in the same lane of `span` neighbouring panels, from upper
/// bounds and residuals. A lower bound lies twice the slack and what the course's residual reaches below its upper one.
///
/// # Panics
///
/// If slices do not cover each other; that is this crate's bug.
pub(crate) fn peaks(
    isa: Isa,
    (bounds, residual): (&[f32], &[f32]),
    span: usize,
    (reach, slack): (f32, f32),
) -> Vec<f32> {
    let panels = bounds.len() / LANES;
    assert!(bounds.len() == panels * LANES && residual.len() >= bounds.len() && span > 0);
    let mut out = vec![0.0; panels.div_ceil(span) * LANES];
    // SAFETY: the extents were just checked; `isa` is one that the processor has.
    unsafe {
        peaks_raw(isa, bounds.as_ptr(), residual.as_ptr(), panels, span, reach, slack, out.as_mut_ptr());
    };
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_processor_finds_the_peaks(
            numbers in prop::collection::vec((prop_oneof![-1.0_f32..1.0, Just(f32::NEG_INFINITY)], 0.0_f32..0.1), 0..200),
            span in 1_usize..9,
            (reach, slack) in (0.0_f32..1.0, 0.0_f32..0.1),
        ) {
            let whole = numbers.len() / LANES * LANES;
            let (bounds, residual): (Vec<f32>, Vec<f32>) = numbers[..whole].iter().copied().unzip();
            let mut want = vec![f32::NEG_INFINITY; (whole / LANES).div_ceil(span) * LANES];
            for (at, (bound, residual)) in bounds.iter().zip(&residual).enumerate() {
                let peak = &mut want[at / LANES / span * LANES + at % LANES];
                *peak = peak.max(bound - 2.0 * (reach * residual + slack));
            }
            for isa in Isa::available() {
                let got = peaks(isa, (&bounds, &residual), span, (reach, slack));
                prop_assert_eq!(got.len(), want.len());
                for (got, want) in got.iter().zip(&want) {
                    prop_assert!(got.total_cmp(want).is_eq() || (got - want).abs() < 1e-6, "{} {}", got, want);
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
