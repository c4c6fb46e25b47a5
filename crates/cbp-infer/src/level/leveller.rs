//! From duties to a level on a scale.

use std::sync::Arc;

use cbp_core::{Group, Level, ProficiencyScale};
use ndarray::{Array2, ArrayView1};

use super::{
    LevelError, LevelParameters,
    features::{self, Reading},
    rationale::rationale,
};
use crate::embed::{Embedder, TextKind, text};

/// How levels are inferred. Checked once, by [`Leveller::new`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LevelOptions {
    /// How much the texts of the levels say against the duty's own words, 0 to 1.
    pub level_texts: f64,
    /// How much the post's group says, 0 to 0.2: it leans, it does not decide.
    pub group: f64,
    /// The learned numbers; `None` for those that ship.
    pub parameters: Option<LevelParameters>,
}

impl Default for LevelOptions {
    fn default() -> Self {
        Self { level_texts: 0.2, group: 0.08, parameters: None }
    }
}

/// One question: how well must a post that does these duties master what its level texts describe?
#[derive(Debug, Clone)]
pub struct LevelQuery<'a> {
    /// The duties that ask for it.
    pub duties: Vec<&'a str>,
    /// What it looks like at each level, the lowest first; used where there is one for each level of the scale.
    pub level_texts: &'a [String],
    /// The scale of the answer.
    pub scale: &'a ProficiencyScale,
    /// Service group of the post, where known.
    pub group: Option<Group>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct LevelEstimate {
    /// Place on the scale, 1 to its number of levels.
    pub position: f64,
    /// The level nearest to it.
    pub level: Level,
    /// Calibrated probability that it is this level, 0 to 1.
    pub confidence: f64,
    /// Why, in one line that quotes the duty.
    pub rationale: String,
    /// The duty that is quoted: place in [`LevelQuery::duties`].
    pub duty: usize,
}

/// Infers levels. Open one, share it: it is `Send + Sync`.
#[derive(Debug)]
pub struct Leveller {
    embedder: Arc<Embedder>,
    options: LevelOptions,
    parameters: LevelParameters,
}

/// Mastery of a duty, as far as the duty itself says.
struct Judged {
    mastery: f64,
    reading: Reading,
}

impl Leveller {
    /// A leveller over an embedding model.
    ///
    /// # Errors
    /// [`LevelError::Option`] where an option is out of its range.
    pub fn new(embedder: Arc<Embedder>, options: LevelOptions) -> Result<Self, LevelError> {
        let within = |option, value: f64, top: f64, expected| {
            if (0.0..=top).contains(&value) {
                Ok(())
            } else {
                Err(LevelError::Option { option, value, expected })
            }
        };
        within("level_texts", options.level_texts, 1.0, "between 0 and 1")?;
        within("group", options.group, 0.2, "between 0 and 0.2")?;
        let parameters = options.parameters.clone().unwrap_or_else(LevelParameters::shipped);
        Ok(Self { embedder, options, parameters })
    }

    /// The level of each query, in order. The same query gives the same answer alone or among others.
    ///
    /// Where several duties ask for the competency, the more demanding ones weigh more: a post must be able to do
    /// its hardest duty, but one odd reading must not decide.
    ///
    /// # Errors
    /// [`LevelError::NoLevels`] and [`LevelError::NoDuty`] name the first query that cannot be answered.
    pub fn levels(&self, queries: &[LevelQuery<'_>]) -> Result<Vec<LevelEstimate>, LevelError> {
        for (query, q) in queries.iter().enumerate() {
            if q.scale.levels.is_empty() {
                return Err(LevelError::NoLevels { query, scale: q.scale.id.clone() });
            }
            if !q.duties.iter().any(|d| readable(d)) {
                return Err(LevelError::NoDuty { query });
            }
        }
        let duties: Vec<&str> = queries.iter().flat_map(|q| q.duties.iter().copied()).collect();
        let texts: Vec<&str> =
            queries.iter().flat_map(|q| usable_texts(q).iter().map(String::as_str)).collect();
        // Duties as questions, as everywhere else: one cache entry serves all.
        let by_texts = self.options.level_texts > 0.0 && !texts.is_empty();
        let duty_vectors = if by_texts || self.parameters.fits(&self.embedder) {
            self.vectors(&duties, TextKind::Query)?
        } else {
            vec![None; duties.len()]
        };
        let text_vectors = if by_texts { self.vectors(&texts, TextKind::Passage)? } else { Vec::new() };
        let (mut duty_at, mut text_at) = (0, 0);
        let mut out = Vec::with_capacity(queries.len());
        for q in queries {
            let of_duties = duty_vectors.get(duty_at..duty_at + q.duties.len()).unwrap_or_default();
            let of_texts = text_vectors.get(text_at..text_at + usable_texts(q).len()).unwrap_or_default();
            duty_at += q.duties.len();
            text_at += of_texts.len();
            out.push(self.estimate(q, of_duties, of_texts));
        }
        Ok(out)
    }

    /// One vector a text; `None` for texts that the embedder would refuse.
    fn vectors(&self, texts: &[&str], kind: TextKind) -> Result<Vec<Option<Vec<f32>>>, LevelError> {
        let good: Vec<&str> = texts.iter().copied().filter(|t| readable(t)).collect();
        let rows: Array2<f32> = if good.is_empty() {
            Array2::zeros((0, self.embedder.dims()))
        } else {
            self.embedder.embed(&good, kind)?
        };
        let mut rows = rows.outer_iter();
        let row = |r: ArrayView1<'_, f32>| r.to_vec();
        Ok(texts.iter().map(|t| if readable(t) { rows.next().map(row) } else { None }).collect())
    }

    fn estimate(
        &self,
        q: &LevelQuery<'_>,
        duties: &[Option<Vec<f32>>],
        texts: &[Option<Vec<f32>>],
    ) -> LevelEstimate {
        let top = q.scale.levels.len();
        let levels = top as f64;
        let mut best = (0, f64::MIN);
        let mut judged: Vec<(usize, Judged)> = Vec::new();
        for (at, (duty, vector)) in q.duties.iter().zip(duties).enumerate() {
            if !readable(duty) {
                continue;
            }
            let reading = features::read(duty);
            let own = match vector {
                Some(v) if self.parameters.fits(&self.embedder) => self.parameters.by_both(&reading, v),
                _ => self.parameters.by_words(&reading),
            };
            let by_texts = vector.as_ref().and_then(|v| nearest(v, texts));
            let w = self.options.level_texts;
            let mastery = by_texts.map_or(own, |t| (1.0 - w) * own + w * t).clamp(0.0, 1.0);
            if mastery > best.1 {
                best = (at, mastery);
            }
            judged.push((at, Judged { mastery, reading }));
        }
        let mut mastery = demanding(judged.iter().map(|(_, j)| j.mastery));
        if let Some(group) = q.group {
            mastery += self.options.group * (prior(group) - mastery);
        }
        // Each level has an equal part of the axis; a position is the middle of its level at a whole number.
        let position = (0.5 + levels * mastery.clamp(0.0, 1.0)).clamp(1.0, levels);
        let level = q.scale.at(position).unwrap_or_default();
        let duty = best.0;
        let rationale = judged.iter().find(|(at, _)| *at == duty).map_or_else(String::new, |(_, j)| {
            rationale(q.duties.get(duty).copied().unwrap_or_default(), &j.reading, &level.name)
        });
        let confidence = chance(position, f64::from(level.rank), top, self.parameters.error * levels);
        LevelEstimate { position, level, confidence, rationale, duty }
    }
}

/// True where a text has a word and is fit for the embedder.
fn readable(duty: &str) -> bool {
    duty.chars().any(char::is_alphanumeric) && text::normalise(duty).is_ok_and(|t| !t.is_empty())
}

/// Level texts that can be compared: one for each level, none empty.
fn usable_texts<'a>(q: &LevelQuery<'a>) -> &'a [String] {
    let whole = q.level_texts.len() == q.scale.levels.len() && q.level_texts.iter().all(|t| readable(t));
    if whole && q.level_texts.len() > 1 { q.level_texts } else { &[] }
}

/// Where a duty stands among the level texts, 0 to 1: the mean of the levels, the more similar the heavier.
fn nearest(duty: &[f32], texts: &[Option<Vec<f32>>]) -> Option<f64> {
    let similar: Option<Vec<f64>> = texts
        .iter()
        .map(|t| Some(t.as_ref()?.iter().zip(duty).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()))
        .collect();
    let similar = similar.filter(|s| s.len() > 1)?;
    let highest = similar.iter().copied().fold(f64::MIN, f64::max);
    let weights: Vec<f64> = similar.iter().map(|s| (12.0 * (s - highest)).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let levels = similar.len() as f64;
    Some(weights.iter().enumerate().map(|(i, w)| w * (i as f64 + 0.5) / levels).sum::<f64>() / sum)
}

/// Mastery that several duties ask for together: a mean in which the demanding ones weigh more.
fn demanding(masteries: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for m in masteries {
        let weight = (4.0 * m).exp();
        sum += weight * m;
        weights += weight;
    }
    if weights > 0.0 { sum / weights } else { 0.0 }
}

/// Where the posts of a group mostly stand.
const fn prior(group: Group) -> f64 {
    match group {
        Group::A => 0.75,
        Group::B => 0.5,
        Group::Contractual => 0.35,
        Group::C => 0.25,
        Group::D => 0.05,
    }
}

/// Probability that the level is `rank`, where the true position is normal around `position`.
fn chance(position: f64, rank: f64, top: usize, error: f64) -> f64 {
    if top < 2 || error <= 0.0 {
        return 1.0;
    }
    let below = if rank <= 1.0 { 0.0 } else { normal((rank - 0.5 - position) / error) };
    let above = if rank >= top as f64 { 1.0 } else { normal((rank + 0.5 - position) / error) };
    (above - below).clamp(0.0, 1.0)
}

/// The standard normal distribution, by the logistic curve that is within .01 of it.
fn normal(z: f64) -> f64 {
    1.0 / (1.0 + (-1.702 * z).exp())
}
