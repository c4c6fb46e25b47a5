//! Judging a model on the groups that were left out.

use std::collections::BTreeMap;

use crate::{
    embed::{Embedder, TextKind},
    eval::{Metric, RankScores},
    rng::{Rng, hash},
    tune::{TuneError, config::Validation, data::Set},
};

/// A source's left-out queries and the passages they are ranked against.
pub(crate) struct Exam {
    /// The source's name.
    pub(crate) name: String,
    metric: Metric,
    queries: Vec<String>,
    passages: Vec<String>,
    gold: Vec<BTreeMap<usize, f64>>,
}

impl Exam {
    /// Draws an exam from the groups that were left out; none were, none is drawn.
    pub(crate) fn of(set: &Set, validation: &Validation, seed: u64) -> Option<Self> {
        if set.left_out.is_empty() || !set.judge {
            return None;
        }
        let mut rng = Rng::new(&[seed, 0xE8A3, hash(&set.name)]);
        let mut chosen: Vec<usize> =
            rng.sample(set.left_out.len(), validation.queries).iter().map(|&at| set.left_out[at]).collect();
        chosen.sort_unstable();
        let right = chosen.iter().flat_map(|&query| set.gold[query].iter().copied());
        let wrong = rng.sample(set.passages.len(), validation.passages);
        let mut places: Vec<usize> =
            right.chain(wrong).filter(|&place| !set.passages[place].is_empty()).collect();
        places.sort_unstable();
        places.dedup();
        let at: BTreeMap<usize, usize> = places.iter().enumerate().map(|(i, &place)| (place, i)).collect();
        let gains =
            |query: usize| set.gold[query].iter().filter_map(|place| Some((*at.get(place)?, 1.0))).collect();
        Some(Self {
            name: set.name.clone(),
            metric: set.metric,
            gold: chosen.iter().map(|&query| gains(query)).collect(),
            queries: chosen.iter().map(|&query| set.queries[query].clone()).collect(),
            passages: places.iter().map(|&place| set.passages[place].clone()).collect(),
        })
    }

    /// The mean of the metric over the queries.
    ///
    /// # Errors
    ///
    /// What the embedder reports.
    pub(crate) fn score(&self, embedder: &Embedder) -> Result<f64, TuneError> {
        let passages = embedder.embed(&self.passages, TextKind::Passage)?;
        let queries = embedder.embed(&self.queries, TextKind::Query)?;
        let scores = queries.dot(&passages.t());
        let mut total = 0.0;
        for (row, gold) in scores.outer_iter().zip(&self.gold) {
            let mut order: Vec<usize> = (0..row.len()).collect();
            order.sort_by(|a, b| row[*b].total_cmp(&row[*a]).then(a.cmp(b)));
            let s = RankScores::of(&order, gold);
            total += match self.metric {
                Metric::Map => s.ap,
                Metric::Mrr => s.rr,
                Metric::RPrec => s.r_prec,
                Metric::Acc1 => s.acc1,
                _ => s.ndcg10,
            };
        }
        Ok(total / self.queries.len().max(1) as f64)
    }
}
