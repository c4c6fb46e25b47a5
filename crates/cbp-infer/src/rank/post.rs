//! Posts as officials' passbooks are compared with them.

use cbp_core::{CompetencyModel, CompetencyRef, DesignationPlan, KnowledgeItem};

use super::{CourseIndex, Need};

/// A post with what it requires.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Post {
    /// Names that officials' records may call it by.
    pub names: Vec<String>,
    /// What its holders are to courses that are meant for somebody in particular; as [`CourseIndex::audience`] says it.
    /// Empty lets every course pass.
    pub audience: Vec<String>,
    /// What it requires.
    pub required: Vec<Required>,
}

/// A requirement of a post.
#[derive(Debug, Clone, PartialEq)]
pub struct Required {
    /// The competency.
    pub competency: CompetencyRef,
    /// Its level; 1 is the lowest.
    pub level: u8,
    /// Its share of the post's work.
    pub weight: f64,
    /// What a course would have to teach.
    pub need: Need,
}

impl Post {
    /// A post of a plan that has these items of knowledge: its courses are asked for in the words, and withheld from others
    /// by the rules, of the plan itself.
    pub fn planned(
        post: &DesignationPlan,
        index: &CourseIndex,
        model: &CompetencyModel,
        knowledge: &[KnowledgeItem],
    ) -> Self {
        let required = post.requirements.iter().map(|requirement| Required {
            competency: requirement.competency.clone(),
            level: requirement.level.rank,
            weight: requirement.weight,
            need: Need::of_requirement(requirement, model, knowledge),
        });
        Self {
            names: vec![post.id.clone(), post.name.clone(), post.written.clone()],
            audience: index.audience(&post.name, post.group),
            required: required.collect(),
        }
    }
}
