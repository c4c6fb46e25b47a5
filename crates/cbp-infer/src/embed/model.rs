//! One encoder with its tokenizer: normalised texts in, unit vectors out.

use std::{collections::BTreeMap, path::Path};

use ndarray::Array2;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{
    EmbedError, TextKind,
    config::Config,
    engine::{Encoder, Engine, Run, Work},
    manifest::{EncoderManifest, Manifest, Pooling, Prefixes},
    packed::PackedBert,
    text::Script,
    tokens::{Tokens, tokenizer_file},
    weights::Weights,
};
use crate::arch::Isa;

/// How an encoder is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opening {
    /// Whether hashes in the manifest are compared with the files.
    pub(crate) trust_files: bool,
    /// What runs it.
    pub(crate) engine: Engine,
}

/// One encoder of a bundle, or a model by itself.
pub(crate) struct Model {
    pub(crate) manifest: EncoderManifest,
    config: Config,
    tokens: Tokens,
    encoder: Box<dyn Encoder>,
}

/// The manifest of a directory, or one made up from the files that sentence encoders come with.
pub(crate) fn manifest_of(dir: &Path) -> Result<Manifest, EmbedError> {
    if dir.join(super::manifest::MANIFEST).exists() {
        return Manifest::read(dir);
    }
    if !dir.join("config.json").exists() {
        return Err(EmbedError::NotAModel { dir: dir.to_owned() });
    }
    let config = Config::read(dir)?;
    let read = |name: &str| -> Option<serde_json::Value> {
        serde_json::from_slice(&std::fs::read(dir.join(name)).ok()?).ok()
    };
    let cls = read("1_Pooling/config.json")
        .and_then(|pooling| pooling.get("pooling_mode_cls_token")?.as_bool())
        .unwrap_or(false);
    let limit = read("sentence_bert_config.json")
        .and_then(|config| usize::try_from(config.get("max_seq_length")?.as_u64()?).ok())
        .unwrap_or(usize::MAX);
    let name = dir.file_name().map_or_else(|| "model".into(), |name| name.to_string_lossy().into_owned());
    Ok(Manifest::Encoder(EncoderManifest {
        name,
        licence: "unknown".into(),
        upstream: Vec::new(),
        made_by: Vec::new(),
        dims: config.hidden_size,
        pooling: if cls { Pooling::Cls } else { Pooling::Mean },
        prefixes: Prefixes::default(),
        max_tokens: limit.clamp(4, config.window()),
        files: BTreeMap::new(),
        centring: BTreeMap::new(),
    }))
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Hashes of the files that decide the vectors of a model in `dir`.
fn hash_files(dir: &Path) -> Result<BTreeMap<String, String>, EmbedError> {
    let tokenizer = tokenizer_file(dir);
    let tokenizer = tokenizer.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    ["config.json".to_owned(), tokenizer, "model.safetensors".to_owned()]
        .into_par_iter()
        .map(|name| Ok((name.clone(), hash_file(&dir.join(name))?)))
        .collect()
}

fn hash_file(path: &Path) -> Result<String, EmbedError> {
    let file = std::fs::File::open(path).map_err(EmbedError::io(path))?;
    Ok(sha256(&crate::arch::map_file(&file).map_err(EmbedError::io(path))?))
}

/// Compares the files that a manifest pins with what is there.
pub(crate) fn check_files(dir: &Path, files: &BTreeMap<String, String>) -> Result<(), EmbedError> {
    files.par_iter().try_for_each(|(name, expected)| {
        let path = dir.join(name);
        let found = hash_file(&path)?;
        if found == *expected {
            return Ok(());
        }
        Err(EmbedError::Hash { path, expected: expected.clone(), found })
    })
}

impl Model {
    /// Opens a model directory.
    pub(crate) fn open(dir: &Path, opening: Opening) -> Result<Self, EmbedError> {
        let Manifest::Encoder(mut manifest) = manifest_of(dir)? else {
            return Err(EmbedError::Manifest {
                path: dir.join(super::manifest::MANIFEST),
                detail: "a bundle cannot be part of a bundle".into(),
            });
        };
        let config = Config::read(dir)?;
        if manifest.dims != config.hidden_size || manifest.max_tokens > config.window() {
            return Err(EmbedError::Manifest {
                path: dir.join(super::manifest::MANIFEST),
                detail: format!(
                    "{} dimensions and windows of {} tokens, but config.json has {} and {}",
                    manifest.dims,
                    manifest.max_tokens,
                    config.hidden_size,
                    config.window()
                ),
            });
        }
        let rows = config.vocab_size;
        // None needs another's result. The tokenizer takes longest and cannot be divided, so it goes first.
        let (tokens, (encoder, checked)) = rayon::join(
            || Tokens::load(&tokenizer_file(dir), rows, manifest.max_tokens),
            || {
                rayon::join(
                    || {
                        let weights = Weights::open(&dir.join("model.safetensors"))?;
                        encoder(weights, config.clone(), manifest.pooling, opening.engine)
                    },
                    || match (opening.trust_files, manifest.files.is_empty()) {
                        (true, _) => Ok(None),
                        (false, false) => check_files(dir, &manifest.files).map(|()| None),
                        // Without a manifest nothing is pinned, but the fingerprint must still tell models apart.
                        (false, true) => hash_files(dir).map(Some),
                    },
                )
            },
        );
        if let Some(files) = checked? {
            manifest.files = files;
        }
        let (tokens, encoder) = (tokens?, encoder?);
        Ok(Self { manifest, config, tokens, encoder })
    }

    /// Length of a vector.
    pub(crate) fn dims(&self) -> usize {
        self.encoder.dims()
    }

    /// What decides the vectors, as text: hashes of files, and how they are used.
    pub(crate) fn identity(&self) -> String {
        let m = &self.manifest;
        format!(
            "{:?} {:?} {:?} {} {:?} {}",
            m.files,
            m.pooling,
            m.prefixes,
            m.max_tokens,
            m.centring,
            self.encoder.engine()
        )
    }

    /// What normalised texts cost.
    pub(crate) fn work(&self, texts: &[&str], kind: TextKind) -> Result<Work, EmbedError> {
        let mut work = Work::default();
        for window in self.windows(texts, kind, &Run::default())?.iter().flatten() {
            work.tokens += window.len();
            work.multiply_adds += self.config.multiply_adds(window.len());
        }
        Ok(work)
    }

    /// The windows of each text.
    fn windows(
        &self,
        texts: &[&str],
        kind: TextKind,
        run: &Run<'_>,
    ) -> Result<Vec<Vec<Vec<u32>>>, EmbedError> {
        let prefix = self.manifest.prefix(kind);
        run.install(|| {
            texts.par_iter().with_min_len(8).map(|text| self.tokens.windows(prefix, text)).collect()
        })
    }

    /// Unit vectors of normalised texts, each with its script.
    ///
    /// A long text's vector is the mean of its windows' vectors, weighted by their tokens, before centring.
    pub(crate) fn embed(
        &self,
        texts: &[(&str, Script)],
        kind: TextKind,
        centre: bool,
        run: &Run<'_>,
    ) -> Result<Array2<f32>, EmbedError> {
        let plain: Vec<&str> = texts.iter().map(|(text, _)| *text).collect();
        let cut = self.windows(&plain, kind, run)?;
        let windows: Vec<&[u32]> = cut.iter().flatten().map(Vec::as_slice).collect();
        let vectors = self.encoder.encode(&windows, run)?;
        let mut out = Array2::zeros((texts.len(), self.dims()));
        let mut rows = vectors.outer_iter();
        for (((_, script), windows), mut row) in texts.iter().zip(&cut).zip(out.outer_iter_mut()) {
            let tokens: usize = windows.iter().map(Vec::len).sum();
            for (window, vector) in windows.iter().zip(&mut rows) {
                row.scaled_add(window.len() as f32 / tokens.max(1) as f32, &vector);
            }
            // The means were taken over unit vectors.
            normalise(&mut row);
            if centre && let Some(mean) = self.manifest.mean(kind, *script) {
                row.iter_mut().zip(mean).for_each(|(x, m)| *x -= m);
                normalise(&mut row);
            }
        }
        Ok(out)
    }
}

/// The encoder of a model on the engine that was asked for.
fn encoder(
    weights: Weights,
    config: Config,
    pooling: Pooling,
    engine: Engine,
) -> Result<Box<dyn Encoder>, EmbedError> {
    if engine == Engine::Int8 && config.is_modern() {
        return Err(EmbedError::Unsupported {
            what: "ModernBERT in eight bits".into(),
            supported: "single precision on the CPU, or a GPU",
        });
    }
    if matches!(engine, Engine::Packed | Engine::Int8) && !config.is_modern() {
        return Ok(Box::new(PackedBert::load(weights, config, pooling, engine, Isa::best())?));
    }
    #[cfg(not(feature = "cuda"))]
    if engine == Engine::Cuda {
        let detail = "this program was built without `--features cuda`; build it so, or use the CPU".into();
        return Err(EmbedError::Device { device: "CUDA", detail });
    }
    #[cfg(feature = "candle")]
    return Ok(Box::new(super::reference::CandleBert::load(weights, config, pooling, engine)?));
    #[cfg(not(feature = "candle"))]
    Err(EmbedError::Unsupported {
        what: "candle's models".into(),
        supported: "the packed engine, or a build with `--features candle`",
    })
}

/// Scales a row to length one; a row of zeros stays.
pub(crate) fn normalise(row: &mut ndarray::ArrayViewMut1<'_, f32>) {
    let norm = row.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
    if norm > 0.0 {
        let inverse = (1.0 / norm) as f32;
        row.iter_mut().for_each(|x| *x *= inverse);
    }
}
