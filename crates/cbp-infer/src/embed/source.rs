//! Where a model is looked for.

use std::path::{Path, PathBuf};

use super::{EmbedError, manifest::MANIFEST};

/// The directory under `models/` that is used when nothing else is asked for.
pub const DEFAULT_MODEL: &str = "default";

/// Which model to open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelSource {
    /// The model that ships.
    #[default]
    Shipped,
    /// A model directory.
    Dir(PathBuf),
    /// A name: a directory of that name beside the shipped model, or one that was imported into the cache.
    Named(String),
    /// A sentence encoder of the Hugging Face hub, `OWNER/NAME`. Needs the feature `hub`; files that were fetched before
    /// are used without a network, and `HF_HUB_OFFLINE=1` forbids fetching.
    Hub(String),
}

impl ModelSource {
    /// A directory (there is one, or the text has a path's separator), `hub:OWNER/NAME`, else a name; nothing means the
    /// shipped model.
    pub fn from_option(model: Option<&str>) -> Self {
        match model {
            None => Self::Shipped,
            Some(text) if text.starts_with("hub:") => Self::Hub(text.trim_start_matches("hub:").into()),
            Some(text) if Path::new(text).is_dir() || text.contains(std::path::is_separator) => {
                Self::Dir(text.into())
            }
            Some(text) => Self::Named(text.into()),
        }
    }

    /// The directory that holds the model.
    ///
    /// Tried in order: `$CBP_MODELS/NAME`; `models/NAME` in the executable's directory and the three above it (an
    /// installed tree, or a build's `target`); in `share/cbp` beside `bin`; in the source tree this was built
    /// from; in the import cache (`$XDG_CACHE_HOME/cbp/models`, else `~/.cache/cbp/models`).
    ///
    /// # Errors
    ///
    /// [`EmbedError::NoModel`] with the places; [`EmbedError::Hub`] and [`EmbedError::Unsupported`] for the hub.
    pub fn locate(&self) -> Result<PathBuf, EmbedError> {
        let name = match self {
            Self::Dir(dir) => return Ok(dir.clone()),
            Self::Named(name) => name.as_str(),
            Self::Shipped => DEFAULT_MODEL,
            #[cfg(feature = "hub")]
            Self::Hub(name) => return super::hub::fetch(name),
            #[cfg(not(feature = "hub"))]
            Self::Hub(_) => {
                return Err(EmbedError::Unsupported {
                    what: "models of the Hugging Face hub".into(),
                    supported: "a directory, a name, or a build with `--features hub`",
                });
            }
        };
        let places = places();
        let mut dirs = places.iter().map(|place| place.join(name));
        let found = dirs.find(|dir| dir.join(MANIFEST).is_file() || dir.join("config.json").is_file());
        found.ok_or_else(|| EmbedError::NoModel { name: name.to_owned(), places })
    }
}

/// Directories that hold models, in the order in which they are tried: those that exist, each once; all that could, where
/// none does.
pub fn places() -> Vec<PathBuf> {
    let all = possible_places();
    let mut there: Vec<PathBuf> = Vec::new();
    for place in all.iter().filter_map(|place| place.canonicalize().ok()) {
        if !there.contains(&place) {
            there.push(place);
        }
    }
    if there.is_empty() { all } else { there }
}

fn possible_places() -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = std::env::var_os("CBP_MODELS").map(PathBuf::from).into_iter().collect();
    if let Some(dir) = std::env::current_exe().ok().as_deref().and_then(Path::parent) {
        places.extend(dir.ancestors().take(4).map(|dir| dir.join("models")));
        places.extend(dir.parent().map(|dir| dir.join("share/cbp/models")));
    }
    places.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models"));
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or(home);
    places.extend(cache.map(|cache| cache.join("cbp/models")));
    places
}
