//! Documents to papers: what they say, for the planner.

use std::path::PathBuf;
use std::time::Instant;

use cbp_core::{InputFile, StageTiming};
use cbp_infer::plan::Papers;
use cbp_ingest::{Document, DocumentKind, ReadOptions, frac_dictionary, knowledge_base};

use crate::documents::{self, Paper};
use crate::exit::CliError;

/// Reads the papers of a department: documents, and from them posts and knowledge.
pub(crate) fn read(inputs: &[PathBuf], options: &ReadOptions) -> Result<(Papers, StageTiming), CliError> {
    let start = Instant::now();
    let read = documents::read(inputs, options)?;
    let warnings = read.warnings();
    let inputs = read.papers.iter().map(input_file).collect();
    let documents: Vec<(Document, DocumentKind)> =
        read.papers.into_iter().map(|paper| (paper.document, paper.kind)).collect();
    let pages = documents.iter().map(|(document, _)| document.pages.len()).sum();
    let papers = Papers {
        frac: frac_dictionary(&documents, &read.department),
        knowledge: knowledge_base(&documents),
        inputs,
        warnings,
    };
    let seconds = start.elapsed().as_secs_f64();
    Ok((papers, StageTiming { stage: "read documents", seconds, items: pages, unit: "pages" }))
}

fn input_file(paper: &Paper) -> InputFile {
    let document = &paper.document;
    InputFile {
        name: document.name.clone(),
        sha256: document.sha256.clone(),
        kind: paper.kind.id().replace('-', " "),
        confidence: (paper.confidence * 1000.0).round() / 1000.0,
        pages: document.pages.len() as u32,
        unreadable_pages: documents::unreadable_pages(document),
    }
}
