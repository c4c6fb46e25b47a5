//! A model directory that is damaged, incomplete or put together wrongly is refused with an error that says so.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use cbp_infer::embed::{EmbedError, Embedder, MANIFEST, ModelSource};
use serde_json::{Value, json};

/// The shipped encoder's directory.
fn shipped() -> PathBuf {
    ModelSource::Named("cbp-e5".into()).locate().unwrap()
}

/// A copy of the shipped encoder without pinned hashes, so that what is behind them gets its turn.
fn unpinned() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(shipped()).unwrap() {
        let entry = entry.unwrap();
        let to = dir.path().join(entry.file_name());
        // A link is as good: files are replaced here, never written into.
        if fs::hard_link(entry.path(), &to).is_err() {
            fs::copy(entry.path(), to).unwrap();
        }
    }
    edit(&dir.path().join(MANIFEST), |manifest| manifest["files"] = json!({}));
    dir
}

fn replace(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

fn edit(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut value: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    change(&mut value);
    replace(path, value.to_string().as_bytes());
}

fn refusal(dir: &tempfile::TempDir) -> EmbedError {
    let error = Embedder::open(&ModelSource::Dir(dir.path().to_owned())).unwrap_err();
    println!("{error}");
    error
}

fn weights(dir: &tempfile::TempDir) -> (PathBuf, Vec<u8>) {
    let path = dir.path().join("model.safetensors");
    let bytes = fs::read(&path).unwrap();
    (path, bytes)
}

#[test]
fn without_pinned_hashes_models_are_still_told_apart() {
    let dir = unpinned();
    let open = || Embedder::open(&ModelSource::Dir(dir.path().to_owned())).unwrap().fingerprint().to_owned();
    let before = open();
    assert_eq!(open(), before);
    let (path, mut bytes) = weights(&dir);
    *bytes.last_mut().unwrap() ^= 1;
    replace(&path, &bytes);
    assert_ne!(open(), before);
}

#[test]
fn a_changed_byte_is_a_wrong_hash() {
    let dir = unpinned();
    replace(&dir.path().join(MANIFEST), &fs::read(shipped().join(MANIFEST)).unwrap());
    let (path, mut bytes) = weights(&dir);
    *bytes.last_mut().unwrap() ^= 1;
    replace(&path, &bytes);
    assert!(matches!(refusal(&dir), EmbedError::Hash { path: at, .. } if at == path));
}

#[test]
fn truncated_and_foreign_weights() {
    let dir = unpinned();
    let (path, bytes) = weights(&dir);
    for damaged in
        [&bytes[..bytes.len() - 1], &bytes[..100], &bytes[..4], b"GGUF is another format, and longer", b""]
    {
        replace(&path, damaged);
        let error = refusal(&dir);
        assert!(matches!(error, EmbedError::Weights { .. } | EmbedError::Io { .. }), "{error:?}");
    }
}

#[test]
fn a_missing_tensor_is_named() {
    let dir = unpinned();
    let (path, mut bytes) = weights(&dir);
    let name = b"encoder.layer.3.output.dense.bias";
    let at = bytes.windows(name.len()).position(|window| window == name).unwrap();
    bytes[at + name.len() - 1] = b'X';
    replace(&path, &bytes);
    let error = refusal(&dir);
    assert!(
        matches!(&error, EmbedError::MissingTensor { name, .. } if name.ends_with("layer.3.output.dense.bias")),
        "{error}"
    );
}

#[test]
fn a_config_of_another_model() {
    let dir = unpinned();
    let config = dir.path().join("config.json");
    // More rows than the tokenizer has tokens, and than the weights have.
    edit(&config, |config| config["vocab_size"] = json!(100_000));
    assert!(matches!(refusal(&dir), EmbedError::Shape { .. }));
    edit(&config, |config| config["hidden_size"] = json!(768));
    assert!(matches!(refusal(&dir), EmbedError::Manifest { .. }));
    edit(&config, |config| config["model_type"] = json!("t5"));
    assert!(matches!(refusal(&dir), EmbedError::Unsupported { .. }));
    replace(&config, b"{");
    assert!(matches!(refusal(&dir), EmbedError::Manifest { path, .. } if path == config));
}

#[test]
fn a_tokenizer_that_does_not_fit() {
    let dir = unpinned();
    let (packed, plain) = (dir.path().join("tokenizer.json.gz"), dir.path().join("tokenizer.json"));
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(fs::File::open(&packed).unwrap()).read_to_end(&mut text).unwrap();
    fs::write(&plain, &text).unwrap();
    edit(&plain, |tokenizer| {
        let mut token = tokenizer["added_tokens"][0].clone();
        token["content"] = json!("<one-too-many>");
        token["id"] = json!(900_000);
        tokenizer["added_tokens"].as_array_mut().unwrap().push(token);
    });
    let error = refusal(&dir);
    assert!(
        matches!(&error, EmbedError::Tokenizer { detail, .. } if detail.contains("one-too-many")),
        "{error}"
    );
    replace(&plain, &text[..text.len() / 2]);
    assert!(matches!(refusal(&dir), EmbedError::Tokenizer { .. }));
    fs::remove_file(&plain).unwrap();
    let bytes = fs::read(&packed).unwrap();
    replace(&packed, &bytes[..bytes.len() / 2]);
    let error = refusal(&dir);
    assert!(matches!(&error, EmbedError::Tokenizer { path, .. } if *path == packed), "{error}");
}

#[test]
fn a_directory_without_a_model() {
    let dir = tempfile::tempdir().unwrap();
    let error = refusal(&dir);
    assert!(matches!(&error, EmbedError::NotAModel { dir: at } if at == dir.path()), "{error}");
    let nowhere = ModelSource::from_option(Some("no/such/folder"));
    assert_eq!(nowhere, ModelSource::Dir("no/such/folder".into()));
    assert!(matches!(Embedder::open(&nowhere), Err(EmbedError::NotAModel { .. })));
}

#[test]
fn a_manifest_that_makes_no_sense() {
    let dir = unpinned();
    let path = dir.path().join(MANIFEST);
    edit(&path, |manifest| manifest["centring"]["query/latin"] = json!([1.0]));
    assert!(matches!(refusal(&dir), EmbedError::Manifest { .. }));
    replace(&path, b"{\"kind\": \"bundle\", \"name\": \"x\", \"licence\": \"MIT\", \"parts\": []}");
    let error = refusal(&dir);
    assert!(error.to_string().contains("at least one part"), "{error}");
}
