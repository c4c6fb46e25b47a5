//! The embedder: what everything else calls.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use ndarray::{Array2, s};

use super::{
    EmbedError, ModelSource, TextKind,
    cache::VectorCache,
    engine::{Engine, Run, Work},
    manifest::{Manifest, Part},
    model::{Model, Opening, manifest_of, normalise, sha256},
    text::{self, Script},
};

/// The longest text that is embedded unless [`Embedder::with_text_limit`] says otherwise, in bytes.
pub const TEXT_LIMIT: usize = 256 << 10;

/// Turns texts into unit vectors whose dot product is their similarity.
///
/// Open one, share it (it is `Send + Sync`), call it from many threads. The same text and kind give the same
/// bytes, alone or in a batch, on any number of threads.
///
/// ```no_run
/// use cbp_infer::embed::{Embedder, ModelSource, TextKind};
///
/// let embedder = Embedder::open(&ModelSource::Shipped)?;
/// let needs = embedder.embed(&["scrutinise tender documents"], TextKind::Query)?;
/// let courses = embedder.embed(&["Public procurement: bids and contracts", "योग का परिचय"], TextKind::Passage)?;
/// let similarity = needs.dot(&courses.t());
/// assert!(similarity[[0, 0]] > similarity[[0, 1]]);
/// # Ok::<(), cbp_infer::embed::EmbedError>(())
/// ```
pub struct Embedder {
    name: String,
    dir: PathBuf,
    engine: Engine,
    parts: Vec<(Part, Model)>,
    dims: usize,
    fingerprint: String,
    limit: usize,
    cache: Option<VectorCache>,
}

/// Vectors that ship beside a model, for the texts that ship with this program.
pub const SHIPPED_VECTORS: &str = "vectors.vec";

impl std::fmt::Debug for Embedder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Embedder")
            .field("name", &self.name)
            .field("dims", &self.dims)
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

impl Embedder {
    /// Opens a model: a bundle, a single encoder, or a plain sentence encoder's directory.
    ///
    /// # Errors
    ///
    /// If there is no model, a file is damaged or of another model, or the architecture is not supported.
    pub fn open(source: &ModelSource) -> Result<Self, EmbedError> {
        Self::open_on(source, Engine::Packed)
    }

    /// [`Embedder::open`] on an engine of choice.
    ///
    /// # Errors
    ///
    /// Also [`EmbedError::Device`] where there is no such device, and [`EmbedError::Unsupported`] where the engine was
    /// not built in or does not run the architecture.
    pub fn open_on(source: &ModelSource, engine: Engine) -> Result<Self, EmbedError> {
        let dir = source.locate()?;
        let (name, parts) = match manifest_of(&dir)? {
            Manifest::Encoder(encoder) => {
                let part = Part {
                    model: ".".into(),
                    weight: 1.0,
                    centre: !encoder.centring.is_empty(),
                    scripts: None,
                };
                (encoder.name, vec![part])
            }
            Manifest::Bundle(bundle) => (bundle.name, bundle.parts),
        };
        let open = |part: Part| {
            let place = if part.model == "." { dir.clone() } else { dir.join(&part.model) };
            Ok((Model::open(&place, Opening { engine, ..Opening::default() })?, part))
        };
        let opened: Result<Vec<_>, EmbedError> = {
            use rayon::prelude::*;
            parts.into_par_iter().map(open).collect()
        };
        let parts: Vec<(Part, Model)> = opened?.into_iter().map(|(model, part)| (part, model)).collect();
        let dims = parts.iter().map(|(_, model)| model.dims()).sum();
        let mut identity = format!("rules {}", text::RULES);
        for (part, model) in &parts {
            let (weight, centre, scripts) = (part.weight, part.centre, &part.scripts);
            // Writing to a string cannot fail.
            let _ = write!(identity, "\n{weight} {centre} {scripts:?} {}", model.identity());
        }
        let fingerprint = sha256(identity.as_bytes()).split_off(32);
        Ok(Self { name, dir, engine, parts, dims, fingerprint, limit: TEXT_LIMIT, cache: None })
    }

    /// Sets the longest text that is embedded, in bytes.
    #[must_use]
    pub const fn with_text_limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Looks vectors up before it computes them, and keeps the new ones.
    ///
    /// # Errors
    ///
    /// [`EmbedError::Io`] and [`EmbedError::ForeignCache`] for a file that cannot be read or is not this model's.
    pub fn with_cache(mut self, mut cache: VectorCache) -> Result<Self, EmbedError> {
        // Vectors that ship were made in single precision.
        let exact = !matches!(self.engine, Engine::Int8 | Engine::Cuda);
        let shipped = exact.then(|| self.dir.join(SHIPPED_VECTORS));
        cache.attach(&self.fingerprint, self.dims, shipped.as_deref())?;
        self.cache = Some(cache);
        Ok(self)
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the model was found.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Length of a vector.
    pub const fn dims(&self) -> usize {
        self.dims
    }

    /// 32 hexadecimal digits that stand for everything that decides a vector. Keep them with stored vectors, and
    /// compare before vectors meet.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Embeds texts; one unit-length row each, in order.
    ///
    /// # Errors
    ///
    /// As [`Embedder::embed_with`].
    pub fn embed<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        kind: TextKind,
    ) -> Result<Array2<f32>, EmbedError> {
        self.embed_with(texts, kind, &Run::default())
    }

    /// [`Embedder::embed`] with a way to stop it, to watch it, and to choose its threads.
    ///
    /// Equal texts (after normalisation) are embedded once. Progress counts windows, for each part of a bundle.
    ///
    /// # Errors
    ///
    /// [`EmbedError::EmptyText`], [`EmbedError::BadText`] and [`EmbedError::TooLong`] name the first text that
    /// cannot be embedded; [`EmbedError::Cancelled`] when the caller stopped it. Nothing is embedded in part.
    pub fn embed_with<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        kind: TextKind,
        run: &Run<'_>,
    ) -> Result<Array2<f32>, EmbedError> {
        let clean = self.clean(texts)?;
        let mut seen: HashMap<&str, usize> = HashMap::with_capacity(clean.len());
        let mut unique: Vec<(&str, Script)> = Vec::new();
        let places: Vec<usize> = clean
            .iter()
            .map(|text| {
                *seen.entry(text).or_insert_with(|| {
                    unique.push((text, Script::of(text)));
                    unique.len() - 1
                })
            })
            .collect();
        let vectors = self.look_up(&unique, kind, run)?;
        if unique.len() == clean.len() {
            return Ok(vectors);
        }
        Ok(vectors.select(ndarray::Axis(0), &places))
    }

    /// What texts cost to embed, cache and repeats aside.
    ///
    /// # Errors
    ///
    /// As [`Embedder::embed_with`] for texts that cannot be embedded.
    pub fn work<T: AsRef<str> + Sync>(&self, texts: &[T], kind: TextKind) -> Result<Work, EmbedError> {
        let clean = self.clean(texts)?;
        let mut total = Work::default();
        for (part, model) in &self.parts {
            let texts: Vec<&str> =
                clean.iter().map(AsRef::as_ref).filter(|t| part.reads(Script::of(t))).collect();
            let work = model.work(&texts, kind)?;
            total.tokens += work.tokens;
            total.multiply_adds += work.multiply_adds;
        }
        Ok(total)
    }

    /// Texts as models see them; the first that cannot be embedded is an error.
    fn clean<'a, T: AsRef<str>>(&self, texts: &'a [T]) -> Result<Vec<Cow<'a, str>>, EmbedError> {
        let one = |(index, text): (usize, &'a T)| {
            let text = text.as_ref();
            if text.len() > self.limit {
                return Err(EmbedError::TooLong { index, bytes: text.len(), limit: self.limit });
            }
            let text = text::normalise(text).map_err(|detail| EmbedError::BadText { index, detail })?;
            if text.is_empty() { Err(EmbedError::EmptyText { index }) } else { Ok(text) }
        };
        texts.iter().enumerate().map(one).collect()
    }

    /// Takes from the cache what it has and computes the rest.
    fn look_up(
        &self,
        texts: &[(&str, Script)],
        kind: TextKind,
        run: &Run<'_>,
    ) -> Result<Array2<f32>, EmbedError> {
        let Some(cache) = &self.cache else { return self.embed_unique(texts, kind, run) };
        let mut out = Array2::zeros((texts.len(), self.dims));
        let mut missing = Vec::new();
        for (place, (text, _)) in texts.iter().enumerate() {
            match cache.get(kind, text) {
                Some(vector) => out.row_mut(place).assign(&ndarray::ArrayView1::from(&vector)),
                None => missing.push(place),
            }
        }
        tracing::info!(texts = texts.len(), known = texts.len() - missing.len(), "vectors from the cache");
        let unknown: Vec<(&str, Script)> = missing.iter().map(|&place| texts[place]).collect();
        let computed = self.embed_unique(&unknown, kind, run)?;
        let mut new = Vec::with_capacity(missing.len());
        for ((place, (text, _)), vector) in missing.into_iter().zip(unknown).zip(computed.outer_iter()) {
            out.row_mut(place).assign(&vector);
            new.push((text, vector.to_vec()));
        }
        cache.put(kind, &new);
        Ok(out)
    }

    fn embed_unique(
        &self,
        texts: &[(&str, Script)],
        kind: TextKind,
        run: &Run<'_>,
    ) -> Result<Array2<f32>, EmbedError> {
        let mut out = Array2::zeros((texts.len(), self.dims));
        let mut from = 0;
        for (part, model) in &self.parts {
            let to = from + model.dims();
            let rows: Vec<usize> = (0..texts.len()).filter(|&i| part.reads(texts[i].1)).collect();
            let readable: Vec<(&str, Script)> = rows.iter().map(|&i| texts[i]).collect();
            let vectors = model.embed(&readable, kind, part.centre, run)?;
            for (&row, vector) in rows.iter().zip(vectors.outer_iter()) {
                out.slice_mut(s![row, from..to]).scaled_add(part.weight as f32, &vector);
            }
            from = to;
        }
        for mut row in out.outer_iter_mut() {
            normalise(&mut row);
        }
        Ok(out)
    }
}
