//! Why no plan could be made.

/// Why no plan could be made. The message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A setting is out of range.
    #[error("setting {name}: {detail}")]
    Setting {
        /// The setting as the command spells it.
        name: &'static str,
        /// What is wrong with it, and what to give.
        detail: String,
    },
    /// The papers name no post.
    #[error(
        "no designation was found in the papers; add the work allocation, or say which file it is in department.toml"
    )]
    NoDesignation,
    /// A text could not be embedded, or the model could not be opened.
    #[error(transparent)]
    Embed(#[from] crate::embed::EmbedError),
    /// Competencies could not be classified.
    #[error(transparent)]
    Classify(#[from] crate::classify::ClassifyError),
    /// Levels could not be told.
    #[error(transparent)]
    Level(#[from] crate::level::LevelError),
    /// Domain competencies could not be matched.
    #[error(transparent)]
    Domain(#[from] crate::domain::DomainError),
    /// Courses could not be ranked.
    #[error(transparent)]
    Rank(#[from] crate::rank::RankError),
}
