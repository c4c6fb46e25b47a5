//! What can be wrong with a task, or with answering it.

use std::path::PathBuf;

use super::Task;
use crate::{classify::ClassifyError, embed::EmbedError, level::LevelError, lexical::LexicalError};

/// Why a task could not be loaded or answered. The message names the file and line, and the cure.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// A file of the task cannot be read.
    #[error("{path}: {source}; check that the task folder is complete")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// `task.json` is not JSON, lacks a member, or holds a value that means nothing here.
    #[error("{path}: {detail}; the task format's README says what belongs there")]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        detail: String,
    },
    /// A line of a table is malformed.
    #[error("{path}, line {line}: {detail}")]
    Line {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// What is wrong and what to do.
        detail: String,
    },
    /// An id stands twice.
    #[error("{path}, line {line}: the id \"{id}\" stands twice; make every id unique")]
    DuplicateId {
        /// The file.
        path: PathBuf,
        /// 1-based line of the second.
        line: usize,
        /// The id.
        id: String,
    },
    /// A judgement names a query or a candidate that does not exist.
    #[error(
        "{path}, line {line}: the id \"{id}\" is in no other file of the task; correct or remove the line"
    )]
    UnknownId {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// The id.
        id: String,
    },
    /// A query of a level task has no gold value.
    #[error("{path}: query \"{id}\" has no value; add its line")]
    NoGold {
        /// The file that should have it.
        path: PathBuf,
        /// The query.
        id: String,
    },
    /// Texts could not be classified.
    #[error("task {task}: {source}")]
    Classify {
        /// The task.
        task: String,
        /// What the classifier reported.
        source: Box<ClassifyError>,
    },
    /// Levels or types could not be told.
    #[error("task {task}: {source}")]
    Level {
        /// The task.
        task: String,
        /// What the leveller reported.
        source: Box<LevelError>,
    },
    /// Courses could not be ranked.
    #[error("task {task}: {source}")]
    Rank {
        /// The task.
        task: String,
        /// What the ranking reported.
        source: Box<crate::rank::RankError>,
    },
    /// An answer does not fit the task's metric.
    #[error("task {task}: {detail}")]
    Answer {
        /// The task.
        task: String,
        /// What does not fit.
        detail: String,
    },
    /// Embedding failed.
    #[error("task {task}: {source}")]
    Embed {
        /// The task.
        task: String,
        /// What the embedder said.
        source: EmbedError,
    },
    /// The lexical index was refused.
    #[error(transparent)]
    Lexical(#[from] LexicalError),
}

impl EvalError {
    /// A classifier's error with its task.
    pub(super) fn classify(task: &Task) -> impl Fn(ClassifyError) -> Self + '_ {
        |source| Self::Classify { task: task.name.clone(), source: Box::new(source) }
    }

    /// A leveller's error with its task.
    pub(super) fn level(task: &Task) -> impl Fn(LevelError) -> Self + '_ {
        |source| Self::Level { task: task.name.clone(), source: Box::new(source) }
    }

    /// An embedder's error with its task.
    pub(super) fn embed(task: &Task) -> impl Fn(EmbedError) -> Self + '_ {
        |source| Self::Embed { task: task.name.clone(), source }
    }

    /// An input or output error with its file.
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
