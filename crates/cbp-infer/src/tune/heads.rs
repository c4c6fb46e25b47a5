//! Learning heads: multinomial logistic regression on frozen vectors, started at the scores that need no labels.

use std::collections::{BTreeMap, BTreeSet};

use ndarray::{Array1, Array2, Axis};

use crate::classify::{Head, Unlearned};

/// How heads are learned. One setting serves every taxonomy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeadOptions {
    /// Difference of scores that makes an entry e times as likely.
    pub temperature: f32,
    /// Pull of an entry's weights back to none, in texts.
    pub pull: f32,
    /// Pull of an entry's bias back to none, in texts: how common an entry is differs between groups of texts.
    pub bias_pull: f32,
    /// Steps of the descent.
    pub steps: usize,
}

/// Chosen on groups left out of A1 and A5: a tenth of the pull remembers texts instead of learning entries.
impl Default for HeadOptions {
    fn default() -> Self {
        Self { temperature: 0.06, pull: 0.3, bias_pull: 10.0, steps: 60 }
    }
}

/// Texts whose entries are known.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// Scores before anything learned, and vectors.
    pub unlearned: Unlearned,
    /// For each text, the gains of its entries by place.
    pub gains: Vec<BTreeMap<usize, f64>>,
    /// The group of each text: splits go between groups, never through one. A text without a group always teaches, and is
    /// never answered.
    pub groups: Vec<Option<String>>,
}

/// Parts that groups are dealt into.
pub(super) const FOLDS: usize = 4;

impl Labelled {
    /// The part of each text, that of its group.
    pub(super) fn folds(&self) -> Vec<Option<usize>> {
        let names: BTreeSet<&String> = self.groups.iter().flatten().collect();
        let fold: BTreeMap<&String, usize> =
            names.into_iter().enumerate().map(|(i, group)| (group, i % FOLDS)).collect();
        self.groups.iter().map(|group| fold.get(group.as_ref()?).copied()).collect()
    }

    /// The scores of each text with heads that were learned from the texts of other groups only.
    pub fn cross_fit(&self, options: HeadOptions) -> Array2<f32> {
        let fold = self.folds();
        let mut scores = self.unlearned.scores.clone();
        for left_out in (0..FOLDS).map(Some) {
            let heads = self.learn(options, |row| fold.get(row) != Some(&left_out));
            for ((mut scores, vector), _) in scores
                .outer_iter_mut()
                .zip(self.unlearned.vectors.outer_iter())
                .zip(&fold)
                .filter(|(_, fold)| **fold == left_out)
            {
                for (entry, head) in &heads {
                    let shift: f32 = head.weights().zip(vector).map(|(w, x)| w * x).sum();
                    if let Some(score) = scores.get_mut(*entry) {
                        *score += shift + head.bias();
                    }
                }
            }
        }
        scores
    }

    /// Heads of the entries that the kept rows name, from these rows; a heavy-ball descent from none. The same rows give
    /// the same heads.
    pub fn learn(&self, options: HeadOptions, kept: impl Fn(usize) -> bool) -> Vec<(usize, Head)> {
        let named = |row: &usize| self.gains.get(*row).is_some_and(|g| g.values().any(|&gain| gain > 0.0));
        let rows: Vec<usize> = (0..self.gains.len()).filter(|&row| kept(row)).filter(named).collect();
        let entries: Vec<usize> = rows
            .iter()
            .filter_map(|&row| self.gains.get(row))
            .flat_map(|gains| gains.iter().filter(|(_, gain)| **gain > 0.0).map(|(entry, _)| *entry))
            .collect::<BTreeSet<usize>>()
            .into_iter()
            .collect();
        if entries.is_empty() {
            return Vec::new();
        }
        let mut texts = self.unlearned.vectors.select(Axis(0), &rows);
        // What all texts share is left to the bias.
        let mean = texts.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(texts.ncols()));
        texts -= &mean;
        let logits = self.unlearned.scores.select(Axis(0), &rows) / options.temperature;
        let goal = self.goal(&rows);
        let mut weights = Array2::<f32>::zeros((entries.len(), texts.ncols()));
        let mut bias = Array1::<f32>::zeros(entries.len());
        let (mut speed, mut bias_speed) = (weights.clone(), bias.clone());
        // The loss bends half as much as the texts spread, at most; weights and bias share it.
        let step = 1.0 / (spread(&texts) + options.pull);
        let bias_step = 1.0 / (rows.len() as f32 + options.bias_pull);
        for _ in 0..options.steps {
            let mut now = logits.clone();
            let shifts = texts.dot(&weights.t()) + &bias;
            for (at, &entry) in entries.iter().enumerate() {
                let mut column = now.column_mut(entry);
                column += &shifts.column(at);
            }
            softmax(&mut now);
            let wrong = (now - &goal).select(Axis(1), &entries);
            let slope = wrong.t().dot(&texts) + &weights * options.pull;
            let bias_slope = wrong.sum_axis(Axis(0)) + &bias * options.bias_pull;
            speed = speed * MOMENTUM - slope * step;
            bias_speed = bias_speed * MOMENTUM - bias_slope * bias_step;
            weights += &speed;
            bias += &bias_speed;
        }
        weights *= options.temperature;
        bias = bias * options.temperature - weights.dot(&mean);
        let rows = weights.outer_iter().zip(&bias);
        entries
            .into_iter()
            .zip(rows)
            .map(|(entry, (weights, &bias))| (entry, Head::new(bias, &weights)))
            .collect()
    }

    /// The share of each entry in what a text asks for.
    fn goal(&self, rows: &[usize]) -> Array2<f32> {
        let mut goal = Array2::zeros((rows.len(), self.unlearned.scores.ncols()));
        for (mut goal, gains) in goal.outer_iter_mut().zip(rows.iter().filter_map(|&row| self.gains.get(row)))
        {
            let total: f64 = gains.values().filter(|gain| **gain > 0.0).sum();
            for (&entry, &gain) in gains.iter().filter(|(_, gain)| **gain > 0.0) {
                if let Some(share) = goal.get_mut(entry) {
                    *share = (gain / total) as f32;
                }
            }
        }
        goal
    }
}

const MOMENTUM: f32 = 0.9;

/// Turns rows of log-odds into probabilities.
fn softmax(rows: &mut Array2<f32>) {
    for mut row in rows.outer_iter_mut() {
        let most = row.fold(f32::MIN, |most, &x| most.max(x));
        row.mapv_inplace(|x| (x - most).exp());
        let sum: f32 = row.sum();
        row /= sum;
    }
}

/// The largest eigenvalue of `textsᵀ texts`, by the power method, a little more rather than less.
fn spread(texts: &Array2<f32>) -> f32 {
    let mut direction = Array1::from_elem(texts.ncols(), 1.0 / (texts.ncols().max(1) as f32).sqrt());
    let mut largest = 0.0;
    for _ in 0..20 {
        let next = texts.t().dot(&texts.dot(&direction));
        largest = next.dot(&next).sqrt();
        if largest <= f32::MIN_POSITIVE {
            break;
        }
        direction = next / largest;
    }
    largest * 1.2
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    /// Two entries that the scores confuse and the vectors tell apart, in three groups.
    fn labelled() -> Labelled {
        let vectors = array![[1.0_f32, 0.0], [0.0, 1.0], [0.9, 0.1], [0.1, 0.9], [1.0, 0.1], [0.0, 0.9]];
        let gains = [0, 1, 0, 1, 0, 1].map(|entry| BTreeMap::from([(entry, 1.0)])).to_vec();
        let groups = ["a", "a", "b", "b", "c", "c"].map(|group| Some(group.to_owned())).to_vec();
        let scores = Array2::from_shape_fn((6, 3), |(_, entry)| [0.3_f32, 0.32, 0.1][entry]);
        Labelled { unlearned: Unlearned { scores, vectors, parts: vec![1; 6] }, gains, groups }
    }

    #[test]
    fn heads_carry_over_to_groups_left_out() {
        let labelled = labelled();
        let options = HeadOptions::default();
        let scores = labelled.cross_fit(options);
        for (row, gains) in scores.outer_iter().zip(&labelled.gains) {
            let right = *gains.keys().next().unwrap();
            assert!(row[right] > row[1 - right] && row[right] > row[2], "{row:?}");
        }
        let heads = labelled.learn(options, |_| true);
        assert_eq!(heads.iter().map(|(entry, _)| *entry).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(heads, labelled.learn(options, |_| true));
        assert!(labelled.learn(options, |_| false).is_empty());
    }

    #[test]
    fn texts_without_a_group_teach_every_part_and_are_not_answered() {
        let mut labelled = labelled();
        labelled.groups =
            ["a", "a", "a", "a", "", ""].map(|g| (!g.is_empty()).then(|| g.to_owned())).to_vec();
        let (before, after) = (&labelled.unlearned.scores, labelled.cross_fit(HeadOptions::default()));
        assert!(after[[1, 1]] > before[[1, 1]] && after[[0, 0]] > before[[0, 0]]);
        assert_eq!(after.row(4), before.row(4));
        // With nothing else to learn from, nothing is learned.
        labelled.groups = vec![Some("a".to_owned()); 6];
        assert_eq!(&labelled.cross_fit(HeadOptions::default()), before);
    }

    #[test]
    fn probabilities_add_up_whatever_comes() {
        let mut rows = array![[0.0_f32, 800.0, -800.0], [1.0, 1.0, 1.0]];
        softmax(&mut rows);
        assert!(rows.outer_iter().all(|row| (row.sum() - 1.0).abs() < 1e-6));
        let texts = array![[3.0_f32, 0.0], [0.0, 1.0]];
        assert!((spread(&texts) / 9.0 - 1.2).abs() < 0.01);
    }
}
