//! Texts to the entries of a taxonomy.

use std::sync::Arc;

use cbp_core::{Competency, CompetencyModel};
use ndarray::{Array1, Array2, s};

use super::calibration::{ranked, standings};
use super::centre::Centre;
use super::learned::Learned;
use super::pool::{best_views, energy, pooled, reach, wholes};
use super::segments::segments;
use super::{Calibration, ClassifyError, ClassifyOptions, Heads};
use crate::embed::{Embedder, TextKind};
use crate::lexical::{Bm25, Bm25Options};

/// Parts that are compared at a time: bounds the memory of large batches.
const BLOCK: usize = 512;

/// An entry that a text asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// Place of the entry in the taxonomy.
    pub entry: usize,
    /// Blend of the signals, 0 to 1, and the shift that was learned for the entry.
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

/// Scores of all entries for texts, before anything learned, and the vectors that heads are linear in.
#[derive(Debug, Clone)]
pub struct Unlearned {
    /// One row a text, one column an entry; a text without words has zeros.
    pub scores: Array2<f32>,
    /// One row a text, centred as for the scores, of length 1.
    pub vectors: Array2<f32>,
    /// How many parts each text was compared in.
    pub parts: Vec<usize>,
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
    /// What each dimension tells of the descriptions.
    energy: Array1<f64>,
    names: Views,
    words: Bm25,
    /// What heads are looked up by: the first description of each entry.
    texts: Vec<String>,
    learned: Option<Learned>,
    calibration: Calibration,
}

/// Name with description.
pub(crate) fn whole(entry: &Competency) -> String {
    if entry.description.trim().is_empty() {
        entry.sub_theme.clone()
    } else {
        format!("{}. {}", entry.sub_theme, entry.description)
    }
}

/// Name with description, and each level text.
fn descriptions(entry: &Competency) -> Vec<String> {
    std::iter::once(whole(entry))
        .chain(entry.levels.iter().filter(|l| !l.trim().is_empty()).cloned())
        .collect()
}

/// Its names, but for empty ones.
fn names(entry: &Competency) -> Vec<String> {
    entry.names().filter(|name| !name.trim().is_empty()).map(str::to_owned).collect()
}

impl Classifier {
    /// Embeds and indexes a taxonomy, with the heads that lie beside the model.
    ///
    /// # Errors
    /// As [`Classifier::untaught`]; damaged heads.
    pub fn new(
        embedder: Arc<Embedder>,
        model: &CompetencyModel,
        options: ClassifyOptions,
    ) -> Result<Self, ClassifyError> {
        let heads = Heads::beside(&embedder)?;
        Ok(Self::untaught(embedder, model, options)?.with_heads(heads.as_ref()))
    }

    /// Embeds and indexes a taxonomy, without heads.
    ///
    /// # Errors
    /// A taxonomy without entries, an entry without a name, weights that make no sense.
    pub fn untaught(
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
            energy: energy(&descriptions.vectors),
            descriptions,
            names,
            words,
            texts: model.competencies.iter().map(whole).collect(),
            learned: None,
            calibration: options.calibration.unwrap_or_default(),
        })
    }

    /// The same taxonomy with other heads, or none.
    #[must_use]
    pub fn with_heads(mut self, heads: Option<&Heads>) -> Self {
        self.learned = heads.and_then(|heads| Learned::of(&self.texts, heads, self.embedder.dims()));
        let fitted = || heads.map_or_else(Calibration::default, |heads| heads.curve(&self.texts));
        self.calibration = self.options.calibration.unwrap_or_else(fitted);
        self
    }

    /// From scores to confidences.
    pub const fn calibration(&self) -> Calibration {
        self.calibration
    }

    /// The text by which an entry's head is known, for each entry.
    pub fn head_texts(&self) -> &[String] {
        &self.texts
    }

    /// What a head is learned from: the scores of texts without any, and the texts' vectors.
    ///
    /// # Errors
    /// As [`Classifier::classify`].
    pub fn unlearned(&self, texts: &[&str]) -> Result<Unlearned, ClassifyError> {
        let mut scores = Array2::zeros((texts.len(), self.entries));
        let mut counts = Vec::with_capacity(texts.len());
        let vectors = self.each(texts, None, |at, parts, of_text| {
            counts.push(parts);
            for (to, score) in scores.row_mut(at).iter_mut().zip(of_text) {
                *to = score as f32;
            }
        })?;
        Ok(Unlearned { scores, vectors, parts: counts })
    }

    /// The `top` entries for each text, the best first, ties by the taxonomy's order. A text without words has none.
    ///
    /// The texts of one call are one collection: what they have in common is taken off each before it is compared, so
    /// a text's scores depend on its company (little where it has none, and never on the order).
    ///
    /// # Errors
    /// A text that cannot be embedded, by its place.
    pub fn classify(&self, texts: &[&str], top: usize) -> Result<Vec<Vec<Match>>, ClassifyError> {
        let mut found = Vec::with_capacity(texts.len());
        self.each(texts, self.learned.as_ref(), |_, parts, scores| {
            found.push(self.best(scores, top, parts));
        })?;
        Ok(found)
    }

    /// Tells for each text in turn its place, its number of parts and the scores of all entries; none for a text without
    /// words. Returns the texts' vectors.
    fn each(
        &self,
        texts: &[&str],
        learned: Option<&Learned>,
        mut tell: impl FnMut(usize, usize, Vec<f64>),
    ) -> Result<Array2<f32>, ClassifyError> {
        let mut parts: Vec<&str> = Vec::new();
        let mut ends = Vec::with_capacity(texts.len());
        for text in texts {
            parts.extend(segments(text));
            ends.push(parts.len());
        }
        let mut vectors = self.embedder.embed(&parts, TextKind::Query)?;
        self.centre.shared(&vectors, self.share).apply(&mut vectors);
        let wholes = wholes(&vectors, &ends);
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
            let shifts = learned.map(|l| (l, l.shifts(&wholes.slice(s![from..to, ..]))));
            let mut first = 0;
            for (at, (text, end)) in texts.iter().zip(&ends).enumerate().take(to).skip(from) {
                let rows = first..(end - start);
                first = end - start;
                if rows.is_empty() {
                    tell(at, 0, Vec::new());
                    continue;
                }
                let parts = rows.len();
                let reach = reach(&wholes.row(at), &self.energy);
                let mut scores =
                    self.blend(text, &pooled(&about, rows.clone()), &pooled(&named, rows), reach);
                if let Some((learned, shifts)) = &shifts {
                    learned.add(shifts.row(at - from), &mut scores);
                }
                tell(at, parts, scores);
            }
            start = ends[to - 1];
            from = to;
        }
        Ok(wholes)
    }

    /// The score of each entry for a text. Likeness is told as a share of the text's reach, so that a text which only one
    /// of two encoders reads is judged by the same measure as others.
    fn blend(&self, text: &str, about: &[f64], named: &[f64], reach: f64) -> Vec<f64> {
        let mut words = vec![0.0; self.entries];
        let ceiling = f64::from(self.words.ceiling(text)).max(f64::MIN_POSITIVE);
        for (entry, score) in self.words.score(text) {
            if let Some(place) = words.get_mut(entry as usize) {
                *place = (f64::from(score) / ceiling).clamp(0.0, 1.0);
            }
        }
        let ClassifyOptions { description, name, words: weight, .. } = self.options;
        let reach = if reach > 0.0 { reach } else { 1.0 };
        let (description, name) = (description / reach, name / reach);
        let signals = about.iter().zip(named).zip(&words);
        signals.map(|((about, named), words)| description * about + name * named + weight * words).collect()
    }

    fn best(&self, scores: Vec<f64>, top: usize, parts: usize) -> Vec<Match> {
        let ranked = ranked(scores, top);
        let matched = |(&(entry, score), standing)| Match {
            entry,
            score,
            confidence: self.calibration.confidence(standing),
        };
        ranked.iter().zip(standings(&ranked, parts)).take(top).map(matched).collect()
    }
}
