//! Inference: texts to vectors, competencies, levels, courses and plans.

mod arch;
pub mod classify;
pub mod domain;
pub mod embed;
pub mod eval;
pub mod level;
pub mod lexical;
pub mod plan;
pub mod rank;
mod rng;
mod support;
pub mod tune;

pub use support::Support;
