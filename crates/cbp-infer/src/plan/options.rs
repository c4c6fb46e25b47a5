//! Settings of a plan, checked once into a type that can only be valid.

use super::PlanError;
use crate::rank::WeightsFile;

/// What a user may set. [`PlanOptions::default`] is what `cbp plan` uses.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanOptions {
    /// Hours of training that one officer can take in the plan year.
    pub budget_hours: f64,
    /// Share of a designation's need, 0 to 1, that a course must add to join its course set.
    pub least_gain: f64,
    /// Courses listed for each requirement, the best first.
    pub courses: usize,
    /// Most requirements of one designation; the least certain ones go first.
    pub requirements: usize,
    /// Requirements less certain than this are not written, 0 to 1, but for the most certain one of a designation.
    pub min_confidence: f64,
    /// Relevance from which a course covers a requirement, 0 to 1.
    pub full_relevance: f64,
    /// Relevance from which a course touches a requirement, 0 to 1; not above `full_relevance`.
    pub partial_relevance: f64,
    /// Pieces of evidence kept for each requirement.
    pub evidence: usize,
    /// Languages that the officers read, by English name; courses in others are left out. Empty means all.
    pub languages: Vec<String>,
    /// Weights of the ranking's signals, if not the ones that ship; the plan's provenance names them.
    pub weights: Option<WeightsFile>,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            budget_hours: 40.0,
            least_gain: 0.02,
            courses: 5,
            requirements: 14,
            min_confidence: 0.3,
            full_relevance: 0.6,
            partial_relevance: 0.35,
            evidence: 4,
            languages: vec!["English".into(), "Hindi".into()],
            weights: None,
        }
    }
}

impl PlanOptions {
    /// Checks every value.
    ///
    /// # Errors
    /// [`PlanError::Setting`] names the first value that is out of range.
    pub fn checked(self) -> Result<Self, PlanError> {
        let fault = |name: &'static str, detail: String| Err(PlanError::Setting { name, detail });
        if !(self.budget_hours.is_finite() && self.budget_hours > 0.0) {
            return fault("hours", format!("{} is no budget; give hours above 0", self.budget_hours));
        }
        for (name, count) in
            [("courses", self.courses), ("requirements", self.requirements), ("evidence", self.evidence)]
        {
            if !(1..=1000).contains(&count) {
                return fault(name, format!("{count} is out of range; give 1 to 1000"));
            }
        }
        for (name, share) in [
            ("least-gain", self.least_gain),
            ("min-confidence", self.min_confidence),
            ("full-relevance", self.full_relevance),
            ("partial-relevance", self.partial_relevance),
        ] {
            if !(0.0..=1.0).contains(&share) {
                return fault(name, format!("{share} is out of range; give 0 to 1"));
            }
        }
        if self.partial_relevance > self.full_relevance {
            return fault("partial-relevance", "it is above full-relevance; lower it".into());
        }
        if let Some(Err(error)) = self.weights.as_ref().map(WeightsFile::options) {
            return fault("weights", error.to_string());
        }
        Ok(self)
    }

    /// The settings as a plan's provenance lists them.
    pub(super) fn listed(&self) -> Vec<(String, String)> {
        let pairs: [(&str, String); 9] = [
            ("budget hours", self.budget_hours.to_string()),
            ("least gain of a course", self.least_gain.to_string()),
            ("courses for each requirement", self.courses.to_string()),
            ("most requirements", self.requirements.to_string()),
            ("least confidence", self.min_confidence.to_string()),
            ("relevance of a full cover", self.full_relevance.to_string()),
            ("relevance of a partial cover", self.partial_relevance.to_string()),
            ("pieces of evidence", self.evidence.to_string()),
            ("languages", if self.languages.is_empty() { "all".into() } else { self.languages.join(", ") }),
        ];
        let weights = self.weights.as_ref().map(|file| ("weights of the ranking", file.name.clone()));
        pairs.into_iter().chain(weights).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rank::Weights;

    #[test]
    fn learnt_weights_are_named_and_senseless_ones_refused() {
        let weights = |lexical: f64| WeightsFile {
            format: WeightsFile::FORMAT.into(),
            version: WeightsFile::VERSION,
            name: "learnt on lists A".into(),
            weights: Weights { lexical, ..Weights::default() },
            learnt_from: vec!["A".into()],
            model: None,
            held_out: None,
        };
        let with = |lexical| PlanOptions { weights: Some(weights(lexical)), ..PlanOptions::default() };
        let listed = with(0.4).checked().unwrap().listed();
        assert!(listed.iter().any(|(_, value)| value == "learnt on lists A"));
        assert!(matches!(with(-1.0).checked(), Err(PlanError::Setting { name: "weights", .. })));
    }

    #[test]
    fn the_defaults_are_valid_and_nonsense_is_named() {
        assert!(PlanOptions::default().checked().is_ok());
        let wrong = [
            PlanOptions { budget_hours: 0.0, ..PlanOptions::default() },
            PlanOptions { budget_hours: f64::NAN, ..PlanOptions::default() },
            PlanOptions { courses: 0, ..PlanOptions::default() },
            PlanOptions { min_confidence: 1.5, ..PlanOptions::default() },
            PlanOptions { partial_relevance: 0.9, ..PlanOptions::default() },
        ];
        let names = ["hours", "hours", "courses", "min-confidence", "partial-relevance"];
        for (options, expected) in wrong.into_iter().zip(names) {
            assert!(matches!(options.checked(), Err(PlanError::Setting { name, .. }) if name == expected));
        }
    }
}
