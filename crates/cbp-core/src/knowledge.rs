//! What the department's papers say about its Acts, rules, schemes and programmes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Evidence;

/// Candidate domain knowledge of a department, each item with its evidence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KnowledgeBase {
    /// Items, ordered by name.
    pub items: Vec<KnowledgeItem>,
}

/// An Act, set of rules, scheme or programme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KnowledgeItem {
    /// Stable id, such as `k012`.
    pub id: String,
    /// What it is.
    pub kind: KnowledgeKind,
    /// One normalised name.
    pub name: String,
    /// Abbreviation in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abbreviation: Option<String>,
    /// Other spellings found.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Year of the Act, the rules or the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Objective or long title in the document's words; empty where only the name is known.
    #[serde(default)]
    pub summary: String,
    /// Components, targets, priorities or figures in the document's words.
    #[serde(default)]
    pub points: Vec<String>,
    /// Sections of an Act or rules, chapters of guidelines.
    #[serde(default)]
    pub sections: Vec<Section>,
    /// Officers or authorities that it names.
    #[serde(default)]
    pub officers: Vec<OfficerMention>,
    /// True where the item has a document of its own, and is not merely mentioned.
    #[serde(default)]
    pub has_own_document: bool,
    /// Where it is named.
    pub evidence: Vec<Evidence>,
}

/// Kinds of [`KnowledgeItem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum KnowledgeKind {
    /// An Act, Code or Adhiniyam.
    Act,
    /// Rules, regulations or Niyam.
    Rules,
    /// A scheme or Yojana.
    Scheme,
    /// A programme, campaign or mission.
    Programme,
    /// A policy, manual or set of guidelines.
    Policy,
}

impl KnowledgeKind {
    /// The kind that the last word of a name gives it, in English or Hindi, or in English words in Hindi letters.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word.to_lowercase().as_str() {
            "act" | "adhiniyam" | "sanhita" | "ordinance" | "अधिनियम" | "संहिता" | "अध्यादेश" | "एक्ट" => {
                Self::Act
            }
            "rules" | "regulations" | "niyam" | "niyamavali" | "नियमावली" | "नियम" | "विनियम" | "रूल्स" => {
                Self::Rules
            }
            "scheme" | "yojana" | "yojna" | "yojanas" | "योजना" | "स्कीम" => Self::Scheme,
            "mission"
            | "abhiyan"
            | "abhiyaan"
            | "programme"
            | "program"
            | "campaign"
            | "अभियान"
            | "मिशन"
            | "कार्यक्रम"
            | "प्रोग्राम" => Self::Programme,
            "policy" | "नीति" => Self::Policy,
            _ => return None,
        })
    }
}

/// A numbered section, rule or chapter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Section {
    /// Number as printed.
    pub number: String,
    /// Heading.
    pub heading: String,
    /// Where it stands.
    pub evidence: Evidence,
}

/// An officer or authority that an item gives something to do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OfficerMention {
    /// The officer, normalised as a designation name.
    pub designation: String,
    /// Where it is said.
    pub evidence: Evidence,
}
