//! One test body over both engines: the packed encoder and candle's BERT give the same vectors.
#![cfg(feature = "candle")]
#![allow(clippy::unwrap_used, missing_docs)]

use cbp_infer::embed::{EmbedError, Embedder, Engine, ModelSource, TextKind};
use ndarray::Array2;

/// The engine under test, and how near it must come to the packed one.
const ENGINES: &[(Engine, f64)] = &[
    (Engine::Packed, 1.0 - 1e-6),
    (Engine::Candle, 0.999_99),
    #[cfg(feature = "cuda")]
    (Engine::Cuda, 0.999),
];

const ENGLISH: [[&str; 6]; 3] = [
    ["scrutinise", "prepare", "inspect", "maintain", "approve", "reconcile"],
    ["tender documents", "the cash book", "road works", "service records", "audit replies", "grant releases"],
    [
        "for the block office",
        "before the due date",
        "with the field staff",
        "under the Act",
        "every month",
        "",
    ],
];
const HINDI: [[&str; 6]; 3] = [
    ["निविदा दस्तावेजों", "रोकड़ बही", "सड़क कार्यों", "सेवा अभिलेखों", "लेखा आपत्तियों", "अनुदान राशि"],
    ["की जांच", "का संधारण", "का निरीक्षण", "का अनुमोदन", "का मिलान", "की तैयारी"],
    ["समय पर करना", "हर माह करना", "नियमानुसार करना", "क्षेत्र में करना", "करना", "जिला कार्यालय हेतु करना"],
];

/// A thousand sentences of both languages, of 3 to some 40 words.
fn sentences() -> Vec<String> {
    let mut made = Vec::new();
    for i in 0..1000_usize {
        let words = if i % 2 == 0 { ENGLISH } else { HINDI };
        let pick = |k: usize| {
            let at = i.wrapping_mul(2_654_435_761).wrapping_add(k * 40_503) >> 7;
            [words[0][at % 6], words[1][at / 6 % 6], words[2][at / 36 % 6]].join(" ")
        };
        // Most are short; every ninth is long, so that batches mix lengths.
        let clauses = if i % 9 == 0 { 6 } else { 1 + i % 2 };
        made.push((0..clauses).map(pick).collect::<Vec<_>>().join(", ") + &format!(" {i}"));
    }
    made
}

fn worst(a: &Array2<f32>, b: &Array2<f32>) -> f64 {
    a.outer_iter().zip(b.outer_iter()).map(|(a, b)| f64::from(a.dot(&b))).fold(1.0, f64::min)
}

#[test]
fn engines_agree() {
    let texts = sentences();
    let packed = Embedder::open(&ModelSource::Shipped).unwrap().embed(&texts, TextKind::Passage).unwrap();
    for &(engine, cosine) in ENGINES {
        let embedder = match Embedder::open_on(&ModelSource::Shipped, engine) {
            Err(EmbedError::Device { device, detail }) => {
                println!("{engine:?}: not compared, this machine has no {device} device ({detail})");
                continue;
            }
            opened => opened.unwrap(),
        };
        let all = embedder.embed(&texts, TextKind::Passage).unwrap();
        let least = worst(&all, &packed);
        println!("{engine:?}: least cosine with the packed engine {least:.9} over {} sentences", texts.len());
        assert!(least >= cosine, "{engine:?} {least}");
        // A batch equals its singles.
        for i in [0, 1, 9, 500] {
            let single = embedder.embed(&texts[i..=i], TextKind::Passage).unwrap();
            let batch = all.slice(ndarray::s![i..=i, ..]).to_owned();
            assert!(worst(&single, &batch) >= cosine, "{engine:?} {i}");
        }
    }
}
