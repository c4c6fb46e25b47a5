//! The problem behind [`select`](super::select()): what each course adds to what is covered, chosen greedily.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BinaryHeap},
};

use super::{
    CourseIndex, RankError,
    select::{Budget, Candidate, Wanted},
};

/// Cosine from which two courses teach the same.
const DUPLICATE: f64 = 0.97;
/// Shortest length that a course counts with, in hours, so that none is free.
const LEAST_HOURS: f64 = 0.1;
/// Gains below this are rounding.
const NOTHING: f64 = 1e-9;

/// A course of the problem.
pub(super) struct Item {
    pub(super) course: u32,
    pub(super) hours: f64,
    family: usize,
    /// Requirement and adequacy, ascending, adequacy above 0.
    pub(super) builds: Vec<(usize, f64)>,
}

pub(super) struct Problem {
    /// In the order of course ids.
    pub(super) items: Vec<Item>,
    weights: Vec<f64>,
    pub(super) total: f64,
    budget: Budget,
}

pub(super) struct Outcome {
    /// Items in the order in which they were chosen, with their gains.
    pub(super) chosen: Vec<(usize, f64)>,
    pub(super) covered: f64,
    pub(super) bound: f64,
}

/// What is covered so far.
struct State {
    /// For each requirement the families that build it, each with its most adequate member.
    best: Vec<BTreeMap<usize, f64>>,
}

impl State {
    fn uncovered(&self, requirement: usize, without: usize) -> f64 {
        self.best[requirement]
            .iter()
            .filter(|(family, _)| **family != without)
            .map(|(_, adequacy)| 1.0 - adequacy)
            .product()
    }

    fn gain(&self, problem: &Problem, item: &Item) -> f64 {
        item.builds
            .iter()
            .map(|&(requirement, adequacy)| {
                let had = self.best[requirement].get(&item.family).copied().unwrap_or(0.0);
                let more = (adequacy - had).max(0.0);
                if more > 0.0 {
                    problem.weights[requirement] * more * self.uncovered(requirement, item.family)
                } else {
                    0.0
                }
            })
            .sum()
    }

    fn add(&mut self, item: &Item) {
        for &(requirement, adequacy) in &item.builds {
            let had = self.best[requirement].entry(item.family).or_insert(0.0);
            *had = had.max(adequacy);
        }
    }
}

/// An entry of the lazy queue: the largest key first, ties by the lower item.
struct Entry {
    key: f64,
    item: usize,
    /// Number of chosen courses when the gain was computed.
    round: usize,
    gain: f64,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.total_cmp(&other.key).then(other.item.cmp(&self.item))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

fn setting(name: String, value: f64, expected: &'static str) -> RankError {
    RankError::Setting { name, value, expected }
}

impl Problem {
    pub(super) fn new(index: &CourseIndex, wanted: &[Wanted], budget: Budget) -> Result<Self, RankError> {
        if !budget.hours.is_finite() || budget.hours < 0.0 {
            return Err(setting("the budget in hours".into(), budget.hours, "a number from 0"));
        }
        if !(0.0..=1.0).contains(&budget.least_gain) {
            return Err(setting(
                "the least gain of a course".into(),
                budget.least_gain,
                "a number from 0 to 1",
            ));
        }
        let mut builds: BTreeMap<u32, Vec<(usize, f64)>> = BTreeMap::new();
        for (requirement, one) in wanted.iter().enumerate() {
            if !one.weight.is_finite() || one.weight < 0.0 {
                return Err(setting(format!("the weight of {}", one.id), one.weight, "a number from 0"));
            }
            for &Candidate { course, adequacy } in &one.courses {
                if !(0.0..=1.0).contains(&adequacy) {
                    let name = format!("the adequacy of course {course} for {}", one.id);
                    return Err(setting(name, adequacy, "a number from 0 to 1"));
                }
                if index.course(course).is_none() {
                    let name = format!("a course for {}", one.id);
                    return Err(setting(name, f64::from(course), "a place of the catalogue"));
                }
                if adequacy > 0.0 && one.weight > 0.0 {
                    let list = builds.entry(course).or_default();
                    match list.last_mut() {
                        Some((last, had)) if *last == requirement => *had = had.max(adequacy),
                        _ => list.push((requirement, adequacy)),
                    }
                }
            }
        }
        let mut items: Vec<Item> = builds
            .into_iter()
            .map(|(course, builds)| Item {
                course,
                hours: index.hours(course).max(LEAST_HOURS),
                family: 0,
                builds,
            })
            .filter(|item| item.hours <= budget.hours)
            .collect();
        items.sort_by_key(|item| index.order_of(item.course));
        families(index, &mut items);
        let weights: Vec<f64> = wanted.iter().map(|one| one.weight).collect();
        let total = weights.iter().sum();
        Ok(Self { items, weights, total, budget })
    }

    /// Takes the item of the greatest key that still fits, again and again. Gains only shrink, so an item whose
    /// stale key already loses need not be computed again.
    pub(super) fn greedy(&self, key: impl Fn(f64, f64) -> f64) -> Outcome {
        let mut state = State { best: vec![BTreeMap::new(); self.weights.len()] };
        let mut outcome = Outcome { chosen: Vec::new(), covered: 0.0, bound: self.bound(&state, 0.0) };
        let mut left = self.budget.hours;
        let mut queue: BinaryHeap<Entry> = (0..self.items.len())
            .map(|item| {
                let gain = state.gain(self, &self.items[item]);
                Entry { key: key(gain, self.items[item].hours), item, round: 0, gain }
            })
            .collect();
        while let Some(entry) = queue.pop() {
            let item = &self.items[entry.item];
            if item.hours > left {
                continue;
            }
            if entry.round < outcome.chosen.len() {
                let gain = state.gain(self, item);
                let round = outcome.chosen.len();
                queue.push(Entry { key: key(gain, item.hours), item: entry.item, round, gain });
                continue;
            }
            if entry.gain <= NOTHING.max(self.budget.least_gain * self.total) {
                continue;
            }
            state.add(item);
            left -= item.hours;
            outcome.covered += entry.gain;
            outcome.chosen.push((entry.item, entry.gain));
            outcome.bound = outcome.bound.min(self.bound(&state, outcome.covered));
        }
        outcome
    }

    /// No set within the budget covers more than what is covered plus the remaining gains, taken by gain an hour
    /// until the whole budget is spent, the last one in part: gains never grow.
    fn bound(&self, state: &State, covered: f64) -> f64 {
        let mut rest: Vec<(f64, f64)> =
            self.items.iter().map(|item| (state.gain(self, item), item.hours)).collect();
        rest.sort_by(|a, b| (b.0 / b.1).total_cmp(&(a.0 / a.1)));
        let mut left = self.budget.hours;
        let mut bound = covered;
        for (gain, hours) in rest {
            let part = (left / hours).min(1.0);
            bound += gain * part;
            left -= hours * part;
            if left <= 0.0 {
                break;
            }
        }
        bound
    }
}

/// Numbers families: courses linked by a chain of near-duplicates are one.
fn families(index: &CourseIndex, items: &mut [Item]) {
    for i in 0..items.len() {
        items[i].family = i;
        for j in 0..i {
            let same = index.cosine(items[i].course, items[j].course) >= DUPLICATE;
            let (from, to) = (items[i].family, items[j].family);
            if same && from != to {
                let (from, to) = (from.max(to), from.min(to));
                items[..=i].iter_mut().filter(|item| item.family == from).for_each(|item| item.family = to);
            }
        }
    }
}
