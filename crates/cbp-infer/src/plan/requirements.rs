//! What each post needs: competencies of the closed list and of the papers, with level, weight and evidence.

use cbp_core::{
    Activity, CompetencyModel, CompetencyRef, Designation, Evidence, KnowledgeBase, Requirement, Role,
};

use super::{PlanError, PlanOptions};
use crate::Support;
use crate::classify::PostNeed;
use crate::domain::DomainNeed;
use crate::level::{LevelEstimate, LevelQuery, Leveller};

/// Duties that the level of one requirement is judged by.
const DUTIES_JUDGED: usize = 6;

/// A need before its level is known, the same for both sources.
struct Draft<'a> {
    competency: CompetencyRef,
    level_texts: &'a [String],
    knowledge: Option<String>,
    confidence: f64,
    weight: f64,
    duties: Vec<Duty<'a>>,
    evidence: Vec<Evidence>,
}

/// A duty that supports a need.
#[derive(Clone, Copy)]
struct Duty<'a> {
    text: &'a str,
    evidence: &'a [Evidence],
}

/// The duties behind a need, the strongest first. A place that the post does not have is passed over.
fn duties<'a>(post: &'a Designation, support: &[Support]) -> Vec<Duty<'a>> {
    let mut ranked: Vec<&Support> = support.iter().collect();
    ranked.sort_by(|a, b| {
        b.share.total_cmp(&a.share).then_with(|| (a.role, a.activity).cmp(&(b.role, b.activity)))
    });
    let duty = |support: &Support| {
        let role: &Role = post.roles.get(support.role)?;
        let Some(activity) = support.activity else {
            return Some(Duty { text: &role.title, evidence: &role.evidence });
        };
        let activity: &Activity = role.activities.get(activity)?;
        let evidence = if activity.evidence.is_empty() { &role.evidence } else { &activity.evidence };
        Some(Duty { text: &activity.text, evidence })
    };
    ranked.into_iter().filter_map(duty).filter(|d| !d.text.trim().is_empty()).collect()
}

/// One piece for each duty, the strongest first, then the document's side, each once.
fn evidence(duties: &[Duty<'_>], document: &[Evidence], most: usize) -> Vec<Evidence> {
    // A domain competency rests on both sides: the document keeps a place even where the duties would fill the list.
    let kept = most.saturating_sub(usize::from(!document.is_empty())).max(1);
    let mut list: Vec<Evidence> = Vec::new();
    for piece in duties.iter().filter_map(|d| d.evidence.first()).take(kept).chain(document) {
        if list.len() < most.max(2) && !list.contains(piece) {
            list.push(piece.clone());
        }
    }
    list
}

fn drafts<'a>(
    post: &'a Designation,
    needs: &[PostNeed],
    domain: &[DomainNeed],
    model: &'a CompetencyModel,
    knowledge: &KnowledgeBase,
    options: &PlanOptions,
) -> Vec<Draft<'a>> {
    let closed = needs.iter().filter_map(|need| {
        let entry = model.competencies.get(need.entry)?;
        let duties = duties(post, &need.support);
        Some(Draft {
            competency: entry.reference(),
            level_texts: &entry.levels,
            knowledge: None,
            confidence: need.confidence,
            weight: need.weight,
            evidence: evidence(&duties, &[], options.evidence),
            duties,
        })
    });
    let open = domain.iter().filter_map(|need| {
        let item = knowledge.items.get(need.item)?;
        let duties = duties(post, &need.support);
        Some(Draft {
            competency: need.competency.clone(),
            level_texts: &[],
            knowledge: Some(item.id.clone()),
            confidence: need.confidence,
            weight: need.weight,
            evidence: evidence(&duties, &need.evidence, options.evidence),
            duties,
        })
    });
    let mut all: Vec<Draft<'_>> =
        closed.chain(open).filter(|d| !d.evidence.is_empty() && !d.duties.is_empty()).collect();
    all.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then_with(|| a.competency.cmp(&b.competency)));
    // The likeliest stays however unsure it is: a post with duties needs something, and an official reads how sure it is.
    let sure = all.iter().take_while(|d| d.confidence >= options.min_confidence).count();
    all.truncate(sure.max(1).min(options.requirements));
    let total: f64 = all.iter().map(|d| d.weight.max(0.0)).sum();
    for draft in &mut all {
        draft.weight = if total > 0.0 { draft.weight.max(0.0) / total } else { 0.0 };
    }
    all.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.competency.cmp(&b.competency)));
    all
}

/// The requirements of every post, in the posts' order; courses are still empty.
pub(super) fn requirements(
    posts: &[Designation],
    needs: &[Vec<PostNeed>],
    domain: &[Vec<DomainNeed>],
    model: &CompetencyModel,
    knowledge: &KnowledgeBase,
    leveller: &Leveller,
    options: &PlanOptions,
) -> Result<Vec<Vec<Requirement>>, PlanError> {
    let drafts: Vec<Vec<Draft<'_>>> = posts
        .iter()
        .zip(needs)
        .zip(domain)
        .map(|((post, needs), domain)| drafts(post, needs, domain, model, knowledge, options))
        .collect();
    let queries: Vec<LevelQuery<'_>> = posts
        .iter()
        .zip(&drafts)
        .flat_map(|(post, drafts)| {
            drafts.iter().map(|draft| LevelQuery {
                duties: draft.duties.iter().take(DUTIES_JUDGED).map(|d| d.text).collect(),
                level_texts: draft.level_texts,
                scale: &model.scale,
                group: post.group,
            })
        })
        .collect();
    let mut levels = leveller.levels(&queries)?.into_iter();
    Ok(posts
        .iter()
        .zip(drafts)
        .map(|(post, drafts)| {
            drafts
                .into_iter()
                .zip(levels.by_ref())
                .enumerate()
                .map(|(position, (draft, level))| requirement(post, position, draft, level))
                .collect()
        })
        .collect())
}

fn requirement(post: &Designation, position: usize, draft: Draft<'_>, level: LevelEstimate) -> Requirement {
    Requirement {
        id: format!("{}-r{:02}", post.id, position + 1),
        competency: draft.competency,
        level: level.level,
        level_rationale: level.rationale,
        confidence: draft.confidence,
        weight: draft.weight,
        knowledge: draft.knowledge,
        evidence: draft.evidence,
        courses: Vec::new(),
        coverage: cbp_core::Coverage::None,
    }
}
