//! How many sentences of a file are embedded in a second: the side of `peers/embed.py` that is ours.
//!
//!     embed_peer MODEL_DIR SENTENCES.txt THREADS [OUT.f32]
//!
//! Prints one JSON object: sentences a second for the whole way (text to vector), the milliseconds from opening the
//! model to the first vector, the peak of resident memory. With a fourth argument the vectors go there, as
//! plain `f32`.
#![allow(clippy::print_stdout, reason = "it is what it is for")]

use std::{error::Error, path::PathBuf, time::Instant};

use cbp_infer::embed::{Embedder, ModelSource, Run, TextKind};

/// A run is repeated for at least this long, and the best is told: others share the machine.
const SECONDS: f64 = 4.0;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [model, file, threads, out @ ..] = args.as_slice() else {
        return Err("usage: embed_peer MODEL_DIR SENTENCES.txt THREADS [OUT.f32]".into());
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?).build()?;
    let text = std::fs::read_to_string(file)?;
    let sentences: Vec<&str> = text.lines().collect();
    let start = Instant::now();
    let embedder = pool.install(|| Embedder::open(&ModelSource::Dir(PathBuf::from(model))))?;
    let run = Run { pool: Some(&pool), ..Run::default() };
    embedder.embed_with(sentences.get(..1).unwrap_or_default(), TextKind::Passage, &run)?;
    let first = start.elapsed().as_secs_f64();
    let mut best = f64::INFINITY;
    let begun = Instant::now();
    let mut vectors = None;
    while begun.elapsed().as_secs_f64() < SECONDS || vectors.is_none() {
        let start = Instant::now();
        vectors = Some(embedder.embed_with(&sentences, TextKind::Passage, &run)?);
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!(
        "{{\"rate\": {:.2}, \"first_vector_ms\": {:.1}, \"resident_mb\": {}}}",
        sentences.len() as f64 / best,
        first * 1e3,
        resident_mb()
    );
    if let (Some(path), Some(vectors)) = (out.first(), vectors) {
        let bytes: Vec<u8> = vectors.iter().flat_map(|x| x.to_le_bytes()).collect();
        std::fs::write(path, bytes)?;
    }
    Ok(())
}

/// The most memory this process has had, where the system tells it.
fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
