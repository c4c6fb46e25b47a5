//! `cbp ingest FILE...`: what a document holds.

use std::path::PathBuf;

use cbp_infer::embed::VectorCache;
use cbp_ingest::{Block, BlockKind, Document, OcrChoice, ReadOptions, to_markdown, to_text};
use serde_json::{Value, json};

use crate::documents::{self, Paper};
use crate::exit::{CliError, Outcome};
use crate::files;

/// Text, tables and kind of documents.
///
/// Pages that cannot be read are named on standard error, and the exit status is 3.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Documents (PDF, DOCX, XLSX, XLS, CSV, text), or folders of documents
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Form of the output; json is one object for one document, else a list
    #[arg(long = "as", value_enum, default_value_t = Form::Text)]
    form: Form,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
}

/// How documents are read.
#[derive(clap::Args)]
pub(crate) struct Reading {
    /// Password of locked documents
    #[arg(long)]
    password: Option<String>,
    /// Recognise pages without readable text from their pictures (tesseract with hin and eng); slow
    #[arg(long)]
    ocr: bool,
}

impl Reading {
    /// As the reader takes it.
    pub(crate) fn options(&self) -> Result<ReadOptions, CliError> {
        let ocr = if self.ocr {
            OcrChoice::tesseract(VectorCache::usual_folder().map(|f| f.join("ocr")))?
        } else {
            OcrChoice::Off
        };
        Ok(ReadOptions { password: self.password.clone(), ocr, ..ReadOptions::default() })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Json,
    Text,
    Markdown,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Outcome {
    let mut read = documents::read(&args.files, &args.reading.options()?)?;
    if args.form != Form::Json {
        read.papers.iter_mut().for_each(|p| blank_unreadable(&mut p.document));
    }
    let text = match args.form {
        Form::Json => as_json(&read.papers)?,
        Form::Text => joined(&read.papers, |p| to_text(&p.document)),
        Form::Markdown => joined(&read.papers, |p| to_markdown(&p.document)),
    };
    give(args.output.as_ref(), &text)?;
    for paper in &read.papers {
        say!(
            "cbp: {}: {} ({:.0} % sure), {} pages",
            paper.document.name,
            paper.kind,
            paper.confidence * 100.0,
            paper.document.pages.len()
        );
    }
    Ok(read.report())
}

/// Noise is never passed on as text: a page that cannot be read says so.
fn blank_unreadable(document: &mut Document) {
    for page in document.pages.iter_mut().filter(|p| !p.verdict.is_readable()) {
        let text = format!("[page {} could not be read]", page.number);
        page.blocks = vec![Block { kind: BlockKind::Paragraph, text, bbox: None }];
    }
}

/// Writes to the named file, or to standard output.
pub(crate) fn give(output: Option<&PathBuf>, text: &str) -> Result<(), CliError> {
    match output {
        Some(path) => files::write(path, text.as_bytes()),
        None => files::print(text),
    }
}

fn joined(papers: &[Paper], render: impl Fn(&Paper) -> String) -> String {
    papers.iter().map(render).collect::<Vec<_>>().join("\u{c}")
}

fn as_json(papers: &[Paper]) -> Result<String, CliError> {
    let mut list = Vec::new();
    for paper in papers {
        let mut value = serde_json::to_value(&paper.document)?;
        if let Value::Object(fields) = &mut value {
            fields.insert("kind".to_owned(), json!(paper.kind));
            fields.insert("kind_confidence".to_owned(), json!(paper.confidence));
        }
        list.push(value);
    }
    let value = match list.len() {
        1 => list.remove(0),
        _ => Value::Array(list),
    };
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}
