//! How many sentences of a file are embedded in a second: the side of `peers/embed.py` that is ours.
//!
//!     embed_peer MODEL_DIR SENTENCES.txt THREADS ENGINE [OUT.f32]
//!
//! ENGINE is `packed`, `int8` or, in a build with the feature `candle`, `candle` (batches sorted by length) and
//! `candle-unsorted` (padded batches of 32 in the order of the file, which is how candle's own examples use its models).
//!
//! Prints one JSON object: sentences a second for the whole way (text to vector), the share of what the cores could
//! multiply and add in registers, the milliseconds from opening the model to the first vector (by the clock, and of all
//! cores together, which a busy machine does not change), the resident memory by then and at its peak. With a fifth
//! argument the vectors go there, as plain `f32`.
#![allow(clippy::print_stdout, reason = "it is what it is for")]

use std::{error::Error, path::PathBuf, time::Instant};

use cbp_benches::process::{cpu_ms, resident_mb};
use cbp_infer::{
    embed::{Embedder, Engine, ModelSource, TextKind},
    rank::multiply_add_limit,
};
use ndarray::{Array2, Axis, concatenate};

/// A run is repeated for at least this long, and the best is told: others share the machine.
const SECONDS: f64 = 3.0;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [model, file, threads, engine, out @ ..] = args.as_slice() else {
        return Err("usage: embed_peer MODEL_DIR SENTENCES.txt THREADS ENGINE [OUT.f32]".into());
    };
    let (engine, unsorted) = match engine.as_str() {
        "packed" => (Engine::Packed, false),
        "int8" => (Engine::Int8, false),
        "candle" => (Engine::Candle, false),
        "candle-unsorted" => (Engine::Candle, true),
        other => return Err(format!("no engine {other}").into()),
    };
    let threads: usize = threads.parse()?;
    // candle does not take a pool: the one of all threads must be as large.
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    let text = std::fs::read_to_string(file)?;
    let sentences: Vec<&str> = text.lines().collect();
    let start = Instant::now();
    let embedder = Embedder::open_on(&ModelSource::Dir(PathBuf::from(model)), engine)?;
    embedder.embed(sentences.get(..1).unwrap_or_default(), TextKind::Passage)?;
    let (first, first_cpu, resident) = (start.elapsed().as_secs_f64(), cpu_ms(), resident_mb("VmRSS:"));
    let all = || -> Result<Array2<f32>, Box<dyn Error>> {
        if !unsorted {
            return Ok(embedder.embed(&sentences, TextKind::Passage)?);
        }
        let parts: Result<Vec<_>, _> =
            sentences.chunks(32).map(|part| embedder.embed(part, TextKind::Passage)).collect();
        let parts = parts?;
        Ok(concatenate(Axis(0), &parts.iter().map(|part| part.view()).collect::<Vec<_>>())?)
    };
    let mut best = f64::INFINITY;
    let begun = Instant::now();
    let mut vectors = None;
    while begun.elapsed().as_secs_f64() < SECONDS || vectors.is_none() {
        let start = Instant::now();
        vectors = Some(all()?);
        best = best.min(start.elapsed().as_secs_f64());
    }
    let limit = (0..5).map(|_| multiply_add_limit()).fold(0.0, f64::max) * threads as f64;
    let work = embedder.work(&sentences, TextKind::Passage)?;
    println!(
        "{{\"rate\": {:.2}, \"share\": {:.3}, \"first_vector_ms\": {:.1}, \"first_vector_cpu_ms\": {first_cpu}, \"resident_mb\": {resident}, \"peak_mb\": {}}}",
        sentences.len() as f64 / best,
        work.multiply_adds as f64 / best / limit,
        first * 1e3,
        resident_mb("VmHWM:")
    );
    if let (Some(path), Some(vectors)) = (out.first(), vectors) {
        let bytes: Vec<u8> = vectors.iter().flat_map(|x| x.to_le_bytes()).collect();
        std::fs::write(path, bytes)?;
    }
    Ok(())
}
