//! Documents of a department: files and folders to what was read, and what was not.

use std::path::{Path, PathBuf};

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
    /// One sentence for each file that could not be read.
    pub(crate) failures: Vec<String>,
}

impl Reading {
    /// Names on standard error what could not be read.
    pub(crate) fn report(&self) -> Done {
        for failure in &self.failures {
            eprintln!("cbp: {failure}");
        }
        for document in self.papers.iter().map(|p| &p.document) {
            for warning in &document.warnings {
                match warning.page {
                    Some(page) => eprintln!("cbp: {}, page {page}: {}", document.name, warning.message),
                    None => eprintln!("cbp: {}: {}", document.name, warning.message),
                }
            }
        }
        let lost =
            self.papers.iter().any(|p| p.document.pages.iter().any(|page| !page.verdict.is_readable()));
        if lost || !self.failures.is_empty() { Done::Partial } else { Done::Whole }
    }
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
    let results: Vec<Result<Document, String>> = documents
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
            Err(message) => failures.push(message),
        }
    }
    if papers.is_empty() {
        let message = failures.join("\ncbp: ");
        return Err(CliError::Failed(if message.is_empty() {
            "no document was given".to_owned()
        } else {
            message
        }));
    }
    Ok(Reading { papers, department, failures })
}

fn one(path: &Path, options: &ReadOptions) -> Result<Document, String> {
    let name =
        path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
    let bytes = files::read(path).map_err(|e| match e {
        CliError::Failed(message) | CliError::Usage(message) => message,
    })?;
    read_document(&name, &bytes, options).map_err(|e| e.to_string())
}
