//! What may still be among the best of one need while the courses are gone over, and which of it is, in the end.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::scan::{Hit, Scorer};
use crate::arch::{Isa, LANES, peaks, sift};

/// Exact scores that are computed at once.
const AT_ONCE: usize = 4;

/// Courses whose vectors are on their way while the scores before theirs are computed: about as many as get an exact score for ten
/// best courses, so that hardly one is waited for.
const AHEAD: usize = 4 * AT_ONCE;

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
    /// Lower bounds so far.
    lows: Greatest,
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

/// The `k` greatest of some numbers.
struct Greatest {
    k: usize,
    /// As whole numbers in the same order, the least on top.
    kept: BinaryHeap<Reverse<i64>>,
}

impl Greatest {
    fn new(k: usize) -> Self {
        Self { k, kept: BinaryHeap::with_capacity(k) }
    }

    fn take(&mut self, x: f64) {
        self.put(Self::turn(x.to_bits() as i64));
    }

    fn join(&mut self, other: Self) {
        other.kept.into_iter().for_each(|Reverse(number)| self.put(number));
    }

    fn put(&mut self, number: i64) {
        if self.kept.len() < self.k {
            self.kept.push(Reverse(number));
        } else if let Some(mut least) = self.kept.peek_mut()
            && number > least.0
        {
            *least = Reverse(number);
        }
    }

    /// The `k`-th greatest, once there are so many.
    fn least(&self) -> Option<f64> {
        let least = self.kept.peek().filter(|_| self.kept.len() == self.k)?;
        Some(f64::from_bits(Self::turn(least.0) as u64))
    }

    /// From a number's bits to a whole number that grows with it, and back.
    const fn turn(bits: i64) -> i64 {
        bits ^ (bits >> 63 & i64::MAX)
    }
}

impl Pool {
    pub(super) fn new(k: usize) -> Self {
        let room = 4 * k + 160;
        Self { k, lows: Greatest::new(k), threshold: f32::MIN, kept: Vec::with_capacity(room), room }
    }

    /// Raises the threshold before anything is taken, so that little of the first row is: `k` groups of courses, whose best
    /// one has a lower bound of so much, hold `k` courses.
    fn begin(&mut self, isa: Isa, bounds: &[f32], first: usize, gap: &Gap<'_>) {
        // So many groups that few of the best courses share one.
        let span = (bounds.len() / (LANES / 2 * self.k)).max(1);
        let mut peaks = peaks(isa, (bounds, &gap.residual[first..]), span, (gap.reach, gap.slack));
        if peaks.len() >= self.k {
            let (_, least, _) = peaks.select_nth_unstable_by(self.k - 1, |a, b| b.total_cmp(a));
            self.threshold = self.threshold.max(*least);
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
        if self.lows.kept.is_empty() {
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
            self.raise(f64::from(low));
        }
        if self.kept.len() >= self.room {
            self.shrink();
            // Where many courses are all but equal, shrinking again and again would not help.
            self.room = self.room.max(self.kept.len() * 2);
        }
    }

    fn raise(&mut self, low: f64) {
        self.lows.take(low);
        self.lift();
    }

    fn lift(&mut self) {
        if let Some(least) = self.lows.least() {
            // What came from single precision fits it.
            self.threshold = self.threshold.max(least as f32);
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        self.kept.extend(other.kept);
        self.lows.join(other.lows);
        self.threshold = self.threshold.max(other.threshold);
        self.lift();
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
    pool.kept.sort_unstable_by(|a, b| b.upper.total_cmp(&a.upper));
    let (k, rounding) = (pool.k, scorer.rounding(need));
    let mut scores = Greatest::new(k);
    // What a score must reach, but for rounding.
    let least = |scores: &Greatest| scores.least().map_or(f64::NEG_INFINITY, |least| least - rounding);
    // The score but for rounding, the dense signal and the course.
    let mut near: Vec<(f64, f64, u32)> = Vec::with_capacity(pool.kept.len());
    let mut rest = &pool.kept[..];
    rest.iter().take(AHEAD).for_each(|one| scorer.soon(one.course));
    while let Some(promising) = rest.first()
        && f64::from(promising.upper) >= least(&scores)
    {
        let (now, later) = rest.split_at(rest.len().min(AT_ONCE));
        later.iter().skip(AHEAD - AT_ONCE).take(AT_ONCE).for_each(|one| scorer.soon(one.course));
        // The first stands in where fewer are left.
        let courses = std::array::from_fn(|at| now.get(at).unwrap_or(promising).course);
        for (one, (dense, part)) in now.iter().zip(scorer.dense::<AT_ONCE>(need, courses)) {
            let score = part + f64::from(one.others);
            scores.take(score);
            near.push((score, dense, one.course));
        }
        rest = later;
    }
    let least = least(&scores);
    near.retain(|&(score, ..)| score + rounding >= least);
    let exact = |&(_, dense, course): &(f64, f64, u32)| {
        let (score, detail) = scorer.exact(need, course, dense);
        Hit { score, course, detail }
    };
    let mut best: Vec<Hit<S::Detail>> = near.iter().map(exact).collect();
    best.sort_unstable_by(|a, b| {
        b.score.total_cmp(&a.score).then_with(|| scorer.order(a.course).cmp(&scorer.order(b.course)))
    });
    best.truncate(k);
    best
}
