//! `cbp tune level --task TASK_DIR=WEIGHT -o LEVELS.json`: the axis of mastery, on frozen vectors.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use cbp_core::CompetencyModel;
use cbp_infer::{
    eval::Task,
    tune::{LevelExample, Skill, level_agreement, tune_levels},
};

use crate::{
    exit::{CliError, Done, Outcome},
    files,
};

/// Arguments of `cbp tune level`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A level task and its weight, such as `tasks/A3=1`; may be repeated
    #[arg(long, value_name = "DIR=WEIGHT")]
    task: Vec<String>,
    /// A file of skills with duties at each level and its weight, such as `models/texts/skills.txt=1`; may be repeated
    #[arg(long, value_name = "FILE=WEIGHT")]
    skills: Vec<String>,
    /// Weight of the level texts of the shipped competency model
    #[arg(long, value_name = "WEIGHT", default_value_t = 1.0)]
    competencies: f64,
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
    let mut examples = Vec::new();
    if args.competencies > 0.0 {
        examples.extend(LevelExample::of_model(CompetencyModel::karmayogi(), args.competencies));
    }
    for word in &args.skills {
        let (file, weight) = weighted("--skills FILE", word)?;
        let text = files::read_text(Path::new(file))?;
        let source =
            Path::new(file).file_name().map_or_else(Default::default, std::ffi::OsStr::to_string_lossy);
        let of_file = LevelExample::of_skills(&source, &Skill::read(&text), weight);
        if of_file.is_empty() {
            return Err(CliError::Failed(format!(
                "{file}: no skill with duties; write paragraphs of a skill and its duties, a line each"
            )));
        }
        examples.extend(of_file);
    }
    let mut tasks: Vec<(Task, Range<usize>)> = Vec::new();
    for word in &args.task {
        let (dir, weight) = weighted("--task DIR", word)?;
        let task = Task::load(Path::new(dir))?;
        let start = examples.len();
        examples.extend(LevelExample::of_task(&task, weight)?);
        tasks.push((task, start..examples.len()));
    }
    let embedder = if args.words_only { None } else { Some(crate::embedder::open(args.model.as_deref())?) };
    let learned = tune_levels(&examples, embedder.as_deref())?;
    files::write(&args.out, (serde_json::to_string(&learned.parameters)? + "\n").as_bytes())?;
    out!("task\trows\tqwk on groups left out\tqwk where the whole task is left out");
    for (task, rows) in tasks {
        let group = level_agreement(&task, learned.without_group.get(rows.clone()).unwrap_or_default())?;
        let whole = level_agreement(&task, learned.without_source.get(rows.clone()).unwrap_or_default())?;
        out!("{}\t{}\t{group:.4}\t{whole:.4}", task.name, rows.len());
    }
    Ok(Done::Whole)
}

/// What `option` names, and its weight.
fn weighted<'a>(option: &str, word: &'a str) -> Result<(&'a str, f64), CliError> {
    let usage = || CliError::Usage(format!("{word}: write {option}=WEIGHT, the weight positive"));
    let (name, weight) = word.rsplit_once('=').ok_or_else(usage)?;
    let weight: f64 = weight.parse().ok().filter(|w: &f64| *w > 0.0 && w.is_finite()).ok_or_else(usage)?;
    Ok((name, weight))
}
