//! From how an entry stands among its rivals to how likely it is right.

use serde::{Deserialize, Serialize};

/// A logistic curve over how an entry's score stands among those of its rivals, in standard deviations of the scores of
/// all entries: what a score is worth differs between taxonomies, models and scripts, how far it stands out does much
/// less.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Log-odds where all of these are 0.
    pub offset: f64,
    /// Log-odds for each deviation above the mean of the text's ten best entries.
    pub margin: f64,
    /// Log-odds for each deviation above the next entry.
    pub next: f64,
    /// Log-odds for each deviation below the first entry.
    pub behind: f64,
    /// Log-odds for each e-fold of the text's parts: a whole job asks for more entries than one sentence of it.
    pub parts: f64,
}

/// How an entry's score stands among those of its rivals, in standard deviations of the scores of all entries.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Standing {
    /// Above the mean of the text's ten best entries.
    pub margin: f64,
    /// Above the next entry; 0 where there is none.
    pub next: f64,
    /// Below the first entry: 0 or less.
    pub behind: f64,
    /// Natural logarithm of the number of the text's parts.
    pub parts: f64,
}

/// For models that come without heads: the curve that `cbp tune heads` fitted for the shipped model without them, rounded.
impl Default for Calibration {
    fn default() -> Self {
        Self { offset: -2.1, margin: 0.9, next: 0.17, behind: 0.26, parts: 0.85 }
    }
}

impl Calibration {
    /// Confidence of an entry, 0 to 1.
    pub fn confidence(&self, standing: Standing) -> f64 {
        let Standing { margin, next, behind, parts } = standing;
        let odds =
            self.offset + self.margin * margin + self.next * next + self.behind * behind + self.parts * parts;
        1.0 / (1.0 + (-odds).exp())
    }
}

/// Entries whose mean score a margin is measured from.
const RIVALS: usize = 10;

/// The best entries of a text.
pub(crate) struct Best {
    /// Places and scores, one more than were asked for and enough for the standing of each; ties by the taxonomy's order.
    pub(crate) entries: Vec<(usize, f64)>,
    /// Standard deviation of the scores of all entries.
    spread: f64,
}

impl Best {
    /// The `top` best of the scores of all entries.
    pub(crate) fn of(scores: &[f64], top: usize) -> Self {
        let count = scores.len().max(1) as f64;
        let mean = scores.iter().sum::<f64>() / count;
        let spread = (scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / count).sqrt();
        let mut entries: Vec<(usize, f64)> = scores.iter().copied().enumerate().collect();
        let order = |a: &(usize, f64), b: &(usize, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        let kept = top.saturating_add(1).max(RIVALS);
        if entries.len() > kept {
            entries.select_nth_unstable_by(kept, order);
            entries.truncate(kept);
        }
        entries.sort_by(order);
        Self { entries, spread }
    }

    /// How each of them stands among the others, for a text of so many parts.
    pub(crate) fn standings(&self, parts: usize) -> impl Iterator<Item = Standing> + '_ {
        let parts = (parts.max(1) as f64).ln();
        let rivals = self.entries.len().min(RIVALS);
        let mean =
            self.entries.iter().take(rivals).map(|(_, score)| score).sum::<f64>() / rivals.max(1) as f64;
        let first = self.entries.first().map_or(0.0, |(_, score)| *score);
        // Where all entries score alike, none stands out.
        let deviations =
            move |difference: f64| if self.spread > 0.0 { difference / self.spread } else { 0.0 };
        self.entries.iter().enumerate().map(move |(at, (_, score))| Standing {
            margin: deviations(score - mean),
            next: self.entries.get(at + 1).map_or(0.0, |(_, next)| deviations(score - next)),
            behind: deviations(score - first),
            parts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standing_does_not_depend_on_the_unit_of_scores() {
        let scores = [0.9, 0.4, 0.5, 0.1];
        let halved = scores.map(|score| 0.2 + score / 2.0);
        let of = |scores: &[f64]| -> Vec<Standing> { Best::of(scores, 3).standings(1).collect() };
        for (a, b) in of(&scores).iter().zip(&of(&halved)) {
            assert!((a.margin - b.margin).abs() < 1e-9 && (a.next - b.next).abs() < 1e-9);
            assert!((a.behind - b.behind).abs() < 1e-9 && a.behind <= 0.0);
        }
        assert!(of(&[0.3; 4]).iter().all(|standing| *standing == Standing::default()));
        assert!(of(&[0.3]).iter().all(|standing| *standing == Standing::default()));
    }

    #[test]
    fn confidence_rises_with_the_margin() {
        let calibration = Calibration::default();
        let of = |margin| calibration.confidence(Standing { margin, ..Standing::default() });
        assert!(of(2.0) > of(1.0) && (0.0..=1.0).contains(&of(1e9)));
    }
}
