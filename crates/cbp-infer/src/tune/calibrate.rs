//! Fitting the curve from how a score stands to how often such an entry is right.

use ndarray::Array2;

use super::heads::FOLDS;
use super::{Labelled, solve};
use crate::classify::{Calibration, Standing, ranked, standings};

/// Best entries of a text that teach the curve.
const BEST: usize = 5;
/// Pull of the curve's slopes to none, so that few texts give a finite curve.
const PULL: f64 = 0.1;
/// Numbers of a curve.
const SIZE: usize = 5;
/// What the answers of one task weigh together.
const TASK: f64 = 1000.0;

/// An entry among the best of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
struct One {
    standing: Standing,
    right: bool,
    /// The part that the text's group was dealt into.
    fold: usize,
}

/// The best entries of texts and whether they are right, of one task.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers(Vec<One>);

impl Answers {
    /// Reads scores of all entries beside the gains of those that are right, for texts that have a group.
    pub fn of(scores: &Array2<f32>, labelled: &Labelled) -> Self {
        let mut answers = Vec::new();
        let texts = scores.outer_iter().zip(&labelled.gains).zip(&labelled.unlearned.parts);
        for (((row, gains), &parts), fold) in texts.zip(labelled.folds()) {
            let Some(fold) = fold else { continue };
            let ranked = ranked(row.iter().map(|&s| f64::from(s)).collect(), BEST);
            for ((entry, _), standing) in ranked.iter().zip(standings(&ranked, parts)).take(BEST) {
                let right = gains.get(entry).is_some_and(|&gain| gain > 0.0);
                answers.push(One { standing, right, fold });
            }
        }
        Self(answers)
    }

    /// First answers with their confidence under a curve: what an expected calibration error is taken of.
    pub fn first(&self, calibration: Calibration) -> impl Iterator<Item = (f64, bool)> + '_ {
        let first = self.0.iter().filter(|one| one.standing.behind >= 0.0);
        first.map(move |one| (calibration.confidence(one.standing), one.right))
    }

    /// First answers with their confidence under the curve of the other groups.
    pub fn first_crossed(&self) -> impl Iterator<Item = (f64, bool)> + '_ {
        (0..FOLDS).flat_map(|left_out| {
            let part = |own: bool| self.0.iter().filter(move |one| (one.fold == left_out) == own).copied();
            let curve = calibrate(&[&Self(part(false).collect())]);
            let first = part(true).filter(|one| one.standing.behind >= 0.0);
            first.map(move |one| (curve.confidence(one.standing), one.right)).collect::<Vec<_>>()
        })
    }
}

/// The curve that fits the answers of these tasks, each task weighing alike: logistic regression by Newton's method.
pub fn calibrate(tasks: &[&Answers]) -> Calibration {
    let mut curve = [0.0; SIZE];
    for _ in 0..30 {
        let (mut slope, mut bend) = ([0.0; SIZE], [0.0; SIZE * SIZE]);
        for answers in tasks {
            let weight = TASK / answers.0.len().max(1) as f64;
            for &One { standing, right, .. } in &answers.0 {
                let x = [1.0, standing.margin, standing.next, standing.behind, standing.parts];
                let p = curve_of(curve).confidence(standing);
                let wrong = p - f64::from(u8::from(right));
                for a in 0..SIZE {
                    slope[a] += weight * wrong * x[a];
                    for b in 0..SIZE {
                        bend[a * SIZE + b] += weight * p * (1.0 - p) * x[a] * x[b];
                    }
                }
            }
        }
        for a in 0..SIZE {
            slope[a] += PULL * curve[a];
            bend[a * SIZE + a] += PULL;
        }
        let Some(step) = solve(&mut bend, &slope, SIZE) else { break };
        curve.iter_mut().zip(step).for_each(|(c, s)| *c -= s.clamp(-20.0, 20.0));
    }
    curve_of(curve)
}

const fn curve_of([offset, margin, next, behind, parts]: [f64; SIZE]) -> Calibration {
    Calibration { offset, margin, next, behind, parts }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ndarray::array;

    use super::*;
    use crate::classify::Unlearned;

    #[test]
    fn texts_without_a_group_are_no_answers() {
        let scores = array![[0.9_f32, 0.1], [0.2, 0.8]];
        let labelled = Labelled {
            unlearned: Unlearned { scores: scores.clone(), vectors: array![[1.0], [1.0]], parts: vec![1; 2] },
            gains: vec![BTreeMap::from([(0, 1.0)]), BTreeMap::from([(0, 1.0)])],
            groups: vec![Some("a".to_owned()), None],
        };
        let first: Vec<bool> =
            Answers::of(&scores, &labelled).first(Calibration::default()).map(|(_, right)| right).collect();
        assert_eq!(first, [true]);
    }

    #[test]
    fn confidence_becomes_the_share_that_is_right() {
        // Wide margins are right three times of four, narrow ones once.
        let answer = |margin: f64, right, fold| One {
            standing: Standing { margin, ..Standing::default() },
            right,
            fold,
        };
        let group = |fold| {
            let wide = [true, true, true, false].map(|right| answer(0.3, right, fold));
            wide.into_iter().chain([true, false, false, false].map(|right| answer(0.1, right, fold)))
        };
        let answers = Answers(group(0).collect());
        let curve = calibrate(&[&answers]);
        let of = |margin| curve.confidence(Standing { margin, ..Standing::default() });
        assert!((of(0.3) - 0.75).abs() < 0.03 && (of(0.1) - 0.25).abs() < 0.03, "{curve:?}");
        assert_eq!(answers.first(curve).count(), 8);
        // In another group all are wrong: each is judged by what the other shows.
        let wrong = answers.0.iter().map(|one| One { right: false, fold: 1, ..*one });
        let both = Answers(answers.0.iter().copied().chain(wrong).collect());
        let mean = |confidences: Vec<f64>| confidences.iter().sum::<f64>() / confidences.len() as f64;
        let crossed: Vec<f64> = both.first_crossed().map(|(confidence, _)| confidence).collect();
        let (first, second) = crossed.split_at(8);
        assert!(mean(first.to_vec()) < 0.1 && (mean(second.to_vec()) - 0.5).abs() < 0.03, "{crossed:?}");
        assert!((calibrate(&[]).confidence(Standing::default()) - 0.5).abs() < 1e-9);
    }
}
