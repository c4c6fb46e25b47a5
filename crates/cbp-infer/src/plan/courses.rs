//! Courses for each requirement, and whether they cover it.

use std::collections::{BTreeMap, BTreeSet};

use cbp_core::{
    Catalogue, CompetencyModel, CompetencyRef, Course, Coverage, Designation, KnowledgeBase, Recommendation,
    Requirement, ScorePart,
};

use ndarray::Axis;

use super::levels::taught_rank;
use super::{PlanError, PlanOptions};
use crate::domain::Mentions;
use crate::rank::{Candidate, CourseIndex, Filter, Need, Ranked, Wanted};

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

/// What an exact tag alone says of a course's relevance. Tags on platforms are generous: the rest is for the text.
const TAGGED: f64 = 0.6;

/// How much a course is about a competency, 0 to 1, whatever its level: by meaning, helped a little by words in
/// common, and by the tags that the platform gave it.
fn relevance(parts: &[ScorePart]) -> f64 {
    let value = |signal: &str| parts.iter().find(|p| p.signal == signal).map_or(0.0, |p| p.value);
    let (dense, lexical) = (value("dense"), value("lexical"));
    let text = dense.max(f64::midpoint(dense, lexical));
    text.max(TAGGED * value("tag") + (1.0 - TAGGED) * text)
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

    /// How much of the requirement it builds, 0 to 1: 0 for a course that hardly touches it, so that a heap of such
    /// courses does not pass for one that teaches it.
    fn adequacy(&self, options: &PlanOptions) -> f64 {
        let touched =
            (self.relevance.min(1.0) - options.partial_relevance) / (1.0 - options.partial_relevance);
        if touched > 0.0 { touched * SHORT_OF_LEVEL.powi(i32::from(self.shortfall)) } else { 0.0 }
    }
}

/// Ranks courses for every requirement, says how well they cover it, and hands on what each could choose from.
pub(super) fn recommend(
    posts: &[Designation],
    requirements: &mut [Vec<Requirement>],
    catalogue: &Catalogue,
    index: &CourseIndex,
    (model, knowledge): (&CompetencyModel, &KnowledgeBase),
    options: &PlanOptions,
) -> Result<Vec<Vec<Wanted>>, PlanError> {
    let named = named(knowledge, catalogue);
    // Designations share requirements: each distinct need is embedded once, and ranked once for each audience.
    let mut needs: Vec<Need> = Vec::new();
    let mut places = BTreeMap::new();
    for requirement in requirements.iter().flatten() {
        places.entry(key(requirement)).or_insert_with(|| {
            needs.push(Need::of_requirement(requirement, model, &knowledge.items));
            needs.len() - 1
        });
    }
    let learnt = options.weights.as_ref().map(|file| file.options_for(index)).transpose()?;
    let ranking = learnt.unwrap_or_default();
    let vectors = index.embed(&needs)?;
    let mut audiences: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (place, post) in posts.iter().enumerate() {
        audiences.entry(index.audience(&post.name, post.group)).or_default().push(place);
    }
    let mut wanted = vec![Vec::new(); requirements.len()];
    for (audience, members) in audiences {
        let filter = Filter { languages: options.languages.clone(), audience, ..Filter::default() };
        let asked: BTreeSet<usize> = members
            .iter()
            .filter_map(|&post| requirements.get(post))
            .flatten()
            .filter_map(|requirement| places.get(&key(requirement)).copied())
            .collect();
        let asked: Vec<usize> = asked.into_iter().collect();
        let of_audience: Vec<Need> = asked.iter().filter_map(|&place| needs.get(place).cloned()).collect();
        let ranked = index.rank_vectors(
            &of_audience,
            &vectors.select(Axis(0), &asked),
            options.courses.max(CANDIDATES),
            &filter,
            &ranking,
        )?;
        let ranked: BTreeMap<usize, Vec<Ranked>> = asked.into_iter().zip(ranked).collect();
        for post in members {
            let (Some(required), Some(wanted)) = (requirements.get_mut(post), wanted.get_mut(post)) else {
                continue;
            };
            for requirement in required {
                let list = places.get(&key(requirement)).and_then(|place| ranked.get(place));
                let by_name = requirement.knowledge.as_deref().and_then(|id| named.get(id));
                let list = list.map(Vec::as_slice).unwrap_or_default();
                wanted.push(judge(requirement, list, by_name, catalogue, model, options));
            }
        }
    }
    Ok(wanted)
}

/// Requirements with one key ask for the same courses.
fn key(requirement: &Requirement) -> (CompetencyRef, u8, Option<String>) {
    (requirement.competency.clone(), requirement.level.rank, requirement.knowledge.clone())
}

/// Notes the best courses of a requirement and how well they cover it; returns what a course set may choose from.
fn judge(
    requirement: &mut Requirement,
    list: &[Ranked],
    named: Option<&BTreeMap<u32, f64>>,
    catalogue: &Catalogue,
    model: &CompetencyModel,
    options: &PlanOptions,
) -> Wanted {
    let mut wanted = Wanted { id: requirement.id.clone(), weight: requirement.weight, courses: Vec::new() };
    let mut discarded = Vec::new();
    for found in list {
        let Some(course) = catalogue.courses.get(found.course as usize) else { continue };
        let taught = taught_rank(course.level.as_deref(), model);
        let shortfall = taught.map_or(0, |taught| requirement.level.rank.saturating_sub(taught));
        let by_name = named.and_then(|courses| courses.get(&found.course)).copied().unwrap_or(0.0);
        let seen = Seen { relevance: relevance(&found.parts).max(by_name), shortfall };
        let adequacy = seen.adequacy(options);
        if adequacy > 0.0 {
            wanted.courses.push(Candidate { course: found.course, adequacy });
        }
        let coverage = seen.coverage(options);
        requirement.coverage = requirement.coverage.min(coverage);
        if coverage == Coverage::None {
            let why = format!("relevance {:.2} is below {:.2}", seen.relevance, options.partial_relevance);
            discarded.push(recommendation(course, found, Some(why)));
        } else {
            requirement.courses.push(recommendation(course, found, None));
        }
    }
    // What covers a requirement is listed even where the ranking puts courses before it that do not.
    requirement.courses.append(&mut discarded);
    requirement.courses.truncate(options.courses);
    wanted
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
