//! This project's side of `benches/peers/ranking.py`: times exact rankings of vectors that the script made.
//!
//! `ranking_peer COURSES.npy QUERIES.npy OUT.tsv` prints `setting TAB seconds a query` and writes the ten best courses of each
//! query, so that the script can compare them with its peers'. Every tenth course is in Hindi: the filter's share.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use cbp_benches::{made_up::Noise, npy};
use cbp_infer::rank::{CourseIndex, Filter, Need, RankError, RankOptions, Weights};
use ndarray::{Array2, Axis};

type Fault = Box<dyn std::error::Error>;

/// Passes go on for so long, as the peers' do, so that the best one is seldom one that something else disturbed.
const LONG_ENOUGH: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [courses, queries, out] = &args[..] else {
        eprintln!("usage: ranking_peer COURSES.npy QUERIES.npy OUT.tsv");
        return ExitCode::from(2);
    };
    match run(Path::new(courses), Path::new(queries), Path::new(out)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("ranking_peer: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(courses: &Path, queries: &Path, out: &Path) -> Result<(), Fault> {
    let (vectors, queries) = (npy::read(courses)?, npy::read(queries)?);
    let mut catalogue = Noise::bare_catalogue(vectors.nrows());
    for course in catalogue.courses.iter_mut().step_by(10) {
        course.language = "Hindi".into();
    }
    let index = CourseIndex::from_vectors(&catalogue, &vectors, "peer")?;
    let needs = vec![Need::of(""); queries.nrows()];
    let dense = RankOptions::new(Weights { dense: 1.0, lexical: 0.0, tag: 0.0, level: 0.0, prior: 0.0 })?;
    let hindi = Filter { languages: vec!["Hindi".into()], ..Filter::default() };
    let open = Filter::default();
    let singles = queries.nrows().min(200);
    let time =
        |name: &str, batch: usize, total: usize, threads: usize, filter: &Filter| -> Result<(), Fault> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
            let batches: Vec<Array2<f32>> = queries
                .axis_chunks_iter(Axis(0), batch)
                .take(total.div_ceil(batch))
                .map(|b| b.to_owned())
                .collect();
            let pass = || -> Result<f64, RankError> {
                let start = Instant::now();
                for batch in &batches {
                    let needs = &needs[..batch.nrows()];
                    std::hint::black_box(index.best_vectors(needs, batch, 10, filter, &dense)?);
                }
                Ok(start.elapsed().as_secs_f64())
            };
            let (begin, mut best, mut passes) = (Instant::now(), f64::INFINITY, 0);
            while passes < 3 || begin.elapsed() < LONG_ENOUGH {
                best = best.min(pool.install(pass)?);
                passes += 1;
            }
            let done: usize = batches.iter().map(Array2::nrows).sum();
            Ok(writeln!(std::io::stdout(), "{name}\t{:e}", best / done as f64)?)
        };
    let all = queries.nrows();
    time("one", 1, singles, 1, &open)?;
    time("batch64", 64, all.min(256), 1, &open)?;
    time("large", all, all, 1, &open)?;
    time("large2", all, all, 2, &open)?;
    time("filter64", 64, all.min(256), 1, &hindi)?;
    let mut ids = String::new();
    for best in index.best_vectors(&needs, &queries, 10, &open, &dense)? {
        let row: Vec<String> = best.iter().map(|(course, _)| course.to_string()).collect();
        writeln!(ids, "{}", row.join("\t"))?;
    }
    std::fs::write(out, ids)?;
    Ok(())
}
