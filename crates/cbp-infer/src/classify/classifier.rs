//! Texts to the entries of a taxonomy.

use std::sync::Arc;

use cbp_core::{Competency, CompetencyModel};
use ndarray::{Array2, ArrayView1, Axis, s};

use super::centre::Centre;
use super::segments::segments;
use super::{ClassifyError, ClassifyOptions};
use crate::embed::{Embedder, TextKind};
use crate::lexical::{Bm25, Bm25Options};

/// A long text's parts that count for an entry: the mean of so many best ones.
const BEST_PARTS: usize = 3;
/// Entries whose mean score the margin of a confidence is measured from.
const RIVALS: usize = 10;
/// Parts that are compared at a time: bounds the memory of large batches.
const BLOCK: usize = 512;

/// An entry that a text asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// Place of the entry in the taxonomy.
    pub entry: usize,
    /// Blend of the signals, 0 to 1.
    pub score: f64,
    /// Calibrated probability that the entry is right, 0 to 1.
    pub confidence: f64,
}

/// Views of one sort over all entries: each row belongs to an entry, and an entry's best row counts.
#[derive(Debug)]
struct Views {
    vectors: Array2<f32>,
    entry: Vec<usize>,
}

/// A taxonomy made ready: immutable, to be shared between threads.
#[derive(Debug)]
pub struct Classifier {
    embedder: Arc<Embedder>,
    options: ClassifyOptions,
    entries: usize,
    /// How far vectors are centred.
    share: f64,
    centre: Centre,
    descriptions: Views,
    names: Views,
    words: Bm25,
}

/// Name with description, and each level text.
fn descriptions(entry: &Competency) -> Vec<String> {
    let whole = if entry.description.trim().is_empty() {
        entry.sub_theme.clone()
    } else {
        format!("{}. {}", entry.sub_theme, entry.description)
    };
    std::iter::once(whole).chain(entry.levels.iter().filter(|l| !l.trim().is_empty()).cloned()).collect()
}

/// Name, other spellings and the Hindi name.
fn names(entry: &Competency) -> Vec<String> {
    let others = entry.aliases.iter().chain(&entry.sub_theme_hi).filter(|a| !a.trim().is_empty());
    std::iter::once(&entry.sub_theme).chain(others).cloned().collect()
}

impl Classifier {
    /// Embeds and indexes a taxonomy.
    ///
    /// # Errors
    /// A taxonomy without entries, an entry without a name, weights that make no sense.
    pub fn new(
        embedder: Arc<Embedder>,
        model: &CompetencyModel,
        options: ClassifyOptions,
    ) -> Result<Self, ClassifyError> {
        let options = options.checked()?;
        if model.competencies.is_empty() {
            return Err(ClassifyError::NoEntry);
        }
        if let Some(nameless) = model.competencies.iter().find(|c| c.sub_theme.trim().is_empty()) {
            return Err(ClassifyError::NoName { id: nameless.id.clone() });
        }
        let views = |of: fn(&Competency) -> Vec<String>| -> Result<Views, ClassifyError> {
            let mut texts = Vec::new();
            let mut entry = Vec::new();
            for (place, competency) in model.competencies.iter().enumerate() {
                for text in of(competency) {
                    texts.push(text);
                    entry.push(place);
                }
            }
            Ok(Views { vectors: embedder.embed(&texts, TextKind::Passage)?, entry })
        };
        let (mut descriptions, mut names) = (views(descriptions)?, views(names)?);
        // An only entry is not centred: the mean would be itself.
        let share = if model.competencies.len() > 1 { options.centring } else { 0.0 };
        let centre = Centre::of(&descriptions.vectors, share);
        centre.apply(&mut descriptions.vectors);
        Centre::of(&names.vectors, share).apply(&mut names.vectors);
        let fields: Vec<Vec<(&str, f32)>> = model
            .competencies
            .iter()
            .map(|c| {
                let other = c.aliases.iter().chain(&c.sub_theme_hi).map(|text| (text.as_str(), 1.0));
                let texts = std::iter::once(&c.description).chain(&c.levels).map(|text| (text.as_str(), 1.0));
                std::iter::once((c.sub_theme.as_str(), 2.0)).chain(other).chain(texts).collect()
            })
            .collect();
        let words = Bm25::with_fields(&fields, Bm25Options::default())?;
        Ok(Self {
            embedder,
            options,
            entries: model.competencies.len(),
            share,
            centre,
            descriptions,
            names,
            words,
        })
    }

    /// The `top` entries for each text, the best first, ties by the taxonomy's order. A text without words has none.
    ///
    /// The texts of one call are one collection: what they have in common is taken off each before it is compared, so
    /// a text's scores depend on its company (little where it has none, and never on the order).
    ///
    /// # Errors
    /// A text that cannot be embedded, by its place.
    pub fn classify(&self, texts: &[&str], top: usize) -> Result<Vec<Vec<Match>>, ClassifyError> {
        let mut parts: Vec<&str> = Vec::new();
        let mut ends = Vec::with_capacity(texts.len());
        for text in texts {
            parts.extend(segments(text));
            ends.push(parts.len());
        }
        let mut vectors = self.embedder.embed(&parts, TextKind::Query)?;
        self.centre.shared(&vectors, self.share).apply(&mut vectors);
        let mut found = Vec::with_capacity(texts.len());
        let mut start = 0;
        let mut from = 0;
        while from < texts.len() {
            // As many texts as fit into a block, one at least.
            let mut to = from + 1;
            while to < texts.len() && ends[to] - start <= BLOCK {
                to += 1;
            }
            let block = vectors.slice(s![start..ends[to - 1], ..]);
            let about = best_views(
                &block.dot(&self.descriptions.vectors.t()),
                &self.descriptions.entry,
                self.entries,
            );
            let named = best_views(&block.dot(&self.names.vectors.t()), &self.names.entry, self.entries);
            let mut first = 0;
            for (text, end) in texts.iter().zip(&ends).take(to).skip(from) {
                let rows = first..(end - start);
                let pooled = |m: &Array2<f32>| pooled(m, rows.clone());
                found.push(self.best(text, &pooled(&about), &pooled(&named), top));
                first = end - start;
            }
            start = ends[to - 1];
            from = to;
        }
        Ok(found)
    }

    fn best(&self, text: &str, about: &[f64], named: &[f64], top: usize) -> Vec<Match> {
        if about.is_empty() {
            return Vec::new();
        }
        let mut words = vec![0.0; self.entries];
        let ceiling = f64::from(self.words.ceiling(text)).max(f64::MIN_POSITIVE);
        for (entry, score) in self.words.score(text) {
            if let Some(place) = words.get_mut(entry as usize) {
                *place = (f64::from(score) / ceiling).clamp(0.0, 1.0);
            }
        }
        let ClassifyOptions { description, name, words: weight, .. } = self.options;
        let mut all: Vec<(usize, f64)> = about
            .iter()
            .zip(named)
            .zip(&words)
            .map(|((about, named), words)| description * about + name * named + weight * words)
            .enumerate()
            .collect();
        let order = |a: &(usize, f64), b: &(usize, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        let kept = top.max(RIVALS);
        if all.len() > kept {
            all.select_nth_unstable_by(kept, order);
            all.truncate(kept);
        }
        all.sort_by(order);
        let rivals = all.len().min(RIVALS);
        let mean = all.iter().take(rivals).map(|(_, score)| score).sum::<f64>() / rivals.max(1) as f64;
        let matched = |(entry, score): (usize, f64)| Match {
            entry,
            score,
            confidence: self.options.calibration.confidence(score, score - mean),
        };
        all.into_iter().take(top).map(matched).collect()
    }
}

/// For each row, the best view of each entry.
fn best_views(scores: &Array2<f32>, entry: &[usize], entries: usize) -> Array2<f32> {
    let mut best = Array2::from_elem((scores.nrows(), entries), -1.0_f32);
    for (row, mut out) in scores.axis_iter(Axis(0)).zip(best.axis_iter_mut(Axis(0))) {
        for (&score, &place) in row.iter().zip(entry) {
            if let Some(best) = out.get_mut(place) {
                *best = best.max(score);
            }
        }
    }
    best
}

/// For each entry, the mean of the best of a text's parts, not below 0; nothing for a text without parts.
fn pooled(scores: &Array2<f32>, rows: std::ops::Range<usize>) -> Vec<f64> {
    if rows.is_empty() {
        return Vec::new();
    }
    let pool = |column: ArrayView1<'_, f32>| {
        let mut best: Vec<f32> = column.to_vec();
        best.sort_unstable_by(|a, b| b.total_cmp(a));
        best.truncate(BEST_PARTS);
        (best.iter().map(|&x| f64::from(x)).sum::<f64>() / best.len().max(1) as f64).max(0.0)
    };
    scores.slice(s![rows, ..]).axis_iter(Axis(1)).map(pool).collect()
}
