//! Why no level could be given.

use crate::embed::EmbedError;

/// What can go wrong when levels are inferred or their parameters read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LevelError {
    /// A text could not be embedded, or there is no model.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The scale has no level to choose.
    #[error("query {query}: the scale \"{scale}\" has no levels; give it at least one")]
    NoLevels {
        /// Place of the query in the call.
        query: usize,
        /// Id of the scale.
        scale: String,
    },
    /// None of the duties has a word in it.
    #[error("query {query}: no duty has a word to read; leave the query out or give it a duty")]
    NoDuty {
        /// Place of the query in the call.
        query: usize,
    },
    /// An option is out of its range.
    #[error("the option {option} is {value}; it must be {expected}")]
    Option {
        /// Its name.
        option: &'static str,
        /// Its value.
        value: f64,
        /// Its range.
        expected: &'static str,
    },
    /// Stored parameters are damaged or of another version.
    #[error("{what}: {detail}; make them again with `cbp tune level`")]
    Parameters {
        /// What was being read.
        what: String,
        /// What is wrong.
        detail: String,
    },
}
