//! `cbp tune level --task TASK_DIR=WEIGHT -o LEVELS.json`: the axis of mastery, on frozen vectors.

use std::{ops::Range, path::PathBuf};

use cbp_infer::{
    eval::{Gold, Part, Task, qwk},
    level::{LevelExample, train},
};

use crate::{
    exit::{CliError, Done, Outcome},
    files,
};

/// Arguments of `cbp tune level`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A level task and its weight against one source of own examples, such as `tasks/A3=1`; may be repeated
    #[arg(long, value_name = "DIR=WEIGHT")]
    task: Vec<String>,
    /// Learns from words alone, without an embedding model
    #[arg(long)]
    words_only: bool,
    /// A model directory or name instead of the one that ships
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// File for the parameters
    #[arg(short, long, value_name = "FILE.json")]
    out: PathBuf,
}

/// Learns levels, and prints for each task how far the judgements agree on groups that were left out.
pub(crate) fn run(args: &Args) -> Outcome {
    let mut examples = LevelExample::own();
    let mut tasks: Vec<(Task, Range<usize>)> = Vec::new();
    for word in &args.task {
        let usage = || CliError::Usage(format!("--task {word}: write DIR=WEIGHT, the weight positive"));
        let (dir, weight) = word.rsplit_once('=').ok_or_else(usage)?;
        let weight: f64 =
            weight.parse().ok().filter(|w: &f64| *w > 0.0 && w.is_finite()).ok_or_else(usage)?;
        let task = Task::load(std::path::Path::new(dir))?;
        let Gold::Values(values) = &task.gold else { return Err(usage()) };
        if !task.may_train || task.part != Part::Level {
            let why = format!("{dir}: only level tasks whose may_train is true can teach; leave it out");
            return Err(CliError::Failed(why));
        }
        let (low, levels) = (f64::from(task.scale.0), f64::from(task.scale.1 - task.scale.0 + 1));
        let start = examples.len();
        examples.extend(task.queries.iter().zip(values).map(|(query, value)| LevelExample {
            text: query.text.clone(),
            source: task.name.clone(),
            group: format!("{}/{}", task.name, query.group),
            mastery: ((value - low + 0.5) / levels).clamp(0.0, 1.0),
            weight: weight / values.len() as f64,
        }));
        let range = start..examples.len();
        tasks.push((task, range));
    }
    let embedder = if args.words_only { None } else { Some(crate::embedder::open(args.model.as_deref())?) };
    let learned = train(&examples, embedder.as_deref())?;
    files::write(&args.out, (serde_json::to_string(&learned.parameters)? + "\n").as_bytes())?;
    println!("task\trows\tqwk on groups left out\tqwk where the whole task is left out");
    for (task, range) in tasks {
        let Gold::Values(values) = &task.gold else { continue };
        let (low, high) = task.scale;
        let levels = f64::from(high - low + 1);
        let agreement = |masteries: &[f64]| {
            let of_task = masteries.get(range.clone()).unwrap_or_default();
            let judged: Vec<f64> = of_task.iter().map(|m| f64::from(low) - 0.5 + levels * m).collect();
            qwk(values, &judged, task.scale)
        };
        println!(
            "{}\t{}\t{:.4}\t{:.4}",
            task.name,
            values.len(),
            agreement(&learned.without_group),
            agreement(&learned.without_source)
        );
    }
    Ok(Done::Whole)
}
