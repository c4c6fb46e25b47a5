//! The Capacity Building Plan: what inference writes, reports render and people correct.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    CompetencyRef, Department, Evidence, Group, KnowledgeItem, Level, Merge, Mode, Role, RowCount, Source,
    Warning,
};

/// A draft Capacity Building Plan of one department.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CapacityBuildingPlan {
    /// Always `cbp-plan`.
    pub format: String,
    /// Version of this format.
    pub version: u32,
    /// Where the plan stands in its life.
    pub status: PlanStatus,
    /// The department.
    pub department: Department,
    /// Every designation of the work allocation, the most senior first.
    pub designations: Vec<DesignationPlan>,
    /// Rows of the work allocation against designations here.
    pub rows: RowCount,
    /// Rows that were joined.
    pub merges: Vec<Merge>,
    /// The Acts, rules, schemes and programmes that the documents name.
    pub knowledge: Vec<KnowledgeItem>,
    /// What no course covers, the most pressing first.
    pub gaps: Vec<Gap>,
    /// When which designation takes which course.
    pub calendar: Vec<CalendarEntry>,
    /// What the user should know.
    pub warnings: Vec<Warning>,
    /// What made this plan.
    pub provenance: Provenance,
}

impl CapacityBuildingPlan {
    /// Value of `format` in a plan's JSON.
    pub const FORMAT: &'static str = "cbp-plan";
    /// Latest version of the format.
    pub const VERSION: u32 = 1;

    /// True where some input could not be read, so that the command ends with status 3.
    pub fn has_lost_input(&self) -> bool {
        self.warnings.iter().any(|w| w.input_lost)
    }
}

/// Where a plan stands in its life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlanStatus {
    /// Inferred, not yet seen by a person.
    #[default]
    Draft,
    /// A person is correcting it.
    Reviewed,
    /// Approved.
    Approved,
    /// Sent to the platform.
    Published,
}

/// One post with what it needs and what builds it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DesignationPlan {
    /// Id in the FRAC dictionary.
    pub id: String,
    /// Normalised name.
    pub name: String,
    /// Name as the document writes it.
    pub written: String,
    /// Wing, division or section.
    pub wing: String,
    /// Service group, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// Number of posts, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headcount: Option<u32>,
    /// 1 is the most senior; strictly increasing.
    pub sort_order: u32,
    /// Id of the designation that it reports to, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reports_to: Option<String>,
    /// Roles and activities in the document's words.
    pub roles: Vec<Role>,
    /// What the post needs, the most needed first.
    pub requirements: Vec<Requirement>,
    /// The courses that together cover the requirements within the hours budget.
    pub selection: Selection,
    /// Where the post stands in the papers.
    pub evidence: Vec<Evidence>,
}

/// One designation needs one competency at one level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Requirement {
    /// Stable id within the plan, such as `d007-r03`.
    pub id: String,
    /// The competency.
    pub competency: CompetencyRef,
    /// The level that the work asks for.
    pub level: Level,
    /// Why this level, quoting the duty.
    pub level_rationale: String,
    /// Calibrated probability that the post needs the competency, 0 to 1.
    pub confidence: f64,
    /// Share of the designation's work that asks for it, 0 to 1; requirements of a designation add up to at most 1.
    pub weight: f64,
    /// Id of the knowledge item behind a domain competency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knowledge: Option<String>,
    /// The duties, and for domain competencies the document, that it rests on. Never empty.
    pub evidence: Vec<Evidence>,
    /// Courses, the best first.
    pub courses: Vec<Recommendation>,
    /// Whether the recommended courses cover the requirement.
    pub coverage: Coverage,
}

/// How well the catalogue covers a requirement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Coverage {
    /// An adequate course exists.
    Full,
    /// A course touches it, or teaches it at another level.
    Partial,
    /// No course.
    #[default]
    None,
}

/// A course for a requirement, its score taken apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recommendation {
    /// Id of the course.
    pub course: String,
    /// Title.
    pub name: String,
    /// Who gives it.
    pub provider: String,
    /// Language.
    pub language: String,
    /// How it is delivered.
    pub mode: Mode,
    /// The level that the catalogue says it teaches, if it says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Where the record comes from.
    pub source: Source,
    /// Length in hours, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<f64>,
    /// Fused score, 0 to 1; the sum of the parts' contributions.
    pub score: f64,
    /// The signals.
    pub parts: Vec<ScorePart>,
    /// Why it was not chosen, if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discarded: Option<String>,
}

/// One signal of a score, or part of a signal: `contribution = weight × value`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScorePart {
    /// Name of the signal: dense, lexical, tag, level, prior; or of its part: a word, "same competency", "quality".
    pub signal: String,
    /// Normalised value, 0 to 1.
    pub value: f64,
    /// Its weight in the blend.
    pub weight: f64,
    /// What it adds to the score.
    pub contribution: f64,
    /// What it is made of, in an explanation: their contributions add up to this one's. Rankings leave it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<ScorePart>,
}

/// A course set for a designation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Selection {
    /// The courses in the order in which they should be taken.
    pub courses: Vec<SelectedCourse>,
    /// Hours of all of them.
    pub hours: f64,
    /// The budget in hours.
    pub budget_hours: f64,
    /// Weighted share of the requirements covered, 0 to 1.
    pub covered: f64,
    /// Proven upper bound of what any set within the budget could cover, 0 to 1.
    pub bound: f64,
}

/// A course of a [`Selection`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SelectedCourse {
    /// Id of the course.
    pub course: String,
    /// Title.
    pub name: String,
    /// Hours, taken as the catalogue's median where unknown.
    pub hours: f64,
    /// Ids of the requirements that it builds.
    pub requirements: Vec<String>,
    /// What it adds to the covered share when it is chosen, 0 to 1.
    pub gain: f64,
}

/// A requirement without an adequate course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// The competency.
    pub competency: CompetencyRef,
    /// The level that is missing.
    pub level: Level,
    /// None or partial.
    pub kind: GapKind,
    /// Levels between what the best course teaches and what is needed; 0 where unknown.
    pub level_shortfall: u8,
    /// Ids of the designations that have it.
    pub designations: Vec<String>,
    /// Ids of the requirements behind it.
    pub requirements: Vec<String>,
    /// Posts concerned: headcounts added up, one for each designation without a figure.
    pub headcount: u32,
    /// How it should be delivered.
    pub mode: Mode,
    /// Who could close it.
    pub route: Route,
    /// Why, in one sentence.
    pub reason: String,
    /// The nearest course, if one touches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest_course: Option<String>,
    /// The words that it rests on.
    pub evidence: Vec<Evidence>,
}

/// Kinds of [`Gap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GapKind {
    /// No course touches the competency.
    None,
    /// A course touches it, or teaches it at another level.
    Partial,
}

/// Who could close a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// A programme of the state training institute.
    AtiTraining,
    /// A central training institute or another partner.
    Partner,
    /// A public course, such as one on SWAYAM.
    PublicCourse,
    /// A new course has to be made.
    NewCourse,
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::AtiTraining => "State training institute",
            Self::Partner => "Central training institute or partner",
            Self::PublicCourse => "Public course (SWAYAM and the like)",
            Self::NewCourse => "New course",
        })
    }
}

/// A course in the training calendar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CalendarEntry {
    /// Quarter of the plan year, 1 to 4.
    pub quarter: u8,
    /// Id of the designation.
    pub designation: String,
    /// Id of the course.
    pub course: String,
    /// Title.
    pub name: String,
    /// How it is delivered.
    pub mode: Mode,
    /// Hours a person.
    pub hours: f64,
    /// Posts that take it.
    pub headcount: u32,
}

/// What made a plan: enough to make it again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// Version of cbp.
    pub cbp_version: String,
    /// Name and fingerprint of the embedding model.
    pub model: String,
    /// Id of the competency model.
    pub competency_model: String,
    /// Settings that were in force, as name and value.
    pub settings: Vec<(String, String)>,
    /// The documents and other input files.
    pub inputs: Vec<InputFile>,
}

/// A file that a plan was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InputFile {
    /// File name.
    pub name: String,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
    /// What it was taken for, such as "work allocation" or "catalogue".
    pub kind: String,
    /// Confidence in that, 0 to 1.
    pub confidence: f64,
    /// Pages read.
    pub pages: u32,
    /// Pages that could not be read.
    pub unreadable_pages: Vec<u32>,
}

/// How long a stage took. Printed, never written into a plan: the same input gives the same bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct StageTiming {
    /// Name of the stage.
    pub stage: &'static str,
    /// Seconds.
    pub seconds: f64,
    /// Items that it handled, such as pages.
    pub items: usize,
    /// What the items are.
    pub unit: &'static str,
}
