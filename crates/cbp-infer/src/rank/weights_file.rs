//! Weights in a file: what a person or `cbp tune rank` wrote, and what a plan's provenance names.

use serde::{Deserialize, Serialize};

use super::{CourseIndex, RankError, RankOptions, Weights};

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

    /// The weights, checked, for courses in this index.
    ///
    /// # Errors
    ///
    /// [`RankError::WeightsModel`] for weights that were learnt with the cosines of another model; as
    /// [`WeightsFile::options`].
    pub fn options_for(&self, index: &CourseIndex) -> Result<RankOptions, RankError> {
        match &self.model {
            Some(model) if model != index.fingerprint() => Err(RankError::WeightsModel {
                name: self.name.clone(),
                expected: index.fingerprint().to_owned(),
                found: model.clone(),
            }),
            _ => self.options(),
        }
    }
}

#[cfg(test)]
mod tests {
    use cbp_core::{Catalogue, Course};
    use ndarray::array;

    use super::*;

    #[test]
    fn weights_of_another_model_are_refused() {
        let course = Course { id: "c".into(), name: "Noting".into(), ..Course::default() };
        let catalogue = Catalogue { courses: vec![course], ..Catalogue::default() };
        let index = CourseIndex::from_vectors(&catalogue, &array![[1.0, 0.0]], "m").unwrap();
        let file = |model: Option<&str>| WeightsFile {
            format: WeightsFile::FORMAT.into(),
            version: 1,
            name: "by hand".into(),
            weights: Weights::default(),
            learnt_from: Vec::new(),
            model: model.map(str::to_owned),
            held_out: None,
        };
        assert!(file(None).options_for(&index).is_ok() && file(Some("m")).options_for(&index).is_ok());
        let refused = file(Some("other")).options_for(&index);
        assert!(matches!(refused, Err(RankError::WeightsModel { found, .. }) if found == "other"));
    }

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
