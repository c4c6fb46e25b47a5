//! What can go wrong between a catalogue and a ranking.

use std::path::PathBuf;

use crate::embed::EmbedError;

/// Why an index could not be built or opened, or a ranking not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RankError {
    /// A catalogue without courses.
    #[error("the catalogue holds no course; give one with at least one")]
    Empty,
    /// More courses than an index can number.
    #[error("{found} courses are more than an index can number ({limit}); split the catalogue")]
    TooMany {
        /// Courses given.
        found: usize,
        /// The most that an index holds.
        limit: usize,
    },
    /// Two courses share an id.
    #[error("course {id} stands twice in the catalogue; remove one")]
    DuplicateCourse {
        /// The id.
        id: String,
    },
    /// A course's vector cannot be ranked by.
    #[error("the vector of course {course} {detail}; embed the course again")]
    CourseVector {
        /// Id of the course.
        course: String,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// A need's vector cannot be ranked with.
    #[error("the vector of need {need} {detail}; embed the need again")]
    NeedVector {
        /// Place of the need in the call.
        need: usize,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// Vectors of another length than the index has.
    #[error("vectors of {found} numbers meet an index of {expected}; embed with the model of the index")]
    Dimensions {
        /// Length in the index.
        expected: usize,
        /// Length given.
        found: usize,
    },
    /// Not one vector for each course or need.
    #[error("{found} vectors for {expected} texts; give one for each")]
    Count {
        /// Vectors that were needed.
        expected: usize,
        /// Vectors given.
        found: usize,
    },
    /// The index was made with another model.
    #[error("the index was made with model {found}, not {expected}; build it again with this model")]
    Model {
        /// Fingerprint of the model at hand.
        expected: String,
        /// Fingerprint in the index.
        found: String,
    },
    /// Weights were learnt with the cosines of another model.
    #[error(
        "the weights \"{name}\" were learnt with model {found}, and the courses are compared with {expected}; learn them \
         again with `cbp tune rank`"
    )]
    WeightsModel {
        /// Name of the weights.
        name: String,
        /// Fingerprint of the model at hand.
        expected: String,
        /// Fingerprint in the file of weights.
        found: String,
    },
    /// The index has no embedder, so texts cannot be ranked.
    #[error("this index was opened without a model; rank vectors, or open it with the model")]
    NoEmbedder,
    /// A setting that makes no sense.
    #[error("{name} is {value}; give {expected}")]
    Setting {
        /// Name of the setting.
        name: String,
        /// What was given.
        value: f64,
        /// What would be right.
        expected: &'static str,
    },
    /// A need that cannot be ranked.
    #[error("need {need}: {detail}")]
    Need {
        /// Place of the need in the call.
        need: usize,
        /// What is wrong and what to do.
        detail: String,
    },
    /// An official's post is not in the plan.
    #[error("official {official}: no designation \"{designation}\" in the plan; use its id or its name")]
    Post {
        /// The official.
        official: String,
        /// What the record calls the post.
        designation: String,
    },
    /// A file of weights or of judged lists does not parse.
    #[error("{what}: {detail}")]
    File {
        /// The file.
        what: String,
        /// What is wrong and what to do.
        detail: String,
    },
    /// An index file is damaged or of something else.
    #[error("{path} is not a usable index: {detail}; build it again")]
    Index {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// A file could not be read or written.
    #[error("cannot access {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A device that a batch was to be ranked on is not there, or failed.
    #[error("ranking on the {device} device failed: {detail}; rank without it")]
    Device {
        /// What was asked for.
        device: &'static str,
        /// What it said.
        detail: String,
    },
    /// A text could not be embedded.
    #[error(transparent)]
    Embed(#[from] EmbedError),
}
