//! What is looked for.

use cbp_core::CompetencyRef;

/// A need for training, in words, with what is known about it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Need {
    /// The need in words, such as a competency's name with the duty behind it.
    pub text: String,
    /// The competency, where it is known. Without it courses are not compared by their tags.
    pub competency: Option<CompetencyRef>,
    /// The level, from 0 (lowest of its scale) to 1 (highest), where it is known.
    pub level: Option<f64>,
}

impl Need {
    /// A need known by its words only.
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}
