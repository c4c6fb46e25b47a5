//! From an answer to a figure with an interval.

use std::collections::BTreeMap;

use super::{
    Answer, EvalError, Gold, Metric, RankScores, Task,
    metrics::{macro_f1, ordered_pairs, qwk, spearman},
};
use crate::rng::Rng;

/// A task's primary metric on an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The figure over all queries.
    pub value: f64,
    /// 95 % of the bootstrap's resamples lie within these.
    pub interval: (f64, f64),
    /// The figure of each group, with its number of queries, by name of the group.
    pub groups: Vec<(String, usize, f64)>,
}

/// Resamples of the bootstrap, whose seed is fixed.
const RESAMPLES: usize = 1000;

/// What a metric is computed from, one entry for each unit that is resampled.
enum Units {
    Means(Vec<f64>),
    Labels(Vec<(usize, Option<usize>)>),
    Levels(Vec<(f64, f64)>, (i32, i32)),
    Correlated(Vec<(f64, f64)>),
    Pairs(Vec<(f64, f64)>),
}

impl Units {
    fn len(&self) -> usize {
        match self {
            Self::Means(units) => units.len(),
            Self::Labels(units) => units.len(),
            Self::Levels(units, _) | Self::Correlated(units) | Self::Pairs(units) => units.len(),
        }
    }

    /// The metric over the units at these places.
    fn value(&self, places: &[usize]) -> f64 {
        let split =
            |units: &[(f64, f64)]| -> (Vec<f64>, Vec<f64>) { places.iter().map(|&i| units[i]).unzip() };
        match self {
            Self::Means(units) => places.iter().map(|&i| units[i]).sum::<f64>() / places.len().max(1) as f64,
            Self::Labels(units) => macro_f1(&places.iter().map(|&i| units[i]).collect::<Vec<_>>()),
            Self::Levels(units, scale) => {
                let (gold, predicted) = split(units);
                qwk(&gold, &predicted, *scale)
            }
            Self::Correlated(units) => {
                let (gold, predicted) = split(units);
                spearman(&gold, &predicted)
            }
            Self::Pairs(units) => {
                let (right, all) = split(units);
                let all: f64 = all.iter().sum();
                if all == 0.0 { 0.0 } else { right.iter().sum::<f64>() / all }
            }
        }
    }
}

/// Scores an answer by the task's metric.
///
/// # Errors
/// An answer of another kind or length than the task.
pub fn score(task: &Task, answer: &Answer) -> Result<Score, EvalError> {
    let wrong = |detail: String| EvalError::Answer { task: task.name.clone(), detail };
    let length = match answer {
        Answer::Rankings(rankings) => rankings.len(),
        Answer::Values(values) => values.len(),
    };
    if length != task.queries.len() {
        return Err(wrong(format!("{length} answers to {} queries", task.queries.len())));
    }
    let mut groups = Groups::new();
    for (place, query) in task.queries.iter().enumerate() {
        groups.entry(query.group.as_str()).or_default().push(place);
    }
    let (units, grouped) = match (&task.gold, answer) {
        (Gold::Gains(gains), Answer::Rankings(rankings)) => {
            let rankings: Vec<Vec<usize>> =
                rankings.iter().map(|ranking| ranking.iter().map(|r| r.candidate).collect()).collect();
            (ranked(task.metric, gains, &rankings), groups)
        }
        (Gold::Values(gold), Answer::Values(predicted)) => {
            let held = |v: &f64| v.clamp(f64::from(task.scale.0), f64::from(task.scale.1));
            let pairs: Vec<(f64, f64)> = gold.iter().copied().zip(predicted.iter().map(held)).collect();
            match task.metric {
                Metric::Spearman => (Units::Correlated(pairs), groups),
                Metric::Pairwise => by_subject(task, &pairs),
                _ => (Units::Levels(pairs, task.scale), groups),
            }
        }
        _ => return Err(wrong("a ranking answers a level task, or the other way round".into())),
    };
    let all: Vec<usize> = (0..units.len()).collect();
    Ok(Score {
        value: units.value(&all),
        interval: bootstrap(&units),
        groups: grouped
            .into_iter()
            .map(|(name, places)| (name.to_owned(), places.len(), units.value(&places)))
            .collect(),
    })
}

fn ranked(metric: Metric, gains: &[BTreeMap<usize, f64>], rankings: &[Vec<usize>]) -> Units {
    if metric == Metric::MacroF1 {
        // The label of a query is its first candidate of the greatest gain.
        let label = |gains: &BTreeMap<usize, f64>| {
            let best = gains.iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
            best.map(|(&candidate, _)| candidate)
        };
        let labels = gains.iter().zip(rankings);
        return Units::Labels(
            labels.filter_map(|(gains, ranking)| Some((label(gains)?, ranking.first().copied()))).collect(),
        );
    }
    let of = |scores: RankScores| match metric {
        Metric::Map => scores.ap,
        Metric::Mrr => scores.rr,
        Metric::RPrec => scores.r_prec,
        Metric::Acc1 => scores.acc1,
        _ => scores.ndcg10,
    };
    Units::Means(
        gains.iter().zip(rankings).map(|(gains, ranking)| of(RankScores::of(ranking, gains))).collect(),
    )
}

/// The places of each group's units.
type Groups<'a> = BTreeMap<&'a str, Vec<usize>>;

/// Pairs are compared within a group and the subject that the text names before its first colon.
fn by_subject<'a>(task: &'a Task, pairs: &[(f64, f64)]) -> (Units, Groups<'a>) {
    let mut subjects: BTreeMap<(&str, &str), Vec<(f64, f64)>> = BTreeMap::new();
    for (query, &pair) in task.queries.iter().zip(pairs) {
        let subject = query.text.split(':').next().unwrap_or_default();
        subjects.entry((&query.group, subject)).or_default().push(pair);
    }
    let mut groups = Groups::new();
    for (place, (group, _)) in subjects.keys().enumerate() {
        groups.entry(group).or_default().push(place);
    }
    let counted = subjects.values().map(|pairs| {
        let (gold, predicted): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        ordered_pairs(&gold, &predicted)
    });
    (Units::Pairs(counted.collect()), groups)
}

/// The percentile interval of a bootstrap over the units.
fn bootstrap(units: &Units) -> (f64, f64) {
    let n = units.len();
    if n == 0 {
        return (0.0, 0.0);
    }
    // The same resamples in every run.
    let mut rng = Rng::new(&[0x5EED]);
    let mut places = vec![0; n];
    let mut values: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            places.fill_with(|| rng.below(n));
            units.value(&places)
        })
        .collect();
    values.sort_by(f64::total_cmp);
    (values[RESAMPLES / 40], values[RESAMPLES - 1 - RESAMPLES / 40])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Candidate, Part, Query, Ranked};

    fn task(part: Part, metric: Metric, queries: &[(&str, &str)], gold: Gold) -> Task {
        Task {
            name: "T".into(),
            part,
            metric,
            description: String::new(),
            may_train: false,
            scale: (1, 3),
            candidates: vec![Candidate { id: "a".into(), text: "a".into() }],
            model: None,
            queries: queries
                .iter()
                .enumerate()
                .map(|(i, (group, text))| Query {
                    id: format!("q{i}"),
                    group: (*group).into(),
                    text: (*text).into(),
                })
                .collect(),
            gold,
        }
    }

    #[test]
    fn a_ranking_is_scored_by_group() {
        let one = |c| BTreeMap::from([(c, 1.0)]);
        let task = task(
            Part::Classify,
            Metric::Mrr,
            &[("x", "1"), ("x", "2"), ("y", "3")],
            Gold::Gains(vec![one(0), one(1), one(2)]),
        );
        let of = |candidates: &[usize]| {
            candidates.iter().map(|&candidate| Ranked { candidate, score: 0.0, confidence: None }).collect()
        };
        let answer = Answer::Rankings(vec![of(&[0, 1]), of(&[0, 1]), of(&[])]);
        let score = score(&task, &answer).unwrap();
        assert!((score.value - 0.5).abs() < 1e-12);
        assert_eq!(score.groups, [("x".to_owned(), 2, 0.75), ("y".to_owned(), 1, 0.0)]);
        assert!(score.interval.0 <= score.value && score.value <= score.interval.1);
        assert_eq!(score, super::score(&task, &answer).unwrap(), "the bootstrap is seeded");
    }

    #[test]
    fn pairs_stay_within_their_subject() {
        let task = task(
            Part::Level,
            Metric::Pairwise,
            &[("g", "A: one"), ("g", "A: two"), ("g", "B: one"), ("h", "A: one")],
            Gold::Values(vec![1.0, 2.0, 3.0, 1.0]),
        );
        let score = score(&task, &Answer::Values(vec![1.0, 3.0, 1.0, 9.0])).unwrap();
        assert!((score.value - 1.0).abs() < 1e-12);
    }

    #[test]
    fn an_answer_of_the_wrong_shape_is_refused() {
        let task = task(Part::Level, Metric::Qwk, &[("g", "a")], Gold::Values(vec![1.0]));
        assert!(score(&task, &Answer::Values(vec![])).is_err());
        assert!(score(&task, &Answer::Rankings(vec![vec![]])).is_err());
    }
}
