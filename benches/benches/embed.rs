//! How fast texts become vectors with the encoder that ships.
//!
//! Measures the whole way from text to unit vector: normalising, tokenising, the transformer, pooling. `short` is
//! what plans are full of (duties and competencies of 10 to 20 tokens), `mixed` adds long ones, `single` is one text at
//! a time, as a service sees it, and `open` is what every process pays first.
//!
//! It can mislead: all of rayon's threads are used, so numbers of machines with other core counts do not compare;
//! throughput is in texts, whose length decides; a shared machine is off by a tenth. Compare runs of one machine, and
//! for other engines use `peers/embed.py`, which gives all of them the same texts in one run.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::Duration;

use cbp_infer::embed::{Embedder, ModelSource, TextKind};
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

criterion_group!(benches, embed);
criterion_main!(benches);
