//! At which level a duty asks for a competency, and of which type a competency is.
//!
//! A [`Leveller`] reads mastery off the work: what the verb decides, how far the work reaches, how much is left to
//! the person, how new it is, and what the texts of the scale's levels say. One learned axis serves every scale
//! with any number of levels, in English and Hindi. The post's group may lean on the answer, never decide it.
//!
//! ```no_run
//! use std::sync::Arc;
//! use cbp_core::CompetencyModel;
//! use cbp_infer::{embed::{Embedder, ModelSource}, level::{LevelOptions, LevelQuery, Leveller}};
//!
//! let kcm = CompetencyModel::karmayogi();
//! let policy = kcm.get("FUN-046").unwrap();
//! let leveller = Leveller::new(Arc::new(Embedder::open(&ModelSource::Shipped)?), LevelOptions::default())?;
//! let found = leveller.levels(&[LevelQuery {
//!     duties: vec!["Set the policy of the State on rural roads"],
//!     level_texts: &policy.levels,
//!     scale: &kcm.scale,
//!     group: None,
//! }])?;
//! assert_eq!(found[0].level.name, "Strategic");
//! # Ok::<(), cbp_infer::level::LevelError>(())
//! ```

mod error;
pub(crate) mod features;
mod kind;
mod leveller;
mod lexicon;
mod parameters;
mod rationale;
#[cfg(test)]
mod tests;
mod words;

pub use error::LevelError;
pub use kind::{TypeScores, competency_type};
pub(crate) use kind::{competency_type_unlearned, type_head};
pub use leveller::{LevelEstimate, LevelOptions, LevelQuery, Leveller};
pub use parameters::LevelParameters;
