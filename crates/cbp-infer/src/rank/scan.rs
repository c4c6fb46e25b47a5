//! The exact best `k` of a batch, by bounds first and scores last.
//!
//! A first pass computes an upper bound of every course's score in integers, for a group of needs at a time, chunk
//! by chunk of courses, and keeps what may still be among the best: whatever reaches the `k`-th best lower bound. A second
//! pass scores those few exactly, the most promising first, until no bound reaches the `k`-th score. The result is
//! that of scoring every course; no table of needs by courses is ever made.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
};

use rayon::prelude::*;

use super::codes::{Codes, NeedCodes};
use crate::arch::{Bias, Block, Isa, LANES, ROWS, Stop, multiply_adds, scan};

/// Needs that share a pass over the courses.
const GROUP: usize = 8 * ROWS;
/// Panels that share a pass over a group: what lies in the second-level cache.
const CHUNK: usize = 32;
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
    /// True where no need has anything beside its dense part, so that nothing need be filled.
    fn bare(&self) -> bool;
    /// Adds up what courses get beside their dense part, from `first` on. `out` may reach past the last course.
    fn fill(&self, need: usize, cursor: &mut Self::Cursor, first: usize, out: &mut [f32]);
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
    /// The least of them once there are `k`.
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

    fn push(&mut self, upper: f32, gap: f32, course: u32) {
        self.kept.push((upper, course));
        self.raise(rising(upper - gap));
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
            self.threshold = falling(least.0);
        }
    }

    fn join(&mut self, other: Self) {
        self.kept.extend(other.kept);
        other.lows.into_iter().for_each(|low| self.raise(low.0));
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

/// A block of needs with its thresholds.
struct Packed {
    first: usize,
    codes: Vec<i16>,
    unit: Vec<f32>,
    reach: Vec<f32>,
    slack: Vec<f32>,
    threshold: Vec<f32>,
}

impl Packed {
    fn new(first: usize, needs: &[NeedCodes]) -> Self {
        let rows = needs.len();
        let mut codes = vec![0; rows * needs.first().map_or(0, |need| need.codes.len())];
        for (row, need) in needs.iter().enumerate() {
            for (pair, out) in need.codes.chunks_exact(2).zip(codes.chunks_exact_mut(2 * rows)) {
                out[2 * row..2 * row + 2].copy_from_slice(pair);
            }
        }
        Self {
            first,
            codes,
            unit: needs.iter().map(|need| need.unit).collect(),
            reach: needs.iter().map(|need| need.reach).collect(),
            slack: needs.iter().map(|need| need.slack).collect(),
            threshold: vec![f32::MIN; rows],
        }
    }

    fn block(&self) -> Block<'_> {
        Block {
            codes: &self.codes,
            unit: &self.unit,
            reach: &self.reach,
            slack: &self.slack,
            threshold: &self.threshold,
        }
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
    let mut blocks: Vec<Packed> =
        group.chunks(ROWS).enumerate().map(|(b, needs)| Packed::new(b * ROWS, needs)).collect();
    let mut cursors: Vec<S::Cursor> =
        (0..group.len()).map(|n| scorer.cursor(first_need + n, from * LANES)).collect();
    let stride = CHUNK * LANES;
    let bare = scorer.bare();
    let mut table = if bare { Vec::new() } else { vec![0.0; group.len() * stride] };
    let mut stop = Stop::default();
    for chunk in (from..to).step_by(CHUNK) {
        let end = to.min(chunk + CHUNK);
        for (n, (cursor, out)) in cursors.iter_mut().zip(table.chunks_exact_mut(stride)).enumerate() {
            scorer.fill(first_need + n, cursor, chunk * LANES, &mut out[..(end - chunk) * LANES]);
        }
        for block in &mut blocks {
            let values = if bare { &[] } else { &table[block.first * stride..] };
            let bias = Bias { values, stride };
            let mut panel = chunk;
            loop {
                panel = scan(isa, &view, &block.block(), (panel, chunk, end), &bias, &mut stop);
                if panel == end {
                    break;
                }
                for row in 0..block.unit.len() {
                    let mut lanes = stop.lanes[row];
                    let pool = &mut pools[block.first + row];
                    while lanes != 0 {
                        let lane = lanes.trailing_zeros() as usize;
                        lanes &= lanes - 1;
                        let course = panel * LANES + lane;
                        if course < codes.len {
                            let gap = 2.0 * (block.reach[row] * view.residual[course] + block.slack[row]);
                            pool.push(stop.bounds[row][lane], gap, course as u32);
                        }
                    }
                    block.threshold[row] = pool.threshold;
                }
                panel += 1;
            }
        }
    }
    pools
}

/// The second pass: exact scores, the most promising first.
fn best<S: Scorer>(mut pool: Pool, need: usize, scorer: &S) -> Vec<Hit<S::Detail>> {
    pool.shrink();
    pool.kept.sort_unstable_by_key(|&(upper, course)| (Reverse(rising(upper)), course));
    let mut best: Vec<Hit<S::Detail>> = Vec::with_capacity(pool.k + 1);
    for (upper, course) in pool.kept {
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
