//! The trainer on a model small enough for a test.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use candle_core::{Device, Tensor};

use super::{
    bert::Trainee,
    draw::{Piece, Prepared, draw},
    loss::contrast,
    run::*,
};
use crate::{
    embed::{Embedder, Manifest, ModelSource, Script, TextKind, Tokens, make::centre, tokenizer_file},
    rng::Rng,
    tune::{
        TuneError,
        config::{Batch, EncoderRecipe, Source, SourceKind, Steps, Trained, Validation},
        data::Set,
        log::Line,
    },
};

const WORDS: [&str; 12] = [
    "audit", "accounts", "road", "works", "draft", "notes", "train", "staff", "buy", "goods", "law", "court",
];

/// Writes a BERT of two layers with random weights.
fn base(dir: &Path) {
    let (hidden, inner, vocabulary) = (32, 64, WORDS.len() + 5);
    let config = serde_json::json!({
        "model_type": "bert", "hidden_size": hidden, "num_hidden_layers": 2, "num_attention_heads": 2,
        "intermediate_size": inner, "vocab_size": vocabulary, "max_position_embeddings": 40,
        "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu",
    });
    fs::write(dir.join("config.json"), config.to_string()).unwrap();
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
    let vocab: BTreeMap<&str, usize> =
        special.iter().chain(&WORDS).enumerate().map(|(i, word)| (*word, i)).collect();
    let added: Vec<_> = special
        .iter()
        .enumerate()
        .map(|(id, content)| {
            serde_json::json!({"id": id, "content": content, "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true})
        })
        .collect();
    let tokenizer = serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": added,
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        "decoder": null,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": vocab},
    });
    fs::write(dir.join("tokenizer.json"), tokenizer.to_string()).unwrap();
    let mut rng = Rng::new(&[7]);
    let mut tensors: std::collections::HashMap<String, Tensor> = std::collections::HashMap::new();
    let mut put = |name: String, rows: usize, cols: usize| {
        let norm = name.contains("LayerNorm.weight");
        let values: Vec<f32> =
            (0..rows.max(1) * cols).map(|_| if norm { 1.0 } else { 0.0 } + 0.2 * rng.normal()).collect();
        let tensor = Tensor::from_vec(values, rows.max(1) * cols, &Device::Cpu).unwrap();
        let tensor = if rows == 0 { tensor } else { tensor.reshape((rows, cols)).unwrap() };
        tensors.insert(name, tensor);
    };
    put("embeddings.word_embeddings.weight".into(), vocabulary, hidden);
    put("embeddings.position_embeddings.weight".into(), 40, hidden);
    put("embeddings.token_type_embeddings.weight".into(), 2, hidden);
    put("embeddings.LayerNorm.weight".into(), 0, hidden);
    put("embeddings.LayerNorm.bias".into(), 0, hidden);
    for layer in 0..2 {
        for (name, rows, cols) in [
            ("attention.self.query", hidden, hidden),
            ("attention.self.key", hidden, hidden),
            ("attention.self.value", hidden, hidden),
            ("attention.output.dense", hidden, hidden),
            ("intermediate.dense", inner, hidden),
            ("output.dense", hidden, inner),
        ] {
            put(format!("encoder.layer.{layer}.{name}.weight"), rows, cols);
            put(format!("encoder.layer.{layer}.{name}.bias"), 0, rows);
        }
        for name in ["attention.output.LayerNorm", "output.LayerNorm"] {
            put(format!("encoder.layer.{layer}.{name}.weight"), 0, hidden);
            put(format!("encoder.layer.{layer}.{name}.bias"), 0, hidden);
        }
    }
    candle_core::safetensors::save(&tensors, dir.join("model.safetensors")).unwrap();
}

/// Writes a task: two words in, the pair's second word out.
fn task(dir: &Path, may_train: bool) {
    let folder = dir.join("task");
    fs::create_dir_all(&folder).unwrap();
    let json = format!(
        r#"{{"task":"T","kind":"rank","use":"classify","metric":"mrr","corpus":"c.tsv","may_train":{may_train}}}"#
    );
    fs::write(folder.join("task.json"), json).unwrap();
    let (mut queries, mut qrels, mut corpus) = (
        "query_id\tgroup\ttext\n".to_owned(),
        "query_id\tdoc_id\tgain\n".to_owned(),
        "doc_id\ttext\n".to_owned(),
    );
    for (i, word) in WORDS.iter().enumerate() {
        let _ = writeln!(corpus, "d{i}\t{word}");
        let other = WORDS[(i * 5 + 3) % WORDS.len()];
        let _ = writeln!(queries, "q{i}\tg{}\t{other} {other}", i % 4);
        let _ = writeln!(qrels, "q{i}\td{i}\t1");
    }
    fs::write(folder.join("queries.tsv"), queries).unwrap();
    fs::write(folder.join("qrels.tsv"), qrels).unwrap();
    fs::write(folder.join("c.tsv"), corpus).unwrap();
}

fn recipe() -> EncoderRecipe {
    EncoderRecipe {
        name: "tiny".into(),
        licence: None,
        seed: 5,
        max_tokens: 16,
        steps: Steps { count: 12, until: None, rate: 2e-3, warmup: 0.1, decay: 0.01, clip: 1.0 },
        batch: Batch {
            queries: 6,
            tokens: 400,
            hard: 1,
            mined: 4,
            ceiling: 2.0,
            temperature: 0.1,
            mirror: 0.5,
        },
        trained: Trained::default(),
        validation: Validation {
            share: 0.0,
            every: 4,
            patience: 9,
            queries: 10,
            passages: 10,
            mix: vec![1.0],
        },
        source: vec![Source {
            name: "T".into(),
            licence: "none".into(),
            kind: SourceKind::Task,
            path: "task".into(),
            upper: None,
            between: None,
            weight: 1.0,
            mine: true,
            judge: true,
        }],
    }
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::create_dir(place.0.path().join("base")).unwrap();
        base(&place.0.path().join("base"));
        task(place.0.path(), true);
        place
    }

    fn run(&self, recipe: &EncoderRecipe, out: &str) -> Result<(Tuned, Vec<Line>), TuneError> {
        let mut lines = Vec::new();
        let path = self.0.path();
        let (base, out) = (path.join("base"), path.join(out));
        let run = EncoderRun {
            recipe,
            data: &[path.to_owned()],
            base: &base,
            out: &out,
            device: TuneDevice::Cpu,
            stop: None,
        };
        let tuned = tune_encoder(&run, &mut |line| lines.push(line.clone()))?;
        Ok((tuned, lines))
    }

    fn file(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.path().join(name)).unwrap()
    }
}

const fn query(ids: &[u32]) -> Piece<'_> {
    Piece { ids, kind: TextKind::Query, script: Script::Latin }
}

const TEXTS: [Piece<'_>; 3] = [query(&[2, 5, 6, 7, 8, 9, 3]), query(&[2, 10, 3]), query(&[2, 11, 12, 13, 3])];

fn gradients(model: &Trainee) -> (Vec<f32>, BTreeMap<String, Vec<f32>>) {
    let vectors = model.forward(&TEXTS).unwrap();
    let (q, p) = (vectors.narrow(0, 0, 1).unwrap(), vectors.narrow(0, 1, 2).unwrap());
    let loss = contrast(&q, &p, &[vec![1]], 0.1, 0.5).unwrap();
    let grads = loss.backward().unwrap();
    let flat = |t: &Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let of = model
        .vars()
        .iter()
        .map(|(name, var)| (name.clone(), grads.get(var.as_tensor()).map_or_else(Vec::new, flat)))
        .collect();
    (flat(&vectors), of)
}

fn close(a: &[f32], b: &[f32], what: &str) {
    assert_eq!(a.len(), b.len(), "{what}");
    let scale = a.iter().fold(1e-3_f32, |m, x| m.max(x.abs()));
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() <= 2e-4 * scale, "{what}: {a} against {b}");
    }
}

#[test]
fn fused_operations_equal_the_plain_ones_with_their_gradients() {
    let place = Place::new();
    let all = Trained { embeddings: true, ..Trained::default() };
    let mut model = Trainee::open(&place.0.path().join("base"), &all, 1, &Device::Cpu).unwrap();
    let (fused, fused_grads) = gradients(&model);
    model.use_plain();
    let (plain, plain_grads) = gradients(&model);
    close(&plain, &fused, "vectors");
    for (name, plain) in &plain_grads {
        assert!(!plain.is_empty(), "{name} has no gradient");
        close(plain, &fused_grads[name], name);
    }
}

#[test]
fn vectors_equal_those_of_the_packed_encoder() {
    let place = Place::new();
    let dir = place.0.path().join("base");
    let check = || {
        let model = Trainee::open(&dir, &Trained::default(), 1, &Device::Cpu).unwrap();
        let embedder = Embedder::open(&ModelSource::Dir(dir.clone())).unwrap();
        let packed = embedder.embed(&["audit accounts road", "notes"], TextKind::Query).unwrap();
        let trained = model.forward(&[query(&[2, 5, 6, 7, 3]), query(&[2, 10, 3])]).unwrap();
        let trained = trained.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        close(packed.as_slice().unwrap(), &trained, "vectors");
        trained
    };
    let plain = check();
    centre(&dir, &WORDS.map(String::from)).unwrap();
    assert_ne!(check(), plain, "a centred base is trained on centred vectors");
}

#[test]
fn each_text_is_centred_by_the_mean_of_its_kind_and_script() {
    let place = Place::new();
    let dir = place.0.path().join("base");
    centre(&dir, &WORDS.map(String::from)).unwrap();
    let Manifest::Encoder(mut manifest) = Manifest::read(&dir).unwrap() else { panic!("one encoder") };
    for (at, key) in ["query/devanagari", "passage/latin", "passage/devanagari"].iter().enumerate() {
        let mean = (0..manifest.dims).map(|i| 0.1 * ((i * (at + 2)) as f32).sin()).collect();
        manifest.centring.insert((*key).to_owned(), mean);
    }
    let means = manifest.centring.clone();
    fs::write(dir.join("manifest.json"), Manifest::Encoder(manifest.clone()).to_json()).unwrap();

    let text = |i: usize| if i.is_multiple_of(2) { "audit".to_owned() } else { "लेखा".to_owned() };
    let table: Vec<String> = (0..6).map(|i| format!("n{i}: {}\t", text(i))).collect();
    fs::write(place.0.path().join("t.tsv"), format!("text\tgroup\n{}\n", table.join("\n"))).unwrap();
    let recipe = recipe();
    let source = Source {
        kind: SourceKind::Parts,
        path: "t.tsv".into(),
        between: Some(": ".into()),
        ..recipe.source[0].clone()
    };
    let set = Set::read(&source, &[place.0.path().to_owned()], 0.0, 1).unwrap();
    let tokens = Tokens::load(&tokenizer_file(&dir), WORDS.len() + 5, 16).unwrap();
    let sets = [Prepared::new(set, &tokens, &manifest).unwrap()];
    let texts = draw(&sets, &recipe.batch, 1, 0).unwrap();
    assert_eq!(texts.queries, 6);

    let model = Trainee::open(&dir, &Trained::default(), 1, &Device::Cpu).unwrap();
    let embedder = Embedder::open(&ModelSource::Dir(dir)).unwrap();
    let vectors = model.forward(&texts.texts).unwrap().to_vec2::<f32>().unwrap();
    // The only word of a query that the model does not know is the Hindi one.
    for (at, piece) in texts.texts.iter().enumerate().take(6) {
        let text = text(usize::from(piece.ids.contains(&1)));
        let want = embedder.embed(&[text], TextKind::Query).unwrap();
        close(want.as_slice().unwrap(), &vectors[at], "query");
    }
    let passages: Vec<String> = (0..6).map(|i| format!("n{i}")).collect();
    let want = embedder.embed(&passages, TextKind::Passage).unwrap();
    // All passages are one unknown word.
    close(want.row(0).as_slice().unwrap(), &vectors[6], "passage");

    place.run(&recipe, "out").unwrap();
    let Manifest::Encoder(tuned) = Manifest::read(&place.0.path().join("out")).unwrap() else {
        panic!("one encoder")
    };
    assert_eq!(tuned.centring, means, "the tuned encoder keeps the means that it was trained with");
}

#[test]
fn equal_runs_give_equal_bytes_and_learn() {
    let place = Place::new();
    let (_, lines) = place.run(&recipe(), "one").unwrap();
    place.run(&recipe(), "two").unwrap();
    for name in ["model.safetensors", "manifest.json", "MODEL_CARD.md", "training/log.jsonl"] {
        assert_eq!(place.file(&format!("one/{name}")), place.file(&format!("two/{name}")), "{name}");
    }
    assert_ne!(place.file("one/model.safetensors"), place.file("base/model.safetensors"));
    let loss = |line: &Line| match line {
        Line::Step { loss, .. } => *loss,
        Line::Judged { .. } => f64::NAN,
    };
    let early: f64 = lines[..4].iter().map(loss).sum();
    let late: f64 = lines[8..].iter().map(loss).sum();
    assert!(late < 0.9 * early, "{early} {late}");
}

#[test]
fn a_resumed_run_equals_an_unbroken_one() {
    let place = Place::new();
    place.run(&recipe(), "whole").unwrap();
    // Stops after its first step, as an interrupted run does.
    let path = place.0.path();
    let (base, out) = (path.join("base"), path.join("broken"));
    let stop = std::sync::atomic::AtomicBool::new(true);
    let recipe = recipe();
    let run = EncoderRun {
        recipe: &recipe,
        data: &[path.to_owned()],
        base: &base,
        out: &out,
        device: TuneDevice::Cpu,
        stop: Some(&stop),
    };
    let tuned = tune_encoder(&run, &mut |_| ()).unwrap();
    assert!(!tuned.finished && tuned.steps == 1);
    place.run(&recipe, "broken").unwrap();
    for name in ["model.safetensors", "training/log.jsonl"] {
        assert_eq!(place.file(&format!("whole/{name}")), place.file(&format!("broken/{name}")), "{name}");
    }
}

#[test]
fn a_checkpoint_of_another_recipe_is_refused() {
    let place = Place::new();
    place.run(&recipe(), "out").unwrap();
    let other = EncoderRecipe { seed: 6, ..recipe() };
    assert!(matches!(place.run(&other, "out"), Err(TuneError::Checkpoint { .. })));
}

#[test]
fn left_out_groups_are_judged_and_not_trained_on() {
    let place = Place::new();
    let mut recipe = recipe();
    recipe.validation.share = 0.3;
    recipe.validation.mix = vec![1.0, 0.5];
    let (tuned, lines) = place.run(&recipe, "out").unwrap();
    assert!(tuned.scores.contains_key("T"));
    let judged = lines.iter().filter(|line| matches!(line, Line::Judged { .. })).count();
    assert!(
        (1 + 3 + 1..=1 + 3 + 2).contains(&judged),
        "before, three times on the way, what is not known yet"
    );
    let card = String::from_utf8(place.file("out/MODEL_CARD.md")).unwrap();
    assert!(card.contains("| T | none | 9 | 12 | g") || card.contains("| T | none | 6 | 12 | g"), "{card}");
}

#[test]
fn low_rank_additions_change_only_the_layers_asked_for() {
    let place = Place::new();
    let mut recipe = recipe();
    recipe.trained = Trained { lora_rank: 2, from_layer: 1, ..Trained::default() };
    place.run(&recipe, "out").unwrap();
    let read = |name: &str| {
        let path = place.0.path().join(name).join("model.safetensors");
        candle_core::safetensors::load(path, &Device::Cpu).unwrap()
    };
    let (before, after) = (read("base"), read("out"));
    for (name, tensor) in &before {
        let flat = |t: &Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let same = flat(tensor) == flat(&after[name]);
        let trained = name.starts_with("encoder.layer.1.") && tensor.dims().len() == 2;
        assert_eq!(same, !trained, "{name}");
    }
}

#[test]
fn a_task_that_may_only_be_measured_is_refused() {
    let place = Place::new();
    task(place.0.path(), false);
    assert!(matches!(place.run(&recipe(), "out"), Err(TuneError::MeasureOnly { .. })));
}
