//! Courses for officials, from their passbooks: gaps are what the post requires less what they hold.
//!
//! Each distinct requirement is ranked once, deep; a person's ranking is their gaps' lists merged, the best of each course
//! over the gaps it closes, weighted by how much the post needs the competency and how much of it is missing. The result is that
//! of ranking every course for the person; its cost is that of walking down a few lists that are sorted
//! already. Where a person's conditions leave too little of a list, that person is ranked from scratch.

use std::collections::{BTreeMap, HashMap};

use cbp_core::CompetencyRef;
use ndarray::Array2;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    CourseIndex, Filter, Need, Post, RankError, RankOptions,
    filter::{Bits, name_key},
    index::hex,
    score::Query,
};
use crate::arch::Isa;

/// How deep each requirement is ranked beforehand.
const DEPTH: usize = 1024;

/// A person with what they hold and have done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Official {
    /// Who it is.
    pub id: String,
    /// Id or name of the designation in the plan.
    pub designation: String,
    /// Competencies that the passbook shows.
    #[serde(default, deserialize_with = "or_nothing")]
    pub held: Vec<Held>,
    /// Ids of courses that are done.
    #[serde(default, deserialize_with = "or_nothing")]
    pub done: Vec<String>,
    /// Languages that the person learns in, by their English names; empty for any.
    #[serde(default, deserialize_with = "or_nothing")]
    pub languages: Vec<String>,
    /// Length of the longest course that fits, in hours.
    #[serde(default)]
    pub hours: Option<f64>,
}

/// Null stands for an empty list.
fn or_nothing<'de, T, D>(from: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A competency that a person holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Its id, or the name of a domain competency.
    pub competency: String,
    /// Its level; 1 is the lowest.
    pub level: u8,
}

/// A course for a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advice {
    /// Place of the course in the catalogue.
    pub course: u32,
    /// From 0 to 1.
    pub score: f64,
    /// The gap that it closes best: [`Recommender::competency`] names it.
    pub gap: usize,
}

/// A requirement as a person's gaps are computed from it.
#[derive(Debug, Clone, Copy)]
struct Entry {
    competency: usize,
    level: u8,
    weight: f64,
    list: usize,
}

/// A post made ready.
#[derive(Debug)]
struct Served {
    entries: Vec<Entry>,
    audience: Vec<String>,
    /// Place of the courses that are for such an audience.
    allowed: usize,
}

/// Requirements of all posts, ranked beforehand.
#[derive(Debug)]
pub struct Recommender<'a> {
    index: &'a CourseIndex,
    options: RankOptions,
    queries: Vec<Query>,
    /// Courses for each distinct need, best first.
    lists: Vec<Vec<(f64, u32)>>,
    posts: Vec<Served>,
    by_name: HashMap<String, usize>,
    /// For each audience the courses that are for it.
    allowed: Vec<Bits>,
    competencies: HashMap<String, usize>,
    /// Ids or names of the competencies, by number.
    labels: Vec<String>,
}

/// What a passbook may call a competency: its id where it has one, else its name.
fn key(competency: &CompetencyRef) -> String {
    name_key(competency.id.as_deref().unwrap_or(&competency.sub_theme))
}

/// A gap: how much it counts, which list serves it, which competency it is.
type Gap = (f64, usize, usize);

impl<'a> Recommender<'a> {
    /// Ranks the requirements of posts. Where two posts share a name, the first is meant by it.
    ///
    /// # Errors
    ///
    /// As [`CourseIndex::rank`]; and [`RankError::Setting`] for a weight that makes no sense.
    pub fn new(index: &'a CourseIndex, posts: &[Post], options: &RankOptions) -> Result<Self, RankError> {
        Self::with_vectors(index, posts, options, |needs| index.embed(needs))
    }

    /// [`Recommender::new`] with vectors of the distinct needs made by the caller, one row each.
    ///
    /// # Errors
    ///
    /// As [`Recommender::new`], and whatever `embed` reports.
    pub fn with_vectors(
        index: &'a CourseIndex,
        posts: &[Post],
        options: &RankOptions,
        embed: impl FnOnce(&[Need]) -> Result<Array2<f32>, RankError>,
    ) -> Result<Self, RankError> {
        let mut needs: Vec<Need> = Vec::new();
        let mut places: BTreeMap<(String, String, u8), usize> = BTreeMap::new();
        let (mut by_name, mut competencies, mut labels) = (HashMap::new(), HashMap::new(), Vec::new());
        let (mut served, mut audiences, mut allowed) = (Vec::new(), BTreeMap::new(), Vec::new());
        for Post { names, audience, required } in posts {
            let most = required.iter().map(|one| one.weight).fold(0.0, f64::max);
            let mut entries = Vec::with_capacity(required.len());
            for one in required {
                if !one.weight.is_finite() || one.weight < 0.0 {
                    let name = format!("the weight of {}", one.competency.sub_theme);
                    return Err(RankError::Setting { name, value: one.weight, expected: "a number from 0" });
                }
                let competency = key(&one.competency);
                let place = (competency.clone(), one.need.text.clone(), one.level);
                let list = *places.entry(place).or_insert_with(|| {
                    needs.push(one.need.clone());
                    needs.len() - 1
                });
                entries.push(Entry {
                    competency: *competencies.entry(competency).or_insert_with(|| {
                        labels.push(one.competency.id.clone().unwrap_or(one.competency.sub_theme.clone()));
                        labels.len() - 1
                    }),
                    level: one.level.max(1),
                    weight: if most > 0.0 { one.weight / most } else { 1.0 },
                    list,
                });
            }
            for name in names {
                by_name.entry(name_key(name)).or_insert(served.len());
            }
            let allowed = *audiences.entry(audience.clone()).or_insert_with(|| {
                allowed.push(index.facets.allow(&Filter { audience: audience.clone(), ..Filter::default() }));
                allowed.len() - 1
            });
            served.push(Served { entries, audience: audience.clone(), allowed });
        }
        let vectors = embed(&needs)?;
        let queries = index.queries(&needs, &vectors, options)?;
        let hits = index.top(&queries, DEPTH, &Filter::default(), options, Isa::best());
        let lists =
            hits.iter().map(|hits| hits.iter().map(|hit| (hit.score, hit.course)).collect()).collect();
        let options = options.clone();
        Ok(Self { index, options, queries, lists, posts: served, by_name, allowed, competencies, labels })
    }

    /// The best `k` courses for a person, best first, ties by course id; empty where there is no gap.
    ///
    /// # Errors
    ///
    /// [`RankError::Post`] for a designation that no post of the plan has.
    pub fn recommend(&self, official: &Official, k: usize) -> Result<Vec<Advice>, RankError> {
        let post = self.post(official)?;
        let gaps = self.gaps(post, official);
        let conditions = Conditions::new(self.index, self.allowed.get(post.allowed), official);
        let lists: Vec<&[(f64, u32)]> = gaps.iter().map(|gap| &self.lists[gap.1][..]).collect();
        if let Some(advice) = self.merge(&gaps, &lists, &conditions, k) {
            return Ok(advice);
        }
        let lists = self.ranked_anew(&gaps, post, official, k);
        let lists: Vec<&[(f64, u32)]> = lists.iter().map(Vec::as_slice).collect();
        Ok(self
            .merge(&gaps, &lists, &Conditions { settled: true, ..Conditions::default() }, k)
            .unwrap_or_default())
    }

    /// The index that courses are places of.
    pub const fn index(&self) -> &CourseIndex {
        self.index
    }

    /// 32 hexadecimal digits that stand for the posts' requirements and how they are ranked.
    pub fn identity(&self) -> String {
        let mut names: Vec<_> = self.by_name.iter().collect();
        names.sort();
        let mut told = Sha256::new();
        told.update(format!("{names:?}{:?}{:?}{:?}", self.posts, self.labels, self.options));
        for (score, course) in self.lists.iter().flatten() {
            told.update(score.to_le_bytes());
            told.update(course.to_le_bytes());
        }
        hex(&told.finalize())
    }

    /// Id, or name where it has none, of the competency of a gap.
    pub fn competency(&self, gap: usize) -> &str {
        self.labels.get(gap).map_or("", String::as_str)
    }

    fn post(&self, official: &Official) -> Result<&Served, RankError> {
        let place = self.by_name.get(&name_key(&official.designation));
        place.and_then(|&place| self.posts.get(place)).ok_or_else(|| RankError::Post {
            official: official.id.clone(),
            designation: official.designation.clone(),
        })
    }

    /// What the post requires and the person does not hold.
    fn gaps(&self, post: &Served, official: &Official) -> Vec<Gap> {
        let held: Vec<(usize, u8)> = official
            .held
            .iter()
            .filter_map(|held| Some((*self.competencies.get(&name_key(&held.competency))?, held.level)))
            .collect();
        let gap = |entry: &Entry| {
            let has = held.iter().filter(|(c, _)| *c == entry.competency).map(|(_, level)| *level).max();
            let missing = f64::from(entry.level.saturating_sub(has.unwrap_or(0))) / f64::from(entry.level);
            (missing > 0.0 && entry.weight > 0.0).then_some((
                entry.weight * missing,
                entry.list,
                entry.competency,
            ))
        };
        post.entries.iter().filter_map(gap).collect()
    }

    /// Merges lists by weighted score. `None` where a list ends before it is known that nothing below could count.
    fn merge(
        &self,
        gaps: &[Gap],
        lists: &[&[(f64, u32)]],
        conditions: &Conditions<'_>,
        k: usize,
    ) -> Option<Vec<Advice>> {
        let order = |course: u32| self.index.order_of(course);
        let mut heads = vec![0_usize; lists.len()];
        let mut advice: Vec<Advice> = Vec::with_capacity(k);
        while advice.len() < k {
            // The best head: by weighted score, then course id, then the earlier gap.
            let mut best: Option<(f64, u32, usize)> = None;
            for (place, (list, head)) in lists.iter().zip(&heads).enumerate() {
                let Some(&(score, course)) = list.get(*head) else { continue };
                let score = score * gaps[place].0;
                let first = best.is_none_or(|(other, held, _)| {
                    score.total_cmp(&other).then(order(held).cmp(&order(course))).is_gt()
                });
                if first {
                    best = Some((score, course, place));
                }
            }
            let Some((score, course, place)) = best else { break };
            heads[place] += 1;
            let seen = advice.iter().any(|one| one.course == course);
            if !seen && conditions.allow(self.index, course) {
                advice.push(Advice { course, score, gap: gaps[place].2 });
            }
            // A list that was cut off and is used up may have held something better than what comes now.
            let cut = lists[place].len() < self.index.len() && !conditions.settled;
            if cut && heads[place] == lists[place].len() && advice.len() < k {
                return None;
            }
        }
        Some(advice)
    }

    /// The lists of these gaps under the person's own conditions.
    fn ranked_anew(
        &self,
        gaps: &[Gap],
        post: &Served,
        official: &Official,
        k: usize,
    ) -> Vec<Vec<(f64, u32)>> {
        let filter = Filter {
            languages: official.languages.clone(),
            max_hours: official.hours,
            audience: post.audience.clone(),
            exclude: official.done.clone(),
            ..Filter::default()
        };
        let queries: Vec<Query> = gaps.iter().map(|gap| self.queries[gap.1].clone()).collect();
        let hits = self.index.top(&queries, k, &filter, &self.options, Isa::best());
        hits.iter().map(|hits| hits.iter().map(|hit| (hit.score, hit.course)).collect()).collect()
    }
}

/// Which courses a person can take.
#[derive(Debug, Default)]
struct Conditions<'a> {
    /// Courses for somebody of the person's post.
    meant: Option<&'a Bits>,
    languages: Option<Vec<&'a Bits>>,
    hours: Option<f64>,
    done: Vec<u32>,
    /// The lists hold only such courses already.
    settled: bool,
}

impl<'a> Conditions<'a> {
    fn new(index: &'a CourseIndex, meant: Option<&'a Bits>, official: &Official) -> Self {
        let bits = || official.languages.iter().filter_map(|name| index.facets.in_language(name)).collect();
        Self {
            meant,
            languages: (!official.languages.is_empty()).then(bits),
            hours: official.hours,
            done: official.done.iter().filter_map(|id| index.place(id)).collect(),
            settled: false,
        }
    }

    fn allow(&self, index: &CourseIndex, course: u32) -> bool {
        self.meant.is_none_or(|bits| bits.has(course as usize))
            && self.languages.as_ref().is_none_or(|all| all.iter().any(|bits| bits.has(course as usize)))
            && self.hours.is_none_or(|hours| index.hours(course) <= hours)
            && !self.done.contains(&course)
    }
}
