//! The whole road in forty lines: a folder of papers in, a plan out.
//!
//! ```sh
//! cargo run --release -p cbp-examples --example plan_department -- fixtures/departments/rural-development
//! ```

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use cbp_core::{Catalogue, CompetencyModel};
use cbp_infer::embed::{Embedder, ModelSource};
use cbp_infer::plan::{Engine, Papers, PlanOptions};
use cbp_ingest::{
    DepartmentFile, ReadOptions, document_kind, frac_dictionary, knowledge_base, read_document,
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("give a folder of documents")?);

    // 1. Bytes to documents, and each document's kind from its text.
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    paths.sort();
    let mut documents = Vec::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|kind| kind == "pdf")) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let document = read_document(&name, &std::fs::read(path)?, &ReadOptions::default())?;
        let (kind, _confidence) = document_kind(&document);
        documents.push((document, kind));
    }

    // 2. Documents to posts with their duties, and to the Acts and schemes that they name.
    let frac = frac_dictionary(&documents, &DepartmentFile::default());
    assert!(frac.rows.balances(), "no row is lost");
    let papers = Papers { frac, knowledge: knowledge_base(&documents), ..Papers::default() };

    // 3. The engine is loaded once: the model that ships, the competency model, a catalogue.
    let model = CompetencyModel::karmayogi().clone();
    let (catalogue, _) =
        Catalogue::from_json("catalogue.json", include_str!("../fixtures/catalogue.json"), &model)?;
    let engine = Engine::new(Arc::new(Embedder::open(&ModelSource::Shipped)?), model, catalogue)?;

    // 4. Papers to the plan, and the plan to a page.
    let planned = engine.plan(papers, PlanOptions::default(), &|stage| eprintln!("{stage} ..."))?;
    for post in planned.plan.designations.iter().take(3) {
        println!("{} needs", post.name);
        for need in &post.requirements {
            println!("  {} at {}: {}", need.competency.sub_theme, need.level.name, need.level_rationale);
        }
    }
    println!("{} bytes of HTML", cbp_report::html(&planned.plan)?.len());
    Ok(())
}
