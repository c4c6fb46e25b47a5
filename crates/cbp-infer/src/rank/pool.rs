//! What may still be among the best of one need while the courses are gone over, and which of it is, in the end.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
};

use super::scan::{Hit, Scorer};
use crate::arch::{Isa, LANES, peaks, sift};

/// Exact scores that are computed at once, while the vectors of as many more are fetched.
const AT_ONCE: usize = 4;

/// How far a course's lower bound lies below its upper one.
pub(super) struct Gap<'a> {
    /// How far off each course may be.
    pub(super) residual: &'a [f32],
    /// What one unit of that is worth.
    pub(super) reach: f32,
    /// What all courses may be off by.
    pub(super) slack: f32,
}

impl Gap<'_> {
    fn of(&self, course: usize) -> f32 {
        2.0 * (self.reach * self.residual[course] + self.slack)
    }
}

/// What may still be among the best `k` of one need.
pub(super) struct Pool {
    k: usize,
    /// The `k` best lower bounds so far, as [`rising`] numbers, the least on top.
    lows: BinaryHeap<Reverse<i32>>,
    /// A bound below this does not matter: some `k` courses have lower bounds of as much.
    threshold: f32,
    kept: Vec<Kept>,
    room: usize,
}

/// A course that may be among the best.
struct Kept {
    /// What its score is at most.
    upper: f32,
    /// What of its score is not the dense part, but for rounding.
    others: f32,
    course: u32,
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
    pub(super) fn new(k: usize) -> Self {
        let room = 4 * k + 160;
        let lows = BinaryHeap::with_capacity(k);
        Self { k, lows, threshold: f32::MIN, kept: Vec::with_capacity(room), room }
    }

    /// Raises the threshold before anything is taken, so that little of the first row is: `k` groups of courses, whose best
    /// one has a lower bound of so much, hold `k` courses.
    fn begin(&mut self, isa: Isa, bounds: &[f32], first: usize, gap: &Gap<'_>) {
        // So many groups that few of the best courses share one.
        let span = (bounds.len() / (LANES / 2 * self.k)).max(1);
        let peaks = peaks(isa, (bounds, &gap.residual[first..]), span, (gap.reach, gap.slack));
        let mut lows: Vec<i32> = peaks.into_iter().map(rising).collect();
        if lows.len() >= self.k {
            let (_, least, _) = lows.select_nth_unstable_by_key(self.k - 1, |&low| Reverse(low));
            self.threshold = self.threshold.max(falling(*least));
        }
    }

    /// Takes what may be among the best from a row of upper bounds, which begins with the course `first`, and of what
    /// else than the dense part is in them; `masks` has room for its panels.
    pub(super) fn take(
        &mut self,
        isa: Isa,
        (bounds, others): (&[f32], &[f32]),
        masks: &mut [u16],
        first: usize,
        gap: &Gap<'_>,
    ) {
        if self.lows.is_empty() {
            self.begin(isa, bounds, first, gap);
        }
        let panels = bounds.as_chunks::<LANES>().0;
        let masks = &mut masks[..panels.len()];
        sift(isa, bounds, self.threshold, masks);
        for (panel, (uppers, &mask)) in panels.iter().zip(&*masks).enumerate() {
            let mut lanes = mask;
            while lanes != 0 {
                let lane = lanes.trailing_zeros() as usize;
                lanes &= lanes - 1;
                let place = panel * LANES + lane;
                // The threshold may have risen since.
                if uppers[lane] >= self.threshold {
                    let course = first + place;
                    let kept = Kept { upper: uppers[lane], others: others[place], course: course as u32 };
                    self.push(kept, gap.of(course));
                }
            }
        }
    }

    fn push(&mut self, kept: Kept, gap: f32) {
        let low = kept.upper - gap;
        self.kept.push(kept);
        if low > self.threshold {
            self.raise(rising(low));
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

    pub(super) fn join(&mut self, other: Self) {
        self.kept.extend(other.kept);
        other.lows.into_iter().for_each(|low| self.raise(low.0));
        self.threshold = self.threshold.max(other.threshold);
    }

    /// Drops what can no longer be among the best.
    fn shrink(&mut self) {
        let threshold = self.threshold;
        self.kept.retain(|one| one.upper >= threshold);
    }
}

/// The second pass: exact dense parts, of the most promising first; then, of those that are left, exact scores.
pub(super) fn best<S: Scorer>(mut pool: Pool, need: usize, scorer: &S) -> Vec<Hit<S::Detail>> {
    pool.shrink();
    pool.kept.sort_unstable_by_key(|one| Reverse(rising(one.upper)));
    let (k, rounding) = (pool.k, scorer.rounding(need));
    // The score but for rounding, the dense signal and the course, the greatest score first.
    let mut near: Vec<(f64, f64, u32)> = Vec::with_capacity(pool.kept.len());
    let least = |near: &[(f64, f64, u32)]| near.get(k - 1).map_or(f64::NEG_INFINITY, |one| one.0 - rounding);
    let mut rest = &pool.kept[..];
    while let Some(promising) = rest.first()
        && f64::from(promising.upper) >= least(&near)
    {
        let (now, later) = rest.split_at(rest.len().min(AT_ONCE));
        later.iter().take(AT_ONCE).for_each(|one| scorer.soon(one.course));
        // The first stands in where fewer are left.
        let courses = std::array::from_fn(|at| now.get(at).unwrap_or(promising).course);
        for (one, (dense, part)) in now.iter().zip(scorer.dense::<AT_ONCE>(need, courses)) {
            let score = part + f64::from(one.others);
            // What cannot be among the best is forgotten, and what it makes impossible.
            if score + rounding >= least(&near) {
                near.insert(near.partition_point(|other| other.0 >= score), (score, dense, one.course));
            }
        }
        rest = later;
    }
    let least = least(&near);
    let mut best: Vec<Hit<S::Detail>> = Vec::with_capacity(k + 1);
    for &(near, dense, course) in &near {
        if near + rounding < least {
            break;
        }
        let (score, detail) = scorer.exact(need, course, dense);
        let before = |other: &Hit<S::Detail>| {
            score.total_cmp(&other.score).then_with(|| scorer.order(other.course).cmp(&scorer.order(course)))
                == Ordering::Less
        };
        let place = best.partition_point(before);
        if place < k {
            best.insert(place, Hit { score, course, detail });
            best.truncate(k);
        }
    }
    best
}
