//! Courses for each requirement, and whether they cover it.

use std::collections::BTreeMap;

use cbp_core::{
    Catalogue, Competency, CompetencyModel, Course, Coverage, KnowledgeBase, Recommendation, Requirement,
    ScorePart,
};

use super::levels::{position, taught_rank};
use super::{PlanError, PlanOptions};
use crate::domain::Mentions;
use crate::rank::{Candidate, CourseIndex, Filter, Need, RankOptions, Ranked, Wanted};

/// Courses that the choice of a course set looks at for each requirement, at least.
const CANDIDATES: usize = 12;
/// What is left of a course's use for each level that it teaches below the need.
const SHORT_OF_LEVEL: f64 = 0.5;

/// Relevance of a course whose title names a scheme, an Act or rules, and of one whose description does.
const NAMED_IN_TITLE: f64 = 0.9;
const NAMED_IN_DESCRIPTION: f64 = 0.5;

/// For each item of the papers, the courses that name it, with the relevance that this gives them.
type Named<'a> = BTreeMap<&'a str, BTreeMap<u32, f64>>;

fn named<'a>(knowledge: &'a KnowledgeBase, catalogue: &Catalogue) -> Named<'a> {
    let mentions = Mentions::new(knowledge);
    let mut named: Named<'a> = BTreeMap::new();
    for (place, course) in catalogue.courses.iter().enumerate() {
        for (text, relevance) in [(&course.description, NAMED_IN_DESCRIPTION), (&course.name, NAMED_IN_TITLE)]
        {
            for mention in mentions.find(text) {
                let Some(item) = knowledge.items.get(mention.item) else { continue };
                // The title comes second, and outweighs the description.
                named.entry(&item.id).or_default().insert(place as u32, relevance * mention.sure);
            }
        }
    }
    named
}

/// A competency of the closed list in words.
pub(super) fn asked(entry: &Competency) -> String {
    joined(&[&entry.sub_theme, &entry.description])
}

fn joined(parts: &[&str]) -> String {
    let filled = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    filled.collect::<Vec<_>>().join(". ")
}

/// What a course would have to teach, in words: the competency with its description, or the item's name with its
/// objective.
fn need(requirement: &Requirement, model: &CompetencyModel, knowledge: &KnowledgeBase) -> Need {
    let competency = &requirement.competency;
    let entry = competency.id.as_deref().and_then(|id| model.get(id));
    let item = requirement.knowledge.as_ref().and_then(|id| knowledge.items.iter().find(|k| &k.id == id));
    let text = match (entry, item) {
        (Some(entry), _) => asked(entry),
        (None, Some(item)) => {
            let objective = item.summary.split_inclusive(['.', '\u{964}']).next().unwrap_or_default();
            joined(&[&competency.sub_theme, item.abbreviation.as_deref().unwrap_or_default(), objective])
        }
        (None, None) => competency.sub_theme.clone(),
    };
    Need {
        text,
        competency: Some(competency.clone()),
        level: Some(position(requirement.level.rank, model.scale.levels.len())),
    }
}

/// How much a course is about a competency, 0 to 1, whatever its level: an exact tag settles it, else meaning, helped
/// a little by words in common.
fn relevance(parts: &[ScorePart]) -> f64 {
    let value = |signal: &str| parts.iter().find(|p| p.signal == signal).map_or(0.0, |p| p.value);
    let (dense, lexical) = (value("dense"), value("lexical"));
    value("tag").max(dense).max(f64::midpoint(dense, lexical))
}

/// A course seen from one requirement.
struct Seen {
    relevance: f64,
    /// Levels that it teaches below the need; 0 where the catalogue does not say.
    shortfall: u8,
}

impl Seen {
    fn coverage(&self, options: &PlanOptions) -> Coverage {
        if self.relevance >= options.full_relevance && self.shortfall == 0 {
            Coverage::Full
        } else if self.relevance >= options.partial_relevance {
            Coverage::Partial
        } else {
            Coverage::None
        }
    }

    /// How much of the requirement it builds, 0 to 1; 0 for a course that does not touch it.
    fn adequacy(&self, options: &PlanOptions) -> f64 {
        if self.relevance < options.partial_relevance {
            return 0.0;
        }
        self.relevance.min(1.0) * SHORT_OF_LEVEL.powi(i32::from(self.shortfall))
    }
}

/// Ranks courses for every requirement, says how well they cover it, and hands on what each could choose from.
pub(super) fn recommend(
    requirements: &mut [Vec<Requirement>],
    model: &CompetencyModel,
    knowledge: &KnowledgeBase,
    catalogue: &Catalogue,
    index: &CourseIndex,
    options: &PlanOptions,
) -> Result<Vec<Vec<Wanted>>, PlanError> {
    // Posts share requirements: each distinct need is ranked once.
    let mut distinct: Vec<Need> = Vec::new();
    let mut places = BTreeMap::new();
    let mut place = |requirement: &Requirement| {
        let key = (requirement.competency.clone(), requirement.level.rank, requirement.knowledge.clone());
        *places.entry(key).or_insert_with(|| {
            distinct.push(need(requirement, model, knowledge));
            distinct.len() - 1
        })
    };
    let place_of: Vec<Vec<usize>> =
        requirements.iter().map(|post| post.iter().map(&mut place).collect()).collect();
    let filter = Filter { languages: options.languages.clone(), ..Filter::default() };
    let ranked = index.rank(&distinct, options.courses.max(CANDIDATES), &filter, &RankOptions::default())?;

    let named = named(knowledge, catalogue);
    let judge = |requirement: &mut Requirement, list: &[Ranked]| {
        let mut wanted =
            Wanted { id: requirement.id.clone(), weight: requirement.weight, courses: Vec::new() };
        let named_by = requirement.knowledge.as_deref().and_then(|id| named.get(id));
        for (position, found) in list.iter().enumerate() {
            let Some(course) = catalogue.courses.get(found.course as usize) else { continue };
            let taught = taught_rank(course.level.as_deref(), model);
            let shortfall = taught.map_or(0, |taught| requirement.level.rank.saturating_sub(taught));
            let by_name = named_by.and_then(|courses| courses.get(&found.course)).copied().unwrap_or(0.0);
            let seen = Seen { relevance: relevance(&found.parts).max(by_name), shortfall };
            let adequacy = seen.adequacy(options);
            if adequacy > 0.0 {
                wanted.courses.push(Candidate { course: found.course, adequacy });
            }
            let coverage = seen.coverage(options);
            requirement.coverage = requirement.coverage.min(coverage);
            if position < options.courses {
                let discarded = (coverage == Coverage::None).then(|| {
                    format!("relevance {:.2} is below {:.2}", seen.relevance, options.partial_relevance)
                });
                requirement.courses.push(recommendation(course, found, discarded));
            }
        }
        wanted
    };
    Ok(requirements
        .iter_mut()
        .zip(place_of)
        .map(|(post, places)| {
            let lists =
                places.into_iter().map(|place| ranked.get(place).map(Vec::as_slice).unwrap_or_default());
            post.iter_mut().zip(lists).map(|(requirement, list)| judge(requirement, list)).collect()
        })
        .collect())
}

fn recommendation(course: &Course, found: &Ranked, discarded: Option<String>) -> Recommendation {
    Recommendation {
        course: course.id.clone(),
        name: course.name.clone(),
        provider: course.provider.clone(),
        language: course.language.clone(),
        mode: course.mode,
        level: course.level.clone(),
        source: course.source,
        hours: course.hours(),
        score: found.score,
        parts: found.parts.clone(),
        discarded,
    }
}
