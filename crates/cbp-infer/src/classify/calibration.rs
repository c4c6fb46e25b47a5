//! From how an entry stands among its rivals to how likely it is right.

use serde::{Deserialize, Serialize};

/// A logistic curve over how an entry's score stands among those of its rivals: what a score is worth differs between
/// taxonomies, how far it stands out does much less.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Log-odds where all of these are 0.
    pub offset: f64,
    /// Log-odds for each unit of score above the mean of the text's ten best entries.
    pub margin: f64,
    /// Log-odds for each unit of score above the next entry.
    pub next: f64,
    /// Log-odds for each unit of score below the first entry.
    pub behind: f64,
    /// Log-odds for each e-fold of the text's parts: a whole job asks for more entries than one sentence of it.
    pub parts: f64,
}

/// How an entry's score stands among those of its rivals.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Standing {
    /// Score above the mean of the text's ten best entries.
    pub margin: f64,
    /// Score above the next entry; 0 where there is none.
    pub next: f64,
    /// Score below the first entry.
    pub behind: f64,
    /// Natural logarithm of the number of the text's parts.
    pub parts: f64,
}

/// For models that come without heads; those that ship have a curve of their own, fitted by `cbp tune heads`.
impl Default for Calibration {
    fn default() -> Self {
        Self { offset: -1.35, margin: 12.1, next: 0.0, behind: 0.0, parts: 0.0 }
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

/// The best entries, one more than `top` and enough for the standing of each; ties by the taxonomy's order.
pub(crate) fn ranked(scores: Vec<f64>, top: usize) -> Vec<(usize, f64)> {
    let mut all: Vec<(usize, f64)> = scores.into_iter().enumerate().collect();
    let order = |a: &(usize, f64), b: &(usize, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    let kept = top.saturating_add(1).max(RIVALS);
    if all.len() > kept {
        all.select_nth_unstable_by(kept, order);
        all.truncate(kept);
    }
    all.sort_by(order);
    all
}

/// How each entry of a ranking stands among the others, for a text of so many parts.
pub(crate) fn standings(ranked: &[(usize, f64)], parts: usize) -> impl Iterator<Item = Standing> + '_ {
    let parts = (parts.max(1) as f64).ln();
    let rivals = ranked.len().min(RIVALS);
    let mean = ranked.iter().take(rivals).map(|(_, score)| score).sum::<f64>() / rivals.max(1) as f64;
    let first = ranked.first().map_or(0.0, |(_, score)| *score);
    ranked.iter().enumerate().map(move |(at, (_, score))| Standing {
        margin: score - mean,
        next: ranked.get(at + 1).map_or(0.0, |(_, next)| score - next),
        behind: score - first,
        parts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_rises_with_the_margin() {
        let calibration = Calibration::default();
        let of = |margin| calibration.confidence(Standing { margin, ..Standing::default() });
        assert!(of(0.2) > of(0.1) && (0.0..=1.0).contains(&of(1e9)));
    }
}
