//! Weights of the signals.

use super::{Calibration, ClassifyError};

/// How entries are scored. [`ClassifyOptions::default`] is what every command uses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassifyOptions {
    /// Weight of the description's meaning.
    pub description: f64,
    /// Weight of the name's meaning.
    pub name: f64,
    /// Weight of words in common.
    pub words: f64,
    /// How far vectors are centred on the taxonomy: 0 not at all, 1 fully.
    pub centring: f64,
    /// From score to confidence; `None` for what comes with the model's heads.
    pub calibration: Option<Calibration>,
}

impl Default for ClassifyOptions {
    fn default() -> Self {
        Self { description: 0.6, name: 0.25, words: 0.15, centring: 0.3, calibration: None }
    }
}

impl ClassifyOptions {
    /// Checks every value and scales the weights to a sum of 1.
    pub(super) fn checked(mut self) -> Result<Self, ClassifyError> {
        let total = self.description + self.name + self.words;
        let ranges = [
            ("description", self.description, "a weight of 0 or more"),
            ("name", self.name, "a weight of 0 or more"),
            ("words", self.words, "a weight of 0 or more"),
            ("centring", self.centring, "0 to 1"),
        ];
        for (name, value, range) in ranges {
            if !(value.is_finite() && value >= 0.0) || (name == "centring" && value > 1.0) {
                return Err(ClassifyError::Setting { name, value, range });
            }
        }
        if total <= 0.0 {
            return Err(ClassifyError::Setting {
                name: "weights",
                value: total,
                range: "at least one above 0",
            });
        }
        self.description /= total;
        self.name /= total;
        self.words /= total;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_become_shares_and_nonsense_is_named() {
        let options =
            ClassifyOptions { description: 3.0, name: 1.0, words: 0.0, ..ClassifyOptions::default() };
        let checked = options.checked().unwrap();
        assert!((checked.description - 0.75).abs() < 1e-12 && (checked.name - 0.25).abs() < 1e-12);
        let wrong = [
            ClassifyOptions { words: -1.0, ..options },
            ClassifyOptions { name: f64::NAN, ..options },
            ClassifyOptions { centring: 1.5, ..options },
            ClassifyOptions { description: 0.0, name: 0.0, ..options },
        ];
        let names = ["words", "name", "centring", "weights"];
        for (options, expected) in wrong.into_iter().zip(names) {
            assert!(
                matches!(options.checked(), Err(ClassifyError::Setting { name, .. }) if name == expected)
            );
        }
    }
}
