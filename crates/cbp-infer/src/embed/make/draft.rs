//! A model in memory, on its way from one directory to another.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use flate2::{Compression, GzBuilder};
use safetensors::{Dtype, View};

use crate::embed::{
    EmbedError,
    manifest::{EncoderManifest, MANIFEST, Manifest},
    model::{manifest_of, sha256},
    tokens::{read_tokenizer, tokenizer_file},
    weights::Weights,
};

/// One tensor as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<usize>,
    pub(crate) bytes: Vec<u8>,
}

impl View for &Stored {
    fn dtype(&self) -> Dtype {
        self.dtype
    }
    fn shape(&self) -> &[usize] {
        &self.shape
    }
    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }
    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

/// A model whose files are all in memory.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What will stand in `manifest.json`; hashes are filled in on writing.
    pub manifest: EncoderManifest,
    /// `config.json`.
    pub(crate) config: serde_json::Value,
    /// `tokenizer.json`, parsed.
    pub(crate) tokenizer: serde_json::Value,
    pub(crate) tensors: BTreeMap<String, Stored>,
    /// Texts that travel along: `LICENSE`, `NOTICE`.
    pub(crate) texts: BTreeMap<String, Vec<u8>>,
}

impl Draft {
    /// Reads a model directory, with or without a manifest.
    ///
    /// # Errors
    ///
    /// If a file is missing or damaged, or the directory is a bundle.
    pub fn read(dir: &Path) -> Result<Self, EmbedError> {
        let manifest = match manifest_of(dir)? {
            Manifest::Encoder(manifest) => manifest,
            Manifest::Bundle(bundle) => {
                let parts = bundle.parts.iter().map(|part| dir.join(&part.model)).collect();
                return Err(EmbedError::Bundle { dir: dir.to_owned(), parts });
            }
        };
        crate::embed::model::check_files(dir, &manifest.files)?;
        let config_path = dir.join("config.json");
        let config = parse(&config_path, &fs::read(&config_path).map_err(EmbedError::io(&config_path))?)?;
        let tokenizer_path = tokenizer_file(dir);
        let tokenizer = parse(&tokenizer_path, &read_tokenizer(&tokenizer_path)?)?;
        let weights = Weights::open(&dir.join("model.safetensors"))?;
        let mut tensors = BTreeMap::new();
        for name in weights.names() {
            if let Some((dtype, shape, bytes)) = weights.raw(&name) {
                tensors.insert(name, Stored { dtype, shape: shape.to_vec(), bytes: bytes.to_vec() });
            }
        }
        let mut texts = BTreeMap::new();
        for name in ["LICENSE", "NOTICE"] {
            if let Ok(text) = fs::read(dir.join(name)) {
                texts.insert(name.to_owned(), text);
            }
        }
        let mut draft = Self { manifest, config, tokenizer, tensors, texts };
        draft.strip();
        Ok(draft)
    }

    /// Drops what no vector depends on: tensors that only fill the file (position numbers, a pooler), and the
    /// tokenizer's own cutting and padding, which are this engine's business.
    pub(crate) fn strip(&mut self) {
        self.tensors.retain(|name, _| !name.ends_with("position_ids") && !name.contains("pooler."));
        for key in ["truncation", "padding"] {
            self.tokenizer[key] = serde_json::Value::Null;
        }
    }

    /// Writes the model into `dir`, each file whole or not at all, the manifest last.
    ///
    /// The tokenizer is compressed. The same draft gives the same bytes.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub fn write(&self, dir: &Path) -> Result<(), EmbedError> {
        fs::create_dir_all(dir).map_err(EmbedError::io(dir))?;
        let mut manifest = self.manifest.clone();
        manifest.files.clear();
        let mut put = |name: &str, bytes: &[u8], pinned: bool| {
            if pinned {
                manifest.files.insert(name.to_owned(), sha256(bytes));
            }
            write_file(&dir.join(name), bytes)
        };
        put("config.json", pretty(&self.config).as_bytes(), true)?;
        let tokenizer = serde_json::to_vec(&self.tokenizer).unwrap_or_default();
        let path = dir.join("tokenizer.json.gz");
        let mut packer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
        let packed =
            packer.write_all(&tokenizer).and_then(|()| packer.finish()).map_err(EmbedError::io(&path))?;
        put("tokenizer.json.gz", &packed, true)?;
        let views: BTreeMap<&str, &Stored> =
            self.tensors.iter().map(|(name, t)| (name.as_str(), t)).collect();
        let bytes = safetensors::serialize(views, None).map_err(|error| EmbedError::Weights {
            path: dir.join("model.safetensors"),
            detail: error.to_string(),
        })?;
        put("model.safetensors", &bytes, true)?;
        for (name, text) in &self.texts {
            put(name, text, false)?;
        }
        write_file(&dir.join(MANIFEST), Manifest::Encoder(manifest).to_json().as_bytes())?;
        // A plain tokenizer from an earlier writing would be preferred on loading.
        let _ = fs::remove_file(dir.join("tokenizer.json"));
        Ok(())
    }
}

/// Parses JSON with the file's name in the error.
pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<serde_json::Value, EmbedError> {
    serde_json::from_slice(bytes)
        .map_err(|error| EmbedError::Manifest { path: path.to_owned(), detail: error.to_string() })
}

pub(crate) fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// Writes through a temporary file beside the target: fsync, then rename.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), EmbedError> {
    let temporary = PathBuf::from(format!("{}.{}.tmp", path.display(), std::process::id()));
    let write = || {
        let mut file = fs::File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&temporary);
        EmbedError::io(path)(error)
    })
}
