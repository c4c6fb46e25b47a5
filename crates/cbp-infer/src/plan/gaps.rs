//! Requirements without an adequate course, joined over the posts that share them.

use std::collections::BTreeMap;

use cbp_core::{
    CompetencyModel, CompetencyRef, CompetencyType, Coverage, DesignationPlan, Gap, GapKind, Mode,
    Recommendation, Requirement, Route, Source,
};

use super::levels::taught_rank;

/// Evidence kept for each gap.
const EVIDENCE: usize = 4;

/// One gap for each competency and level, the most pressing first: no course before partial, more posts first.
pub(super) fn gaps(posts: &[DesignationPlan], model: &CompetencyModel) -> Vec<Gap> {
    let mut groups: BTreeMap<(&CompetencyRef, u8), Vec<(&DesignationPlan, &Requirement)>> = BTreeMap::new();
    for post in posts {
        for need in post.requirements.iter().filter(|r| r.coverage != Coverage::Full) {
            groups.entry((&need.competency, need.level.rank)).or_default().push((post, need));
        }
    }
    let mut gaps: Vec<Gap> = groups.into_values().filter_map(|members| gap(&members, model)).collect();
    gaps.sort_by(|a, b| {
        (a.kind, std::cmp::Reverse(a.headcount))
            .cmp(&(b.kind, std::cmp::Reverse(b.headcount)))
            .then_with(|| a.competency.cmp(&b.competency))
            .then_with(|| a.level.rank.cmp(&b.level.rank))
    });
    gaps
}

fn gap(members: &[(&DesignationPlan, &Requirement)], model: &CompetencyModel) -> Option<Gap> {
    let (_, first) = members.first()?;
    let nearest = members
        .iter()
        .filter(|(_, need)| need.coverage == Coverage::Partial)
        .filter_map(|(_, need)| need.courses.first())
        .max_by(|a, b| a.score.total_cmp(&b.score).then_with(|| b.course.cmp(&a.course)));
    let kind = if nearest.is_some() { GapKind::Partial } else { GapKind::None };
    let taught = nearest.and_then(|course| taught_rank(course.level.as_deref(), model));
    let level_shortfall = taught.map_or(0, |rank| first.level.rank.saturating_sub(rank));
    let mode = mode(first);
    let mut evidence = Vec::new();
    for piece in members.iter().flat_map(|(_, need)| &need.evidence) {
        if evidence.len() < EVIDENCE && !evidence.contains(piece) {
            evidence.push(piece.clone());
        }
    }
    Some(Gap {
        competency: first.competency.clone(),
        level: first.level.clone(),
        kind,
        level_shortfall,
        designations: members.iter().map(|(post, _)| post.id.clone()).collect(),
        requirements: members.iter().map(|(_, need)| need.id.clone()).collect(),
        headcount: members
            .iter()
            .fold(0u32, |sum, (post, _)| sum.saturating_add(post.headcount.unwrap_or(1))),
        mode,
        route: route(first, nearest, mode),
        reason: reason(first, nearest, level_shortfall),
        nearest_course: nearest.map(|course| course.course.clone()),
        evidence,
    })
}

/// Knowledge at the lowest level can be read on a screen; judgement and the department's own law want a classroom.
fn mode(need: &Requirement) -> Mode {
    match (need.competency.kind, need.level.rank) {
        (_, 0 | 1) | (CompetencyType::Functional, _) => Mode::Online,
        (CompetencyType::Domain, 2) | (CompetencyType::Behavioural, _) => Mode::Blended,
        (CompetencyType::Domain, _) => Mode::Offline,
    }
}

/// Who could close it, from what the catalogue already shows and from whose subject it is.
fn route(need: &Requirement, nearest: Option<&Recommendation>, mode: Mode) -> Route {
    match nearest.map(|course| course.source) {
        Some(Source::Ati) => return Route::AtiTraining,
        Some(Source::Swayam) => return Route::PublicCourse,
        _ => {}
    }
    match (need.competency.kind, mode) {
        // The state's own schemes and Acts are taught where its officers are trained.
        (CompetencyType::Domain, Mode::Blended | Mode::Offline) => Route::AtiTraining,
        (CompetencyType::Domain, Mode::Online) => Route::NewCourse,
        (_, Mode::Blended | Mode::Offline) => Route::Partner,
        (_, Mode::Online) => Route::PublicCourse,
    }
}

fn reason(need: &Requirement, nearest: Option<&Recommendation>, shortfall: u8) -> String {
    let name = &need.competency.sub_theme;
    match nearest {
        None => format!("No course in the catalogue teaches {name}."),
        Some(course) if shortfall > 0 => {
            format!(
                "\u{201c}{}\u{201d} teaches it below the {} level that the duties ask for.",
                course.name, need.level.name
            )
        }
        Some(course) => format!("\u{201c}{}\u{201d} only touches {name}.", course.name),
    }
}
