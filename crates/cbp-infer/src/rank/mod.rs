//! Courses for needs: exact ranking under filters, explained; sets of courses under a budget of hours.
//!
//! A score is a convex combination of five signals, each from 0 to 1: `dense` (cosine of the embeddings), `lexical`
//! (words in common), `tag` (competency tags in common), `level` (how well the course's level meets the need's) and
//! `prior` (rating, completions, recency, preferences). A signal that is not known for a need, or that the
//! catalogue has no data for, is left out and the rest scaled up. [`CourseIndex`] ranks, [`select`] chooses.

mod batch;
mod blend;
mod buffer;
mod codes;
#[cfg(feature = "arrow")]
mod columns;
mod cover;
#[cfg(feature = "candle")]
mod device;
mod error;
mod file;
mod filter;
mod index;
mod learn;
mod live;
mod need;
mod options;
mod people;
mod pool;
mod post;
mod ranking;
mod scan;
mod score;
mod select;
mod tags;
mod texts;
mod weights_file;
mod words;

#[cfg(test)]
mod tests;

pub use batch::{BatchReport, Shard};
#[cfg(feature = "arrow")]
pub use columns::{ColumnsError, lines_to_parquet, read_parquet};
#[cfg(feature = "candle")]
pub use device::{DeviceIndex, RankDevice};
pub use error::RankError;
pub use filter::Filter;
pub use index::CourseIndex;
pub use learn::{Judged, Learnt, learn_weights, mean_ndcg};
pub use live::LiveIndex;
pub use need::Need;
pub use options::{RankOptions, Weights};
pub use people::{Advice, Held, Official, Recommender};
pub use post::{Post, Required};
pub use ranking::Ranked;
pub use scan::multiply_add_limit;
pub use select::{Budget, Candidate, Wanted, select};
pub use texts::catalogue_of_texts;
pub use weights_file::WeightsFile;
