//! Why domain competencies could not be matched.

use crate::embed::EmbedError;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DomainError {
    /// A text could not be embedded.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// An option is out of its range.
    #[error("the option {option} is {value}; it must be between 0 and 1")]
    Option {
        /// Its name.
        option: &'static str,
        /// Its value.
        value: f64,
    },
}
