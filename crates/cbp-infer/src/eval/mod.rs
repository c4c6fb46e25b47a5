//! Measuring the engine on judged tasks.
//!
//! A [`Task`] is a folder in a small tabular format (rankings, levels, similarities; queries with groups). The part of
//! the engine that its `use` names answers it ([`answer`]), the [`Answer`] is scored by the task's [`Metric`] with a
//! bootstrap interval ([`Score`]), and [`Answer::run_file`] writes what an outside scorer reads. [`Reliability`] tells whether confidences are honest.

mod answer;
mod baselines;
mod error;
mod learned;
mod metrics;
mod reliability;
mod score;
mod task;

pub use answer::{Answer, Engine, RUN_DEPTH, Ranked, answer};
pub use baselines::Baseline;
pub use error::EvalError;
pub use learned::{Lesson, cross_fitted, lesson, lesson_answer};
pub use metrics::{Metric, RankScores, macro_f1, ordered_pairs, qwk, spearman};
pub use reliability::Reliability;
pub use score::{Score, score};
pub(crate) use task::above;
pub use task::{Candidate, Gold, Part, Query, Task};
