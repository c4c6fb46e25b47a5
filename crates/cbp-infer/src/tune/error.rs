//! What can go wrong while a model is trained.

use std::path::PathBuf;

use crate::{embed::EmbedError, eval::EvalError};

/// Why nothing was trained, or no further.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TuneError {
    /// The recipe does not parse, or asks for something that makes no sense.
    #[error("{path}: {detail}")]
    Recipe {
        /// The file.
        path: PathBuf,
        /// What is wrong and what would be right.
        detail: String,
    },
    /// A source of pairs gave none.
    #[error("source \"{name}\" has {detail}; correct the recipe or leave the source out")]
    Source {
        /// The source.
        name: String,
        /// What is wrong.
        detail: String,
    },
    /// The examples do not suffice to learn levels from.
    #[error("cannot learn levels: {detail}; give more examples or correct them")]
    Examples {
        /// What is wrong.
        detail: String,
    },
    /// The rows of a named task may only be measured.
    #[error("task {name} may not be trained on (its may_train is false); leave it out")]
    MeasureOnly {
        /// The task.
        name: String,
    },
    /// A checkpoint belongs to another recipe or model.
    #[error("{path}: {detail}; give another output folder, or remove the checkpoint to begin anew")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        detail: String,
    },
    /// The gradient is no longer finite.
    #[error("the gradient is not finite at step {step}; lower `rate`, or raise `temperature`")]
    Diverged {
        /// The step.
        step: usize,
    },
    /// A file could not be read or written.
    #[error("cannot access {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Training this needs a build with another feature.
    #[error("{what} needs a build with `--features {feature}`")]
    Feature {
        /// What was asked for.
        what: &'static str,
        /// The feature.
        feature: &'static str,
    },
    /// The base model could not be read, or the tuned one not written.
    #[error(transparent)]
    Model(#[from] EmbedError),
    /// A task could not be read.
    #[error(transparent)]
    Task(#[from] EvalError),
    /// A tensor operation failed.
    #[cfg(feature = "candle")]
    #[error("tensor operation: {0}; if memory ran out, lower `tokens` in the recipe")]
    Tensor(#[from] candle_core::Error),
}

impl TuneError {
    /// An input or output error with its file.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
