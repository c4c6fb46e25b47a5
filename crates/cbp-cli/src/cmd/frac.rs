//! `cbp frac FILE...`: posts, roles and activities.

use std::path::PathBuf;

use cbp_ingest::{Document, DocumentKind, annexure_csv, frac_dictionary, knowledge_base};

use crate::cmd::ingest::{Reading, give};
use crate::documents;
use crate::exit::{CliError, Done, Outcome};
use crate::files;

/// Posts, roles and activities of a department from its work allocation.
///
/// The count of rows read against designations is reported on standard error. The exit status is 3 where a page or a
/// row could not be read.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Documents, or folders of documents; a `department.toml` among them describes the department
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Form of the output; csv has the columns of the Annexure
    #[arg(long = "as", value_enum, default_value_t = Form::Json)]
    form: Form,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Write also the Acts, rules, schemes and programmes that the documents hold or name, as JSON
    #[arg(long, value_name = "OUT.json")]
    knowledge: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Json,
    Csv,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Outcome {
    let mut read = documents::read(&args.files, &args.reading.options()?)?;
    let done = read.report();
    let papers: Vec<(Document, DocumentKind)> = read.papers.drain(..).map(|p| (p.document, p.kind)).collect();
    if let Some(path) = &args.knowledge {
        files::write(path, (serde_json::to_string_pretty(&knowledge_base(&papers))? + "\n").as_bytes())?;
    }
    let frac = frac_dictionary(&papers, &read.department);
    if frac.rows.read == 0 {
        let names: Vec<&str> = papers.iter().map(|(d, _)| d.name.as_str()).collect();
        return Err(CliError::Failed(format!(
            "{}: no designation with its work was found; give the work allocation, or say in department.toml which document is one",
            names.join(", ")
        )));
    }
    let text = match args.form {
        Form::Json => serde_json::to_string_pretty(&frac)? + "\n",
        Form::Csv => annexure_csv(&frac),
    };
    give(args.output.as_ref(), &text)?;
    for warning in &frac.warnings {
        say!("cbp: {warning}");
    }
    let rows = frac.rows;
    say!(
        "cbp: {} rows read = {} designations + {} merged + {} unreadable",
        rows.read,
        rows.designations,
        rows.merged,
        rows.unreadable
    );
    let lost = frac.warnings.iter().any(|w| w.input_lost);
    Ok(if lost { Done::Partial } else { done })
}
