//! Documents of a department: files and folders to what was read, and what was not.

use std::path::{Path, PathBuf};

use cbp_core::Warning;
use cbp_ingest::{DepartmentFile, Document, DocumentKind, ReadOptions, document_kind, read_document};
use rayon::prelude::*;

use crate::exit::{CliError, Done};
use crate::{files, progress};

/// Name of the file that describes a department.
const DEPARTMENT: &str = "department.toml";

/// A document with its kind.
pub(crate) struct Paper {
    pub(crate) document: Document,
    pub(crate) kind: DocumentKind,
    pub(crate) confidence: f64,
}

/// What was read.
pub(crate) struct Reading {
    /// In the order of the arguments.
    pub(crate) papers: Vec<Paper>,
    /// From `department.toml`; empty where there is none.
    pub(crate) department: DepartmentFile,
    /// One for each file that could not be read.
    pub(crate) failures: Vec<Warning>,
}

impl Reading {
    /// Names on standard error what could not be read.
    pub(crate) fn report(&self) -> Done {
        let warnings = self.warnings();
        for warning in &warnings {
            say!("cbp: {warning}");
        }
        if warnings.iter().any(|w| w.input_lost) { Done::Partial } else { Done::Whole }
    }

    /// Files and pages that could not be read, and what else the readers complained of.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        self.failures
            .iter()
            .cloned()
            .chain(self.papers.iter().flat_map(|p| page_warnings(&p.document)))
            .collect()
    }
}

/// Pages whose text cannot be used, or not all of it.
pub(crate) fn unreadable_pages(document: &Document) -> Vec<u32> {
    document.pages.iter().filter(|p| p.verdict.loses_text()).map(|p| p.number).collect()
}

/// What a reader complained of, pages in a row with the same complaint together. A page that cannot be used is lost
/// input.
fn page_warnings(document: &Document) -> Vec<Warning> {
    let unreadable = unreadable_pages(document);
    let mut runs: Vec<(&str, Option<u32>, Option<u32>, bool)> = Vec::new();
    for warning in &document.warnings {
        let lost = warning.page.is_some_and(|page| unreadable.contains(&page));
        let follows = |last: &Option<u32>| last.zip(warning.page).is_some_and(|(a, b)| a + 1 == b);
        match runs
            .iter_mut()
            .find(|(message, _, last, was)| *message == warning.message && *was == lost && follows(last))
        {
            Some(run) => run.2 = warning.page,
            None => runs.push((&warning.message, warning.page, warning.page, lost)),
        }
    }
    runs.into_iter()
        .map(|(message, first, last, input_lost)| Warning {
            document: Some(document.name.clone()),
            page: first,
            message: match last {
                Some(last) if first != Some(last) => format!("{message} (the same up to page {last})"),
                _ => message.to_owned(),
            },
            input_lost,
        })
        .collect()
}

/// Reads all documents, in parallel, and tells their kinds. One bad file does not stop the others.
///
/// A `department.toml` among the inputs, in a folder of them, or beside the first document is read first.
///
/// # Errors
/// An input that does not exist, a faulty `department.toml`, and when no document at all could be read.
pub(crate) fn read(inputs: &[PathBuf], options: &ReadOptions) -> Result<Reading, CliError> {
    let all = files::expand(inputs)?;
    let (toml, documents): (Vec<PathBuf>, Vec<PathBuf>) =
        all.into_iter().partition(|p| p.file_name().is_some_and(|n| n == DEPARTMENT));
    let beside =
        documents.first().and_then(|d| d.parent()).map(|d| d.join(DEPARTMENT)).filter(|p| p.is_file());
    let department = match toml.first().or(beside.as_ref()) {
        Some(path) => DepartmentFile::from_toml(&path.display().to_string(), &files::read_text(path)?)?,
        None => DepartmentFile::default(),
    };
    let bar = progress::bar(documents.len() as u64, "reading");
    let results: Vec<Result<Document, Warning>> = documents
        .par_iter()
        .map(|path| {
            let result = one(path, options);
            bar.inc(1);
            result
        })
        .collect();
    bar.finish_and_clear();
    let mut papers = Vec::new();
    let mut failures = Vec::new();
    for result in results {
        match result {
            Ok(document) => {
                let (kind, confidence) = match department.kind_of(&document.name) {
                    Some(kind) => (kind, 1.0),
                    None => document_kind(&document),
                };
                papers.push(Paper { document, kind, confidence });
            }
            Err(warning) => failures.push(warning),
        }
    }
    if papers.is_empty() {
        let all: Vec<String> = failures.iter().map(Warning::to_string).collect();
        let message =
            if all.is_empty() { "no document was given; name some".to_owned() } else { all.join("\ncbp: ") };
        return Err(CliError::Failed(message));
    }
    Ok(Reading { papers, department, failures })
}

fn one(path: &Path, options: &ReadOptions) -> Result<Document, Warning> {
    let name = path.file_name().map_or_else(|| files::shown(path), |n| n.to_string_lossy().into_owned());
    let lost = |shown: &str, message: &str| {
        // The error names the file itself; a warning has a place for it.
        let rest = message.strip_prefix(&format!("{shown}: ")).unwrap_or(message);
        Warning::lost(shown, None, rest)
    };
    let bytes = files::read(path).map_err(|e| match e {
        CliError::Failed(message) | CliError::Usage(message) => lost(&files::shown(path), &message),
    })?;
    read_document(&name, &bytes, options).map_err(|e| lost(&name, &e.to_string()))
}
