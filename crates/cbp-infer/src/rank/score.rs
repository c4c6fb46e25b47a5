//! One score, by the definition: what everything faster is held to, and what explains a result.

use cbp_core::ScorePart;

use super::{
    index::CourseIndex,
    options::{self, LEXICAL, PRIOR, TAG},
    tags::{Prior, TagQuery, Traits},
};
use crate::arch::{Isa, dots};

/// A need made ready: its signals' weights, and what each signal looks up.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) weights: [f64; 5],
    /// Of length 1, its numbers those of single precision.
    pub(crate) vector: Vec<f64>,
    pub(crate) words: Vec<(u32, f64)>,
    pub(crate) tag: Option<TagQuery>,
    pub(crate) level: Option<f64>,
}

impl Query {
    /// The dense signal of some courses, from 0 to 1; 0 where it has no weight.
    pub(crate) fn dense<const N: usize>(&self, index: &CourseIndex, courses: [u32; N]) -> [f64; N] {
        if self.weights[0] > 0.0 {
            let vectors = courses.map(|course| index.vector(course));
            dots(Isa::best(), &self.vector, vectors).map(|cosine| cosine.clamp(0.0, 1.0))
        } else {
            [0.0; N]
        }
    }

    /// The signals of a course, each from 0 to 1; 0 where the signal has no weight.
    pub(crate) fn values(&self, index: &CourseIndex, prior: &Prior<'_>, course: u32) -> [f64; 5] {
        let [dense] = self.dense(index, [course]);
        self.values_beside(dense, index, prior, course)
    }

    /// The signals of a course, of which the dense one is known.
    fn values_beside(&self, dense: f64, index: &CourseIndex, prior: &Prior<'_>, course: u32) -> [f64; 5] {
        let [_, lexical, tag, level, known] = self.weights.map(|weight| weight > 0.0);
        let traits: &Traits = &index.traits;
        let mut values = [dense, 0.0, 0.0, 0.0, 0.0];
        if lexical {
            values[1] = index.words.value(&self.words, course);
        }
        if let Some(query) = self.tag.as_ref().filter(|_| tag) {
            values[2] = traits.tag(query, course);
        }
        if let Some(need) = self.level.filter(|_| level) {
            values[3] = traits.level(need, course);
        }
        if known {
            values[4] = prior.value(course);
        }
        values
    }

    /// The score of a course, and its signals with what those are made of.
    pub(crate) fn tree(&self, index: &CourseIndex, prior: &Prior<'_>, course: u32) -> (f64, Vec<ScorePart>) {
        let (score, values) = self.score(index, prior, course);
        let mut parts = options::parts(self.weights, values);
        for part in &mut parts {
            let whole = part.weight;
            let of = |signal: &str, share: f64, value: f64| ScorePart {
                signal: signal.into(),
                value,
                weight: whole * share,
                contribution: whole * share * value,
                parts: Vec::new(),
            };
            part.parts = match part.signal.as_str() {
                LEXICAL => index
                    .words
                    .parts(&self.words, course)
                    .map(|(term, share, saturation)| of(index.words.term(term), share, saturation))
                    .collect(),
                TAG => {
                    Traits::tag_meets(part.value).map(|name| of(name, 1.0, part.value)).into_iter().collect()
                }
                PRIOR => {
                    let known: Vec<(&str, f64)> = prior.parts(course).collect();
                    let share = 1.0 / known.len() as f64;
                    known.into_iter().map(|(name, value)| of(name, share, value)).collect()
                }
                _ => Vec::new(),
            };
        }
        (score, parts)
    }

    /// The score of a course, and the values it is made of.
    pub(crate) fn score(&self, index: &CourseIndex, prior: &Prior<'_>, course: u32) -> (f64, [f64; 5]) {
        let [dense] = self.dense(index, [course]);
        self.score_beside(dense, index, prior, course)
    }

    /// The score of a course whose dense signal is known, and the values it is made of.
    pub(crate) fn score_beside(
        &self,
        dense: f64,
        index: &CourseIndex,
        prior: &Prior<'_>,
        course: u32,
    ) -> (f64, [f64; 5]) {
        let values = self.values_beside(dense, index, prior, course);
        (self.weights.iter().zip(values).map(|(weight, value)| weight * value).sum(), values)
    }
}
