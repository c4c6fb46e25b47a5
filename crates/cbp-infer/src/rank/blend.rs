//! The signals beside the dense one, added up chunk by chunk while the scan goes over the courses.

use std::collections::BTreeMap;

use super::{
    CourseIndex, RankOptions,
    codes::NeedCodes,
    filter::Bits,
    scan::Scorer,
    score::Query,
    tags::{Prior, TagQuery, Traits},
};
use crate::arch::{Width, fetch};

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

    /// The places that a scan goes over, of a catalogue of `len` courses.
    fn places(&self, len: usize) -> std::ops::Range<usize> {
        match self {
            Self::Compacted { courses, .. } => 0..courses.len(),
            _ => 0..len,
        }
    }

    /// The course of the catalogue at a place of the scan.
    fn course(&self, place: u32) -> u32 {
        match self {
            Self::Compacted { courses, .. } => courses.get(place as usize).copied().unwrap_or(OUT),
            _ => place,
        }
    }
}

/// The signals of a batch of needs.
pub(crate) struct Blend<'a> {
    index: &'a CourseIndex,
    known: Prior<'a>,
    queries: &'a [Query],
    courses: &'a Courses,
    /// For each course of the scan its level and types, and what it gets in the prior signal; empty where that tells nothing.
    classes: Vec<u16>,
    prior: Vec<f32>,
    sides: Vec<Side<'a>>,
    /// For each need the first one of the batch by which courses get the same by themselves.
    like: Vec<usize>,
}

/// Postings: courses, ascending, and what each gets.
enum List<'a> {
    Words(&'a [u32], &'a [f32], f32),
    Tags(&'a TagQuery, f64),
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
        let side = |query: &'a Query| {
            let [_, lexical, tag, level, prior] = query.weights;
            let mut lists = Vec::with_capacity(query.words.len() + 1);
            if lexical > 0.0 {
                lists.extend(query.words.iter().map(|&(term, share)| {
                    let (courses, saturation) = index.words.postings(term);
                    List::Words(courses, saturation, (lexical * share) as f32)
                }));
            }
            let tagged = query.tag.as_ref().filter(|_| tag > 0.0);
            lists.extend(tagged.map(|wanted| List::Tags(wanted, tag)));
            let class = if tagged.is_some() || level > 0.0 {
                traits.class_scores(query.weights, tagged, query.level)
            } else {
                Vec::new()
            };
            Side { class, prior: prior as f32, lists }
        };
        let sides: Vec<Side<'_>> = queries.iter().map(side).collect();
        let mut firsts = BTreeMap::new();
        let like = |(need, side): (usize, &Side<'_>)| {
            let bits: Vec<u32> = side.class.iter().chain([&side.prior]).map(|x| x.to_bits()).collect();
            *firsts.entry(bits).or_insert(need)
        };
        let like = sides.iter().enumerate().map(like).collect();
        let of_all = |any: bool| if any { courses.places(index.len()) } else { 0..0 };
        let classes = of_all(sides.iter().any(|side| !side.class.is_empty()));
        let prior = of_all(sides.iter().any(|side| side.prior > 0.0));
        let course = |place: usize| courses.course(place as u32);
        let (classes, prior) = (
            classes.map(|place| traits.class(course(place))).collect(),
            prior.map(|place| known.value(course(place)) as f32).collect(),
        );
        Self { index, known, queries, courses, classes, prior, sides, like }
    }

    /// What rounding to single precision may put a need's score off by: each word adds a number and all else four, and 24 are
    /// kept for the dense part and what it is converted from; all of it twice, so that it is never too small.
    pub(crate) fn rounding(query: &Query) -> f64 {
        (query.words.len() + 28) as f64 * 2.0 * f64::from(f32::EPSILON)
    }
}

impl List<'_> {
    /// Number of courses before `course`, of those from `from` on and no more than `limit` of them.
    fn before(&self, course: u32, from: usize, limit: usize) -> usize {
        match self {
            Self::Words(courses, ..) => before(some(courses, from, limit), |&c| c < course),
            Self::Tags(wanted, _) => before(some(wanted.listed(), from, limit), |&(c, _)| c < course),
        }
    }

    /// Gives the `count` courses from `from` on, and what each gets.
    fn each(&self, traits: &Traits, from: usize, count: usize, mut to: impl FnMut(u32, f32)) {
        match self {
            Self::Words(courses, saturation, weight) => {
                for (&course, saturation) in
                    some(courses, from, count).iter().zip(some(saturation, from, count))
                {
                    to(course, saturation * weight);
                }
            }
            Self::Tags(wanted, weight) => {
                for &(course, value) in some(wanted.listed(), from, count) {
                    to(course, ((value - traits.typed(wanted, course)) * weight) as f32);
                }
            }
        }
    }
}

/// Where a sorted list stops being before something. All of it and nothing of it, the usual cases, are seen at once.
fn before<T>(sorted: &[T], is: impl Fn(&T) -> bool) -> usize {
    match sorted {
        [first, .., last] if is(first) && !is(last) => sorted.partition_point(is),
        [.., last] if is(last) => sorted.len(),
        _ => 0,
    }
}

/// At most `count` of the elements from `from` on.
fn some<T>(all: &[T], from: usize, count: usize) -> &[T] {
    let rest = all.get(from..).unwrap_or(&[]);
    rest.get(..count).unwrap_or(rest)
}

impl Scorer for Blend<'_> {
    type Cursor = Vec<usize>;
    type Detail = [f64; 5];

    fn encoded(&self, need: usize, width: Width) -> NeedCodes {
        let query = &self.queries[need];
        NeedCodes::new(&query.vector, query.weights[0], Self::rounding(query), width)
    }

    fn cursor(&self, need: usize, from: usize) -> Vec<usize> {
        let course = self.courses.course(from as u32);
        self.sides[need].lists.iter().map(|list| list.before(course, 0, usize::MAX)).collect()
    }

    fn like(&self, need: usize) -> usize {
        self.like[need]
    }

    fn base(&self, need: usize, first: usize, out: &mut [f32]) {
        let side = &self.sides[need];
        if side.class.is_empty() {
            out.fill(0.0);
        } else {
            for (out, &class) in out.iter_mut().zip(self.classes.iter().skip(first)) {
                *out = side.class.get(usize::from(class)).copied().unwrap_or(0.0);
            }
        }
        if side.prior > 0.0 {
            for (out, prior) in out.iter_mut().zip(self.prior.iter().skip(first)) {
                *out += prior * side.prior;
            }
        }
    }

    fn add(&self, need: usize, cursor: &mut Vec<usize>, first: usize, out: &mut [f32]) {
        let side = &self.sides[need];
        let places = self.courses.places(self.index.len());
        let last = places.end.min(first + out.len()).saturating_sub(1);
        let (start, end) = (self.courses.course(first as u32), self.courses.course(last as u32) + 1);
        for (list, cursor) in side.lists.iter().zip(cursor) {
            let (from, count) = (*cursor, list.before(end, *cursor, (end - start) as usize));
            *cursor += count;
            let traits = &self.index.traits;
            if let Courses::Compacted { places, .. } = self.courses {
                list.each(traits, from, count, |course, value| {
                    let place = places.get(course as usize).copied().unwrap_or(OUT);
                    if let Some(out) = out.get_mut(place.wrapping_sub(first as u32) as usize) {
                        *out += value;
                    }
                });
            } else {
                list.each(traits, from, count, |course, value| {
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

    fn soon(&self, course: u32) {
        fetch(self.index.vector(self.courses.course(course)));
    }

    fn rounding(&self, need: usize) -> f64 {
        Self::rounding(&self.queries[need])
    }

    fn dense<const N: usize>(&self, need: usize, courses: [u32; N]) -> [(f64, f64); N] {
        let query = &self.queries[need];
        let values = query.dense(self.index, courses.map(|course| self.courses.course(course)));
        values.map(|value| (value, query.weights[0] * value))
    }

    fn exact(&self, need: usize, course: u32, dense: f64) -> (f64, [f64; 5]) {
        self.queries[need].score_beside(dense, self.index, &self.known, self.courses.course(course))
    }

    fn order(&self, course: u32) -> u32 {
        self.index.order_of(self.courses.course(course))
    }
}
