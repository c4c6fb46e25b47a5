//! One score, by the definition: what everything faster is held to, and what explains a result.

use super::options;
use cbp_core::ScorePart;

use super::{index::CourseIndex, options::RankOptions, tags::TagQuery};

/// A need made ready: its signals' weights, and what each signal looks up.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) weights: [f64; 5],
    pub(crate) vector: Vec<f32>,
    pub(crate) words: Vec<(u32, f64)>,
    pub(crate) tag: Option<TagQuery>,
    pub(crate) level: Option<f64>,
}

/// The dot product in double precision: exact products, eight running sums, always in the same order.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = [0.0_f64; 8];
    let (a, b) = (a.chunks(8), b.chunks(8));
    for (a, b) in a.zip(b) {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += f64::from(a) * f64::from(b);
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}

impl Query {
    /// The signals of a course, each from 0 to 1.
    pub(crate) fn values(&self, index: &CourseIndex, options: &RankOptions, course: u32) -> [f64; 5] {
        let [dense, lexical, tag, level, prior] = self.weights;
        let value = |weight: f64, of: &dyn Fn() -> f64| if weight > 0.0 { of() } else { 0.0 };
        [
            value(dense, &|| dot(&self.vector, index.vector(course)).clamp(0.0, 1.0)),
            value(lexical, &|| index.words.value(&self.words, course)),
            value(tag, &|| self.tag.as_ref().map_or(0.0, |tag| index.traits.tag(tag, course))),
            value(level, &|| self.level.map_or(0.0, |level| index.traits.level(level, course))),
            value(prior, &|| index.traits.prior(options, &index.facets, course)),
        ]
    }

    /// The score of a course, and its parts, which add up to it.
    pub(crate) fn score(
        &self,
        index: &CourseIndex,
        options: &RankOptions,
        course: u32,
    ) -> (f64, Vec<ScorePart>) {
        options::parts(self.weights, self.values(index, options, course))
    }
}
