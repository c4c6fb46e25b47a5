//! Fitting the curve from how a score stands to how often such an entry is right.

use ndarray::Array2;

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

/// The best entries of texts and whether they are right, of one task.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers(Vec<(Standing, bool)>);

impl Answers {
    /// Reads scores of all entries beside the gains of those that are right.
    pub fn of(scores: &Array2<f32>, labelled: &Labelled) -> Self {
        let mut answers = Vec::new();
        let texts = scores.outer_iter().zip(&labelled.gains).zip(&labelled.unlearned.parts);
        for ((row, gains), &parts) in texts {
            let ranked = ranked(row.iter().map(|&s| f64::from(s)).collect(), BEST);
            for ((entry, _), standing) in ranked.iter().zip(standings(&ranked, parts)).take(BEST) {
                answers.push((standing, gains.get(entry).is_some_and(|&gain| gain > 0.0)));
            }
        }
        Self(answers)
    }

    /// First answers with their confidence under a curve: what an expected calibration error is taken of.
    pub fn first(&self, calibration: Calibration) -> impl Iterator<Item = (f64, bool)> + '_ {
        let first = self.0.iter().filter(|(standing, _)| standing.behind >= 0.0);
        first.map(move |&(standing, right)| (calibration.confidence(standing), right))
    }
}

/// The curve that fits the answers of these tasks, each task weighing alike: logistic regression by Newton's method.
pub fn calibrate(tasks: &[&Answers]) -> Calibration {
    let mut curve = [0.0; SIZE];
    for _ in 0..30 {
        let (mut slope, mut bend) = ([0.0; SIZE], [0.0; SIZE * SIZE]);
        for answers in tasks {
            let weight = TASK / answers.0.len().max(1) as f64;
            for &(standing, right) in &answers.0 {
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
    use super::*;

    #[test]
    fn confidence_becomes_the_share_that_is_right() {
        // Wide margins are right three times of four, narrow ones once.
        let answer = |margin: f64, right| (Standing { margin, ..Standing::default() }, right);
        let wide = [true, true, true, false].map(|right| answer(0.3, right));
        let narrow = [true, false, false, false].map(|right| answer(0.1, right));
        let answers = Answers(wide.into_iter().chain(narrow).collect());
        let curve = calibrate(&[&answers]);
        let of = |margin| curve.confidence(Standing { margin, ..Standing::default() });
        assert!((of(0.3) - 0.75).abs() < 0.03 && (of(0.1) - 0.25).abs() < 0.03, "{curve:?}");
        assert_eq!(answers.first(curve).count(), 8);
        assert!((calibrate(&[]).confidence(Standing::default()) - 0.5).abs() < 1e-9);
    }
}
