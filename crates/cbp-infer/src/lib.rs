//! Inference: texts to vectors, competencies, levels, courses and plans.

mod arch;
pub mod embed;
pub mod eval;
pub mod lexical;
pub mod rank;
