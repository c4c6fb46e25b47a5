//! Fixed work for `benches/instructions.py`, which counts its instructions: `ranking_count setup|one|batch|fused|filter`.
//!
//! Every kind does what `setup` does and then its own work once, on one thread, so that a difference of two counts is the
//! work's own. Which instruction set runs is the counting tool's choice: valgrind shows programs AVX2.

use std::process::ExitCode;

use cbp_benches::made_up::Noise;
use cbp_infer::rank::{CourseIndex, Filter, Need, RankError, RankOptions, Weights};
use ndarray::s;

const COURSES: usize = 1_000;
const NEEDS: usize = 48;

fn run(kind: &str) -> Result<bool, RankError> {
    let mut noise = Noise::new(11);
    let catalogue = noise.catalogue(COURSES);
    let (vectors, queries) = (noise.vectors(COURSES, 384), noise.vectors(NEEDS, 384));
    let index = CourseIndex::from_vectors(&catalogue, &vectors, "made up")?;
    let needs = noise.needs(NEEDS);
    let bare = vec![Need::default(); NEEDS];
    let dense = RankOptions::new(Weights { dense: 1.0, lexical: 0.0, tag: 0.0, level: 0.0, prior: 0.0 })?;
    let (open, hindi) = (Filter::default(), Filter { languages: vec!["Hindi".into()], ..Filter::default() });
    let one = queries.slice(s![..1, ..]).to_owned();
    let found = match kind {
        "setup" => Vec::new(),
        "one" => index.best_vectors(&bare[..1], &one, 10, &open, &dense)?,
        "batch" => index.best_vectors(&bare, &queries, 10, &open, &dense)?,
        "fused" => index.best_vectors(&needs, &queries, 10, &open, &RankOptions::default())?,
        "filter" => index.best_vectors(&bare, &queries, 10, &hindi, &dense)?,
        _ => return Ok(false),
    };
    println!("{}", found.iter().flatten().map(|(course, _)| u64::from(*course)).sum::<u64>());
    Ok(true)
}

fn main() -> ExitCode {
    let kind = std::env::args().nth(1).unwrap_or_default();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    match pool.map(|pool| pool.install(|| run(&kind))) {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        Ok(Ok(false)) => {
            eprintln!("usage: ranking_count setup|one|batch|fused|filter");
            ExitCode::from(2)
        }
        Ok(Err(fault)) => {
            eprintln!("ranking_count: {fault}");
            ExitCode::FAILURE
        }
        Err(fault) => {
            eprintln!("ranking_count: {fault}");
            ExitCode::FAILURE
        }
    }
}
