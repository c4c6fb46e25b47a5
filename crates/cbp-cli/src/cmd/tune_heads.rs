//! `cbp tune heads --task TASK_DIR... -o HEADS.bin`: what labelled texts teach about entries, and the curve of confidences.

use std::path::PathBuf;

use cbp_infer::{
    classify::{Calibration, Curves, Heads},
    eval::{Engine, EvalError, Lesson, Part, Reliability, Task, lesson, lesson_answer, score},
    tune::{Answers, TuneError, calibrate},
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
    /// A task of use classify whose `may_train` is true, for the curve of confidences only; may be repeated
    #[arg(long, value_name = "TASK_DIR")]
    curve: Vec<PathBuf>,
    /// File for the heads; in a model's folder, as `heads.bin`, every command uses them
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// A model directory or name instead of the one that ships
    #[arg(long, value_name = "DIR|NAME")]
    model: Option<String>,
    /// Writes a reliability diagram of the first answers, each task's under a curve that never saw the task
    #[arg(long, value_name = "FILE.svg")]
    reliability: Option<PathBuf>,
}

/// Learns, and prints for each task what heads of the other groups reach, and how far confidences are off.
pub(crate) fn run(args: &Args) -> Outcome {
    let load = |folder: &PathBuf| -> Result<Task, TuneError> {
        let task = Task::load(folder)?;
        if task.may_train { Ok(task) } else { Err(TuneError::MeasureOnly { name: task.name }) }
    };
    let taught = args.task.iter().map(load).collect::<Result<Vec<_>, _>>()?;
    let others = args.curve.iter().map(load).collect::<Result<Vec<_>, _>>()?;
    let embedder = crate::embedder::open(args.model.as_deref())?;
    let engine = Engine::new(embedder.clone())?;
    println!("task\trows\tmetric\tunlearned\theads of other groups\tkept");
    let mut lessons: Vec<(String, Lesson)> = Vec::new();
    let mut learned: Vec<(&str, Answers)> = Vec::new();
    let mut unlearned: Vec<(&str, Answers)> = Vec::new();
    for task in &taught {
        let lesson = lesson(task, &engine)?;
        let crossed = lesson.labelled.cross_fit(lesson.options);
        let value = |scores: &_| -> Result<f64, EvalError> {
            Ok(score(task, &lesson_answer(task, &engine, &lesson, scores)?)?.value)
        };
        let (before, after) = (value(&lesson.labelled.unlearned.scores)?, value(&crossed)?);
        let kept = after > before;
        println!(
            "{}\t{}\t{}\t{before:.4}\t{after:.4}\t{}",
            task.name,
            task.queries.len(),
            task.metric.name(),
            if kept { "yes" } else { "no" }
        );
        if task.part == Part::Classify {
            unlearned.push((&task.name, Answers::of(&lesson.labelled.unlearned.scores, &lesson.labelled)));
            if kept {
                learned.push((&task.name, Answers::of(&crossed, &lesson.labelled)));
            }
        }
        if kept {
            lessons.push((task.name.clone(), lesson));
        }
    }
    for task in &others {
        let lesson = lesson(task, &engine)?;
        unlearned.push((&task.name, Answers::of(&lesson.labelled.unlearned.scores, &lesson.labelled)));
    }
    let curve = |answers: &[(&str, Answers)]| calibrate(&answers.iter().map(|(_, a)| a).collect::<Vec<_>>());
    let curves = Curves { learned: curve(&learned), unlearned: curve(&unlearned) };
    let learned_from = lessons.iter().map(|(task, _)| task.clone()).collect();
    let mut heads = Heads::new(&embedder, learned_from, curves);
    for (_, lesson) in &lessons {
        for (entry, head) in lesson.labelled.learn(lesson.options, |_| true) {
            if let Some(text) = lesson.heads.get(entry) {
                heads.insert(text, head);
            }
        }
    }
    files::write(&args.out, &heads.to_bytes()?)?;
    println!("heads\ttask\tcalibration error\tunder the curve of the other tasks");
    let mut all = Reliability::default();
    errors("without", &unlearned, curves.unlearned, &mut all);
    errors("with", &learned, curves.learned, &mut all);
    if let Some(file) = &args.reliability {
        files::write(file, all.svg().as_bytes())?;
    }
    Ok(Done::Whole)
}

/// Prints how far the confidences of each task's first answers are off, under the curve of all tasks and under that of
/// the others; adds the latter to the diagram.
fn errors(heads: &str, answers: &[(&str, Answers)], curve: Calibration, all: &mut Reliability) {
    for (name, own) in answers {
        let others: Vec<&Answers> =
            answers.iter().filter(|(other, _)| other != name).map(|(_, a)| a).collect();
        let (mut fitted, mut carried) = (Reliability::default(), Reliability::default());
        own.first(curve).for_each(|(confidence, right)| fitted.add(confidence, right));
        for (confidence, right) in own.first(calibrate(&others)) {
            carried.add(confidence, right);
            all.add(confidence, right);
        }
        println!("{heads}\t{name}\t{:.4}\t{:.4}", fitted.error(), carried.error());
    }
}
