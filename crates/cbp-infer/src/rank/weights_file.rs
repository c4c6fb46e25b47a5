//! Weights in a file: what a person or `cbp tune rank` wrote, and what a plan's provenance names.

use serde::{Deserialize, Serialize};

use super::{RankError, RankOptions, Weights};

/// A file of weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightsFile {
    /// Always `cbp-rank-weights`.
    pub format: String,
    /// Version of this format.
    pub version: u32,
    /// A name that a plan's provenance can give.
    pub name: String,
    /// The weights.
    pub weights: Weights,
    /// What they were learnt from; empty for weights set by hand.
    #[serde(default)]
    pub learnt_from: Vec<String>,
    /// Fingerprint of the model whose cosines they were learnt with.
    #[serde(default)]
    pub model: Option<String>,
    /// Mean nDCG at 10 on lists that were left out of learning: before and after.
    #[serde(default)]
    pub held_out: Option<(f64, f64)>,
}

impl WeightsFile {
    /// Value of `format`.
    pub const FORMAT: &'static str = "cbp-rank-weights";
    /// Latest version of the format.
    pub const VERSION: u32 = 1;

    /// Reads a file; `what` names it in errors.
    ///
    /// # Errors
    ///
    /// [`RankError::File`] for anything that is no file of weights, and [`RankError::Setting`] for weights that
    /// make no sense.
    pub fn from_json(what: &str, json: &str) -> Result<Self, RankError> {
        let fault = |detail: String| RankError::File { what: what.to_owned(), detail };
        let file: Self =
            serde_json::from_str(json).map_err(|e| fault(format!("{e}; give a file of weights")))?;
        if file.format != Self::FORMAT || file.version > Self::VERSION {
            let (format, version) = (&file.format, file.version);
            return Err(fault(format!(
                "it is \"{format}\" version {version}; give \"{}\" version {}",
                Self::FORMAT,
                Self::VERSION
            )));
        }
        file.options()?;
        Ok(file)
    }

    /// The weights, checked.
    ///
    /// # Errors
    ///
    /// [`RankError::Setting`] for weights that make no sense.
    pub fn options(&self) -> Result<RankOptions, RankError> {
        RankOptions::new(self.weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_as_it_went_and_others_are_refused() {
        let file = WeightsFile {
            format: WeightsFile::FORMAT.into(),
            version: 1,
            name: "by hand".into(),
            weights: Weights::default(),
            learnt_from: vec!["A".into()],
            model: None,
            held_out: Some((0.4, 0.5)),
        };
        let json = serde_json::to_string(&file).unwrap();
        assert_eq!(WeightsFile::from_json("w", &json).unwrap(), file);
        for (from, to) in
            [("cbp-rank-weights", "cbp-plan"), ("\"version\":1", "\"version\":2"), ("dense", "sparse")]
        {
            let bad = json.replacen(from, to, 1);
            assert!(
                matches!(WeightsFile::from_json("w", &bad), Err(RankError::File { what, .. }) if what == "w")
            );
        }
        let negative = WeightsFile { weights: Weights { dense: -1.0, ..file.weights }, ..file };
        let json = serde_json::to_string(&negative).unwrap();
        assert!(matches!(WeightsFile::from_json("w", &json), Err(RankError::Setting { .. })));
    }
}
