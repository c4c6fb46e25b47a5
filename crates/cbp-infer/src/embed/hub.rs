//! Models of the Hugging Face hub, through its own cache.

use std::path::PathBuf;

use hf_hub::{Cache, api::sync::ApiBuilder};

use super::EmbedError;

/// What a sentence encoder consists of.
const NEEDED: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];

/// What says how it is used; older ones lack it.
const HELPFUL: [&str; 2] = ["1_Pooling/config.json", "sentence_bert_config.json"];

/// The directory of a model's files, fetched unless they are in the cache already or `HF_HUB_OFFLINE` is set.
pub(super) fn fetch(name: &str) -> Result<PathBuf, EmbedError> {
    let failed = |detail: String| EmbedError::Hub { name: name.to_owned(), detail };
    let cache = Cache::from_env().model(name.to_owned());
    let cached = |file: &str| cache.get(file);
    let folder = |config: PathBuf| config.parent().map(PathBuf::from).unwrap_or_default();
    if NEEDED.iter().all(|file| cached(file).is_some())
        && let Some(config) = cached("config.json")
    {
        return Ok(folder(config));
    }
    if offline(std::env::var("HF_HUB_OFFLINE").ok().as_deref()) {
        return Err(failed("it is not in the cache, and HF_HUB_OFFLINE forbids fetching it".into()));
    }
    let api =
        ApiBuilder::from_env().with_progress(false).build().map_err(|error| failed(error.to_string()))?;
    let model = api.model(name.to_owned());
    for file in HELPFUL {
        if let Err(error) = model.get(file) {
            tracing::debug!(name, file, %error, "not on the hub; usual pooling and windows are assumed");
        }
    }
    let mut config = PathBuf::new();
    for file in NEEDED.iter().rev() {
        config = model.get(file).map_err(|error| failed(format!("{file}: {error}")))?;
    }
    Ok(folder(config))
}

/// What the hub's own tools take for yes.
fn offline(value: Option<&str>) -> bool {
    value.is_some_and(|value| matches!(value.to_ascii_uppercase().as_str(), "1" | "ON" | "YES" | "TRUE"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offline_is_told_as_the_hub_does() {
        assert!(offline(Some("1")) && offline(Some("true")) && offline(Some("ON")));
        assert!(!offline(None) && !offline(Some("")) && !offline(Some("0")));
    }
}
