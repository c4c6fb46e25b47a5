//! What is looked for.

use cbp_core::{Competency, CompetencyModel, CompetencyRef, KnowledgeItem, Requirement};

/// A need for training, in words, with what is known about it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Need {
    /// The need in words, such as a competency's name with the duty behind it.
    pub text: String,
    /// The competency, where it is known. Without it courses are not compared by their tags.
    pub competency: Option<CompetencyRef>,
    /// The level, from 0 (lowest of its scale) to 1 (highest), where it is known.
    pub level: Option<f64>,
}

impl Need {
    /// A need known by its words only.
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A competency of the closed list in words.
    pub(crate) fn asked(entry: &Competency) -> String {
        joined(&[&entry.sub_theme, &entry.description])
    }

    /// What a course would have to teach for a requirement of a plan: the competency with its description, or the name of
    /// the Act or scheme with its objective.
    pub fn of_requirement(
        requirement: &Requirement,
        model: &CompetencyModel,
        knowledge: &[KnowledgeItem],
    ) -> Self {
        let competency = &requirement.competency;
        let entry = competency.id.as_deref().and_then(|id| model.get(id));
        let item = requirement.knowledge.as_ref().and_then(|id| knowledge.iter().find(|item| &item.id == id));
        let text = match (entry, item) {
            (Some(entry), _) => Self::asked(entry),
            (None, Some(item)) => {
                let objective = item.summary.split_inclusive(['.', '\u{964}']).next().unwrap_or_default();
                joined(&[&competency.sub_theme, item.abbreviation.as_deref().unwrap_or_default(), objective])
            }
            (None, None) => competency.sub_theme.clone(),
        };
        let level = Some(model.scale.place(requirement.level.rank));
        Self { text, competency: Some(competency.clone()), level }
    }
}

fn joined(parts: &[&str]) -> String {
    let filled = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    filled.collect::<Vec<_>>().join(". ")
}
