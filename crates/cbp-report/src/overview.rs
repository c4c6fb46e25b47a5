//! The figures at the head of every report.

use std::collections::{BTreeMap, BTreeSet};

use cbp_core::{CapacityBuildingPlan, CompetencyType, Coverage};
use serde::Serialize;

/// Counts over a whole plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Overview {
    /// Designations.
    pub designations: usize,
    /// Posts: headcounts added up, one for each designation without a figure.
    pub posts: u64,
    /// Roles.
    pub roles: usize,
    /// Activities.
    pub activities: usize,
    /// Requirements.
    pub requirements: usize,
    /// Distinct competencies over all requirements.
    pub competencies: usize,
    /// Requirements with an adequate course.
    pub covered: usize,
    /// Requirements that a course touches.
    pub partly_covered: usize,
    /// Requirements without a course.
    pub uncovered: usize,
    /// Distinct courses in the course sets.
    pub courses: usize,
    /// Hours of all course sets, times posts.
    pub person_hours: f64,
    /// Gaps.
    pub gaps: usize,
    /// Requirements by type (behavioural, functional, domain) and by level rank from 1.
    pub by_type_and_level: Vec<TypeCount>,
}

/// Requirements of one type.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct TypeCount {
    /// Name of the type.
    pub name: String,
    /// Requirements of the type.
    pub total: usize,
    /// Requirements at each level that occurs in the plan, the lowest first; the same levels for every type.
    pub levels: Vec<LevelCount>,
    /// Requirements with an adequate course.
    pub covered: usize,
    /// Requirements that a course touches.
    pub partly: usize,
}

/// Requirements of one type at one level.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LevelCount {
    /// 1 is the lowest.
    pub rank: u8,
    /// The level's name.
    pub name: String,
    /// Requirements at it.
    pub requirements: usize,
}

/// Counts a plan.
pub fn overview(plan: &CapacityBuildingPlan) -> Overview {
    let mut counts =
        Overview { designations: plan.designations.len(), gaps: plan.gaps.len(), ..Overview::default() };
    let mut competencies = BTreeSet::new();
    let mut courses = BTreeSet::new();
    let mut levels: BTreeMap<(CompetencyType, u8, &str), usize> = BTreeMap::new();
    let mut types: BTreeMap<CompetencyType, TypeCount> = BTreeMap::new();
    for post in &plan.designations {
        let heads = u64::from(post.headcount.unwrap_or(1));
        counts.posts += heads;
        counts.roles += post.roles.len();
        counts.activities += post.roles.iter().map(|r| r.activities.len()).sum::<usize>();
        counts.person_hours += post.selection.hours * heads as f64;
        courses.extend(post.selection.courses.iter().map(|c| c.course.as_str()));
        for need in &post.requirements {
            counts.requirements += 1;
            competencies.insert(&need.competency);
            *levels.entry((need.competency.kind, need.level.rank, need.level.name.as_str())).or_default() +=
                1;
            let of_type = types.entry(need.competency.kind).or_default();
            of_type.total += 1;
            match need.coverage {
                Coverage::Full => {
                    counts.covered += 1;
                    of_type.covered += 1;
                }
                Coverage::Partial => {
                    counts.partly_covered += 1;
                    of_type.partly += 1;
                }
                Coverage::None => counts.uncovered += 1,
            }
        }
    }
    counts.competencies = competencies.len();
    counts.courses = courses.len();
    let scale: BTreeSet<(u8, &str)> = levels.keys().map(|&(_, rank, name)| (rank, name)).collect();
    counts.by_type_and_level = types
        .into_iter()
        .map(|(kind, count)| TypeCount {
            name: kind.to_string(),
            levels: scale
                .iter()
                .map(|&(rank, name)| LevelCount {
                    rank,
                    name: name.to_owned(),
                    requirements: levels.get(&(kind, rank, name)).copied().unwrap_or(0),
                })
                .collect(),
            ..count
        })
        .collect();
    counts
}
