//! What a step trains on: drawn from the seed and the step's number alone.

use crate::{
    embed::{EncoderManifest, Script, TextKind, Tokens, sha256, text::normalise},
    rng::Rng,
    tune::{TuneError, config::Batch, data::Set},
};

/// Sets with at most this many passages are seen whole in each step.
const WHOLE: usize = 96;

/// A text as the encoder takes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    /// Its tokens.
    pub(crate) ids: &'a [u32],
    /// What its mean vector is known by.
    pub(crate) kind: TextKind,
    pub(crate) script: Script,
}

/// A text cut into windows.
struct Cut {
    windows: Vec<Vec<u32>>,
    kind: TextKind,
    script: Script,
}

impl Cut {
    /// One of the windows.
    fn pick(&self, rng: &mut Rng) -> Option<Piece<'_>> {
        let ids = self.windows.get(rng.below(self.windows.len()))?;
        Some(Piece { ids, kind: self.kind, script: self.script })
    }
}

/// A set whose texts are tokens.
pub(crate) struct Prepared {
    /// The texts.
    pub(crate) set: Set,
    queries: Vec<Cut>,
    passages: Vec<Cut>,
    /// For each query, passages that are near it and not right.
    pub(crate) hard: Vec<Vec<usize>>,
}

/// One step's texts.
pub(crate) struct Draw<'a> {
    /// The set.
    pub(crate) set: &'a str,
    /// Queries, then passages.
    pub(crate) texts: Vec<Piece<'a>>,
    /// How many of the texts are queries.
    pub(crate) queries: usize,
    /// For each query, places of its right passages among the passages.
    pub(crate) gold: Vec<Vec<usize>>,
}

impl Prepared {
    /// Cuts a set's texts into tokens.
    ///
    /// # Errors
    ///
    /// What the tokenizer reports.
    pub(crate) fn new(set: Set, tokens: &Tokens, manifest: &EncoderManifest) -> Result<Self, TuneError> {
        let cut = |texts: &[String], kind: TextKind| -> Result<Vec<Cut>, TuneError> {
            let prefix = manifest.prefix(kind);
            let one = |text: &String| -> Result<Cut, TuneError> {
                // A text with nothing to learn from is never drawn.
                let text = normalise(text).unwrap_or_default();
                let windows = if text.is_empty() { Vec::new() } else { tokens.windows(prefix, &text)? };
                Ok(Cut { windows, kind, script: Script::of(&text) })
            };
            texts.iter().map(one).collect()
        };
        let (queries, passages) =
            (cut(&set.queries, TextKind::Query)?, cut(&set.passages, TextKind::Passage)?);
        let hard = vec![Vec::new(); set.queries.len()];
        Ok(Self { set, queries, passages, hard })
    }

    /// What decides what is drawn, as a hash.
    pub(crate) fn identity(&self) -> String {
        let mut text = String::new();
        for (query, gold) in self.set.queries.iter().zip(&self.set.gold) {
            text.push_str(query);
            gold.iter().filter_map(|&place| self.set.passages.get(place)).for_each(|p| text.push_str(p));
        }
        sha256(text.as_bytes())
    }

    /// How often the set is drawn, against others.
    fn share(&self) -> f64 {
        self.set.weight * (self.set.train.len() as f64).sqrt()
    }

    fn draw(&self, batch: &Batch, rng: &mut Rng) -> Draw<'_> {
        let mut room = batch.tokens;
        let mut places: Vec<usize> = Vec::new();
        let mut queries: Vec<(usize, Piece<'_>)> = Vec::new();
        let mut passages: Vec<Piece<'_>> = Vec::new();
        let mut add = |place: usize, room: &mut usize, rng: &mut Rng, places: &mut Vec<usize>| {
            if !places.contains(&place)
                && let Some(piece) = self.passages.get(place).and_then(|cut| cut.pick(rng))
            {
                *room = room.saturating_sub(piece.ids.len());
                places.push(place);
                passages.push(piece);
            }
        };
        if self.passages.len() <= WHOLE {
            (0..self.passages.len()).for_each(|place| add(place, &mut room, rng, &mut places));
        }
        for at in rng.sample(self.set.train.len(), batch.queries) {
            let Some(&query) = self.set.train.get(at) else { continue };
            let Some(piece) = self.queries.get(query).and_then(|cut| cut.pick(rng)) else { continue };
            let text = self.set.queries.get(query).map_or("", String::as_str);
            let right: Vec<usize> = self.set.gold[query]
                .iter()
                .copied()
                .filter(|&place| self.set.passages.get(place).is_some_and(|p| p != text))
                .collect();
            let Some(&chosen) = right.get(rng.below(right.len())) else { continue };
            room = room.saturating_sub(piece.ids.len());
            queries.push((query, piece));
            add(chosen, &mut room, rng, &mut places);
            let hard = self.hard.get(query).map(Vec::as_slice).unwrap_or_default();
            for pick in rng.sample(hard.len(), batch.hard) {
                add(hard[pick], &mut room, rng, &mut places);
            }
            if room == 0 {
                break;
            }
        }
        let gold = queries
            .iter()
            .map(|(query, _)| {
                (0..places.len()).filter(|&i| self.set.gold[*query].contains(&places[i])).collect()
            })
            .collect();
        let count = queries.len();
        let texts = queries.into_iter().map(|(_, piece)| piece).chain(passages).collect();
        Draw { set: &self.set.name, texts, queries: count, gold }
    }
}

/// The texts of step `step`.
pub(crate) fn draw<'a>(sets: &'a [Prepared], batch: &Batch, seed: u64, step: usize) -> Option<Draw<'a>> {
    let mut rng = Rng::new(&[seed, 0xBA7C, step as u64]);
    let total: f64 = sets.iter().map(Prepared::share).sum();
    let mut at = rng.unit() * total;
    let chosen = sets.iter().find(|set| {
        at -= set.share();
        at < 0.0
    });
    chosen.or(sets.last()).map(|set| set.draw(batch, &mut rng))
}
