//! Renders a [`cbp_core::CapacityBuildingPlan`] for people and for other programs.
//!
//! Every function takes a plan and returns bytes or text; nothing here opens a file or infers anything. The same plan
//! gives the same bytes.

mod csv_files;
mod error;
mod html;
mod igot;
mod overview;
mod workbook;

pub use csv_files::{calendar_csv, gaps_csv};
pub use error::ReportError;
pub use html::html;
pub use igot::role_mappings;
pub use overview::{LevelCount, Overview, TypeCount, overview};
pub use workbook::xlsx;
