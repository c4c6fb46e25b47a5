//! `cbp plan INPUT... -o OUT`.

use std::path::PathBuf;

use crate::exit::{CliError, Outcome};

/// Arguments of `cbp plan`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Documents, or folders of documents
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// Folder for plan.json, plan.html, plan.xlsx, gaps.csv and calendar.csv
    #[arg(short, long)]
    output: PathBuf,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Outcome {
    let files = crate::files::expand(&args.inputs)?;
    crate::files::output_folder(&args.output)?;
    Err(CliError::Failed(format!("{} files found; planning is being built", files.len())))
}
