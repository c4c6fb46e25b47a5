//! `cbp eval TASK_DIR... [--runs DIR]`.

use std::path::PathBuf;
use std::time::Instant;

use cbp_infer::eval::{Baseline, Engine, Part, Reliability, Score, Task, answer, cross_fitted, score};

use crate::exit::{CliError, Done, Outcome};

/// Arguments of `cbp eval`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folders of tasks: task.json, queries.tsv, and qrels.tsv or gold.tsv
    #[arg(required = true, value_name = "TASK_DIR")]
    tasks: Vec<PathBuf>,
    /// Writes DIR/TASK.tsv for each task, for an outside scorer
    #[arg(long, value_name = "DIR")]
    runs: Option<PathBuf>,
    /// Embedding model, a folder or a name; the shipped one where absent
    #[arg(long, value_name = "DIR")]
    model: Option<String>,
    /// Writes a reliability diagram of all confidences, and prints their expected calibration error
    #[arg(long, value_name = "FILE.svg")]
    reliability: Option<PathBuf>,
    /// Answers tasks that the model's heads learned from with heads that never saw the answered groups;
    /// tasks given that may be trained on teach each other types, and entries of a finer taxonomy those above them
    #[arg(long)]
    cross_fit: bool,
    /// Prints the figure of each group too
    #[arg(long)]
    by_group: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Outcome {
    let tasks = args.tasks.iter().map(|folder| Task::load(folder)).collect::<Result<Vec<_>, _>>()?;
    if let Some(runs) = &args.runs {
        crate::files::output_folder(runs)?;
    }
    let embedder = crate::embedder::open(args.model.as_deref())?;
    say!("model {} ({})", embedder.name(), embedder.fingerprint());
    let engine = Engine::new(embedder)?;
    let bar = crate::progress::bar(tasks.len() as u64, "answering tasks");
    out!("task\tn\tmetric\tvalue\tinterval95\tgoal\tbaselines\tseconds\tqueries/s");
    let mut reliability = Reliability::default();
    for task in &tasks {
        let start = Instant::now();
        // Levels of left-out groups are printed by `cbp tune level`.
        let learned = engine.learned_from(task);
        let crossed = learned && args.cross_fit && task.part != Part::Level;
        if learned && !crossed {
            let cure = if task.part == Part::Level { "see cbp tune level" } else { "add --cross-fit" };
            bar.suspend(|| {
                say!("{}: what ships learned from a task of this name; on its own rows, {cure}", task.name);
            });
        }
        let answered = if crossed { cross_fitted(task, &tasks, &engine)? } else { answer(task, &engine)? };
        let seconds = start.elapsed().as_secs_f64();
        let scored = score(task, &answered)?;
        reliability.add_task(task, &answered);
        bar.suspend(|| print(task, &scored, seconds, args.by_group))?;
        if let Some(runs) = &args.runs {
            crate::files::write(
                &runs.join(format!("{}.tsv", task.name)),
                answered.run_file(task).as_bytes(),
            )?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if let Some(file) = &args.reliability {
        if reliability.is_empty() {
            return Err(CliError::Failed(
                "no answer has a confidence; give --reliability at least one task of use \"classify\"".into(),
            ));
        }
        crate::files::write(file, reliability.svg().as_bytes())?;
        out!("expected calibration error of {} first answers: {:.4}", reliability.len(), reliability.error());
    }
    Ok(Done::Whole)
}

fn print(task: &Task, scored: &Score, seconds: f64, by_group: bool) -> Result<(), CliError> {
    let baseline = Baseline::of(&task.name);
    let figures =
        baseline.iter().flat_map(|b| &b.figures).map(|(name, figure)| format!("{name} {figure:.3}"));
    let figures = figures.collect::<Vec<_>>().join(", ");
    out!(
        "{}\t{}\t{}\t{:.4}\t{:.4}–{:.4}\t{}\t{}\t{seconds:.2}\t{:.0}",
        task.name,
        task.queries.len(),
        task.metric.name(),
        scored.value,
        scored.interval.0,
        scored.interval.1,
        baseline.as_ref().and_then(|b| b.goal).map_or_else(|| "–".to_owned(), |goal| format!("{goal:.2}")),
        if figures.is_empty() { "–" } else { &figures },
        task.queries.len() as f64 / seconds,
    );
    if by_group {
        for (group, n, value) in &scored.groups {
            out!("  {group}\t{n}\t{}\t{value:.4}", task.metric.name());
        }
    }
    Ok(())
}
