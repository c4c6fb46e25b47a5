//! Which competencies a text asks for: any text against any taxonomy, and a post's duties against the closed list.
//!
//! A [`Classifier`] holds a taxonomy's entries as vectors (name, description, level texts, each a view) and as a BM25
//! index. The score of an entry is a convex combination of three signals from 0 to 1 (the meaning of its description,
//! the meaning of its name, words in common), shifted by what labelled texts taught about that entry, if anything
//! ([`Heads`]). Vectors are centred before they are compared, entries on their taxonomy and texts on
//! the collection they come in: what all share tells none apart. A long text is compared part by part, and its best parts count. A confidence is
//! the calibrated probability that the entry is right.
//!
//! [`Classifier::posts`] sums duties up: which competencies a post needs, how surely, for what share of its work, and
//! which duty supports which.

mod calibration;
mod centre;
mod classifier;
mod error;
mod heads;
mod learned;
mod options;
mod pool;
mod posts;
mod segments;
#[cfg(test)]
mod tests;

pub use calibration::{Calibration, Standing};
pub(crate) use calibration::{ranked, standings};
pub(crate) use classifier::whole;
pub use classifier::{Classifier, Match, Unlearned};
pub use error::ClassifyError;
pub use heads::{Head, Heads, SHIPPED_HEADS};
pub use options::ClassifyOptions;
pub use posts::PostNeed;
