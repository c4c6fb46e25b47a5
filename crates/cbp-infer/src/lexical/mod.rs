//! Words: how a text falls into terms, and BM25 over them.
//!
//! [`terms`] is the one tokeniser of the project: classification, course ranking and domain matching all meet in
//! its terms. [`Bm25`] scores texts by shared terms.

mod bm25;
mod hindi;
mod stop;
mod terms;

pub use bm25::{Bm25, Bm25Options, LexicalError};
pub use terms::terms;
