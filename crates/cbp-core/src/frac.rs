//! FRAC: the framework of roles, activities and competencies, as read from a department's papers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Evidence, Warning};

/// The organisation that a plan is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Department {
    /// Its name, such as "Department of Rural Development".
    pub name: String,
    /// The state or ministry above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Its sector, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
}

/// Service group of a post. Older papers say Grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Group {
    /// Policy and senior management posts.
    A,
    /// Middle, supervisory posts.
    B,
    /// Assistants and clerks.
    C,
    /// Support staff.
    D,
    /// Hired for a term.
    Contractual,
}

impl Group {
    /// The group in words, as papers and courses write it: "Group A", "Contractual".
    pub fn in_words(self) -> String {
        if self == Self::Contractual { self.to_string() } else { format!("Group {self}") }
    }
}

impl std::fmt::Display for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::Contractual => "Contractual",
        })
    }
}

/// Every post of a department with its roles and activities.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FracDictionary {
    /// The department.
    pub department: Department,
    /// Posts, the most senior first.
    pub designations: Vec<Designation>,
    /// Rows that were joined because they name the same post.
    pub merges: Vec<Merge>,
    /// The proof that no row was lost.
    pub rows: RowCount,
    /// What could not be read.
    pub warnings: Vec<Warning>,
}

/// A post in a wing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Designation {
    /// Stable id within the dictionary, such as `d007`.
    pub id: String,
    /// Normalised name, abbreviations expanded.
    pub name: String,
    /// The name as the document writes it.
    pub written: String,
    /// Wing, division or section; empty where the papers name none.
    #[serde(default)]
    pub wing: String,
    /// Service group, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// Number of posts, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headcount: Option<u32>,
    /// Place in the department's order, 1 the most senior; strictly increasing.
    pub sort_order: u32,
    /// Id of the designation that it reports to, where an organogram says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reports_to: Option<String>,
    /// Areas of responsibility.
    pub roles: Vec<Role>,
    /// Where the post stands in the papers.
    pub evidence: Vec<Evidence>,
}

impl Designation {
    /// All activities of all roles, in order, with the index of their role.
    pub fn activities(&self) -> impl Iterator<Item = (usize, &Activity)> {
        self.roles.iter().enumerate().flat_map(|(r, role)| role.activities.iter().map(move |a| (r, a)))
    }
}

/// A broad area of responsibility.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Role {
    /// The role in the document's words.
    pub title: String,
    /// Its tasks.
    pub activities: Vec<Activity>,
    /// Where it stands.
    pub evidence: Vec<Evidence>,
}

/// A specific task.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Activity {
    /// The task in the document's words.
    pub text: String,
    /// Where it stands.
    pub evidence: Vec<Evidence>,
}

/// Rows or spellings that were joined into one designation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Merge {
    /// Id of the designation that stayed.
    pub into: String,
    /// The names that were joined, as written.
    pub written: Vec<String>,
    /// Why they are the same post.
    pub reason: String,
    /// Where the joined rows stand.
    pub evidence: Vec<Evidence>,
}

/// Rows in = designations out, counted: `read == designations + merged + unreadable`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowCount {
    /// Rows (or list headings) that name a post.
    pub read: u32,
    /// Designations in the dictionary.
    pub designations: u32,
    /// Rows joined into an earlier designation.
    pub merged: u32,
    /// Rows that name no readable post; each has a warning.
    pub unreadable: u32,
}

impl RowCount {
    /// True where no row was lost.
    pub fn balances(&self) -> bool {
        u64::from(self.read)
            == u64::from(self.designations) + u64::from(self.merged) + u64::from(self.unreadable)
    }
}
