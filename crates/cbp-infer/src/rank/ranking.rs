//! Needs to rankings: what an index answers.

use cbp_core::ScorePart;
use ndarray::Array2;
use rayon::prelude::*;

use super::{
    CourseIndex, Filter, Need, RankError, RankOptions,
    blend::{Blend, Courses},
    index::{fault, unit},
    options,
    scan::{self, Hit},
    score::Query,
    tags::{Prior, TagQuery},
};
use crate::{arch::Isa, embed::TextKind};

/// A course in a ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// Place of the course in the catalogue.
    pub course: u32,
    /// From 0 to 1: the sum of the parts' contributions.
    pub score: f64,
    /// The signals that were known for the need. Their weights add up to 1.
    pub parts: Vec<ScorePart>,
}

impl Ranked {
    pub(super) fn new(query: &Query, hit: Hit<[f64; 5]>) -> Self {
        Self { course: hit.course, score: hit.score, parts: options::parts(query.weights, hit.detail) }
    }
}

/// Makes of each hit what the caller wants to know of it.
pub(super) fn each<T>(
    queries: &[Query],
    hits: Vec<Vec<Hit<[f64; 5]>>>,
    of: impl Fn(&Query, Hit<[f64; 5]>) -> T,
) -> Vec<Vec<T>> {
    let each =
        |(query, hits): (&Query, Vec<Hit<[f64; 5]>>)| hits.into_iter().map(|hit| of(query, hit)).collect();
    queries.iter().zip(hits).map(each).collect()
}

impl CourseIndex {
    /// The best `k` courses for each need, best first, ties by course id; fewer where the filter leaves fewer.
    ///
    /// # Errors
    ///
    /// A need without words, with a level outside 0 to 1, or that the embedder refuses.
    pub fn rank(
        &self,
        needs: &[Need],
        k: usize,
        filter: &Filter,
        options: &RankOptions,
    ) -> Result<Vec<Vec<Ranked>>, RankError> {
        let vectors = self.embed(needs)?;
        self.rank_vectors(needs, &vectors, k, filter, options)
    }

    pub(crate) fn embed(&self, needs: &[Need]) -> Result<Array2<f32>, RankError> {
        let embedder = self.embedder.as_ref().ok_or(RankError::NoEmbedder)?;
        let texts: Vec<&str> = needs.iter().map(|need| need.text.as_str()).collect();
        Ok(embedder.embed(&texts, TextKind::Query)?)
    }

    /// [`CourseIndex::rank`] with vectors of the needs made elsewhere, one row each, by the model of the index.
    ///
    /// # Errors
    ///
    /// As [`CourseIndex::rank`]; and a vector of another length, of zeros, or with a number that is not finite.
    pub fn rank_vectors(
        &self,
        needs: &[Need],
        vectors: &Array2<f32>,
        k: usize,
        filter: &Filter,
        options: &RankOptions,
    ) -> Result<Vec<Vec<Ranked>>, RankError> {
        let queries = self.queries(needs, vectors, options)?;
        Ok(each(&queries, self.top(&queries, k, filter, options, Isa::best()), Ranked::new))
    }

    /// [`CourseIndex::rank_vectors`] without the parts of the scores: place of the course in the catalogue and score.
    ///
    /// # Errors
    ///
    /// As [`CourseIndex::rank_vectors`].
    pub fn best_vectors(
        &self,
        needs: &[Need],
        vectors: &Array2<f32>,
        k: usize,
        filter: &Filter,
        options: &RankOptions,
    ) -> Result<Vec<Vec<(u32, f64)>>, RankError> {
        let queries = self.queries(needs, vectors, options)?;
        let hits = self.top(&queries, k, filter, options, Isa::best());
        Ok(each(&queries, hits, |_, hit| (hit.course, hit.score)))
    }

    /// The exact best courses of each query, as places of the catalogue.
    pub(crate) fn top(
        &self,
        queries: &[Query],
        k: usize,
        filter: &Filter,
        options: &RankOptions,
        isa: Isa,
    ) -> Vec<Vec<Hit<[f64; 5]>>> {
        let courses = if filter.is_open() {
            Courses::All
        } else {
            Courses::only(self.facets.allow(filter), self.len(), queries.len())
        };
        let blend = Blend::new(self, options, queries, &courses);
        let Courses::Compacted { courses, .. } = &courses else {
            return scan::top(isa, self.codes(), queries.len(), k, &blend);
        };
        let mut hits = scan::top(isa, &self.codes().compact(courses), queries.len(), k, &blend);
        for hit in hits.iter_mut().flatten() {
            hit.course = courses[hit.course as usize];
        }
        hits
    }

    /// How the score of one course for one need comes about, wherever the course stands in the ranking: the signals, and
    /// what those are made of. The leaves add up to the score, which is that of [`CourseIndex::rank`].
    ///
    /// # Errors
    ///
    /// As [`CourseIndex::rank`]; and a place that the catalogue does not have.
    pub fn explain(&self, need: &Need, course: u32, options: &RankOptions) -> Result<Ranked, RankError> {
        let needs = std::slice::from_ref(need);
        self.explain_vectors(need, &self.embed(needs)?, course, options)
    }

    /// [`CourseIndex::explain`] with a vector of the need made elsewhere: a row, by the model of the index.
    ///
    /// # Errors
    ///
    /// As [`CourseIndex::rank_vectors`]; and a place that the catalogue does not have.
    pub fn explain_vectors(
        &self,
        need: &Need,
        vector: &Array2<f32>,
        course: u32,
        options: &RankOptions,
    ) -> Result<Ranked, RankError> {
        if self.course(course).is_none() {
            let detail = format!("there is no course at place {course}; the catalogue has {}", self.len());
            return Err(RankError::Need { need: 0, detail });
        }
        let queries = self.queries(std::slice::from_ref(need), vector, options)?;
        let explained = queries.first().map(|query| {
            let prior = Prior::new(&self.traits, &self.facets, options);
            let (score, parts) = query.tree(self, &prior, course);
            Ranked { course, score, parts }
        });
        explained.ok_or(RankError::Count { expected: 1, found: 0 })
    }

    pub(crate) fn queries(
        &self,
        needs: &[Need],
        vectors: &Array2<f32>,
        options: &RankOptions,
    ) -> Result<Vec<Query>, RankError> {
        if vectors.nrows() != needs.len() {
            return Err(RankError::Count { expected: needs.len(), found: vectors.nrows() });
        }
        if vectors.ncols() != self.dims() {
            return Err(RankError::Dimensions { expected: self.dims(), found: vectors.ncols() });
        }
        let query = |place: usize| {
            let need = &needs[place];
            if let Some(level) = need.level.filter(|level| !(0.0..=1.0).contains(level)) {
                let detail = format!("level {level} is not from 0 to 1; give its position on the scale");
                return Err(RankError::Need { need: place, detail });
            }
            let vector = vectors.row(place).to_vec();
            if let Some(detail) = fault(&vector) {
                return Err(RankError::NeedVector { need: place, detail });
            }
            let words = self.words.query(&need.text);
            let tagged = need.competency.as_ref().filter(|_| self.traits.has_tags());
            let tag = tagged.map(|wanted| TagQuery::new(wanted, &self.traits));
            let level = need.level.filter(|_| self.traits.has_levels());
            let known =
                [true, !words.is_empty(), tag.is_some(), level.is_some(), self.traits.has_prior(options)];
            Ok(Query { weights: options.gated(known), vector: unit(&vector), words, tag, level })
        };
        (0..needs.len()).into_par_iter().map(query).collect()
    }
}
