//! The learned numbers of the level model: one axis of mastery, and how to read a scale off it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    LevelError,
    features::{self, Reading},
};
use crate::embed::Embedder;

/// What [`super::Leveller`] was taught. Small enough to ship as JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelParameters {
    /// Version of this format.
    pub version: u32,
    /// Fingerprint of the embedding model that [`Self::embedding`] belongs to; empty where none was used.
    #[serde(default)]
    pub model: String,
    /// What made them: data and command, for people.
    #[serde(default)]
    pub made_by: String,
    /// Sources of the examples: tasks by their names.
    #[serde(default)]
    pub learned_from: Vec<String>,
    /// With a matching embedding model: the constant.
    #[serde(default)]
    pub intercept: f64,
    /// With a matching embedding model: one weight for each word feature.
    #[serde(default)]
    pub words: Vec<f64>,
    /// With a matching embedding model: one weight for each dimension.
    #[serde(default)]
    pub embedding: Vec<f32>,
    /// Words that were found to tell low duties from high ones, in lower case: the weight of each with a matching embedding
    /// model, and without.
    #[serde(default)]
    pub lexicon: BTreeMap<String, [f64; 2]>,
    /// Without: the constant.
    pub words_only_intercept: f64,
    /// Without: one weight for each word feature.
    pub words_only: Vec<f64>,
    /// Standard error of a position, as a share of the scale's length.
    pub error: f64,
}

impl LevelParameters {
    /// Latest version of the format.
    pub const VERSION: u32 = 2;

    /// Those that ship.
    ///
    /// # Panics
    /// Never: a test reads the embedded file.
    #[allow(clippy::expect_used)]
    pub fn shipped() -> Self {
        Self::from_json("the shipped level parameters", include_str!("../../data/level/level.json"))
            .expect("the shipped level parameters are checked by a test")
    }

    /// Reads and checks stored parameters.
    ///
    /// # Errors
    /// [`LevelError::Parameters`] where they are not JSON of this format and version.
    pub fn from_json(what: &str, json: &str) -> Result<Self, LevelError> {
        let refuse = |detail: String| LevelError::Parameters { what: what.to_owned(), detail };
        let read: Self = serde_json::from_str(json).map_err(|e| refuse(e.to_string()))?;
        if read.version != Self::VERSION {
            return Err(refuse(format!("version {} is not {}", read.version, Self::VERSION)));
        }
        if read.words_only.len() != features::LEN
            || !(read.words.is_empty() || read.words.len() == features::LEN)
        {
            return Err(refuse(format!(
                "{} and {} word weights, expected {}",
                read.words_only.len(),
                read.words.len(),
                features::LEN
            )));
        }
        let numbers = read.words.iter().chain(&read.words_only).copied();
        let numbers = numbers.chain(read.embedding.iter().map(|w| f64::from(*w)));
        let numbers = numbers.chain(read.lexicon.values().flatten().copied());
        let finite =
            numbers.chain([read.intercept, read.words_only_intercept, read.error]).all(f64::is_finite);
        if !finite || read.error <= 0.0 {
            return Err(refuse("a weight is not a finite number".into()));
        }
        Ok(read)
    }

    /// True where the embedding weights belong to this model's vectors.
    pub(crate) fn fits(&self, embedder: &Embedder) -> bool {
        self.embedding.len() == embedder.dims() && self.model == embedder.fingerprint()
    }

    /// Mastery from words alone.
    pub(crate) fn by_words(&self, reading: &Reading) -> f64 {
        self.words_only_intercept
            + dot(&self.words_only, &reading.values)
            + self.learned(reading, |[_, alone]| *alone)
    }

    /// Mastery from words and the vector of a model that [`Self::fits`].
    pub(crate) fn by_both<'a>(&self, reading: &Reading, vector: impl IntoIterator<Item = &'a f32>) -> f64 {
        let dense: f64 = self.embedding.iter().zip(vector).map(|(w, x)| f64::from(*w) * f64::from(*x)).sum();
        let words = dot(&self.words, &reading.values) + self.learned(reading, |[beside, _]| *beside);
        self.intercept + words + dense
    }

    fn learned(&self, reading: &Reading, weight: fn(&[f64; 2]) -> f64) -> f64 {
        let (known, share) = reading.known(&self.lexicon);
        share * known.into_iter().map(weight).sum::<f64>()
    }
}

fn dot(weights: &[f64], values: &[f64]) -> f64 {
    weights.iter().zip(values).map(|(w, x)| w * x).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_has_its_weight_of_a_word_and_long_texts_say_no_more() {
        let lexicon = [("zurn", [0.5, 0.25]), ("glorp", [-0.5, 0.75])];
        let learned = LevelParameters {
            lexicon: lexicon.map(|(word, weights)| (word.to_owned(), weights)).into(),
            ..LevelParameters::default()
        };
        let both = |text: &str| learned.by_both(&features::read(text), &[]);
        let words = |text: &str| learned.by_words(&features::read(text));
        assert_eq!((both("Zurn, zurn"), words("zurn it")), (0.5, 0.25));
        assert_eq!((both("nothing 12"), words("")), (0.0, 0.0));
        assert!(both("zurn the glorp").abs() < 1e-12);
        assert!((words("zurn the glorp") - 1.0 / 2.0_f64.sqrt()).abs() < 1e-12);
    }
}
