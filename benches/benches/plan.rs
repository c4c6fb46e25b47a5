//! The main job, stage by stage: the sample department's papers to a plan.
//!
//! Prints, for each stage, the median seconds of some runs and the items a second; then what the whole takes, and what it
//! takes in a process that has planned before (vectors of the papers' texts in memory).
//!
//! How it can mislead: the first number of a stage that embeds is mostly the encoder's, so it moves with the length of the
//! duties; files are read from the page cache; `open` includes checking the weights' hashes. Wall-clock times on a shared
//! machine differ from run to run: compare the shares of the stages, or two versions in one run.
//!
//! ```sh
//! cargo bench -p cbp-benches --bench plan
//! ```

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use cbp_core::{Catalogue, CompetencyModel, StageTiming};
use cbp_infer::embed::{Embedder, ModelSource, VectorCache};
use cbp_infer::plan::{Engine, Papers, PlanOptions};
use cbp_ingest::{
    DepartmentFile, ReadOptions, document_kind, frac_dictionary, knowledge_base, read_document,
};

const RUNS: usize = 5;

fn fixtures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn read() -> Result<(Papers, usize), Box<dyn Error>> {
    let folder = fixtures().join("departments/rural-development");
    let mut paths: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    paths.sort_by_key(std::fs::DirEntry::path);
    let mut documents = Vec::new();
    for path in
        paths.iter().map(std::fs::DirEntry::path).filter(|p| p.extension().is_some_and(|e| e == "pdf"))
    {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let document = read_document(&name, &std::fs::read(&path)?, &ReadOptions::default())?;
        let (kind, _) = document_kind(&document);
        documents.push((document, kind));
    }
    let pages = documents.iter().map(|(d, _)| d.pages.len()).sum();
    let frac = frac_dictionary(&documents, &DepartmentFile::default());
    Ok((Papers { frac, knowledge: knowledge_base(&documents), ..Papers::default() }, pages))
}

fn timed<T>(
    stage: &'static str,
    unit: &'static str,
    work: impl FnOnce() -> Result<(T, usize), Box<dyn Error>>,
) -> Result<(T, StageTiming), Box<dyn Error>> {
    let start = Instant::now();
    let (value, items) = work()?;
    Ok((value, StageTiming { stage, seconds: start.elapsed().as_secs_f64(), items, unit }))
}

/// One run in a fresh embedder; the second plan of the same engine finds its vectors in memory.
fn run(catalogue: &str) -> Result<(Vec<StageTiming>, f64), Box<dyn Error>> {
    let model = CompetencyModel::karmayogi().clone();
    let (catalogue, _) = Catalogue::from_json("catalogue.json", catalogue, &model)?;
    let courses = catalogue.courses.len();
    let (papers, reading) = timed("read documents", "pages", read)?;
    let (engine, opening) = timed("open model and index courses", "courses", || {
        let embedder = Embedder::open(&ModelSource::Shipped)?.with_cache(VectorCache::in_memory())?;
        Ok((Engine::new(Arc::new(embedder), model, catalogue)?, courses))
    })?;
    let planned = engine.plan(papers.clone(), PlanOptions::default(), &|_| ())?;
    let again = Instant::now();
    engine.plan(papers, PlanOptions::default(), &|_| ())?;
    let again = again.elapsed().as_secs_f64();
    Ok(([reading, opening].into_iter().chain(planned.timings).collect(), again))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() -> Result<(), Box<dyn Error>> {
    let catalogue = std::fs::read_to_string(fixtures().join("catalogue.json"))?;
    let runs = (0..RUNS).map(|_| run(&catalogue)).collect::<Result<Vec<_>, _>>()?;
    let Some((first, _)) = runs.first() else { return Ok(()) };
    println!("{RUNS} runs, medians");
    for (place, stage) in first.iter().enumerate() {
        let seconds = median(runs.iter().filter_map(|(t, _)| t.get(place)).map(|t| t.seconds).collect());
        let rate = stage.items as f64 / seconds.max(1e-9);
        println!("{:30} {seconds:8.3} s  {:6} {} ({rate:.0} a second)", stage.stage, stage.items, stage.unit);
    }
    let whole = median(runs.iter().map(|(t, _)| t.iter().map(|s| s.seconds).sum()).collect());
    println!("{:30} {whole:8.3} s", "all");
    println!(
        "{:30} {:8.3} s",
        "the same plan once more",
        median(runs.iter().map(|(_, again)| *again).collect())
    );
    Ok(())
}
