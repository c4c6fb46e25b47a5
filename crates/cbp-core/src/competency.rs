//! Competency models: closed lists such as the Karmayogi Competency Model, or any taxonomy a user brings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CoreError, Level, ProficiencyScale};

/// The three types of the Karmayogi Competency Model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CompetencyType {
    /// Attitudes and conduct, useful in any post. Closed list.
    #[serde(alias = "Behavioural", alias = "Behavioral", alias = "behavioral")]
    Behavioural,
    /// Skills that many departments share. Closed list.
    #[serde(alias = "Functional")]
    Functional,
    /// Knowledge of the department's own schemes, Acts, rules and missions. Open list.
    #[serde(alias = "Domain")]
    Domain,
}

impl CompetencyType {
    /// All types, in the order of the model.
    pub const ALL: [Self; 3] = [Self::Behavioural, Self::Functional, Self::Domain];
}

impl std::fmt::Display for CompetencyType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Behavioural => "Behavioural",
            Self::Functional => "Functional",
            Self::Domain => "Domain",
        })
    }
}

/// A competency model or taxonomy.
///
/// Invariants, checked on loading: ids are unique and not empty, names are not empty, and no entry has more level
/// texts than the scale has levels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CompetencyModel {
    /// Always `cbp-competency-model`.
    pub format: String,
    /// Version of this format.
    pub version: u32,
    /// Stable id, such as `kcm`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The scale of the level texts; empty levels where the taxonomy has none.
    #[serde(default)]
    pub scale: ProficiencyScale,
    /// Further scales in use, for readers that map between them.
    #[serde(default)]
    pub other_scales: Vec<ProficiencyScale>,
    /// The entries, in the model's order.
    pub competencies: Vec<Competency>,
    /// Theme and sub-theme names in use for domain competencies.
    #[serde(default)]
    pub domain_themes: Vec<DomainTheme>,
}

/// An entry of a [`CompetencyModel`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Competency {
    /// Id in the model, such as `BEH-001`.
    pub id: String,
    /// Behavioural, functional or domain; absent in taxonomies that do not tell.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<CompetencyType>,
    /// The theme that the entry belongs to; empty in flat taxonomies.
    #[serde(default)]
    pub theme: String,
    /// Hindi name of the theme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme_hi: Option<String>,
    /// Name of the entry.
    #[serde(alias = "name")]
    pub sub_theme: String,
    /// Hindi name of the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_theme_hi: Option<String>,
    /// "Core" or "Leadership" in the KCM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Other spellings.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What the competency is.
    #[serde(default)]
    pub description: String,
    /// What it looks like at each level of the scale, the lowest first; may be empty.
    #[serde(default)]
    pub levels: Vec<String>,
}

impl Competency {
    /// What the entry is called: its name, other spellings, its Hindi name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let others = self.aliases.iter().chain(&self.sub_theme_hi);
        std::iter::once(&self.sub_theme).chain(others).map(String::as_str)
    }

    /// A reference to this entry, as requirements and course tags hold it.
    pub fn reference(&self) -> CompetencyRef {
        CompetencyRef {
            kind: self.kind.unwrap_or(CompetencyType::Domain),
            id: Some(self.id.clone()),
            theme: self.theme.clone(),
            sub_theme: self.sub_theme.clone(),
        }
    }
}

/// A theme and sub-theme of domain competencies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct DomainTheme {
    /// Theme.
    pub theme: String,
    /// Sub-theme.
    pub sub_theme: String,
}

/// Names one competency: by id in the closed list, by theme and sub-theme for domain competencies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct CompetencyRef {
    /// Behavioural, functional or domain.
    #[serde(rename = "type")]
    pub kind: CompetencyType,
    /// Id in the model; absent for domain competencies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Theme.
    pub theme: String,
    /// Sub-theme.
    pub sub_theme: String,
}

/// Folds a name for comparison: lower case, `&` as "and", letters and digits only, single spaces.
pub(crate) fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name.replace('&', " and ").chars().flat_map(char::to_lowercase) {
        // Devanagari vowel signs are neither letters nor digits but belong to the word.
        if c.is_alphanumeric() || ('\u{900}'..='\u{d7f}').contains(&c) {
            folded.push(c);
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

impl CompetencyModel {
    /// Value of `format` in a model's JSON.
    pub const FORMAT: &'static str = "cbp-competency-model";
    /// Latest version of the format.
    pub const VERSION: u32 = 1;
    /// Most entries that a taxonomy may have.
    pub const MAX_ENTRIES: usize = 200_000;

    /// The Karmayogi Competency Model as shipped: all 114 behavioural and functional sub-themes, texts by this project.
    ///
    /// # Panics
    /// Never: a test loads the embedded file.
    #[allow(clippy::expect_used)]
    pub fn karmayogi() -> &'static Self {
        static MODEL: OnceLock<CompetencyModel> = OnceLock::new();
        MODEL.get_or_init(|| {
            Self::from_json("kcm.json", include_str!("../data/kcm.json"))
                .expect("the shipped model is tested")
        })
    }

    /// Reads a model from JSON in this crate's own format.
    ///
    /// # Errors
    /// Malformed JSON, another format or a newer version, and every broken invariant, with the entry named.
    pub fn from_json(what: &str, json: &str) -> Result<Self, CoreError> {
        let model: Self = serde_json::from_str(json.trim_start_matches('\u{feff}'))
            .map_err(|e| CoreError::json(what, &e))?;
        if model.format != Self::FORMAT {
            return Err(CoreError::Format { what: what.into(), expected: Self::FORMAT, found: model.format });
        }
        if model.version > Self::VERSION {
            return Err(CoreError::Version {
                what: what.into(),
                found: model.version,
                supported: Self::VERSION,
            });
        }
        model.validated(what)
    }

    /// Checks the invariants.
    ///
    /// # Errors
    /// The first broken invariant, with the entry named.
    pub fn validated(self, what: &str) -> Result<Self, CoreError> {
        let invalid = |entry: &str, detail: &str| CoreError::Invalid {
            what: what.into(),
            entry: entry.into(),
            detail: detail.into(),
        };
        if self.competencies.is_empty() {
            return Err(CoreError::Empty { what: what.into() });
        }
        if self.competencies.len() > Self::MAX_ENTRIES {
            return Err(invalid("all", "more than 200,000 entries; split the taxonomy"));
        }
        let mut ids = BTreeSet::new();
        for (position, entry) in self.competencies.iter().enumerate() {
            if entry.id.trim().is_empty() {
                return Err(invalid(&format!("{}", position + 1), "the id is empty; give every entry one"));
            }
            if entry.sub_theme.trim().is_empty() {
                return Err(invalid(&entry.id, "the name is empty; give every entry one"));
            }
            if !ids.insert(entry.id.as_str()) {
                return Err(CoreError::DuplicateId { what: what.into(), id: entry.id.clone() });
            }
            if entry.levels.len() > self.scale.levels.len() {
                return Err(invalid(
                    &entry.id,
                    "more level texts than the scale has levels; remove the surplus",
                ));
            }
        }
        for (position, level) in self.scale.levels.iter().enumerate() {
            if usize::from(level.rank) != position + 1 || level.name.trim().is_empty() {
                return Err(invalid(
                    &self.scale.id,
                    "levels must be named and ranked 1, 2, 3 … without holes",
                ));
            }
        }
        Ok(self)
    }

    /// The entry of this id.
    pub fn get(&self, id: &str) -> Option<&Competency> {
        self.competencies.iter().find(|c| c.id.eq_ignore_ascii_case(id.trim()))
    }

    /// The entry of this name, alias or Hindi name, ignoring case, punctuation and `&` against "and".
    /// Where two entries share a name, the first of the model.
    pub fn find(&self, name: &str) -> Option<&Competency> {
        let wanted = fold(name);
        self.competencies.iter().find(|c| c.names().any(|name| fold(name) == wanted))
    }

    /// Snaps a tag as found in the wild to the closed list: by id, then by (theme, sub-theme), then by a sub-theme
    /// that is unique in the model.
    pub fn snap(&self, id: Option<&str>, theme: &str, sub_theme: &str) -> Option<&Competency> {
        if let Some(found) = id.and_then(|id| self.get(id)) {
            return Some(found);
        }
        let (theme, name) = (fold(theme), fold(sub_theme));
        let named = |c: &&Competency| fold(&c.sub_theme) == name || c.aliases.iter().any(|a| fold(a) == name);
        let mut of_name = self.competencies.iter().filter(named);
        let first = of_name.next()?;
        let mut all = std::iter::once(first).chain(of_name);
        if let Some(exact) = all.clone().find(|c| fold(&c.theme) == theme) {
            return Some(exact);
        }
        let only = all.next();
        if all.next().is_some() { None } else { only }
    }

    /// The same entries, and where one bears a name that an entry of `known` has too, what it lacks from there: type,
    /// theme, description, Hindi name, other spellings, and level texts where the scales have as many levels (a model
    /// without a scale takes that of `known`). Lists of offices often hold bare names; what is written in them stays.
    ///
    /// An entry that says what it means is left alone where fewer than half of the names are known: another framework
    /// may mean something else by the same name.
    #[must_use]
    pub fn completed(mut self, known: &Self) -> Self {
        let mut named: BTreeMap<String, &Competency> = BTreeMap::new();
        for entry in &known.competencies {
            for name in entry.names() {
                named.entry(fold(name)).or_insert(entry);
            }
        }
        let same_scale = self.scale.levels.is_empty() || self.scale.levels.len() == known.scale.levels.len();
        let of = |entry: &Competency| named.get(&fold(&entry.sub_theme)).copied();
        let met = self.competencies.iter().filter(|entry| of(entry).is_some()).count();
        let edition = 2 * met >= self.competencies.len();
        for entry in &mut self.competencies {
            let Some(from) = of(entry) else { continue };
            if !edition && !entry.description.trim().is_empty() {
                continue;
            }
            entry.kind = entry.kind.or(from.kind);
            if entry.theme.trim().is_empty() {
                entry.theme.clone_from(&from.theme);
                entry.theme_hi.clone_from(&from.theme_hi);
            }
            if entry.description.trim().is_empty() {
                entry.description.clone_from(&from.description);
            }
            if entry.sub_theme_hi.is_none() {
                entry.sub_theme_hi.clone_from(&from.sub_theme_hi);
            }
            if entry.aliases.is_empty() {
                entry.aliases.clone_from(&from.aliases);
            }
            if entry.levels.is_empty() && same_scale {
                entry.levels.clone_from(&from.levels);
            }
        }
        if self.scale.levels.is_empty() && self.competencies.iter().any(|entry| !entry.levels.is_empty()) {
            self.scale = known.scale.clone();
        }
        self
    }

    /// Level of this name on the model's scale.
    pub fn level(&self, name: &str) -> Option<Level> {
        self.scale.named(name)
    }

    /// Entries by theme, in the model's order within a theme.
    pub fn by_theme(&self) -> BTreeMap<&str, Vec<&Competency>> {
        let mut themes: BTreeMap<&str, Vec<&Competency>> = BTreeMap::new();
        for entry in &self.competencies {
            themes.entry(entry.theme.as_str()).or_default().push(entry);
        }
        themes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_model_is_whole() {
        let kcm = CompetencyModel::karmayogi();
        let of = |kind| kcm.competencies.iter().filter(|c| c.kind == Some(kind)).count();
        assert_eq!((of(CompetencyType::Behavioural), of(CompetencyType::Functional)), (41, 73));
        assert_eq!(kcm.scale.levels.len(), 3);
    }

    #[test]
    fn folding_makes_spellings_meet() {
        assert_eq!(fold("Noting & Drafting"), fold("noting  and drafting."));
        assert_eq!(fold("Self-Analysis"), "self analysis");
        assert_ne!(fold("संचार"), fold("सचार"));
    }

    #[test]
    fn duplicate_ids_and_empty_names_are_refused() {
        let json = |entries: &str| {
            format!(
                r#"{{"format":"cbp-competency-model","version":1,"id":"t","name":"t","competencies":[{entries}]}}"#
            )
        };
        let of = |entries: &str| CompetencyModel::from_json("t.json", &json(entries));
        assert!(matches!(
            of(r#"{"id":"a","name":"x"},{"id":"a","name":"y"}"#),
            Err(CoreError::DuplicateId { .. })
        ));
        assert!(matches!(of(r#"{"id":"a","name":" "}"#), Err(CoreError::Invalid { .. })));
        assert!(matches!(of(""), Err(CoreError::Empty { .. })));
        assert_eq!(of(r#"{"id":"a","name":"x"}"#).unwrap().competencies.len(), 1);
    }

    #[test]
    fn a_list_of_bare_names_is_completed_from_the_national_model() {
        let kcm = CompetencyModel::karmayogi();
        let known = kcm.get("BEH-001").unwrap();
        let list = |entries: &str, scale: &str| {
            let json = format!(
                r#"{{"format":"cbp-competency-model","version":1,"id":"t","name":"t","competencies":[{entries}]{scale}}}"#
            );
            CompetencyModel::from_json("t.json", &json).unwrap().completed(kcm)
        };
        let found = list(r#"{"id":"a","name":"self analysis"},{"id":"b","name":"Bee keeping"}"#, "");
        let entry = &found.competencies[0];
        assert_eq!((entry.sub_theme.as_str(), entry.id.as_str()), ("self analysis", "a"));
        assert_eq!((&entry.description, &entry.levels), (&known.description, &known.levels));
        assert_eq!((entry.kind, &entry.sub_theme_hi), (known.kind, &known.sub_theme_hi));
        assert_eq!(found.scale, kcm.scale);
        assert!(found.competencies[1].description.is_empty() && found.competencies[1].kind.is_none());
        // What the list says stays; a scale of two levels takes no texts of three.
        let two =
            r#","scale":{"id":"s","name":"s","levels":[{"rank":1,"name":"Low"},{"rank":2,"name":"High"}]}"#;
        let own = list(r#"{"id":"a","name":"Self-Analysis","description":"Ours.","type":"domain"}"#, two);
        assert_eq!(own.competencies[0].description, "Ours.");
        assert_eq!(own.competencies[0].kind, Some(CompetencyType::Domain));
        assert!(own.competencies[0].levels.is_empty());
        let other = list(
            r#"{"id":"a","name":"Self-Analysis","description":"Ours."},{"id":"b","name":"x"},{"id":"c","name":"y"}"#,
            "",
        );
        assert!(other.competencies[0].levels.is_empty() && other.scale.levels.is_empty());
        assert_eq!(kcm.clone().completed(kcm), *kcm);
    }

    #[test]
    fn snapping_needs_a_theme_where_the_name_is_shared() {
        let entry = |id: &str, theme: &str| Competency {
            id: id.into(),
            kind: None,
            theme: theme.into(),
            theme_hi: None,
            sub_theme: "Coaching".into(),
            sub_theme_hi: None,
            group: None,
            aliases: Vec::new(),
            description: String::new(),
            levels: Vec::new(),
        };
        let model = CompetencyModel {
            competencies: vec![entry("1", "One"), entry("2", "Two")],
            ..Default::default()
        };
        assert_eq!(model.snap(None, "two", "coaching").map(|c| c.id.as_str()), Some("2"));
        assert_eq!(model.snap(None, "", "coaching"), None);
        assert_eq!(model.snap(Some("1"), "two", "coaching").map(|c| c.id.as_str()), Some("1"));
    }
}
