//! The scan of ranking: eight-bit courses against needs, exact in integers.
//!
//! Courses lie in panels of 16: for each four neighbouring dimensions the 16 courses' four numbers side by side (64
//! bytes), 128 added to each so that none is below 0. A register tile of a few needs by a few courses walks down the
//! dimensions and uses the instructions that multiply small numbers and add neighbouring products. Needs have as many bits as
//! those take ([`Width`]); what they leave out is made good by exact scores, as for courses.

#[cfg(target_arch = "x86_64")]
use super::numbers::x86::has_vnni;
use super::{
    Isa,
    numbers::{Numbers, Portable, Width},
    simd::{Simd, fetch},
};

/// Courses in a panel.
pub(crate) const LANES: usize = 16;

/// Dimensions whose numbers lie side by side.
pub(crate) const QUAD: usize = 4;

/// A quad of a panel, where it lies in one line of the cache.
#[derive(Clone, Copy, Debug, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
pub(crate) struct Line(pub(crate) [[u8; QUAD]; LANES]);

/// What is added to courses' numbers.
pub(crate) const ZERO: i32 = 128;

/// Needs in the widest tile.
pub(crate) const ROWS: usize = 6;

/// How far ahead of its reading the scan of a table that no cache holds asks, in bytes. Of 2, 6, 12 and 16 KiB none
/// stood out from the noise of 500,000 courses; all were faster than not asking.
const AHEAD: usize = 6 << 10;

/// Courses as the scan reads them; all slices cover whole panels.
#[derive(Clone, Copy)]
pub(crate) struct Panels<'a> {
    /// For each panel `quads` lines.
    pub(crate) codes: &'a [Line],
    /// What one unit of a course's codes is worth.
    pub(crate) unit: &'a [f32],
    /// How far a course's codes are from its vector.
    pub(crate) residual: &'a [f32],
    /// Dimensions by four.
    pub(crate) quads: usize,
}

/// Needs as the scan reads them: at most [`ROWS`].
#[derive(Clone, Copy)]
pub(crate) struct Block<'a> {
    pub(crate) width: Width,
    /// For each quad and each [cell](Width::cell) of it the needs' cells. The caller sees to it that no sum of products with
    /// courses' numbers passes 32 bits.
    pub(crate) cells: &'a [i32],
    /// For each need: the sum of its codes, taken [`ZERO`] times from 0.
    pub(crate) start: &'a [i32],
    /// For each need: what one unit of its codes is worth in the score.
    pub(crate) unit: &'a [f32],
    /// For each need: what one unit of a course's residual is worth in the score.
    pub(crate) reach: &'a [f32],
    /// For each need: what its codes and all rounding may be off by, in the score. Added after a dense part below 0
    /// has been cut off, since rounding of what else is added does not go with it.
    pub(crate) slack: &'a [f32],
}

/// Adds the products of one quad: `N` needs by `R` registers of courses, which begin `offsets` away.
#[inline(always)]
unsafe fn products<B: Numbers, const N: usize, const R: usize>(
    sums: &mut [[B::Sums; R]; N],
    codes: *const u8,
    offsets: &[usize; R],
    need: *const i32,
) {
    // SAFETY: `tile` gives pointers to a whole quad of its panels and of `N` needs.
    unsafe {
        for step in 0..B::STEPS {
            let courses = offsets.map(|offset| B::load(codes.add(offset), step));
            for (n, sums) in sums.iter_mut().enumerate() {
                let cell = B::splat(need.add(step * N + n));
                for (sum, courses) in sums.iter_mut().zip(courses) {
                    *sum = B::add(*sum, courses, cell, step);
                }
            }
        }
    }
}

/// One tile: `N` needs by `R` registers of courses from `panel` on, added to `N` rows of `others`, into `out`. `C`
/// neighbouring quads have sums of their own, so that a tile of few needs does not wait for its last product; whole
/// numbers add up to the same in any order. With `FETCH` it asks for what stands [`AHEAD`] bytes on.
#[inline(always)]
unsafe fn tile<B: Numbers, const N: usize, const R: usize, const C: usize, const FETCH: bool>(
    panels: &Panels<'_>,
    block: &Block<'_>,
    panel: usize,
    others: *const f32,
    out: *mut f32,
    stride: usize,
) {
    // SAFETY: `scan` checked that all slices cover the panels and `N` needs.
    unsafe {
        let lanes = B::Floats::LANES;
        let offsets: [usize; R] = std::array::from_fn(|r| {
            (r * lanes / LANES) * panels.quads * QUAD * LANES + r * lanes % LANES * QUAD
        });
        let mut chains = [[[B::start(0); R]; N]; C];
        for (n, sums) in chains[0].iter_mut().enumerate() {
            *sums = [B::start(*block.start.get_unchecked(n)); R];
        }
        let mut codes = panels.codes.as_ptr().add(panel * panels.quads).cast::<u8>();
        let mut need = block.cells.as_ptr();
        let (quad, cells) = (QUAD * LANES, B::STEPS * N);
        for _ in 0..panels.quads / C {
            if FETCH {
                for c in 0..C {
                    fetch(codes.wrapping_add(AHEAD + c * quad).cast());
                }
            }
            for (c, sums) in chains.iter_mut().enumerate() {
                products::<B, N, R>(sums, codes.add(c * quad), &offsets, need.add(c * cells));
            }
            codes = codes.add(C * quad);
            need = need.add(C * cells);
        }
        for _ in 0..panels.quads % C {
            products::<B, N, R>(&mut chains[0], codes, &offsets, need);
            codes = codes.add(quad);
            need = need.add(cells);
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
                let course = panel * LANES + r * lanes;
                let unit = B::Floats::load(panels.unit.as_ptr().add(course)).mul(unit);
                let off = B::Floats::load(panels.residual.as_ptr().add(course)).mul(reach);
                let dense = B::floats(sum).fma(unit, off).max(B::Floats::splat(0.0));
                let at = n * stride + r * lanes;
                B::Floats::load(others.add(at)).add(dense.add(slack)).store(out.add(at));
            }
        }
    }
}

/// One need: tiles of `P` registers, a panel at a time.
#[inline(always)]
unsafe fn one_kernel<B: Numbers, const P: usize, const FETCH: bool>(
    panels: &Panels<'_>,
    block: &Block<'_>,
    from: usize,
    to: usize,
    others: *const f32,
    out: *mut f32,
    stride: usize,
) {
    for panel in from..to {
        let done = (panel - from) * LANES;
        // SAFETY: as in `tile`; the caller has one need.
        unsafe { tile::<B, 1, P, 4, FETCH>(panels, block, panel, others.add(done), out.add(done), stride) }
    }
}

/// Tiles of `R` registers, and of `P` where a panel has fewer.
#[inline(always)]
unsafe fn scan_kernel<B: Numbers, const R: usize, const P: usize>(
    panels: &Panels<'_>,
    block: &Block<'_>,
    from: usize,
    to: usize,
    others: *const f32,
    out: *mut f32,
    stride: usize,
) {
    if block.unit.len() == 1 {
        // SAFETY: passed on unchanged.
        return unsafe { one_kernel::<B, P, false>(panels, block, from, to, others, out, stride) };
    }
    let several = R * B::Floats::LANES / LANES;
    let mut panel = from;
    while panel < to {
        // SAFETY: as in `tile`; row `N − 1` of `out` reaches past the last panel.
        unsafe {
            let done = (panel - from) * LANES;
            let (others, out) = (others.add(done), out.add(done));
            macro_rules! tiles {
                ($registers:ident) => {
                    match block.unit.len() {
                        6 => tile::<B, 6, $registers, 1, false>(panels, block, panel, others, out, stride),
                        5 => tile::<B, 5, $registers, 1, false>(panels, block, panel, others, out, stride),
                        4 => tile::<B, 4, $registers, 1, false>(panels, block, panel, others, out, stride),
                        3 => tile::<B, 3, $registers, 1, false>(panels, block, panel, others, out, stride),
                        _ => tile::<B, 2, $registers, 2, false>(panels, block, panel, others, out, stride),
                    }
                };
            }
            if panel + several <= to {
                tiles!(R);
                panel += several;
            } else {
                tiles!(P);
                panel += 1;
            }
        }
    }
}

/// Upper bounds of the score of all courses in panels `from..to`, for a block of needs: of the dense part, added to what
/// `others` holds. Both tables have a row for each need, `stride` apart, with one number a course.
///
/// # Panics
///
/// If a slice is shorter than its extents say; that is this crate's bug.
pub(crate) fn scan(
    isa: Isa,
    panels: &Panels<'_>,
    block: &Block<'_>,
    (from, to): (usize, usize),
    others: &[f32],
    out: &mut [f32],
    stride: usize,
) {
    let rows = block.unit.len();
    assert!((1..=ROWS).contains(&rows) && from <= to);
    assert!(panels.codes.len() >= to * panels.quads);
    assert!(panels.unit.len() >= to * LANES && panels.residual.len() >= to * LANES);
    assert!(block.cells.len() >= panels.quads * rows * block.width.cells());
    assert!(block.start.len() == rows && block.reach.len() == rows && block.slack.len() == rows);
    assert!(others.len().min(out.len()) >= (rows - 1) * stride + (to - from) * LANES);
    let (others, out) = (others.as_ptr(), out.as_mut_ptr());
    #[cfg(target_arch = "x86_64")]
    let far = rows == 1 && size_of_val(panels.codes) >= x86::FAR;
    // SAFETY: the extents were just checked; `isa` is one that the processor has, and bytes are multiplied where it has
    // what AVX-512 needs for that.
    unsafe {
        match (isa, block.width) {
            #[cfg(target_arch = "x86_64")]
            (_, Width::Bytes | Width::BytePairs) => {
                assert!(isa == Isa::Avx512 && has_vnni(), "this processor does not multiply bytes");
                if block.width == Width::Bytes && far {
                    x86::far_vnni(panels, block, from, to, others, out, stride);
                } else if block.width == Width::Bytes {
                    x86::scan_vnni(panels, block, from, to, others, out, stride);
                } else {
                    x86::scan_vnni_pairs(panels, block, from, to, others, out, stride);
                }
            }
            #[cfg(target_arch = "x86_64")]
            (Isa::Avx512 | Isa::Avx2, _) if far => {
                x86::far_avx2(panels, block, from, to, others, out, stride);
            }
            #[cfg(target_arch = "x86_64")]
            (Isa::Avx512 | Isa::Avx2, _) => x86::scan_avx2(panels, block, from, to, others, out, stride),
            #[cfg(target_arch = "aarch64")]
            (Isa::Neon, _) => {
                scan_kernel::<super::numbers::neon::Neon, 4, 4>(panels, block, from, to, others, out, stride)
            }
            (Isa::Portable, _) => scan_kernel::<Portable, 2, 2>(panels, block, from, to, others, out, stride),
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Block, Panels, one_kernel, scan_kernel};
    use crate::arch::numbers::x86::{Avx2, Vnni, VnniPairs};

    /// Bytes of codes that no cache near the processor holds. From here on a single need waits for memory, and asks ahead for what
    /// it reads; smaller tables are read no faster for it, or slower. Tests have tables of both kinds.
    pub(super) const FAR: usize = if cfg!(test) { 4 << 10 } else { 32 << 20 };

    /// Kernels compiled for what a processor has.
    macro_rules! compiled {
        ($($name:ident: $features:literal, $kernel:expr;)*) => {$(
            #[target_feature(enable = $features)]
            pub(super) unsafe fn $name(
                panels: &Panels<'_>,
                block: &Block<'_>,
                from: usize,
                to: usize,
                others: *const f32,
                out: *mut f32,
                stride: usize,
            ) {
                // SAFETY: passed on unchanged.
                unsafe { $kernel(panels, block, from, to, others, out, stride) }
            }
        )*};
    }

    compiled! {
        scan_avx2: "avx2,fma", scan_kernel::<Avx2, 2, 2>;
        scan_vnni: "avx512f,avx512bw,avx512vnni", scan_kernel::<Vnni, 4, 1>;
        scan_vnni_pairs: "avx512f,avx512bw,avx512vnni", scan_kernel::<VnniPairs, 1, 1>;
        far_avx2: "avx2,fma", one_kernel::<Avx2, 2, true>;
        far_vnni: "avx512f,avx512bw,avx512vnni", one_kernel::<Vnni, 1, true>;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The bound of one course by the definition, in double precision.
    fn bound(panels: &Panels<'_>, block: &Block<'_>, (row, need): (usize, &[i16]), course: usize) -> f64 {
        let panel = &panels.codes[course / LANES * panels.quads..];
        let code = |i: usize| i32::from(panel[i / QUAD].0[course % LANES][i % QUAD]) - ZERO;
        let sum: i64 = need.iter().enumerate().map(|(i, &x)| i64::from(x) * i64::from(code(i))).sum();
        let off = f64::from(panels.residual[course]) * f64::from(block.reach[row]);
        let dense = sum as f64 * f64::from(panels.unit[course]) * f64::from(block.unit[row]);
        (dense + off).max(0.0) + f64::from(block.slack[row])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_processor_adds_the_bounds_of_the_definition(
            quads in 1_usize..40,
            count in 1_usize..10,
            rows in 1_usize..=ROWS,
            skipped in 0_usize..3,
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
            let mut code = || if extreme { [1, 255][usize::from(next() > 0)] } else { (next() >> 16) as u8 };
            let codes: Vec<Line> = (0..count * quads)
                .map(|_| Line(std::array::from_fn(|_| std::array::from_fn(|_| code()))))
                .collect();
            let panels = Panels { codes: &codes, unit: &unit, residual: &residual, quads };
            let (from, stride) = (skipped.min(count - 1), count * LANES);
            let ways = Isa::available().into_iter().flat_map(|isa| {
                [Width::of(isa, 1), Width::of(isa, 2), Width::Words].map(|width| (isa, width))
            });
            for (isa, width) in ways {
                let needs: Vec<Vec<i16>> = (0..rows)
                    .map(|_| {
                        let code = |x: i32| (x >> 8) as i16 % width.largest();
                        (0..QUAD * quads).map(|_| if extreme { width.largest() } else { code(next()) }).collect()
                    })
                    .collect();
                let mut cells = Vec::new();
                for quad in 0..quads {
                    for step in 0..width.cells() {
                        cells.extend(needs.iter().map(|need| width.cell(need.as_chunks().0[quad], step)));
                    }
                }
                let start: Vec<i32> =
                    needs.iter().map(|need| need.iter().map(|&x| -ZERO * i32::from(x)).sum()).collect();
                let block =
                    Block { width, cells: &cells, start: &start, unit: &need_unit, reach: &reach, slack: &slack };
                let mut out = before.clone();
                scan(isa, &panels, &block, (from, count), &before, &mut out, stride);
                for (row, need) in needs.iter().enumerate() {
                    for at in 0..stride {
                        let (got, was) = (f64::from(out[row * stride + at]), f64::from(before[row * stride + at]));
                        let scanned = at < (count - from) * LANES;
                        let more = if scanned { bound(&panels, &block, (row, need), from * LANES + at) } else { 0.0 };
                        let want = was + more;
                        prop_assert!((got - want).abs() <= 1e-5 * want.abs().max(1e-3), "{isa:?} {width:?} {got} {want}");
                    }
                }
            }
        }
    }
}
