//! The exact best `k` of a batch, by bounds first and scores last.
//!
//! A first pass computes an upper bound of every course's score in integers, for a group of needs at a time, chunk
//! by chunk of courses, and keeps what may still be among the best: whatever reaches the `k`-th best lower bound. A second
//! pass scores those few exactly, the most promising first, until no bound reaches the `k`-th score. The result is
//! that of scoring every course; no table of needs by courses is ever made.

use std::{cell::Cell, collections::BTreeMap};

use rayon::prelude::*;

use super::{
    codes::{Codes, NeedBlock, NeedCodes},
    pool::{Gap, Pool, best},
};
use crate::arch::{Isa, LANES, ROWS, Width, multiply_adds, scan};

/// Needs that share a pass over the courses.
const GROUP: usize = 8 * ROWS;
/// Panels whose bounds are computed before the pools take from them: the more, the less often course lists are entered.
const SPAN: usize = 512;
/// Panels that a block of needs goes over before the next one does: what lies in the second-level cache.
const CHUNK: usize = 32;
/// Fewest panels that are worth a thread of their own.
const SPLIT: usize = 1024;

/// What is added to a course's dense part, and a course's exact score.
pub(crate) trait Scorer: Sync {
    /// Where a need stands in the course lists that it walks along.
    type Cursor: Send;
    /// What a score is made of.
    type Detail: Copy + Send;
    /// A need's vector in whole numbers of this width.
    fn encoded(&self, need: usize, width: Width) -> NeedCodes;
    /// A cursor at a course of the scanned codes.
    fn cursor(&self, need: usize, from: usize) -> Self::Cursor;
    /// The first need of the batch whose base is the same.
    fn like(&self, need: usize) -> usize;
    /// Sets `out` to what courses get by themselves, from `first` on. `out` may reach past the last course.
    fn base(&self, need: usize, first: usize, out: &mut [f32]);
    /// Adds to `out` what else some courses get beside their dense part.
    fn add(&self, need: usize, cursor: &mut Self::Cursor, first: usize, out: &mut [f32]);
    /// Says that the exact score of a course will be asked for.
    fn soon(&self, course: u32);
    /// What rounding to single precision may put scores off by.
    fn rounding(&self, need: usize) -> f64;
    /// The exact dense signals of some courses of the scanned codes, and their parts of the scores.
    fn dense<const N: usize>(&self, need: usize, courses: [u32; N]) -> [(f64, f64); N];
    /// The exact score of a course of the scanned codes whose dense signal is known, and what it is made of.
    fn exact(&self, need: usize, course: u32, dense: f64) -> (f64, Self::Detail);
    /// What ties are broken by.
    fn order(&self, course: u32) -> u32;
}

/// Fused multiply-adds in single precision that this core does in a second at best, in registers: what benchmarks
/// of the scan are measured against.
pub fn multiply_add_limit() -> f64 {
    let start = std::time::Instant::now();
    let products = multiply_adds(Isa::best(), 20_000_000);
    products as f64 / start.elapsed().as_secs_f64()
}

/// A course among the best.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit<D> {
    pub(crate) score: f64,
    pub(crate) course: u32,
    pub(crate) detail: D,
}

/// The best `k` courses of each of `needs` needs, best first, ties by order. Needs are encoded where they are scanned for, so
/// that all threads share in that, too.
pub(crate) fn top<S: Scorer>(
    isa: Isa,
    codes: &Codes,
    needs: usize,
    k: usize,
    scorer: &S,
) -> Vec<Vec<Hit<S::Detail>>> {
    let k = k.min(codes.len);
    if k == 0 {
        return vec![Vec::new(); needs];
    }
    let panels = codes.len.div_ceil(LANES);
    let groups = needs.div_ceil(GROUP);
    let threads = rayon::current_num_threads();
    let parts = threads.div_ceil(groups.max(1)).min(panels.div_ceil(SPLIT)).max(1);
    let width = panels.div_ceil(parts);
    let code_width = Width::of(isa, needs);
    let of_group = |group: usize| -> Vec<Vec<Hit<S::Detail>>> {
        let (first, end) = (group * GROUP, needs.min((group + 1) * GROUP));
        let group: Vec<NeedCodes> = (first..end).map(|need| scorer.encoded(need, code_width)).collect();
        let part = |part: usize| {
            pass(isa, codes, &group, first, (part * width, panels.min((part + 1) * width)), k, scorer)
        };
        let pools = if parts == 1 {
            part(0)
        } else {
            let mut all = (0..parts).into_par_iter().map(part).collect::<Vec<_>>().into_iter();
            let mut pools = all.next().unwrap_or_default();
            for more in all {
                for (pool, more) in pools.iter_mut().zip(more) {
                    pool.join(more);
                }
            }
            pools
        };
        pools.into_iter().enumerate().map(|(n, pool)| best(pool, first + n, scorer)).collect()
    };
    if groups == 1 {
        return of_group(0);
    }
    (0..groups).into_par_iter().flat_map_iter(of_group).collect()
}

thread_local! {
    /// Rows of numbers that a first pass has written on, 3 MiB at most: the next one on the same thread writes over them. For a
    /// need by itself, fresh zeros would cost a fiftieth of its time.
    static ROWS_OF_THREAD: Cell<[Vec<f32>; 2]> = const { Cell::new([Vec::new(), Vec::new()]) };
}

/// The first pass of a group over some panels.
fn pass<S: Scorer>(
    isa: Isa,
    codes: &Codes,
    group: &[NeedCodes],
    first_need: usize,
    (from, to): (usize, usize),
    k: usize,
    scorer: &S,
) -> Vec<Pool> {
    let view = codes.panels();
    let mut pools: Vec<Pool> = group.iter().map(|_| Pool::new(k)).collect();
    let blocks: Vec<NeedBlock> = group.chunks(ROWS).map(NeedBlock::new).collect();
    let span = SPAN.min(to.saturating_sub(from)).max(1);
    let mut cursors: Vec<S::Cursor> =
        (0..group.len()).map(|n| scorer.cursor(first_need + n, from * LANES)).collect();
    // For each need the first of the group whose base is the same.
    let mut firsts = BTreeMap::new();
    let like: Vec<usize> =
        (0..group.len()).map(|n| *firsts.entry(scorer.like(first_need + n)).or_insert(n)).collect();
    // For each need a row of bounds, and one of what else than the dense part is in them.
    let stride = span * LANES;
    let mut masks = vec![0; span];
    let mut rows = ROWS_OF_THREAD.take();
    for rows in &mut rows {
        rows.resize(group.len() * stride, 0.0);
    }
    let [others, table] = &mut rows;
    for start in (from..to).step_by(span) {
        let (end, first) = (to.min(start + span), start * LANES);
        let width = (end - start) * LANES;
        for (n, &like) in like.iter().enumerate() {
            if like < n {
                others.copy_within(like * stride..like * stride + width, n * stride);
            } else {
                scorer.base(first_need + n, first, &mut others[n * stride..][..width]);
            }
        }
        for (n, (cursor, out)) in cursors.iter_mut().zip(others.chunks_exact_mut(stride)).enumerate() {
            scorer.add(first_need + n, cursor, first, &mut out[..width]);
        }
        for chunk in (start..end).step_by(CHUNK) {
            let (until, skipped) = (end.min(chunk + CHUNK), (chunk - start) * LANES);
            let rows = others.chunks(ROWS * stride).zip(table.chunks_mut(ROWS * stride));
            for (block, (others, out)) in blocks.iter().zip(rows) {
                let (others, out) = (&others[skipped..], &mut out[skipped..]);
                scan(isa, &view, &block.block(), (chunk, until), others, out, stride);
            }
        }
        let courses = width.min(codes.len - first);
        let rows = others.chunks_exact(stride).zip(table.chunks_exact_mut(stride));
        for ((need, pool), (others, bounds)) in group.iter().zip(&mut pools).zip(rows) {
            // What fills up the last panel is no course.
            bounds[courses..width].fill(f32::NEG_INFINITY);
            let gap = Gap { residual: view.residual, reach: need.reach, slack: need.slack };
            pool.take(isa, (&bounds[..width], others), &mut masks, first, &gap);
        }
    }
    ROWS_OF_THREAD.set(rows);
    pools
}
