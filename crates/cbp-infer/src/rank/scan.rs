//! The exact best `k` of a batch, by bounds first and scores last.
//!
//! A first pass computes an upper bound of every course's score in integers, for a group of needs at a time, chunk
//! by chunk of courses, and keeps what may still be among the best: whatever reaches the `k`-th best lower bound. A second
//! pass scores those few exactly, the most promising first, until no bound reaches the `k`-th score. The result is
//! that of scoring every course; no table of needs by courses is ever made.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BinaryHeap},
};

use rayon::prelude::*;

use super::codes::{Codes, NeedCodes};
use crate::arch::{Block, Isa, LANES, ROWS, multiply_adds, scan, sift};

/// Needs that share a pass over the courses.
const GROUP: usize = 8 * ROWS;
/// Panels that share a pass over a group: what lies in the second-level cache, together with their bounds.
const CHUNK: usize = 32;
/// How many exact scores ahead a course's vector is fetched.
const AHEAD: usize = 3;
/// Fewest panels that are worth a thread of their own.
const SPLIT: usize = 1024;

/// What is added to a course's dense part, and a course's exact score.
pub(crate) trait Scorer: Sync {
    /// Where a need stands in the course lists that it walks along.
    type Cursor;
    /// What a score is made of.
    type Detail: Copy + Send;
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
    /// The exact score of a course of the scanned codes, and what it is made of.
    fn exact(&self, need: usize, course: u32) -> (f64, Self::Detail);
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

/// What may still be among the best `k` of one need.
struct Pool {
    k: usize,
    /// The `k` best lower bounds so far, as [`rising`] numbers, the least on top.
    lows: BinaryHeap<Reverse<i32>>,
    /// A bound below this does not matter: some `k` courses have lower bounds of as much.
    threshold: f32,
    /// Upper bound and course.
    kept: Vec<(f32, u32)>,
    room: usize,
}

/// A whole number that grows with `x`.
fn rising(x: f32) -> i32 {
    let bits = x.to_bits() as i32;
    bits ^ (bits >> 31 & i32::MAX)
}

/// Turns [`rising`] around.
fn falling(number: i32) -> f32 {
    f32::from_bits((number ^ (number >> 31 & i32::MAX)) as u32)
}

impl Pool {
    fn new(k: usize) -> Self {
        let room = 4 * k + 160;
        let lows = BinaryHeap::with_capacity(k);
        Self { k, lows, threshold: f32::MIN, kept: Vec::with_capacity(room), room }
    }

    /// Raises the threshold before anything is taken, so that little of the first row is: `k` panels whose best course has a
    /// lower bound of so much hold `k` courses.
    fn begin(&mut self, bounds: &[f32], first: usize, gap: impl Fn(usize) -> f32) {
        let low = |(panel, uppers): (usize, &[f32; LANES])| {
            let best = uppers.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let lane = uppers.iter().position(|&upper| upper >= best).unwrap_or(0);
            rising(best - gap(first + panel * LANES + lane))
        };
        let mut lows: Vec<i32> = bounds.as_chunks::<LANES>().0.iter().enumerate().map(low).collect();
        if lows.len() >= self.k {
            let (_, least, _) = lows.select_nth_unstable_by_key(self.k - 1, |&low| Reverse(low));
            self.threshold = self.threshold.max(falling(*least));
        }
    }

    /// Takes what may be among the best from a row of upper bounds, which begins with the course `first`. `gap` is
    /// what a course's lower bound lies below its upper one.
    fn take(&mut self, isa: Isa, bounds: &[f32], first: usize, gap: impl Fn(usize) -> f32) {
        let panels = bounds.as_chunks::<LANES>().0;
        let mut masks = [0; CHUNK];
        let masks = &mut masks[..panels.len()];
        sift(isa, bounds, self.threshold, masks);
        for (panel, (uppers, &mask)) in panels.iter().zip(&*masks).enumerate() {
            let mut lanes = mask;
            while lanes != 0 {
                let lane = lanes.trailing_zeros() as usize;
                lanes &= lanes - 1;
                let course = first + panel * LANES + lane;
                // The threshold may have risen since.
                if uppers[lane] >= self.threshold {
                    self.push(uppers[lane], gap(course), course as u32);
                }
            }
        }
    }

    fn push(&mut self, upper: f32, gap: f32, course: u32) {
        self.kept.push((upper, course));
        if upper - gap > self.threshold {
            self.raise(rising(upper - gap));
        }
        if self.kept.len() >= self.room {
            self.shrink();
            // Where many courses are all but equal, shrinking again and again would not help.
            self.room = self.room.max(self.kept.len() * 2);
        }
    }

    fn raise(&mut self, low: i32) {
        if self.lows.len() < self.k {
            self.lows.push(Reverse(low));
        } else if let Some(mut least) = self.lows.peek_mut()
            && low > least.0
        {
            *least = Reverse(low);
        }
        if self.lows.len() == self.k
            && let Some(least) = self.lows.peek()
        {
            self.threshold = self.threshold.max(falling(least.0));
        }
    }

    fn join(&mut self, other: Self) {
        self.kept.extend(other.kept);
        other.lows.into_iter().for_each(|low| self.raise(low.0));
        self.threshold = self.threshold.max(other.threshold);
    }

    /// Drops what can no longer be among the best.
    fn shrink(&mut self) {
        let threshold = self.threshold;
        self.kept.retain(|one| one.0 >= threshold);
    }
}

/// The best `k` courses of each need, best first, ties by order.
pub(crate) fn top<S: Scorer>(
    isa: Isa,
    codes: &Codes,
    needs: &[NeedCodes],
    k: usize,
    scorer: &S,
) -> Vec<Vec<Hit<S::Detail>>> {
    let k = k.min(codes.len);
    if k == 0 {
        return vec![Vec::new(); needs.len()];
    }
    let panels = codes.len.div_ceil(LANES);
    let groups: Vec<(usize, &[NeedCodes])> =
        needs.chunks(GROUP).enumerate().map(|(i, group)| (i * GROUP, group)).collect();
    let threads = rayon::current_num_threads();
    let parts = threads.div_ceil(groups.len().max(1)).min(panels.div_ceil(SPLIT)).max(1);
    let width = panels.div_ceil(parts);
    let of_group = |&(first, group): &(usize, &[NeedCodes])| -> Vec<Vec<Hit<S::Detail>>> {
        let part = |part: usize| {
            pass(isa, codes, group, first, (part * width, panels.min((part + 1) * width)), k, scorer)
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
    if groups.len() == 1 {
        return groups.iter().flat_map(of_group).collect();
    }
    groups.par_iter().flat_map_iter(of_group).collect()
}

/// A block of needs, packed.
struct Packed {
    codes: Vec<i16>,
    unit: Vec<f32>,
    reach: Vec<f32>,
    slack: Vec<f32>,
}

impl Packed {
    fn new(needs: &[NeedCodes]) -> Self {
        let rows = needs.len();
        let mut codes = vec![0; rows * needs.first().map_or(0, |need| need.codes.len())];
        for (row, need) in needs.iter().enumerate() {
            for (two, out) in need.codes.as_chunks::<2>().0.iter().zip(codes.chunks_exact_mut(2 * rows)) {
                out[2 * row..2 * row + 2].copy_from_slice(two);
            }
        }
        Self {
            codes,
            unit: needs.iter().map(|need| need.unit).collect(),
            reach: needs.iter().map(|need| need.reach).collect(),
            slack: needs.iter().map(|need| need.slack).collect(),
        }
    }

    fn block(&self) -> Block<'_> {
        Block { codes: &self.codes, unit: &self.unit, reach: &self.reach, slack: &self.slack }
    }
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
    let blocks: Vec<Packed> = group.chunks(ROWS).map(Packed::new).collect();
    let mut cursors: Vec<S::Cursor> =
        (0..group.len()).map(|n| scorer.cursor(first_need + n, from * LANES)).collect();
    // For each need the first of the group whose base is the same.
    let mut firsts = BTreeMap::new();
    let like: Vec<usize> =
        (0..group.len()).map(|n| *firsts.entry(scorer.like(first_need + n)).or_insert(n)).collect();
    // A row of bounds for each need.
    let stride = CHUNK * LANES;
    let mut table = vec![0.0; group.len() * stride];
    for chunk in (from..to).step_by(CHUNK) {
        let (end, first) = (to.min(chunk + CHUNK), chunk * LANES);
        let width = (end - chunk) * LANES;
        for (n, &like) in like.iter().enumerate() {
            if like < n {
                table.copy_within(like * stride..like * stride + width, n * stride);
            } else {
                scorer.base(first_need + n, first, &mut table[n * stride..][..width]);
            }
        }
        for (n, (cursor, out)) in cursors.iter_mut().zip(table.chunks_exact_mut(stride)).enumerate() {
            scorer.add(first_need + n, cursor, first, &mut out[..width]);
        }
        for (block, out) in blocks.iter().zip(table.chunks_mut(ROWS * stride)) {
            scan(isa, &view, &block.block(), (chunk, end), (out, stride));
        }
        let courses = width.min(codes.len - first);
        for ((need, pool), bounds) in group.iter().zip(&mut pools).zip(table.chunks_exact_mut(stride)) {
            // What fills up the last panel is no course.
            bounds[courses..width].fill(f32::NEG_INFINITY);
            let gap = |course: usize| 2.0 * (need.reach * view.residual[course] + need.slack);
            if chunk == from {
                pool.begin(&bounds[..width], first, gap);
            }
            pool.take(isa, &bounds[..width], first, gap);
        }
    }
    pools
}

/// The second pass: exact scores, of the most promising first.
fn best<S: Scorer>(mut pool: Pool, need: usize, scorer: &S) -> Vec<Hit<S::Detail>> {
    pool.shrink();
    pool.kept.sort_unstable_by_key(|one| Reverse(rising(one.0)));
    let mut best: Vec<Hit<S::Detail>> = Vec::with_capacity(pool.k + 1);
    for (place, &(upper, course)) in pool.kept.iter().enumerate() {
        if let Some(&(_, later)) = pool.kept.get(place + AHEAD) {
            scorer.soon(later);
        }
        if best.len() == pool.k && best.last().is_some_and(|last| f64::from(upper) < last.score) {
            break;
        }
        let (score, detail) = scorer.exact(need, course);
        let before = |other: &Hit<S::Detail>| {
            score.total_cmp(&other.score).then_with(|| scorer.order(other.course).cmp(&scorer.order(course)))
                == Ordering::Less
        };
        let place = best.partition_point(before);
        if place < pool.k {
            best.insert(place, Hit { score, course, detail });
            best.truncate(pool.k);
        }
    }
    best
}
