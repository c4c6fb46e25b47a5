//! What can be wrong with data that a user supplies.

/// Why a competency model, catalogue or plan was refused. The message says where and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CoreError {
    /// The text is not JSON, or not of the expected shape.
    #[error("{what}: line {line}, column {column}: {detail}; correct the JSON there")]
    Json {
        /// What was being read.
        what: String,
        /// 1-based line.
        line: usize,
        /// 1-based column.
        column: usize,
        /// What the parser said.
        detail: String,
    },
    /// A CSV record cannot be read.
    #[error("{what}: {detail}; correct that record")]
    Csv {
        /// What was being read.
        what: String,
        /// What the parser said.
        detail: String,
    },
    /// The file says that it is something else.
    #[error("{what}: the format is \"{found}\", not \"{expected}\"; give a file of the right kind")]
    Format {
        /// What was being read.
        what: String,
        /// What it should say.
        expected: &'static str,
        /// What it says.
        found: String,
    },
    /// The file is of a later version than this program reads.
    #[error("{what}: version {found} is newer than {supported}, the latest this program reads; update cbp")]
    Version {
        /// What was being read.
        what: String,
        /// The file's version.
        found: u32,
        /// The latest supported version.
        supported: u32,
    },
    /// Two entries share an id.
    #[error("{what}: the id \"{id}\" stands twice; make every id unique")]
    DuplicateId {
        /// What was being read.
        what: String,
        /// The id.
        id: String,
    },
    /// A record lacks something or has a value out of range.
    #[error("{what}: entry {entry}: {detail}")]
    Invalid {
        /// What was being read.
        what: String,
        /// The entry's id or position.
        entry: String,
        /// What is wrong and what to do.
        detail: String,
    },
    /// It holds entries, and none can be used.
    #[error("{what}: no entry can be used; the first: {first}")]
    Unusable {
        /// What was being read.
        what: String,
        /// What is wrong with the first entry, and what to do.
        first: String,
    },
    /// Nothing is in it.
    #[error("{what}: holds no entry; give a file with at least one")]
    Empty {
        /// What was being read.
        what: String,
    },
}

impl CoreError {
    /// Wraps a JSON parser's error with what was being read.
    pub(crate) fn json(what: &str, error: &serde_json::Error) -> Self {
        Self::Json {
            what: what.to_owned(),
            line: error.line(),
            column: error.column(),
            detail: error.to_string(),
        }
    }
}
