//! How fast texts become vectors with the encoder that ships.
//!
//! Measures the whole way from text to unit vector: normalising, tokenising, the transformer, pooling. `short` is
//! what plans are full of (duties and competencies of 10 to 20 tokens), `mixed` adds long ones, `single` is one text at
//! a time, as a service sees it, and `open` is what every process pays first. `engine` runs the multilingual encoder alone
//! on mixed lengths: packed, with eight-bit weights, and, with `--features candle`, on candle's own model, in batches
//! that are sorted by length and padded.
//!
//! Before anything else it prints what a process pays once: the time from opening the model that ships to the first
//! vector, and the memory by then. At the end it prints which part of the time tokenising takes (on all threads, as the
//! rest), and which share of the fused multiply-adds that the cores can do in registers each encoder reaches
//! on texts of 32 tokens, tokenising included; the integer engine has another limit, and its share can pass 1.
//!
//! It can mislead: all of rayon's threads are used, so numbers of machines with other core counts do not compare;
//! throughput is in texts, whose length decides; a shared machine is off by a tenth. Compare runs of one machine, and
//! for other engines use `peers/embed.py`, which gives all of them the same texts in one run.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::{Duration, Instant};

use cbp_benches::process::{cpu_ms, resident_mb};
use cbp_infer::{
    embed::{Embedder, Engine, ModelSource, TextKind},
    rank::multiply_add_limit,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const DUTIES: [&str; 6] = [
    "Scrutinise tender documents and prepare the comparative statement of bids",
    "Maintain the cash book and reconcile it with the treasury every month",
    "क्षेत्र में चल रहे कार्यों का निरीक्षण कर प्रगति प्रतिवेदन प्रस्तुत करना",
    "Reply to audit paragraphs",
    "पंचायतों को अनुदान राशि का समय पर वितरण",
    "Train field staff in the use of the beneficiary register",
];

fn texts(count: usize, long: bool) -> Vec<String> {
    let duty = |i: usize| DUTIES[i % DUTIES.len()];
    let one = |i: usize| match i % 8 {
        7 if long => (i..i + 6).map(duty).collect::<Vec<_>>().join(". ") + &format!(" ({i})"),
        _ => format!("{} ({i})", duty(i)),
    };
    (0..count).map(one).collect()
}

/// Once, and first: a second opening finds memory that the first one left, and files that it read.
fn first(_: &mut Criterion) {
    let (start, cpu) = (Instant::now(), cpu_ms());
    let embedder = Embedder::open(&ModelSource::Shipped).unwrap();
    let opened = start.elapsed();
    embedder.embed(&DUTIES[..1], TextKind::Passage).unwrap();
    println!(
        "first vector of the model that ships: {} ms ({} of them opening it; {} of all cores together), \
         {} MB resident, {} at the peak",
        start.elapsed().as_millis(),
        opened.as_millis(),
        cpu_ms() - cpu,
        resident_mb("VmRSS:"),
        resident_mb("VmHWM:")
    );
}

fn embed(c: &mut Criterion) {
    let embedder = Embedder::open(&ModelSource::Shipped).unwrap();
    let mut group = c.benchmark_group("embed");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(5));
    for (name, count, long) in [("single", 1, false), ("short", 64, false), ("mixed", 64, true)] {
        let texts = texts(count, long);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), &texts, |b, texts| {
            b.iter(|| embedder.embed(texts, TextKind::Passage).unwrap());
        });
    }
    group.finish();
    c.bench_function("open", |b| b.iter(|| Embedder::open(&ModelSource::Shipped).unwrap()));
}

const ENGINES: &[Engine] = &[
    Engine::Packed,
    Engine::Int8,
    #[cfg(feature = "candle")]
    Engine::Candle,
];

fn open(model: &str, engine: Engine) -> Embedder {
    Embedder::open_on(&ModelSource::Named(model.into()), engine).unwrap()
}

fn engines(c: &mut Criterion) {
    let mut group = c.benchmark_group("engine");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(5));
    let texts = texts(64, true);
    group.throughput(Throughput::Elements(64));
    for &engine in ENGINES {
        let embedder = open("cbp-e5", engine);
        group.bench_with_input(BenchmarkId::from_parameter(format!("{engine:?}")), &texts, |b, texts| {
            b.iter(|| embedder.embed(texts, TextKind::Passage).unwrap());
        });
    }
    group.finish();
}

/// Sixty-four texts of 32 tokens.
fn of_32_tokens(embedder: &Embedder) -> Vec<String> {
    let tokens = |text: &str| embedder.work(&[text], TextKind::Passage).unwrap().tokens;
    let words: Vec<&str> =
        DUTIES.iter().flat_map(|duty| duty.split(' ')).filter(|word| word.is_ascii()).collect();
    let one = |seed: usize| {
        // Equal texts would be embedded once.
        let mut text = seed.to_string();
        for word in words.iter().cycle().skip(seed) {
            let longer = format!("{text} {word}");
            if tokens(&longer) > 32 {
                break;
            }
            text = longer;
        }
        text
    };
    (0..).map(one).filter(|text| tokens(text) == 32).take(64).collect()
}

/// What a call takes at best.
fn best_of_twelve(call: impl Fn()) -> f64 {
    let time = || {
        let start = Instant::now();
        call();
        start.elapsed().as_secs_f64()
    };
    (0..12).map(|_| time()).fold(f64::INFINITY, f64::min)
}

fn tokenising(_: &mut Criterion) {
    let embedder = Embedder::open(&ModelSource::Shipped).unwrap();
    for (name, long) in [("short", false), ("mixed", true)] {
        let texts = texts(256, long);
        let all = best_of_twelve(|| drop(embedder.embed(&texts, TextKind::Passage).unwrap()));
        // Counting a text's work is normalising and tokenising it.
        let tokens = best_of_twelve(|| {
            let _ = embedder.work(&texts, TextKind::Passage).unwrap();
        });
        println!("{name}: tokenising takes {:.1} % of the time", 100.0 * tokens / all);
    }
}

fn shares(_: &mut Criterion) {
    let limit =
        (0..5).map(|_| multiply_add_limit()).fold(0.0, f64::max) * rayon::current_num_threads() as f64;
    for model in ["cbp-e5", "cbp-minilm"] {
        for engine in [Engine::Packed, Engine::Int8] {
            let embedder = open(model, engine);
            let texts = of_32_tokens(&embedder);
            let best = best_of_twelve(|| drop(embedder.embed(&texts, TextKind::Passage).unwrap()));
            let work = embedder.work(&texts, TextKind::Passage).unwrap();
            println!(
                "{model}, {engine:?}: {:.0} texts of 32 tokens a second, {:.3} of the multiply-add limit",
                64.0 / best,
                work.multiply_adds as f64 / best / limit
            );
        }
    }
}

criterion_group!(benches, first, embed, engines, tokenising, shares);
criterion_main!(benches);
