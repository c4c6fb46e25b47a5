//! Metrics, defined as the measuring tasks' independent scorer defines them.

use std::collections::BTreeMap;

/// What a task is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Discounted gain of the first ten, over the ideal.
    Ndcg10,
    /// Mean average precision.
    Map,
    /// Reciprocal rank of the first relevant candidate.
    Mrr,
    /// Precision at as many places as there are relevant candidates.
    RPrec,
    /// Share of queries whose first candidate is relevant.
    Acc1,
    /// F1 of the first candidate as a label, averaged over the labels.
    MacroF1,
    /// Quadratic weighted kappa of rounded levels.
    Qwk,
    /// Share of pairs within a group that are in the right order; a tie counts half.
    Pairwise,
    /// Rank correlation.
    Spearman,
}

impl Metric {
    /// Every metric with its name in `task.json`.
    const NAMES: [(Self, &'static str); 9] = [
        (Self::Ndcg10, "ndcg@10"),
        (Self::Map, "map"),
        (Self::Mrr, "mrr"),
        (Self::RPrec, "r_prec"),
        (Self::Acc1, "acc@1"),
        (Self::MacroF1, "macro_f1"),
        (Self::Qwk, "qwk"),
        (Self::Pairwise, "pairwise"),
        (Self::Spearman, "spearman"),
    ];

    /// The metric of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(metric, _)| *metric)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(metric, _)| *metric == self).map_or("", |(_, name)| name)
    }

    /// Whether it measures rankings; otherwise it measures numbers.
    pub const fn ranks(self) -> bool {
        !matches!(self, Self::Qwk | Self::Pairwise | Self::Spearman)
    }
}

/// Measures of one ranking.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RankScores {
    /// [`Metric::Ndcg10`].
    pub ndcg10: f64,
    /// Average precision.
    pub ap: f64,
    /// Reciprocal rank.
    pub rr: f64,
    /// [`Metric::RPrec`].
    pub r_prec: f64,
    /// 1 where the first candidate is relevant.
    pub acc1: f64,
    /// Share of the relevant candidates among the first ten.
    pub recall10: f64,
    /// Share of the relevant candidates among the first hundred.
    pub recall100: f64,
}

impl RankScores {
    /// Scores a ranking, the best first and without repetition, against the gains of the relevant candidates.
    pub fn of(ranking: &[usize], gains: &BTreeMap<usize, f64>) -> Self {
        let found: Vec<f64> = ranking.iter().map(|c| gains.get(c).copied().unwrap_or(0.0)).collect();
        let relevant = gains.values().filter(|&&gain| gain > 0.0).count();
        let per = |hits: usize| hits as f64 / relevant.max(1) as f64;
        let hits = |k: usize| found.iter().take(k).filter(|&&gain| gain > 0.0).count();
        let mut ideal: Vec<f64> = gains.values().copied().collect();
        ideal.sort_by(|a, b| b.total_cmp(a));
        let best = dcg(&ideal);
        let (mut so_far, mut ap, mut rr) = (0_usize, 0.0, 0.0);
        for (place, _) in found.iter().enumerate().filter(|(_, gain)| **gain > 0.0) {
            so_far += 1;
            ap += so_far as f64 / (place + 1) as f64;
            if so_far == 1 {
                rr = 1.0 / (place + 1) as f64;
            }
        }
        Self {
            ndcg10: dcg(&found) / if best == 0.0 { 1.0 } else { best },
            ap: ap / relevant.max(1) as f64,
            rr,
            r_prec: per(hits(relevant)),
            acc1: hits(1) as f64,
            recall10: per(hits(10)),
            recall100: per(hits(100)),
        }
    }
}

/// Discounted cumulative gain of the first ten.
fn dcg(gains: &[f64]) -> f64 {
    gains.iter().take(10).zip(2_u32..).map(|(gain, place)| gain / f64::from(place).log2()).sum()
}

/// F1 averaged over the labels that occur as gold, from pairs of gold and predicted label.
pub fn macro_f1(pairs: &[(usize, Option<usize>)]) -> f64 {
    // For each gold label: hits, gold count, predicted count.
    let mut labels: BTreeMap<usize, (f64, f64, f64)> = BTreeMap::new();
    for &(gold, _) in pairs {
        labels.entry(gold).or_default().1 += 1.0;
    }
    for &(gold, predicted) in pairs {
        if let Some(label) = predicted.and_then(|p| labels.get_mut(&p)) {
            label.2 += 1.0;
            label.0 += f64::from(u8::from(predicted == Some(gold)));
        }
    }
    let sum: f64 = labels.values().map(|(hit, gold, predicted)| 2.0 * hit / (gold + predicted)).sum();
    sum / labels.len().max(1) as f64
}

/// A level on the scale: rounded half up, held within it.
fn rounded(value: f64, (lo, hi): (i32, i32)) -> usize {
    let level = (value + 0.5).floor().clamp(f64::from(lo), f64::from(hi));
    (level - f64::from(lo)) as usize
}

/// Quadratic weighted kappa of two lists of values, rounded to the levels of the scale.
/// 0 where the scale or the values leave nothing to disagree about.
pub fn qwk(gold: &[f64], predicted: &[f64], scale: (i32, i32)) -> f64 {
    let n = (scale.1 - scale.0).max(0) as usize + 1;
    let mut seen = vec![0.0; n * n];
    let (mut of_gold, mut of_predicted) = (vec![0.0; n], vec![0.0; n]);
    for (&g, &p) in gold.iter().zip(predicted) {
        let (g, p) = (rounded(g, scale), rounded(p, scale));
        seen[g * n + p] += 1.0;
        of_gold[g] += 1.0;
        of_predicted[p] += 1.0;
    }
    let total = gold.len().min(predicted.len()).max(1) as f64;
    let (mut observed, mut expected) = (0.0, 0.0);
    for g in 0..n {
        for p in 0..n {
            let weight = (g.abs_diff(p) * g.abs_diff(p)) as f64;
            observed += weight * seen[g * n + p];
            expected += weight * of_gold[g] * of_predicted[p] / total;
        }
    }
    if expected == 0.0 { 0.0 } else { 1.0 - observed / expected }
}

/// Ranks of values from 0; equal values share the mean of their places.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut out = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let mut to = from;
        while to + 1 < order.len() && values[order[to + 1]].total_cmp(&values[order[from]]).is_eq() {
            to += 1;
        }
        for &index in &order[from..=to] {
            out[index] = (from + to) as f64 / 2.0;
        }
        from = to + 1;
    }
    out
}

/// Linear correlation; 0 where one list does not vary.
fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len()) as f64;
    if n < 2.0 {
        return 0.0;
    }
    let (x, y) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let product: f64 = a.iter().zip(b).map(|(p, q)| (p - x) * (q - y)).sum();
    let square = |values: &[f64], mean: f64| values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
    let scale = (square(a, x) * square(b, y)).sqrt();
    if scale == 0.0 { 0.0 } else { product / scale }
}

/// Rank correlation of two lists of values; 0 where one does not vary.
pub fn spearman(a: &[f64], b: &[f64]) -> f64 {
    pearson(&ranks(a), &ranks(b))
}

/// Pairs of one group with different gold values: those in the right order (a tie counts half), and all.
pub fn ordered_pairs(gold: &[f64], predicted: &[f64]) -> (f64, f64) {
    let (mut right, mut all) = (0.0, 0.0);
    for i in 0..gold.len().min(predicted.len()) {
        for j in i + 1..gold.len().min(predicted.len()) {
            if gold[i].total_cmp(&gold[j]).is_eq() {
                continue;
            }
            all += 1.0;
            let agreement = (gold[i] - gold[j]) * (predicted[i] - predicted[j]);
            right += if agreement > 0.0 {
                1.0
            } else if agreement == 0.0 {
                0.5
            } else {
                0.0
            };
        }
    }
    (right, all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} instead of {expected}");
    }

    #[test]
    fn a_ranking_by_hand() {
        // Relevant: 7 (gain 3), 2 (gain 1), 9 (gain 2, never found). Found at places 2 and 4.
        let gains = BTreeMap::from([(7, 3.0), (2, 1.0), (9, 2.0)]);
        let scores = RankScores::of(&[1, 7, 5, 2], &gains);
        let log = |n: f64| n.log2();
        near(scores.ndcg10, (3.0 / log(3.0) + 1.0 / log(5.0)) / (3.0 + 2.0 / log(3.0) + 1.0 / 2.0));
        near(scores.ap, (1.0 / 2.0 + 2.0 / 4.0) / 3.0);
        near(scores.rr, 0.5);
        near(scores.r_prec, 1.0 / 3.0);
        near(scores.acc1, 0.0);
        near(scores.recall10, 2.0 / 3.0);
    }

    #[test]
    fn an_empty_ranking_or_no_gold_is_zero() {
        assert_eq!(RankScores::of(&[], &BTreeMap::from([(1, 1.0)])), RankScores::default());
        assert_eq!(RankScores::of(&[1, 2], &BTreeMap::new()), RankScores::default());
    }

    #[test]
    fn the_eleventh_place_gains_nothing() {
        let ranking: Vec<usize> = (0..11).collect();
        let scores = RankScores::of(&ranking, &BTreeMap::from([(10, 1.0)]));
        near(scores.ndcg10, 0.0);
        near(scores.rr, 1.0 / 11.0);
    }

    #[test]
    fn macro_f1_by_hand() {
        // Label 0: gold 2, predicted 2, hit 1: F1 1/2. Label 1: gold 1, predicted 1, hit 0: 0. Label 2: gold 1,
        // predicted 0: 0. The prediction 5 is no gold label.
        let pairs = [(0, Some(0)), (0, Some(1)), (1, Some(0)), (2, Some(5))];
        near(macro_f1(&pairs), (0.5 + 0.0 + 0.0) / 3.0);
        near(macro_f1(&[(3, Some(3)), (4, Some(4))]), 1.0);
        near(macro_f1(&[(3, None)]), 0.0);
        near(macro_f1(&[]), 0.0);
    }

    #[test]
    fn kappa_by_hand() {
        near(qwk(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0], (1, 3)), 1.0);
        near(qwk(&[1.0, 3.0], &[3.0, 1.0], (1, 3)), -1.0);
        // Gold 1 1 3, predicted 1 2 3: observed 1; expected (by products of counts over 3):
        // gold 1 with 2: 2*1*1, with 3: 2*1*4; gold 3 with 1: 1*1*4, with 2: 1*1*1; (2+8+4+1)/3 = 5.
        near(qwk(&[1.0, 1.0, 3.0], &[1.0, 2.0, 3.0], (1, 3)), 1.0 - 1.0 / 5.0);
        // Halves round up, values outside are held.
        near(qwk(&[1.0, 3.0], &[1.49, 2.5], (1, 3)), 1.0);
        near(qwk(&[1.0, 3.0], &[-7.0, 99.0], (1, 3)), 1.0);
        // One level, or gold and prediction all alike: nothing to measure.
        near(qwk(&[1.0, 1.0], &[1.0, 1.0], (1, 1)), 0.0);
        near(qwk(&[], &[], (1, 3)), 0.0);
    }

    #[test]
    fn rank_correlation_by_hand() {
        near(spearman(&[1.0, 2.0, 3.0], &[10.0, 20.0, 90.0]), 1.0);
        near(spearman(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), -1.0);
        // Ranks 0 1 2 3 against 0.5 0.5 2 3: covariance 4.5, variances 5 and 4.5.
        near(spearman(&[1.0, 2.0, 3.0, 4.0], &[5.0, 5.0, 6.0, 7.0]), 4.5 / (5.0_f64 * 4.5).sqrt());
        near(spearman(&[1.0, 2.0], &[4.0, 4.0]), 0.0);
        near(spearman(&[1.0], &[4.0]), 0.0);
    }

    #[test]
    fn ordered_pairs_by_hand() {
        // Pairs (1,2) right, (1,3) tie, (2,3) wrong; the two gold threes make no pair.
        assert_eq!(ordered_pairs(&[1.0, 2.0, 3.0], &[1.0, 2.0, 1.0]), (1.5, 3.0));
        assert_eq!(ordered_pairs(&[3.0, 3.0], &[1.0, 2.0]), (0.0, 0.0));
    }

    #[test]
    fn names_are_read_back() {
        for (metric, name) in Metric::NAMES {
            assert_eq!(Metric::named(name), Some(metric));
            assert_eq!(metric.name(), name);
        }
        assert_eq!(Metric::named("accuracy"), None);
    }
}
