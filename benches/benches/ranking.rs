//! Ranking: exact best ten of made-up catalogues, 384 dimensions, fixed seeds.
//!
//! Measures, one thread unless the name says otherwise:
//! - `dense`: vectors alone, for 5,000 and 50,000 courses; one need at a time, 64, and a large batch; beside them the naive
//!   way (every dot product, then sort);
//! - `fused`: all five signals against the dense one alone, for needs of six words with a competency and a level;
//! - `filter`: a tenth of the courses, 64 needs at a time;
//! - `many`: one need, as many of 50,000 courses as the name says, in order;
//! - `people`: officials of 60 posts with passbooks, 5,000 courses.
//!
//! Before the timings it prints the ratio of `fused` once more, from medians of runs in turn, which is steadier; and what share
//! of the core's limits a ranking reaches, from vectors to ids: in a batch, of the single-precision multiply-adds that registers
//! allow (the scan's integers fit two to a lane, so that its share could pass 1);
//! for one need, of the bytes a second that summing a table of the same size reads, from whichever cache holds it.
//!
//! How it misleads: made-up vectors point anywhere, so the ten best stand out less than among real courses, and more of
//! them must be scored exactly; made-up words are drawn by frequency, but titles repeat less than real ones do; a busy machine
//! slows memory more than arithmetic. Compare ratios of one run. Peers on the same vectors: `benches/peers/ranking.py`.

#![allow(clippy::panic)] // A bench that cannot begin has nothing to tell.

use std::{hint::black_box, time::Duration, time::Instant};

use cbp_benches::made_up::Noise;
use cbp_core::Catalogue;
use cbp_infer::rank::{
    CourseIndex, Filter, Held, Need, Official, Post, RankOptions, Recommender, Required, Weights,
    multiply_add_limit,
};
use criterion::{BenchmarkId, Criterion, Throughput};
use ndarray::{Array2, s};

const DIMS: usize = 384;
const K: usize = 10;
const SIZES: [(usize, usize); 2] = [(5_000, 1024), (50_000, 256)];

/// Every score, then a sort.
fn naive(courses: &Array2<f32>, need: &[f32]) -> Vec<(f32, usize)> {
    let mut all: Vec<(f32, usize)> = courses
        .outer_iter()
        .map(|course| course.iter().zip(need).map(|(a, b)| a * b).sum::<f32>())
        .zip(0..)
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    all.truncate(K);
    all
}

fn dense_only() -> RankOptions {
    let weights = Weights { dense: 1.0, lexical: 0.0, tag: 0.0, level: 0.0, prior: 0.0 };
    RankOptions::new(weights).unwrap_or_default()
}

fn index(catalogue: &Catalogue, vectors: &Array2<f32>) -> CourseIndex {
    CourseIndex::from_vectors(catalogue, vectors, "made up").unwrap_or_else(|fault| panic!("{fault}"))
}

fn best(index: &CourseIndex, needs: &[Need], vectors: &Array2<f32>, filter: &Filter, options: &RankOptions) {
    best_of(index, needs, vectors, K, filter, options);
}

fn best_of(
    index: &CourseIndex,
    needs: &[Need],
    vectors: &Array2<f32>,
    k: usize,
    filter: &Filter,
    options: &RankOptions,
) {
    black_box(index.best_vectors(needs, vectors, k, filter, options))
        .unwrap_or_else(|fault| panic!("{fault}"));
}

fn dense(c: &mut Criterion) {
    for (size, needs) in SIZES {
        let mut noise = Noise::new(1);
        let (vectors, queries) = (noise.vectors(size, DIMS), noise.vectors(needs, DIMS));
        let index = index(&Noise::bare_catalogue(size), &vectors);
        let texts = vec![Need::default(); needs];
        let mut group = c.benchmark_group(format!("dense/{size}"));
        for batch in [1, 64, needs] {
            let part = queries.slice(s![..batch, ..]).to_owned();
            group.throughput(Throughput::Elements(batch as u64));
            group.bench_function(BenchmarkId::new("exact", batch), |b| {
                b.iter(|| best(&index, &texts[..batch], &part, &Filter::default(), &dense_only()));
            });
        }
        let one = queries.row(0).to_vec();
        group.throughput(Throughput::Elements(1));
        group.bench_function("naive/1", |b| b.iter(|| black_box(naive(&vectors, &one))));
        group.finish();
    }
}

/// An index of 5,000 courses with everything that signals look at, 512 needs, and their vectors.
fn fused_work() -> (CourseIndex, Vec<Need>, Array2<f32>) {
    let mut noise = Noise::new(2);
    let catalogue = noise.catalogue(5_000);
    let (vectors, queries) = (noise.vectors(5_000, DIMS), noise.vectors(512, DIMS));
    (index(&catalogue, &vectors), noise.needs(512), queries)
}

fn fused(c: &mut Criterion) {
    let (index, needs, queries) = fused_work();
    let mut group = c.benchmark_group("fused/5000");
    group.throughput(Throughput::Elements(512));
    for (name, options) in [("dense alone", dense_only()), ("five signals", RankOptions::default())] {
        group.bench_function(name, |b| {
            b.iter(|| best(&index, &needs, &queries, &Filter::default(), &options));
        });
    }
    group.finish();
}

fn filter(c: &mut Criterion) {
    let mut noise = Noise::new(3);
    let mut catalogue = Noise::bare_catalogue(50_000);
    catalogue.courses.iter_mut().step_by(10).for_each(|course| course.language = "Hindi".into());
    let (vectors, queries) = (noise.vectors(50_000, DIMS), noise.vectors(64, DIMS));
    let index = index(&catalogue, &vectors);
    let filter = Filter { languages: vec!["Hindi".into()], ..Filter::default() };
    let mut group = c.benchmark_group("filter/50000");
    group.throughput(Throughput::Elements(64));
    group.bench_function("a tenth", |b| {
        b.iter(|| best(&index, &vec![Need::default(); 64], &queries, &filter, &dense_only()));
    });
    group.finish();
}

fn many(c: &mut Criterion) {
    let mut noise = Noise::new(6);
    let (vectors, need) = (noise.vectors(50_000, DIMS), noise.vectors(1, DIMS));
    let index = index(&Noise::bare_catalogue(50_000), &vectors);
    let mut group = c.benchmark_group("many/50000");
    for k in [10, 1_000, 20_000, 50_000] {
        group.bench_function(BenchmarkId::from_parameter(k), |b| {
            b.iter(|| best_of(&index, &[Need::default()], &need, k, &Filter::default(), &dense_only()));
        });
    }
    group.finish();
}

fn people(c: &mut Criterion) {
    let mut noise = Noise::new(4);
    let catalogue = noise.catalogue(5_000);
    let index = index(&catalogue, &noise.vectors(5_000, DIMS));
    let posts: Vec<Post> = (0..60)
        .map(|post| {
            let required = noise.needs(12).into_iter().filter_map(|need| {
                Some(Required { competency: need.competency.clone()?, level: 2, weight: 0.05, need })
            });
            let audience = vec![format!("Group {}", ["A", "B", "C"][post % 3])];
            Post { names: vec![format!("post {post}")], audience, required: required.collect() }
        })
        .collect();
    let vectors = |needs: &[Need]| Ok(Noise::new(5).vectors(needs.len(), DIMS));
    let recommender = Recommender::with_vectors(&index, &posts, &RankOptions::default(), vectors)
        .unwrap_or_else(|fault| panic!("{fault}"));
    let officials: Vec<Official> = (0..4096)
        .map(|i| Official {
            id: format!("p{i}"),
            designation: format!("post {}", noise.below(60)),
            held: (0..4).map(|_| Held { competency: format!("C-{}", noise.below(114)), level: 2 }).collect(),
            done: (0..5).map(|_| format!("do_{:08}", noise.below(5_000))).collect(),
            languages: vec!["English".into()],
            hours: Some(8.0),
        })
        .collect();
    let mut group = c.benchmark_group("people/5000");
    group.throughput(Throughput::Elements(officials.len() as u64));
    group.bench_function("merge", |b| {
        b.iter(|| {
            for official in &officials {
                black_box(recommender.recommend(official, K)).unwrap_or_else(|fault| panic!("{fault}"));
            }
        });
    });
    group.finish();
}

/// Bytes a second that summing a table of so many bytes reads, again and again: from memory, or the cache that holds it.
fn read_limit(bytes: usize) -> f64 {
    let table = vec![1_u64; bytes / 8];
    let passes = (64 << 20) / bytes + 2;
    let read = || {
        let start = Instant::now();
        for _ in 0..passes {
            let mut sums = [0_u64; 32];
            for row in black_box(&table).as_chunks::<32>().0 {
                for (sum, x) in sums.iter_mut().zip(row) {
                    *sum = sum.wrapping_add(*x);
                }
            }
            black_box(sums);
        }
        (passes * bytes) as f64 / start.elapsed().as_secs_f64()
    };
    (0..5).map(|_| read()).fold(0.0, f64::max)
}

/// The scan against the machine's limits: one need reads a byte for each dimension of each course, a batch multiplies.
fn report() {
    let products = (0..5).map(|_| multiply_add_limit()).fold(0.0, f64::max);
    println!("this core at best: {:.1} G multiply-adds/s in registers", products / 1e9);
    for (size, needs) in SIZES {
        let mut noise = Noise::new(1);
        let (vectors, queries) = (noise.vectors(size, DIMS), noise.vectors(needs, DIMS));
        let index = index(&Noise::bare_catalogue(size), &vectors);
        let texts = vec![Need::default(); needs];
        let work = (size * DIMS) as f64;
        let rate = |batch: usize| {
            let part = queries.slice(s![..batch, ..]).to_owned();
            let seconds = (0..if batch == 1 { 200 } else { 5 }).map(|_| {
                let start = Instant::now();
                best(&index, &texts[..batch], &part, &Filter::default(), &dense_only());
                start.elapsed().as_secs_f64()
            });
            work * batch as f64 / seconds.fold(f64::INFINITY, f64::min)
        };
        let bytes = read_limit(size * DIMS);
        let (one, many) = (rate(1) / bytes, rate(needs) / products);
        println!("{size} courses, one need: {one:.2} of the read limit, {:.1} GB/s for as much", bytes / 1e9);
        println!("{size} courses, {needs} needs: {many:.2} of the multiply-add limit");
    }
}

/// Five signals against the dense one alone, in turn: what makes the machine slower for a while slows both.
fn report_fused() {
    let (index, needs, queries) = fused_work();
    let options = [dense_only(), RankOptions::default()];
    let mut seconds = [const { Vec::new() }; 2];
    for _ in 0..100 {
        for (options, seconds) in options.iter().zip(&mut seconds) {
            let start = Instant::now();
            best(&index, &needs, &queries, &Filter::default(), options);
            seconds.push(start.elapsed().as_secs_f64());
        }
    }
    let [dense, fused] = seconds.map(|mut seconds| {
        seconds.sort_by(f64::total_cmp);
        seconds[seconds.len() / 2]
    });
    println!("5000 courses, 512 needs: five signals take {:.2} of the dense one's time", fused / dense);
}

fn main() {
    // One thread: ratios mean more than the number of cores.
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap_or_else(|fault| panic!("{fault}"));
    pool.install(|| {
        report();
        report_fused();
        let mut c = Criterion::default()
            .sample_size(10)
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(2))
            .configure_from_args();
        dense(&mut c);
        fused(&mut c);
        filter(&mut c);
        many(&mut c);
        people(&mut c);
        c.final_summary();
    });
}
