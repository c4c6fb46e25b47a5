//! Weights learnt from judged lists, by coordinate ascent on the mean nDCG of the ten best.
//!
//! One weight at a time is tried at some multiples of itself and the best is kept, until nothing helps. The metric is what is
//! climbed, so nothing else has to be assumed about it; it is not smooth, so small gains are not trusted.

use std::collections::{BTreeMap, BTreeSet};

use ndarray::Array2;
use rayon::prelude::*;

use super::{CourseIndex, Filter, Need, RankError, RankOptions, Weights, options::SIGNALS, tags::Prior};
use crate::arch::Isa;

/// Courses that each signal alone contributes to the pool of a need, beside the judged ones.
const POOL: usize = 100;
/// Places of a ranking that count.
const DEPTH: usize = 10;
/// What a weight is tried at, times itself; and the weight that one of 0 is tried at.
const FACTORS: [f64; 8] = [0.0, 0.25, 0.5, 0.75, 1.33, 2.0, 3.0, 5.0];
const SEED: f64 = 0.05;
/// Gains below this are noise.
const LEAST_GAIN: f64 = 5e-4;
const ROUNDS: usize = 20;

/// A need with the courses that were judged to serve it.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// The need.
    pub need: Need,
    /// Gain of each judged course; places of the catalogue.
    pub gains: BTreeMap<u32, f64>,
}

/// What was learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Learnt {
    /// The weights.
    pub weights: Weights,
    /// Mean nDCG at 10 that they reach on the lists they were learnt from.
    pub reached: f64,
    /// What the weights before reached there.
    pub before: f64,
}

/// Courses of a need with the values of their signals, and their gains.
struct Pool {
    known: [bool; 5],
    courses: Vec<([f64; 5], f64, u32)>,
    ideal: f64,
}

fn discounted(gains: impl Iterator<Item = f64>) -> f64 {
    gains.take(DEPTH).zip(2_u32..).map(|(gain, place)| gain / f64::from(place).log2()).sum()
}

impl Pool {
    fn ndcg(&self, options: &RankOptions) -> f64 {
        let weights = options.gated(self.known);
        let score = |values: &[f64; 5]| -> f64 { weights.iter().zip(values).map(|(w, v)| w * v).sum() };
        let mut all: Vec<(f64, u32, f64)> =
            self.courses.iter().map(|(values, gain, order)| (score(values), *order, *gain)).collect();
        all.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        if self.ideal > 0.0 { discounted(all.iter().map(|one| one.2)) / self.ideal } else { 0.0 }
    }
}

/// Climbs from `start`.
///
/// # Errors
///
/// As [`CourseIndex::rank_vectors`]; [`RankError::Count`] where nothing was judged.
pub fn learn_weights(
    index: &CourseIndex,
    judged: &[Judged],
    vectors: &Array2<f32>,
    start: Weights,
) -> Result<Learnt, RankError> {
    if judged.is_empty() {
        return Err(RankError::Count { expected: 1, found: 0 });
    }
    let pools = pools(index, judged, vectors)?;
    let mean = |options: &RankOptions| mean(&pools, options);
    let first = RankOptions::new(start)?;
    let before = mean(&first);
    let (mut weights, mut reached) = (first.weights().array(), before);
    for _ in 0..ROUNDS {
        let round = reached;
        for signal in 0..SIGNALS.len() {
            let base = if weights[signal] > 0.0 { weights[signal] } else { SEED };
            let mut best = (reached + LEAST_GAIN, weights);
            for factor in FACTORS {
                let mut tried = weights;
                tried[signal] = base * factor;
                // All weights 0 is the one step that leads nowhere.
                let Ok(options) = RankOptions::new(Weights::of(tried)) else { continue };
                let found = mean(&options);
                if found > best.0 {
                    best = (found, options.weights().array());
                }
            }
            if best.0 > reached + LEAST_GAIN {
                (reached, weights) = best;
            }
        }
        if reached - round < LEAST_GAIN {
            break;
        }
    }
    Ok(Learnt { weights: Weights::of(weights), reached, before })
}

/// Mean nDCG at 10 that options reach on judged lists.
///
/// # Errors
///
/// As [`learn_weights`].
pub fn mean_ndcg(
    index: &CourseIndex,
    judged: &[Judged],
    vectors: &Array2<f32>,
    options: &RankOptions,
) -> Result<f64, RankError> {
    if judged.is_empty() {
        return Err(RankError::Count { expected: 1, found: 0 });
    }
    Ok(mean(&pools(index, judged, vectors)?, options))
}

/// Summed in the order of the lists, whatever the number of threads.
fn mean(pools: &[Pool], options: &RankOptions) -> f64 {
    let all: Vec<f64> = pools.par_iter().map(|pool| pool.ndcg(options)).collect();
    all.iter().sum::<f64>() / all.len() as f64
}

/// The judged courses and the best by each signal, with their values.
fn pools(index: &CourseIndex, judged: &[Judged], vectors: &Array2<f32>) -> Result<Vec<Pool>, RankError> {
    let needs: Vec<Need> = judged.iter().map(|one| one.need.clone()).collect();
    let even = RankOptions::new(Weights::of([1.0; 5]))?;
    let queries = index.queries(&needs, vectors, &even)?;
    let mut chosen: Vec<BTreeSet<u32>> =
        judged.iter().map(|one| one.gains.keys().copied().collect()).collect();
    for signal in 0..SIGNALS.len() {
        let mut alone = [0.0; 5];
        alone[signal] = 1.0;
        let alone = RankOptions::new(Weights::of(alone))?;
        let queries = index.queries(&needs, vectors, &alone)?;
        let hits = index.top(&queries, POOL, &Filter::default(), &alone, Isa::best());
        for ((chosen, hits), query) in chosen.iter_mut().zip(hits).zip(&queries) {
            if query.weights[signal] > 0.0 {
                chosen.extend(hits.iter().map(|hit| hit.course));
            }
        }
    }
    let prior = Prior::new(&index.traits, &index.facets, &even);
    let pool = |((query, chosen), judged): ((&super::score::Query, &BTreeSet<u32>), &Judged)| {
        let gain = |course: u32| judged.gains.get(&course).copied().unwrap_or(0.0);
        let mut ideal: Vec<f64> = judged.gains.values().copied().collect();
        ideal.sort_unstable_by(|a, b| b.total_cmp(a));
        Pool {
            known: query.weights.map(|weight| weight > 0.0),
            courses: chosen
                .iter()
                .map(|&course| (query.values(index, &prior, course), gain(course), index.order_of(course)))
                .collect(),
            ideal: discounted(ideal.into_iter()),
        }
    };
    Ok(queries.iter().zip(&chosen).zip(judged).map(pool).collect())
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // Values that must be met exactly.
mod tests {
    use cbp_core::{Catalogue, Course};

    use super::*;

    /// Courses whose words tell the truth and whose vectors point anywhere.
    fn setting() -> (CourseIndex, Vec<Judged>, Array2<f32>) {
        let words = ["budget", "audit", "tender", "yoga", "drafting", "law"];
        let course =
            |i: usize| Course { id: format!("c{i}"), name: words[i % 6].into(), ..Course::default() };
        let catalogue = Catalogue { courses: (0..60).map(course).collect(), ..Catalogue::default() };
        let noise = |rows: usize, seed: usize| {
            Array2::from_shape_fn((rows, 8), |(i, j)| (((i + seed) * 37 + j * 91) % 101) as f32 - 50.2)
        };
        let index = CourseIndex::from_vectors(&catalogue, &noise(60, 1), "m").unwrap();
        let judged = |w: usize| Judged {
            need: Need::of(words[w]),
            gains: (0..60).filter(|i| i % 6 == w).map(|i| (i as u32, 1.0)).collect(),
        };
        (index, (0..6).map(judged).collect(), noise(6, 7))
    }

    #[test]
    fn the_signal_that_tells_the_truth_gains_weight() {
        let (index, judged, vectors) = setting();
        let start = Weights { dense: 0.95, lexical: 0.01, tag: 0.02, level: 0.01, prior: 0.01 };
        let learnt = learn_weights(&index, &judged, &vectors, start).unwrap();
        assert!(learnt.reached > 0.99 && learnt.before < learnt.reached, "{learnt:?}");
        assert!(learnt.weights.lexical > 0.1, "{learnt:?}");
        assert_eq!(learn_weights(&index, &judged, &vectors, start).unwrap(), learnt);
        let none = learn_weights(&index, &[], &Array2::zeros((0, 8)), start);
        assert!(matches!(none, Err(RankError::Count { .. })));
    }

    #[test]
    fn the_pool_ranks_as_the_index_does() {
        let (index, judged, vectors) = setting();
        let options = RankOptions::default();
        let needs: Vec<Need> = judged.iter().map(|one| one.need.clone()).collect();
        let ranked = index.best_vectors(&needs, &vectors, DEPTH, &Filter::default(), &options).unwrap();
        for (pool, (ranked, judged)) in
            pools(&index, &judged, &vectors).unwrap().iter().zip(ranked.iter().zip(&judged))
        {
            let gains = ranked.iter().map(|(course, _)| judged.gains.get(course).copied().unwrap_or(0.0));
            assert!((pool.ndcg(&options) - discounted(gains) / pool.ideal).abs() < 1e-12);
        }
        let learnt = learn_weights(&index, &judged, &vectors, options.weights()).unwrap();
        assert_eq!(mean_ndcg(&index, &judged, &vectors, &options).unwrap(), learnt.before);
    }
}
