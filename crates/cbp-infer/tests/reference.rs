//! The packed encoder against the original framework: vectors made by it from the weights that ship.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;

use cbp_infer::embed::{Embedder, MANIFEST, ModelSource, TextKind};
use serde_json::Value;

#[test]
fn vectors_agree_with_the_original_framework() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("data/reference_vectors.json")).unwrap();
    // The reference has no centring: the same model, without its mean vectors.
    let shipped = ModelSource::Named("cbp-e5".into()).locate().unwrap();
    let plain = tempfile::tempdir().unwrap();
    for name in ["config.json", "tokenizer.json.gz", "model.safetensors"] {
        fs::copy(shipped.join(name), plain.path().join(name)).unwrap();
    }
    let mut manifest: Value = serde_json::from_slice(&fs::read(shipped.join(MANIFEST)).unwrap()).unwrap();
    manifest["centring"] = serde_json::json!({});
    fs::write(plain.path().join(MANIFEST), manifest.to_string()).unwrap();
    let embedder = Embedder::open(&ModelSource::Dir(plain.path().to_owned())).unwrap();

    let texts: Vec<&str> = rows.iter().map(|row| row["text"].as_str().unwrap()).collect();
    let vectors = embedder.embed(&texts, TextKind::Query).unwrap();
    for (row, vector) in rows.iter().zip(vectors.outer_iter()) {
        let want = row["vector"].as_array().unwrap();
        assert_eq!(want.len(), vector.len());
        let cosine: f64 = want.iter().zip(&vector).map(|(a, b)| a.as_f64().unwrap() * f64::from(*b)).sum();
        assert!(cosine >= 0.9999, "{cosine}: {}", row["text"]);
    }
}
