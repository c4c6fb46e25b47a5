//! Words: how a text falls into terms, and BM25 over them.
//!
//! [`terms`] is the one tokeniser of the project: classification, course ranking and domain matching all meet in
//! its terms. [`Bm25`] scores texts by shared terms. A word that a collection has in the other script only (बजट, budget)
//! is found by its sound.

mod bm25;
mod hindi;
mod postings;
mod stop;
mod terms;

pub use bm25::{Bm25, Bm25Options, LexicalError};
pub(crate) use postings::{Postings, seek};
pub use terms::terms;
