//! `cbp tune rank --task TASK_DIR -o WEIGHTS.json`: weights of the ranking's signals from judged lists.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use cbp_infer::{
    embed::TextKind,
    eval::{Gold, Query, Task},
    rank::{
        CourseIndex, Judged, Need, RankOptions, WeightsFile, catalogue_of_texts, learn_weights, mean_ndcg,
    },
};

use crate::{
    exit::{CliError, Done, Outcome},
    files,
};

/// One group of so many is left out of learning, to tell what was learnt from what was remembered.
const LEFT_OUT: usize = 3;

/// Arguments of `cbp tune rank`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of a ranking task that allows training: its candidates are the courses, its judgements the lists
    #[arg(long, value_name = "TASK_DIR")]
    task: PathBuf,
    /// File for the weights; `cbp rank --weights` takes it
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Embedding model, if not the one that ships
    #[arg(long, value_name = "NAME|DIR")]
    model: Option<String>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Outcome {
    let task = Task::load(&args.task)?;
    let failed = |detail: &str| CliError::Failed(format!("{}: {detail}", args.task.display()));
    let Gold::Gains(gains) = &task.gold else {
        return Err(failed("its answers are not rankings; give a ranking task"));
    };
    if !task.may_train {
        return Err(failed("it is for measuring only (may_train is false); learn from another task"));
    }
    let embedder = crate::embedder::open(args.model.as_deref())?;
    let catalogue = catalogue_of_texts(task.candidates.iter().map(|c| (c.id.as_str(), c.text.as_str())));
    let index = CourseIndex::build(&catalogue, &embedder)?;
    let groups: BTreeSet<&str> = task.queries.iter().map(|query| query.group.as_str()).collect();
    let left_out: BTreeSet<&str> = groups.iter().copied().skip(1).step_by(LEFT_OUT).collect();
    let lists = |out: bool| -> Result<(Vec<Judged>, _), CliError> {
        let judged = |(query, gains): (&Query, &BTreeMap<usize, f64>)| Judged {
            need: Need::of(query.text.as_str()),
            gains: gains.iter().map(|(&place, &gain)| (place as u32, gain)).collect(),
        };
        let all = task.queries.iter().zip(gains).filter(|(q, _)| left_out.contains(q.group.as_str()) == out);
        let all: Vec<Judged> = all.map(judged).collect();
        let texts: Vec<&str> = all.iter().map(|one| one.need.text.as_str()).collect();
        let vectors = embedder.embed(&texts, TextKind::Query)?;
        Ok((all, vectors))
    };
    let (judged, vectors) = lists(false)?;
    let start = RankOptions::default();
    let learnt = learn_weights(&index, &judged, &vectors, start.weights())?;
    let options = RankOptions::new(learnt.weights)?;
    let held_out = if left_out.is_empty() {
        None
    } else {
        let (judged, vectors) = lists(true)?;
        let of = |options: &RankOptions| mean_ndcg(&index, &judged, &vectors, options);
        Some((of(&start)?, of(&options)?))
    };
    let file = WeightsFile {
        format: WeightsFile::FORMAT.into(),
        version: WeightsFile::VERSION,
        name: format!("learnt from {}", task.name),
        weights: learnt.weights,
        learnt_from: vec![task.name.clone()],
        model: Some(embedder.fingerprint().to_owned()),
        held_out,
    };
    let text = serde_json::to_string_pretty(&file)? + "\n";
    files::write(&args.output, text.as_bytes())?;
    say!("cbp: nDCG@10 on {} lists {:.4}, before {:.4}", judged.len(), learnt.reached, learnt.before);
    if let Some((before, after)) = held_out {
        say!("cbp: on the groups left out {after:.4}, before {before:.4}");
    }
    Ok(Done::Whole)
}
