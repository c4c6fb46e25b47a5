//! How signals become a score. Checked once: [`RankOptions`] can only be valid.

use cbp_core::ScorePart;
use serde::{Deserialize, Serialize};

use super::RankError;

/// Names of the signals, in the order in which they are kept and added up.
pub(crate) const SIGNALS: [&str; 5] = ["dense", LEXICAL, TAG, "level", PRIOR];
pub(crate) const LEXICAL: &str = "lexical";
pub(crate) const TAG: &str = "tag";
pub(crate) const PRIOR: &str = "prior";

/// Weights of the signals as a person or a file gives them: any numbers from 0 that are not all 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Cosine of the embeddings.
    pub dense: f64,
    /// Words in common, by BM25.
    pub lexical: f64,
    /// Competency tags in common.
    pub tag: f64,
    /// How well the course's level meets the need's.
    pub level: f64,
    /// Rating, completions, recency, and what the caller prefers.
    pub prior: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self { dense: 0.5, lexical: 0.2, tag: 0.2, level: 0.06, prior: 0.04 }
    }
}

impl Weights {
    pub(crate) const fn array(self) -> [f64; 5] {
        [self.dense, self.lexical, self.tag, self.level, self.prior]
    }

    pub(crate) const fn of([dense, lexical, tag, level, prior]: [f64; 5]) -> Self {
        Self { dense, lexical, tag, level, prior }
    }
}

/// Valid weights, adding up to 1, with what the caller prefers.
#[derive(Debug, Clone, PartialEq)]
pub struct RankOptions {
    weights: [f64; 5],
    language: Option<String>,
    organisation: Option<String>,
}

impl Default for RankOptions {
    fn default() -> Self {
        Self { weights: Weights::default().array(), language: None, organisation: None }
    }
}

impl RankOptions {
    /// Checks weights and scales them to a sum of 1.
    ///
    /// # Errors
    ///
    /// [`RankError::Setting`] names a weight that is negative or not a number, or says that all are 0.
    pub fn new(weights: Weights) -> Result<Self, RankError> {
        let array = weights.array();
        for (name, value) in SIGNALS.iter().zip(array) {
            if !value.is_finite() || value < 0.0 {
                let name = format!("the weight of {name}");
                return Err(RankError::Setting { name, value, expected: "a number from 0" });
            }
        }
        let sum: f64 = array.iter().sum();
        if sum <= 0.0 || !sum.is_finite() {
            let name = "the sum of the weights".to_owned();
            return Err(RankError::Setting { name, value: sum, expected: "at least one weight above 0" });
        }
        Ok(Self { weights: array.map(|w| w / sum), ..Self::default() })
    }

    /// Prefers courses in this language, without leaving out others.
    #[must_use]
    pub fn prefer_language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// Prefers courses that this organisation gives, without leaving out others.
    #[must_use]
    pub fn prefer_organisation(mut self, organisation: impl Into<String>) -> Self {
        self.organisation = Some(organisation.into());
        self
    }

    /// The weights in force, adding up to 1.
    pub const fn weights(&self) -> Weights {
        Weights::of(self.weights)
    }

    pub(crate) fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    pub(crate) fn organisation(&self) -> Option<&str> {
        self.organisation.as_deref()
    }

    /// The weights for a need of which only some signals are known: the others are left out, and what is left is
    /// scaled to a sum of 1. A signal that cannot tell courses apart would only pull all scores to the middle.
    pub(crate) fn gated(&self, known: [bool; 5]) -> [f64; 5] {
        let kept: [f64; 5] = std::array::from_fn(|i| if known[i] { self.weights[i] } else { 0.0 });
        let sum: f64 = kept.iter().sum();
        if sum > 0.0 { kept.map(|w| w / sum) } else { kept }
    }
}

/// The parts of a score; their contributions add up to it, in this order.
pub(crate) fn parts(weights: [f64; 5], values: [f64; 5]) -> Vec<ScorePart> {
    let part = |((signal, weight), value): ((&&str, f64), f64)| ScorePart {
        signal: (*signal).into(),
        value,
        weight,
        contribution: weight * value,
        parts: Vec::new(),
    };
    SIGNALS.iter().zip(weights).zip(values).filter(|((_, weight), _)| *weight > 0.0).map(part).collect()
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // Values that must be met exactly.
mod tests {
    use super::*;

    #[test]
    fn weights_that_make_no_sense_are_refused() {
        for bad in [f64::NAN, f64::INFINITY, -0.1] {
            let got = RankOptions::new(Weights { lexical: bad, ..Weights::default() });
            assert!(matches!(got, Err(RankError::Setting { name, .. }) if name.contains("lexical")));
        }
        assert!(RankOptions::new(Weights::of([0.0; 5])).is_err());
    }

    #[test]
    fn weights_add_up_to_one_also_when_gated() {
        let options = RankOptions::new(Weights::of([2.0, 1.0, 1.0, 0.0, 0.0])).unwrap();
        assert_eq!(options.weights().array(), [0.5, 0.25, 0.25, 0.0, 0.0]);
        assert_eq!(options.gated([true, false, true, true, true]), [2.0 / 3.0, 0.0, 1.0 / 3.0, 0.0, 0.0]);
        assert_eq!(options.gated([false; 5]), [0.0; 5]);
    }
}
