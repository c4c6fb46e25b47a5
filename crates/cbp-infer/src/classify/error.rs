//! Why texts could not be classified.

use crate::embed::EmbedError;
use crate::lexical::LexicalError;

/// Why a taxonomy was refused or texts could not be classified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClassifyError {
    /// The taxonomy has no entry.
    #[error("the taxonomy has no entry; give one with at least one")]
    NoEntry,
    /// An entry has no name.
    #[error("entry {id} of the taxonomy has an empty name; give every entry one")]
    NoName {
        /// The entry's id.
        id: String,
    },
    /// A weight or parameter is out of range.
    #[error("classification setting {name} is {value}; give {range}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What may be given.
        range: &'static str,
    },
    /// A file of heads has a format or version that is not read here.
    #[error(
        "{what} holds {format} of version {version}, heads of another release of cbp; make them again with \
         `cbp tune heads`, or remove the file to do without"
    )]
    HeadsFormat {
        /// What was being read.
        what: String,
        /// Name of the format.
        format: String,
        /// Its version.
        version: u32,
    },
    /// A file of heads is damaged.
    #[error("{what}: {detail}; remove the file and make it again with `cbp tune heads`")]
    Heads {
        /// What was being read.
        what: String,
        /// What is wrong.
        detail: String,
    },
    /// A text could not be embedded.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The words could not be indexed.
    #[error(transparent)]
    Lexical(#[from] LexicalError),
}
