//! The shipped embedder keeps its promises: determinism, batches, languages, bad input.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use cbp_infer::embed::{
    EmbedError, Embedder, Engine, ModelSource, Progress, Run, TEXT_LIMIT, TextKind, VectorCache,
};
use ndarray::Array2;

const TEXTS: [&str; 9] = [
    "Scrutinise tender documents and prepare the comparative statement of bids",
    "निविदा दस्तावेजों की जांच करना और बोलियों का तुलनात्मक विवरण तैयार करना",
    "Maintain the cash book",
    "ক্যাশ বই রক্ষণাবেক্ষণ",
    "கணக்கு புத்தகத்தை பராமரித்தல்",
    "I",
    "Disburse scholarships (छात्रवृत्ति) to students; verify Aadhaar, income and caste certificates before 31/03.",
    "Yoga for beginners",
    "Answer audit paras of the Accountant General and settle recoveries from contractors within the time allowed",
];

fn shipped() -> &'static Embedder {
    static SHIPPED: std::sync::OnceLock<Embedder> = std::sync::OnceLock::new();
    SHIPPED.get_or_init(|| Embedder::open(&ModelSource::Shipped).unwrap())
}

fn bits(vectors: &Array2<f32>) -> Vec<u32> {
    vectors.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn batches_equal_singles_and_threads_do_not_matter() {
    let embedder = shipped();
    // Enough tokens for several micro-batches.
    let many: Vec<String> = (0..6).flat_map(|i| TEXTS.iter().map(move |t| format!("{i} {t}"))).collect();
    for kind in [TextKind::Query, TextKind::Passage] {
        let batch = embedder.embed(&many, kind).unwrap();
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let run = Run { pool: Some(&pool), ..Run::default() };
            assert_eq!(
                bits(&embedder.embed_with(&many, kind, &run).unwrap()),
                bits(&batch),
                "{threads} threads"
            );
        }
        for i in [0, 5, many.len() - 1] {
            let single = embedder.embed(&many[i..=i], kind).unwrap();
            assert_eq!(bits(&single), bits(&batch.slice(ndarray::s![i..=i, ..]).to_owned()), "{}", many[i]);
        }
    }
}

#[test]
fn vectors_are_of_unit_length_and_repeats_are_equal() {
    let embedder = shipped();
    let twice = [
        TEXTS[0],
        TEXTS[1],
        TEXTS[0],
        "  Scrutinise tender documents\tand prepare the comparative statement of bids ",
    ];
    let vectors = embedder.embed(&twice, TextKind::Passage).unwrap();
    assert_eq!(vectors.dim(), (4, embedder.dims()));
    for row in vectors.outer_iter() {
        assert!((row.dot(&row) - 1.0).abs() < 1e-5);
    }
    assert_eq!(vectors.row(0), vectors.row(2));
    assert_eq!(vectors.row(0), vectors.row(3), "white space is normalised before texts are compared");
    assert_ne!(vectors.row(0), vectors.row(1));
}

#[test]
fn meaning_crosses_languages() {
    let vectors = shipped().embed(&TEXTS, TextKind::Passage).unwrap();
    let near = |a: usize, b: usize| vectors.row(a).dot(&vectors.row(b));
    assert!(near(0, 1) > near(0, 7) && near(0, 1) > near(2, 1), "English to Hindi");
    assert!(near(2, 3) > near(0, 3), "English to Bengali");
    assert!(near(2, 4) > near(7, 4), "English to Tamil");
}

#[test]
fn a_long_text_is_embedded_in_windows() {
    let embedder = shipped();
    let long = "The officer inspects the works. अधिकारी कार्यों का निरीक्षण करता है। ".repeat(40);
    let vectors = embedder
        .embed(&[long.as_str(), "Inspection of works", "Yoga for beginners"], TextKind::Passage)
        .unwrap();
    assert!(vectors.row(0).dot(&vectors.row(1)) > vectors.row(0).dot(&vectors.row(2)));
    // One word without a boundary, longer than any window.
    let run_on = "पदनाम".repeat(1000);
    assert!(embedder.embed(&[run_on], TextKind::Query).unwrap().iter().all(|x| x.is_finite()));
}

#[test]
fn eight_bits_are_near_and_kept_apart() {
    let rounded = Embedder::open_on(&ModelSource::Shipped, Engine::Int8).unwrap();
    assert_ne!(rounded.fingerprint(), shipped().fingerprint());
    let exact = shipped().embed(&TEXTS, TextKind::Passage).unwrap();
    let near = rounded.embed(&TEXTS, TextKind::Passage).unwrap();
    let cosines: Vec<f32> = exact.outer_iter().zip(near.outer_iter()).map(|(a, b)| a.dot(&b)).collect();
    let mean = cosines.iter().sum::<f32>() / cosines.len() as f32;
    println!(
        "mean cosine of int8 with f32 {mean:.6}, least {:.6}",
        cosines.iter().copied().fold(1.0, f32::min)
    );
    assert!(mean > 0.99, "{cosines:?}");
    let single = rounded.embed(&TEXTS[6..7], TextKind::Passage).unwrap();
    assert_eq!(bits(&single), bits(&near.slice(ndarray::s![6..7, ..]).to_owned()));
    // Neither the vectors that ship, made in single precision, nor those of another engine in the same folder.
    let folder = tempfile::tempdir().unwrap();
    let cached = |engine| {
        let cache = VectorCache::in_folder(folder.path());
        Embedder::open_on(&ModelSource::Shipped, engine).unwrap().with_cache(cache).unwrap()
    };
    let first = cached(Engine::Packed).embed(&TEXTS, TextKind::Passage).unwrap();
    assert_eq!(bits(&first), bits(&exact));
    for _ in 0..2 {
        let again = cached(Engine::Int8).embed(&TEXTS, TextKind::Passage).unwrap();
        assert_eq!(bits(&again), bits(&near));
    }
}

#[test]
fn nothing_in_gives_nothing_out() {
    let none: [&str; 0] = [];
    assert_eq!(shipped().embed(&none, TextKind::Query).unwrap().dim(), (0, shipped().dims()));
}

#[test]
fn bad_texts_are_named() {
    let embedder = shipped();
    let try_with = |text: &str| embedder.embed(&["sound", text], TextKind::Query).unwrap_err();
    assert!(matches!(try_with(" \u{200b}\n"), EmbedError::EmptyText { index: 1 }));
    let long = "word ".repeat(1 << 18);
    let error = try_with(&long);
    assert!(
        matches!(error, EmbedError::TooLong { index: 1, bytes, limit: TEXT_LIMIT } if bytes == long.len())
    );
    let invalid = String::from_utf8_lossy(&[0xff, 0xfe, 0xfd, 0xfc]).into_owned();
    let error = try_with(&invalid);
    assert!(
        matches!(&error, EmbedError::BadText { index: 1, detail } if detail.contains("UTF-8")),
        "{error}"
    );
    let error = try_with("foHkkx ds deZpkjh dk dk;Z esa gS vkSj fy,");
    assert!(
        matches!(&error, EmbedError::BadText { index: 1, detail } if detail.contains("legacy")),
        "{error}"
    );
}

#[test]
fn a_megabyte_is_embedded_when_the_limit_allows() {
    let embedder = Embedder::open(&ModelSource::Shipped).unwrap().with_text_limit(2 << 20);
    // One window's worth of distinct sentences is enough to be slow; digits are the cheapest tokens.
    let text = format!("Register of {}", " ".repeat(1 << 20));
    let vectors = embedder.embed(&[text.as_str(), "Register of"], TextKind::Query).unwrap();
    assert_eq!(vectors.row(0), vectors.row(1));
}

#[test]
fn a_caller_can_watch_and_stop() {
    let texts: Vec<String> =
        (0..400).map(|i| format!("Entry {i} of the stock register is checked")).collect();
    let seen = Mutex::new(Vec::new());
    let stop = AtomicBool::new(false);
    let watch = |step: Progress| {
        seen.lock().unwrap().push(step);
        stop.store(true, Ordering::Relaxed);
    };
    let run = Run { cancel: Some(&stop), progress: Some(&watch), ..Run::default() };
    let error = shipped().embed_with(&texts, TextKind::Query, &run).unwrap_err();
    assert!(matches!(error, EmbedError::Cancelled { total: 400, .. }), "{error}");
    assert!(!seen.lock().unwrap().is_empty());

    let last = Mutex::new(0);
    let watch = |step: Progress| {
        let mut last = last.lock().unwrap();
        *last = step.done.max(*last);
    };
    shipped().embed_with(&texts, TextKind::Query, &Run { progress: Some(&watch), ..Run::default() }).unwrap();
    assert_eq!(*last.lock().unwrap(), 400);
}

#[test]
fn the_fingerprint_is_stable_and_the_model_is_found() {
    let again = Embedder::open(&ModelSource::Shipped).unwrap();
    assert_eq!(again.fingerprint(), shipped().fingerprint());
    assert_eq!(again.fingerprint().len(), 32);
    let alone = Embedder::open(&ModelSource::Named("cbp-e5".into())).unwrap();
    assert_eq!(alone.dims(), 384);
    let error = Embedder::open(&ModelSource::Named("no-such-model".into())).unwrap_err();
    assert!(matches!(&error, EmbedError::NoModel { places, .. } if !places.is_empty()), "{error}");
}

#[test]
fn a_gpu_that_is_not_there_is_an_error_that_says_what_to_do() {
    let error = match Embedder::open_on(&ModelSource::Shipped, Engine::Cuda) {
        // Built for one, on a machine that has one.
        Ok(_) if cfg!(feature = "cuda") => return,
        opened => opened.unwrap_err(),
    };
    assert!(matches!(&error, EmbedError::Device { device: "CUDA", .. }), "{error}");
    assert!(error.to_string().contains("use the CPU"), "{error}");
}

#[cfg(not(feature = "hub"))]
#[test]
fn the_hub_is_off_unless_built_in() {
    let error = Embedder::open(&ModelSource::from_option(Some("hub:owner/name"))).unwrap_err();
    assert!(
        matches!(&error, EmbedError::Unsupported { .. }) && error.to_string().contains("--features hub"),
        "{error}"
    );
}
