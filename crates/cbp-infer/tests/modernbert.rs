//! A `ModernBERT`, made here from random numbers, goes through candle like any other encoder.
#![cfg(feature = "candle")]
#![allow(clippy::unwrap_used, missing_docs)]

use std::{collections::BTreeMap, fs, path::Path};

use cbp_infer::embed::{EmbedError, Embedder, Engine, ModelSource, TextKind};
use safetensors::{Dtype, tensor::TensorView};
use serde_json::json;

const HIDDEN: usize = 32;
const INNER: usize = 48;
const WORDS: [&str; 8] = ["[UNK]", "[CLS]", "[SEP]", "inspect", "works", "approve", "budget", "field"];

/// Two layers, the second of which sees only its neighbours; names without the prefix, as sentence encoders have them.
fn write(dir: &Path) {
    let config = json!({
        "model_type": "modernbert", "hidden_size": HIDDEN, "intermediate_size": INNER, "num_hidden_layers": 2,
        "num_attention_heads": 2, "vocab_size": WORDS.len(), "max_position_embeddings": 64, "layer_norm_eps": 1e-5,
        "pad_token_id": 0, "hidden_activation": "gelu", "global_attn_every_n_layers": 2,
        "global_rope_theta": 160_000.0, "local_attention": 4, "local_rope_theta": 10_000.0,
    });
    fs::write(dir.join("config.json"), config.to_string()).unwrap();
    let special = |word: &str, id: usize| json!({"id": word, "ids": [id], "tokens": [word]});
    let frame = json!([
        {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
    ]);
    let vocabulary: BTreeMap<&str, usize> = WORDS.iter().enumerate().map(|(id, word)| (*word, id)).collect();
    let tokenizer = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {
            "type": "TemplateProcessing", "single": frame, "pair": frame,
            "special_tokens": {"[CLS]": special("[CLS]", 1), "[SEP]": special("[SEP]", 2)},
        },
        "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    });
    fs::write(dir.join("tokenizer.json"), tokenizer.to_string()).unwrap();
    let mut shapes: Vec<(String, Vec<usize>)> = vec![
        ("embeddings.tok_embeddings.weight".into(), vec![WORDS.len(), HIDDEN]),
        ("embeddings.norm.weight".into(), vec![HIDDEN]),
        ("final_norm.weight".into(), vec![HIDDEN]),
        // The first layer has no norm of its own before attention.
        ("layers.1.attn_norm.weight".into(), vec![HIDDEN]),
    ];
    for layer in 0..2 {
        let named = |name: &str| format!("layers.{layer}.{name}.weight");
        shapes.extend([
            (named("attn.Wqkv"), vec![3 * HIDDEN, HIDDEN]),
            (named("attn.Wo"), vec![HIDDEN, HIDDEN]),
            (named("mlp_norm"), vec![HIDDEN]),
            (named("mlp.Wi"), vec![2 * INNER, HIDDEN]),
            (named("mlp.Wo"), vec![HIDDEN, INNER]),
        ]);
    }
    let mut state = 7_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = shapes
        .into_iter()
        .map(|(name, shape)| {
            let count = shape.iter().product();
            let bytes = (0..count).flat_map(|_| noise().to_le_bytes()).collect();
            (name, shape, bytes)
        })
        .collect();
    let views = tensors.iter().map(|(name, shape, bytes)| {
        (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
    });
    fs::write(dir.join("model.safetensors"), safetensors::serialize(views, None).unwrap()).unwrap();
}

#[test]
fn a_modernbert_is_an_encoder_like_others() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path());
    let source = ModelSource::Dir(dir.path().into());
    let embedder = Embedder::open(&source).unwrap();
    assert_eq!(embedder.dims(), HIDDEN);
    let texts = ["inspect works", "approve budget", "inspect field works budget approve works field inspect"];
    let all = embedder.embed(&texts, TextKind::Passage).unwrap();
    for (i, text) in texts.iter().enumerate() {
        let alone = embedder.embed(&[text], TextKind::Passage).unwrap();
        let cosine = alone.row(0).dot(&all.row(i));
        assert!((cosine - 1.0).abs() < 1e-5, "padding changed `{text}`: {cosine}");
    }
    assert!(all.row(0).dot(&all.row(1)) < 0.999, "texts without a common word are told apart");
    let rounded = Embedder::open_on(&source, Engine::Int8);
    assert!(matches!(rounded, Err(EmbedError::Unsupported { .. })));
    let empty = dir.path().join("model.safetensors");
    fs::write(&empty, safetensors::serialize(Vec::<(&str, TensorView<'_>)>::new(), None).unwrap()).unwrap();
    let error = Embedder::open(&source).unwrap_err();
    assert!(error.to_string().contains("tok_embeddings"), "{error}");
}
