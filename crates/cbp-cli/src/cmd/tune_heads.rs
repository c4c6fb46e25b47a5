//! `cbp tune heads --task TASK_DIR... -o HEADS.bin`: what labelled texts teach about entries, and the curves
//! of confidences.

use std::path::PathBuf;

use cbp_infer::{
    eval::{Engine, EvalError, Task},
    tune::tune_heads,
};

use crate::{
    exit::{Done, Outcome},
    files,
};

/// Arguments of `cbp tune heads`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A task of use classify or type whose `may_train` is true: its entries get heads, unless those of other groups
    /// do not help; may be repeated
    #[arg(long, value_name = "TASK_DIR", required = true)]
    task: Vec<PathBuf>,
    /// A task of use classify whose `may_train` is true, for the curve of taxonomies without heads, and whose entries are
    /// examples of those above them in a task's taxonomy, as ids tell; may be repeated
    #[arg(long, value_name = "TASK_DIR")]
    curve: Vec<PathBuf>,
    /// File for the heads; in a model's folder, as `heads.bin`, every command uses them
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// A model directory or name instead of the one that ships
    #[arg(long, value_name = "DIR|NAME")]
    model: Option<String>,
    /// Writes a reliability diagram of the first answers, each under a curve that never saw its group
    #[arg(long, value_name = "FILE.svg")]
    reliability: Option<PathBuf>,
}

/// Learns, and prints for each task what heads of the other groups reach, and how far confidences are off.
pub(crate) fn run(args: &Args) -> Outcome {
    let load =
        |folders: &[PathBuf]| folders.iter().map(|f| Task::load(f)).collect::<Result<Vec<_>, EvalError>>();
    let (taught, others) = (load(&args.task)?, load(&args.curve)?);
    let engine = Engine::untaught(crate::embedder::open(args.model.as_deref())?);
    let found = tune_heads(&taught, &others, &engine)?;
    files::write(&args.out, &found.heads.to_bytes()?)?;
    if let Some(file) = &args.reliability {
        files::write(file, found.reliability.svg().as_bytes())?;
    }
    out!("task\trows\tmetric\tunlearned\theads of other groups\tkept");
    for task in &found.tasks {
        let (metric, kept) = (task.metric.name(), if task.kept() { "yes" } else { "no" });
        let (before, after) = (task.unlearned, task.cross_fitted);
        out!("{}\t{}\t{metric}\t{before:.4}\t{after:.4}\t{kept}", task.name, task.rows);
    }
    out!("heads\ttask\tcalibration error: curve of its other groups\tcurve of the other tasks");
    for error in &found.errors {
        let heads = if error.with_heads { "with" } else { "without" };
        out!("{heads}\t{}\t{:.4}\t{:.4}", error.task, error.own, error.carried);
    }
    Ok(Done::Whole)
}
