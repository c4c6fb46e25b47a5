//! Why a document could not be read.

/// Why a document could not be read. The message names the file's fault and the cure; the caller adds the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// The file could not be opened or read.
    #[error("{path}: {source}; check that the file exists and may be read")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The bytes are of no format that cbp reads.
    #[error("{name}: not a PDF, DOCX, XLSX, XLS, CSV or text file ({found}); convert it to one of these")]
    UnknownFormat {
        /// The file's name.
        name: String,
        /// What the first bytes look like.
        found: String,
    },
    /// The file is of a known format but damaged beyond reading.
    #[error("{name}: damaged {format}: {detail}; open and save it again, or ask for a fresh copy")]
    Damaged {
        /// The file's name.
        name: String,
        /// The format's name.
        format: &'static str,
        /// What is damaged.
        detail: String,
    },
    /// The file is encrypted.
    #[error("{name}: locked by a password; give it with --password or save an unlocked copy")]
    Locked {
        /// The file's name.
        name: String,
    },
    /// The file is encrypted and the password that was given is not its own.
    #[error("{name}: the password that was given does not open it; check it, or save an unlocked copy")]
    WrongPassword {
        /// The file's name.
        name: String,
    },
    /// An Office file is encrypted, which no reader here undoes.
    #[error("{name}: an Office file locked by a password; open it in Office and save an unlocked copy")]
    LockedOffice {
        /// The file's name.
        name: String,
    },
    /// The document has no pages.
    #[error("{name}: no page could be found in it; open and save it again, or ask for a fresh copy")]
    NoPages {
        /// The file's name.
        name: String,
    },
    /// A budget was exceeded.
    #[error("{name}: {what} exceeds the limit of {limit}; raise the limit if the file is to be trusted")]
    Limit {
        /// The file's name.
        name: String,
        /// Which budget, in words.
        what: &'static str,
        /// The budget.
        limit: u64,
    },
}
