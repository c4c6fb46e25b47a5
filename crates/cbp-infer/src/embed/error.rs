//! What can go wrong between a text and its vector.

use std::path::PathBuf;

/// Why a model could not be opened or a text could not be embedded.
///
/// Every message names the file or the text, what was expected and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// A file of cached vectors belongs to another model or another program.
    #[error("{path}: not a file of this model's vectors; move it away, and it will be made anew")]
    ForeignCache {
        /// The file.
        path: PathBuf,
    },
    /// A file of the model could not be read or written.
    #[error("cannot access {path}: {source}{}", cure(.source))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// No folder that holds models has one of this name.
    #[error(
        "no embedding model `{name}` in {}; give its directory, or set CBP_MODELS to the folder that holds it",
        join(.places)
    )]
    NoModel {
        /// The model's name.
        name: String,
        /// The folders, in the order in which they were tried.
        places: Vec<PathBuf>,
    },
    /// A directory was named that holds no model.
    #[error(
        "{dir} holds no embedding model: there is neither manifest.json nor config.json; name another directory"
    )]
    NotAModel {
        /// The directory.
        dir: PathBuf,
    },
    /// One encoder is needed, and this is several.
    #[error("{dir} is a bundle of encoders, and this is done to one at a time; give one of {}", join(.parts))]
    Bundle {
        /// The bundle's directory.
        dir: PathBuf,
        /// The directories of its encoders.
        parts: Vec<PathBuf>,
    },
    /// A manifest or a config does not parse or contradicts itself.
    #[error("{path}: {detail}; mend this file or replace it by upstream's")]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        detail: String,
    },
    /// A model of the hub could not be had.
    #[error("{name}: {detail}; fetch it once with a network, or give a directory")]
    Hub {
        /// The model.
        name: String,
        /// What was wrong.
        detail: String,
    },
    /// A file's contents are not those that the manifest names.
    #[error(
        "{path} has SHA-256 {found}, expected {expected}; the file is damaged or was replaced: fetch it again"
    )]
    Hash {
        /// The file.
        path: PathBuf,
        /// The pinned hash.
        expected: String,
        /// The hash of what is there.
        found: String,
    },
    /// The weight file is truncated, of another format, or of another model.
    #[error("{path} is not a usable weight file: {detail}; fetch or import the model again")]
    Weights {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        detail: String,
    },
    /// A tensor that the architecture needs is absent.
    #[error("{path} has no tensor `{name}`; it belongs to another architecture or is incomplete")]
    MissingTensor {
        /// The weight file.
        path: PathBuf,
        /// The tensor.
        name: String,
    },
    /// A tensor is there but has the wrong shape.
    #[error(
        "{path}: tensor `{name}` has shape {found:?}, expected {expected:?}; config and weights do not belong together"
    )]
    Shape {
        /// The weight file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// The shape that the config implies.
        expected: Vec<usize>,
        /// The shape in the file.
        found: Vec<usize>,
    },
    /// The tokenizer does not parse, or knows tokens that the weights have no row for.
    #[error("{path}: {detail}; tokenizer and weights must come from the same model")]
    Tokenizer {
        /// The tokenizer file.
        path: PathBuf,
        /// What was wrong.
        detail: String,
    },
    /// The architecture, activation or origin of the model is not one that this engine or build can use.
    #[error("no support for {what}; supported: {supported}")]
    Unsupported {
        /// What the model asks for.
        what: String,
        /// What would work.
        supported: &'static str,
    },
    /// A text is empty once it is normalised.
    #[error("text {} is empty after normalisation; leave it out or give it words", .index + 1)]
    EmptyText {
        /// Its place in the call.
        index: usize,
    },
    /// A text is not a text: control noise, or bytes that are not UTF-8.
    #[error("text {}: {detail}", .index + 1)]
    BadText {
        /// Its place in the call.
        index: usize,
        /// What was wrong and what to do.
        detail: String,
    },
    /// A text is longer than the set limit.
    #[error("text {} has {bytes} bytes, more than the limit of {limit}; split it, or open the model with a higher limit", .index + 1)]
    TooLong {
        /// Its place in the call.
        index: usize,
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The caller asked to stop.
    #[error("embedding was cancelled after {done} of {total} texts")]
    Cancelled {
        /// Texts that were ready.
        done: usize,
        /// Texts in the call.
        total: usize,
    },
    /// A device was asked for that is not there, or was not built in.
    #[error("no {device} device can be used: {detail}")]
    Device {
        /// What was asked for.
        device: &'static str,
        /// Why not, and what to do.
        detail: String,
    },
    /// The reference engine failed.
    #[error("the reference engine failed: {0}")]
    Engine(String),
}

impl EmbedError {
    /// The text that is at fault, by its place in the call.
    pub const fn text(&self) -> Option<usize> {
        match self {
            Self::EmptyText { index } | Self::BadText { index, .. } | Self::TooLong { index, .. } => {
                Some(*index)
            }
            _ => None,
        }
    }

    /// An I/O error with the file it happened to.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

/// What to do about an error of the system, where that is plain.
fn cure(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => "; put the file there or name another place",
        std::io::ErrorKind::PermissionDenied => "; give yourself the right to use it",
        std::io::ErrorKind::StorageFull => "; make space",
        _ => "",
    }
}

fn join(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
