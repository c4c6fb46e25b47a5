//! The vocabulary of a Capacity Building Plan.
//!
//! Everything that the other crates pass to each other is defined here, as plain data with `serde`: the FRAC
//! dictionary of a department, its knowledge base, the competency model, the course catalogue and the plan.
//! Nothing here opens a document, holds a tensor or starts a thread.
//!
//! ```
//! let model = cbp_core::CompetencyModel::karmayogi();
//! let note = model.find("noting and drafting of official communications").unwrap();
//! assert_eq!(note.kind, Some(cbp_core::CompetencyType::Functional));
//! ```

mod catalogue;
mod competency;
mod error;
mod evidence;
mod frac;
mod import;
mod knowledge;
mod plan;
mod scale;
mod schema;
pub mod sound;

pub use catalogue::{Catalogue, Course, CourseTag, Mode, Source};
pub use competency::{Competency, CompetencyModel, CompetencyRef, CompetencyType, DomainTheme};
pub use error::CoreError;
pub use evidence::{Evidence, Warning};
pub use frac::{Activity, Department, Designation, FracDictionary, Group, Merge, Role, RowCount};
pub use knowledge::{KnowledgeBase, KnowledgeItem, KnowledgeKind, OfficerMention, Section};
pub use plan::{
    CalendarEntry, CapacityBuildingPlan, Coverage, DesignationPlan, Gap, GapKind, InputFile, PlanStatus,
    Provenance, Recommendation, Requirement, Route, ScorePart, SelectedCourse, Selection, StageTiming,
};
pub use scale::{Level, ProficiencyScale, ScaleLevel};
pub use schema::plan_schema;
