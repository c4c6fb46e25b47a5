//! The signals beside the dense one, added up chunk by chunk while the scan goes over the courses.

use super::{CourseIndex, RankOptions, filter::Bits, scan::Scorer, score::Query, tags::Prior};

/// Marks a course that a filter leaves out.
const OUT: u32 = u32::MAX;

/// The courses that a scan goes over.
pub(crate) enum Courses {
    /// All of them.
    All,
    /// All, but only these may be ranked.
    Masked(Bits),
    /// These, and where each course of the catalogue is among them.
    Compacted { courses: Vec<u32>, places: Vec<u32> },
}

impl Courses {
    /// Only these courses; compacted where the needs are many enough to pay for it.
    pub(crate) fn only(allowed: Bits, len: usize, needs: usize) -> Self {
        let courses: Vec<u32> = allowed.ones().map(|course| course as u32).collect();
        if courses.len() == len {
            return Self::All;
        }
        if needs.saturating_mul(len - courses.len()) < courses.len().saturating_mul(32) {
            return Self::Masked(allowed);
        }
        let mut places = vec![OUT; len];
        for (place, &course) in courses.iter().enumerate() {
            places[course as usize] = place as u32;
        }
        Self::Compacted { courses, places }
    }
}

/// The signals of a batch of needs.
pub(crate) struct Blend<'a> {
    index: &'a CourseIndex,
    known: Prior<'a>,
    queries: &'a [Query],
    courses: &'a Courses,
    /// What each course gets in the prior signal; empty where that tells nothing.
    prior: Vec<f32>,
    sides: Vec<Side<'a>>,
}

/// Postings: courses, ascending, and what each gets.
enum List<'a> {
    Words(&'a [u32], &'a [f32], f32),
    Tags(Vec<(u32, f32)>, f32),
}

/// What one need adds to courses.
struct Side<'a> {
    /// By level and types of the course; empty for nothing.
    class: Vec<f32>,
    prior: f32,
    lists: Vec<List<'a>>,
}

impl<'a> Blend<'a> {
    pub(crate) fn new(
        index: &'a CourseIndex,
        options: &'a RankOptions,
        queries: &'a [Query],
        courses: &'a Courses,
    ) -> Self {
        let traits = &index.traits;
        let known = Prior::new(traits, &index.facets, options);
        let prior = if queries.iter().any(|query| query.weights[4] > 0.0) {
            (0..index.len() as u32).map(|course| known.value(course) as f32).collect()
        } else {
            Vec::new()
        };
        let side = |query: &Query| {
            let [_, lexical, tag, level, prior] = query.weights;
            let mut lists = Vec::with_capacity(query.words.len() + 1);
            if lexical > 0.0 {
                lists.extend(query.words.iter().map(|&(term, share)| {
                    let (courses, saturation) = index.words.postings(term);
                    List::Words(courses, saturation, (lexical * share) as f32)
                }));
            }
            let tagged = query.tag.as_ref().filter(|_| tag > 0.0);
            lists.extend(tagged.map(|wanted| List::Tags(traits.tagged(wanted), tag as f32)));
            let class = if tagged.is_some() || level > 0.0 {
                traits.class_scores(query.weights, tagged, query.level)
            } else {
                Vec::new()
            };
            Side { class, prior: prior as f32, lists }
        };
        Self { index, known, queries, courses, prior, sides: queries.iter().map(side).collect() }
    }

    /// Numbers that a need adds to its dense part, at most.
    pub(crate) fn terms(query: &Query) -> usize {
        query.words.len() + 4
    }

    /// The course of the catalogue at a place of the scan.
    fn course(&self, place: u32) -> u32 {
        match self.courses {
            Courses::Compacted { courses, .. } => courses.get(place as usize).copied().unwrap_or(OUT),
            _ => place,
        }
    }

    /// What a course gets by itself.
    fn base(&self, side: &Side<'_>, first: usize, out: &mut [f32]) {
        let classes = self.index.traits.class();
        let of = |course: usize, out: &mut f32| {
            let class = classes.get(course).and_then(|&class| side.class.get(usize::from(class)));
            let prior = self.prior.get(course).map_or(0.0, |prior| prior * side.prior);
            *out = class.copied().unwrap_or(0.0) + prior;
        };
        if let Courses::Compacted { courses, .. } = self.courses {
            for (&course, out) in courses.iter().skip(first).zip(out) {
                of(course as usize, out);
            }
        } else if side.class.is_empty() && side.prior == 0.0 {
            out.fill(0.0);
        } else {
            for (course, out) in (first..).zip(out) {
                of(course, out);
            }
        }
    }
}

/// Adds a list's courses below `end` to the chunk.
fn add(list: &List<'_>, cursor: &mut usize, end: u32, mut to: impl FnMut(u32, f32)) {
    match list {
        List::Words(courses, saturation, weight) => {
            let rest = courses.iter().zip(*saturation).skip(*cursor);
            for (&course, saturation) in rest.take_while(|(course, _)| **course < end) {
                to(course, saturation * weight);
                *cursor += 1;
            }
        }
        List::Tags(courses, weight) => {
            for &(course, value) in courses.iter().skip(*cursor).take_while(|(course, _)| *course < end) {
                to(course, value * weight);
                *cursor += 1;
            }
        }
    }
}

impl Scorer for Blend<'_> {
    type Cursor = Vec<usize>;
    type Detail = [f64; 5];

    fn cursor(&self, need: usize, from: usize) -> Vec<usize> {
        let course = self.course(from as u32);
        let start = |list: &List<'_>| match list {
            List::Words(courses, ..) => courses.partition_point(|&c| c < course),
            List::Tags(courses, _) => courses.partition_point(|&(c, _)| c < course),
        };
        self.sides[need].lists.iter().map(start).collect()
    }

    fn bare(&self) -> bool {
        !matches!(self.courses, Courses::Masked(_))
            && self
                .sides
                .iter()
                .all(|side| side.class.is_empty() && side.prior == 0.0 && side.lists.is_empty())
    }

    fn fill(&self, need: usize, cursor: &mut Vec<usize>, first: usize, out: &mut [f32]) {
        let side = &self.sides[need];
        self.base(side, first, out);
        let start = first as u32;
        for (list, cursor) in side.lists.iter().zip(cursor) {
            if let Courses::Compacted { courses, places } = self.courses {
                let last = courses.len().min(first + out.len()).saturating_sub(1);
                let end = courses.get(last).map_or(0, |&course| course + 1);
                add(list, cursor, end, |course, value| {
                    let place = places.get(course as usize).copied().unwrap_or(OUT);
                    if let Some(out) = out.get_mut(place.wrapping_sub(start) as usize) {
                        *out += value;
                    }
                });
            } else {
                add(list, cursor, start + out.len() as u32, |course, value| {
                    if let Some(out) = out.get_mut(course.wrapping_sub(start) as usize) {
                        *out += value;
                    }
                });
            }
        }
        if let Courses::Masked(allowed) = self.courses {
            for (course, out) in (first..).zip(out) {
                if !allowed.has(course) {
                    *out = f32::NEG_INFINITY;
                }
            }
        }
    }

    fn exact(&self, need: usize, course: u32) -> (f64, [f64; 5]) {
        self.queries[need].score(self.index, &self.known, self.course(course))
    }

    fn order(&self, course: u32) -> u32 {
        self.index.order_of(self.course(course))
    }
}
