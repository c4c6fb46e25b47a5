//! What kind of paper a document is.

mod score;

use serde::{Deserialize, Serialize};

pub use score::document_kind;

/// Kinds of papers that a department sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DocumentKind {
    /// Who does what: the Annexure, powers and duties, section-wise distribution of work.
    WorkAllocation,
    /// The reporting tree.
    Organogram,
    /// What the department did in a year.
    AnnualReport,
    /// An Act, Code or Ordinance.
    Act,
    /// Rules, regulations or bye-laws.
    Rules,
    /// Guidelines or manual of a scheme, programme or mission.
    SchemeGuidelines,
    /// An office order, memorandum, circular or government order.
    OfficeOrder,
    /// A list or dictionary of competencies.
    CompetencyList,
    /// Anything else.
    Other,
}

impl DocumentKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::WorkAllocation,
        Self::Organogram,
        Self::AnnualReport,
        Self::Act,
        Self::Rules,
        Self::SchemeGuidelines,
        Self::OfficeOrder,
        Self::CompetencyList,
        Self::Other,
    ];

    /// The name as `department.toml` and the JSON output write it.
    pub fn id(self) -> &'static str {
        match self {
            Self::WorkAllocation => "work-allocation",
            Self::Organogram => "organogram",
            Self::AnnualReport => "annual-report",
            Self::Act => "act",
            Self::Rules => "rules",
            Self::SchemeGuidelines => "scheme-guidelines",
            Self::OfficeOrder => "office-order",
            Self::CompetencyList => "competency-list",
            Self::Other => "other",
        }
    }
}

impl std::fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id().replace('-', " "))
    }
}
