//! What stands beside the weights: how a model is used, where it comes from, and the hashes that pin it.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use super::{EmbedError, text::Script};

/// The file that describes a model directory.
pub const MANIFEST: &str = "manifest.json";

/// What a text is for. Some models were trained with a different prefix for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextKind {
    /// A need, a role, a question: what is looked for.
    Query,
    /// A course, a competency, a document: what is found.
    Passage,
}

impl TextKind {
    /// `query` or `passage`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Passage => "passage",
        }
    }
}

/// A model directory's manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Manifest {
    /// One transformer with its tokenizer.
    Encoder(EncoderManifest),
    /// Several of them, whose vectors are joined.
    Bundle(BundleManifest),
}

/// How the vectors of a text's tokens become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// Their mean.
    Mean,
    /// The first token's.
    Cls,
}

/// What a text is given in front before it is cut into tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prefixes {
    /// For [`TextKind::Query`].
    pub query: String,
    /// For [`TextKind::Passage`].
    pub passage: String,
}

/// A package that weights or tokenizer were taken from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// Name of the package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the package file, in hexadecimal.
    pub sha256: String,
    /// What was taken from it.
    pub provides: String,
}

/// One transformer: `config.json`, `tokenizer.json` (or `tokenizer.json.gz`), `model.safetensors`, and this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderManifest {
    /// The model's name.
    pub name: String,
    /// SPDX expression of the weights' licence; the texts are in `LICENSE` and `NOTICE`.
    pub licence: String,
    /// Where it comes from; empty for a model of one's own.
    #[serde(default)]
    pub upstream: Vec<Upstream>,
    /// The steps that made these files from upstream's, in order.
    #[serde(default)]
    pub made_by: Vec<String>,
    /// Length of a vector.
    pub dims: usize,
    /// How tokens become one vector.
    pub pooling: Pooling,
    /// What stands in front of a text.
    #[serde(default)]
    pub prefixes: Prefixes,
    /// Tokens in one window, special ones included; longer texts are split.
    pub max_tokens: usize,
    /// SHA-256 of each file, in hexadecimal.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Mean vectors that are subtracted, by `kind/script` (`query/devanagari`), before a vector is normalised.
    #[serde(default)]
    pub centring: BTreeMap<String, Vec<f32>>,
}

/// Several encoders side by side: a vector is their vectors, each times its weight, joined and normalised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleManifest {
    /// The bundle's name.
    pub name: String,
    /// SPDX expression that covers all parts.
    pub licence: String,
    /// The parts, in the order of their places in the vector.
    pub parts: Vec<Part>,
}

/// One encoder of a bundle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Directory of the encoder, relative to the bundle's.
    pub model: String,
    /// What its unit vector is multiplied with.
    pub weight: f64,
    /// Whether the encoder's mean vectors are subtracted.
    #[serde(default)]
    pub centre: bool,
    /// Scripts that it can read; in others its part of the vector is zero. Absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scripts: Option<Vec<Script>>,
}

impl EncoderManifest {
    /// What stands in front of a kind of text.
    pub(crate) fn prefix(&self, kind: TextKind) -> &str {
        match kind {
            TextKind::Query => &self.prefixes.query,
            TextKind::Passage => &self.prefixes.passage,
        }
    }

    /// The mean vector of a kind of text in a script; that of Latin stands in for scripts without one.
    pub(crate) fn mean(&self, kind: TextKind, script: Script) -> Option<&[f32]> {
        let of = |script: Script| self.centring.get(&format!("{}/{}", kind.name(), script.name()));
        of(script).or_else(|| of(Script::Latin)).map(Vec::as_slice)
    }
}

impl Part {
    /// Whether the part reads texts of a script.
    pub(crate) fn reads(&self, script: Script) -> bool {
        self.scripts.as_ref().is_none_or(|scripts| scripts.contains(&script))
    }
}

impl Manifest {
    /// The manifest of a model's directory; one is made up for a plain sentence encoder's.
    ///
    /// # Errors
    ///
    /// [`EmbedError::NotAModel`] if the directory holds no model, else as [`Manifest::read`].
    pub fn of(dir: &Path) -> Result<Self, EmbedError> {
        super::model::manifest_of(dir)
    }

    /// Reads `manifest.json` of a directory.
    ///
    /// # Errors
    ///
    /// [`EmbedError::Io`] if it is not there, [`EmbedError::Manifest`] if it does not parse or has no sense.
    pub fn read(dir: &Path) -> Result<Self, EmbedError> {
        let path = dir.join(MANIFEST);
        let bytes = std::fs::read(&path).map_err(EmbedError::io(&path))?;
        let manifest: Self = serde_json::from_slice(&bytes)
            .map_err(|error| EmbedError::Manifest { path: path.clone(), detail: error.to_string() })?;
        manifest.check().map_err(|detail| EmbedError::Manifest { path, detail })?;
        Ok(manifest)
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Encoder(encoder) => &encoder.name,
            Self::Bundle(bundle) => &bundle.name,
        }
    }

    /// The text of `manifest.json`: the same bytes for the same manifest.
    ///
    /// Numbers of mean vectors stand on one line a vector.
    pub fn to_json(&self) -> String {
        let mut bare = self.clone();
        let centring = match &mut bare {
            Self::Encoder(encoder) => std::mem::take(&mut encoder.centring),
            Self::Bundle(_) => BTreeMap::new(),
        };
        let mut value = serde_json::to_value(&bare).unwrap_or_default();
        if let Some(object) = value.as_object_mut() {
            object.shift_remove("centring");
        }
        let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
        if !centring.is_empty() {
            let numbers = |mean: &[f32]| mean.iter().map(f32::to_string).collect::<Vec<_>>().join(",");
            let lines: Vec<String> =
                centring.iter().map(|(key, mean)| format!("    \"{key}\": [{}]", numbers(mean))).collect();
            text.truncate(text.len().saturating_sub("\n}".len()));
            text.push_str(",\n  \"centring\": {\n");
            text.push_str(&lines.join(",\n"));
            text.push_str("\n  }\n}");
        }
        text.push('\n');
        text
    }

    fn check(&self) -> Result<(), String> {
        match self {
            Self::Encoder(encoder) => {
                if encoder.dims == 0 || encoder.max_tokens < 4 {
                    return Err("dims must be positive and max_tokens at least 4".into());
                }
                let wrong = encoder.centring.iter().find(|(_, mean)| mean.len() != encoder.dims);
                wrong.map_or(Ok(()), |(key, mean)| {
                    Err(format!("mean vector {key} has {} numbers, not {}", mean.len(), encoder.dims))
                })
            }
            Self::Bundle(bundle) => {
                let wrong = bundle.parts.iter().find(|part| !(part.weight.is_finite() && part.weight > 0.0));
                match wrong {
                    Some(part) => Err(format!("part {} has weight {}", part.model, part.weight)),
                    None if bundle.parts.is_empty() => Err("a bundle needs at least one part".into()),
                    None => Ok(()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_with_mean_vectors_reads_back() {
        let manifest = Manifest::Encoder(EncoderManifest {
            name: "m".into(),
            licence: "MIT".into(),
            upstream: Vec::new(),
            made_by: vec!["import".into()],
            dims: 2,
            pooling: Pooling::Mean,
            prefixes: Prefixes::default(),
            max_tokens: 8,
            files: [("a".to_owned(), "00".to_owned())].into(),
            centring: [("query/latin".to_owned(), vec![0.1, -0.25])].into(),
        });
        let back: Manifest = serde_json::from_str(&manifest.to_json()).unwrap();
        assert_eq!(back, manifest);
        assert!(manifest.to_json().contains("[0.1,-0.25]"));
    }
}
