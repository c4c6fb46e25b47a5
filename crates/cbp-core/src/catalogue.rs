//! Courses: iGOT records, offline programmes of training institutes, public courses, a department's own.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CompetencyModel, CompetencyType, CoreError, Warning};

/// A course catalogue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Catalogue {
    /// Always `cbp-catalogue`.
    pub format: String,
    /// Version of this format.
    pub version: u32,
    /// The courses, ids unique.
    pub courses: Vec<Course>,
}

/// A course or programme.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Course {
    /// `do_…` on iGOT; unique in the catalogue.
    pub id: String,
    /// Title.
    pub name: String,
    /// What it teaches; often short or empty.
    #[serde(default)]
    pub description: String,
    /// Who gives it.
    #[serde(default)]
    pub provider: String,
    /// Length in seconds, where known.
    #[serde(default)]
    pub duration_seconds: Option<u64>,
    /// Language name in English, such as "Hindi"; empty where unknown.
    #[serde(default)]
    pub language: String,
    /// How it is delivered.
    #[serde(default)]
    pub mode: Mode,
    /// Level as the catalogue says it; often wrong in the wild, so ranking only leans on it.
    #[serde(default)]
    pub level: Option<String>,
    /// Competency tags; often missing in the wild.
    #[serde(default)]
    pub competencies: Vec<CourseTag>,
    /// Where the record comes from.
    #[serde(default)]
    pub source: Source,
    /// Link, for public courses.
    #[serde(default)]
    pub url: Option<String>,
    /// Mean rating, 0 to 5, where known.
    #[serde(default)]
    pub rating: Option<f64>,
    /// People who completed it, where known.
    #[serde(default)]
    pub completions: Option<u64>,
    /// Year of publication, where known.
    #[serde(default)]
    pub year: Option<u16>,
    /// Keywords.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Designations or groups that the course is meant for; empty means all.
    #[serde(default)]
    pub audience: Vec<String>,
}

/// A competency that a course is tagged with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct CourseTag {
    /// Behavioural, functional or domain.
    #[serde(rename = "type")]
    pub kind: CompetencyType,
    /// Id in the closed list, where the tag could be snapped to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Theme.
    #[serde(default)]
    pub theme: String,
    /// Sub-theme.
    #[serde(default)]
    pub sub_theme: String,
}

/// How a course is delivered.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// On a screen, at any time.
    #[default]
    Online,
    /// In a classroom or the field.
    Offline,
    /// Both.
    Blended,
}

/// Where a course record comes from.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The iGOT Karmayogi platform.
    #[default]
    Igot,
    /// A state training institute or another classroom institute.
    Ati,
    /// SWAYAM, NPTEL and other public platforms.
    Swayam,
    /// The department's own.
    Own,
}

/// What tells one version of the format from another, whatever else the file holds.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    version: u32,
}

impl Course {
    /// Length in hours, where known.
    pub fn hours(&self) -> Option<f64> {
        self.duration_seconds.map(|s| s as f64 / 3600.0)
    }
}

impl Catalogue {
    /// Value of `format` in a catalogue's JSON.
    pub const FORMAT: &'static str = "cbp-catalogue";
    /// Latest version of the format.
    pub const VERSION: u32 = 1;

    /// Reads this crate's format, or raw iGOT records (a list, `courses`, `content` or `result.content`).
    ///
    /// A record without id or name, or with an id that stood before, is left out with a warning. Tags are snapped to
    /// the closed list of `model`.
    ///
    /// # Errors
    /// Malformed JSON, a newer version, and a catalogue in which no record is usable.
    pub fn from_json(
        what: &str,
        json: &str,
        model: &CompetencyModel,
    ) -> Result<(Self, Vec<Warning>), CoreError> {
        let (mut catalogue, mut warnings) = crate::import::igot_records(what, json)?;
        if let Ok(head) = serde_json::from_str::<Head>(json)
            && head.version > Self::VERSION
        {
            return Err(CoreError::Version {
                what: what.into(),
                found: head.version,
                supported: Self::VERSION,
            });
        }
        let mut seen = BTreeSet::new();
        catalogue.courses.retain(|course| {
            let new = seen.insert(course.id.clone());
            if !new {
                let message = format!("course {} stands twice; the first was kept", course.id);
                warnings.push(Warning { document: Some(what.into()), message, ..Warning::default() });
            }
            new
        });
        for tag in catalogue.courses.iter_mut().flat_map(|c| c.competencies.iter_mut()) {
            if let Some(entry) = model.snap(tag.id.as_deref(), &tag.theme, &tag.sub_theme)
                && (tag.kind != CompetencyType::Domain || tag.id.is_some())
            {
                tag.id = Some(entry.id.clone());
                tag.theme.clone_from(&entry.theme);
                tag.sub_theme.clone_from(&entry.sub_theme);
                tag.kind = entry.kind.unwrap_or(tag.kind);
            }
        }
        if catalogue.courses.is_empty() {
            let what = what.to_owned();
            return Err(match warnings.into_iter().next() {
                Some(first) => CoreError::Unusable { what, first: first.message },
                None => CoreError::Empty { what },
            });
        }
        Ok((catalogue, warnings))
    }
}
