//! The main job: a department's posts and papers to a draft Capacity Building Plan.
//!
//! [`Engine`] holds what is loaded once and shared; [`Engine::plan`] says the order of the steps. What a step decides
//! is decided in its own module; here only becomes of the results what the plan's types ask for.

mod calendar;
mod courses;
mod engine;
mod error;
mod gaps;
mod levels;
mod options;
mod requirements;

pub use engine::{Engine, Papers, Planned};
pub use error::PlanError;
pub use options::PlanOptions;
