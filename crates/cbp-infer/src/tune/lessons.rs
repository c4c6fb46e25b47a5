//! Heads and curves of confidences from tasks: what `cbp tune heads` learns, and how well it holds up.

use super::{Answers, TuneError, calibrate};
use crate::classify::{Calibration, Curves, Heads};
use crate::eval::{Engine, EvalError, Metric, Part, Reliability, Task, lesson, lesson_answer, score};

/// How a task's heads did on groups that they did not learn from.
#[derive(Debug, Clone, PartialEq)]
pub struct TaughtTask {
    /// Name of the task.
    pub name: String,
    /// Its rows.
    pub rows: usize,
    /// What is measured.
    pub metric: Metric,
    /// The figure before anything learned.
    pub unlearned: f64,
    /// The figure with heads of the other groups.
    pub cross_fitted: f64,
}

impl TaughtTask {
    /// Heads that do not help groups left out are not kept.
    pub fn kept(&self) -> bool {
        self.cross_fitted > self.unlearned
    }
}

/// Expected calibration error of a task's first answers.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveError {
    /// Name of the task.
    pub task: String,
    /// Whether the answers are those with heads of the other groups.
    pub with_heads: bool,
    /// Under the curve of all tasks, this one among them.
    pub fitted: f64,
    /// Under the curve of the other tasks.
    pub carried: f64,
}

/// What [`tune_heads`] made.
#[derive(Debug)]
pub struct Taught {
    /// The heads of the tasks that kept theirs, and the curves.
    pub heads: Heads,
    /// The tasks, in the order in which they were given.
    pub tasks: Vec<TaughtTask>,
    /// How far confidences are off, without heads first.
    pub errors: Vec<CurveError>,
    /// First answers of all tasks, each under the curve of the others.
    pub reliability: Reliability,
}

/// Learns heads from the `taught` tasks of use classify or type, and curves of confidences from those of use classify and
/// from `others`.
///
/// # Errors
/// [`TuneError::MeasureOnly`] for a task that may not be trained on, else what the engine reports.
pub fn tune_heads(taught: &[Task], others: &[Task], engine: &Engine) -> Result<Taught, TuneError> {
    if let Some(task) = taught.iter().chain(others).find(|task| !task.may_train) {
        return Err(TuneError::MeasureOnly { name: task.name.clone() });
    }
    let mut tasks = Vec::new();
    let mut lessons = Vec::new();
    let mut learned: Vec<(&str, Answers)> = Vec::new();
    let mut unlearned: Vec<(&str, Answers)> = Vec::new();
    for task in taught {
        let lesson = lesson(task, engine)?;
        let crossed = lesson.labelled.cross_fit(lesson.options);
        let before = &lesson.labelled.unlearned.scores;
        let value = |scores| -> Result<f64, EvalError> {
            Ok(score(task, &lesson_answer(task, engine, &lesson, scores)?)?.value)
        };
        let found = TaughtTask {
            name: task.name.clone(),
            rows: task.queries.len(),
            metric: task.metric,
            unlearned: value(before)?,
            cross_fitted: value(&crossed)?,
        };
        if task.part == Part::Classify {
            unlearned.push((&task.name, Answers::of(before, &lesson.labelled)));
            if found.kept() {
                learned.push((&task.name, Answers::of(&crossed, &lesson.labelled)));
            }
        }
        if found.kept() {
            lessons.push((task.name.clone(), lesson));
        }
        tasks.push(found);
    }
    for task in others {
        let labelled = lesson(task, engine)?.labelled;
        unlearned.push((&task.name, Answers::of(&labelled.unlearned.scores, &labelled)));
    }
    let curve = |answers: &[(&str, Answers)]| calibrate(&answers.iter().map(|(_, a)| a).collect::<Vec<_>>());
    let curves = Curves { learned: curve(&learned), unlearned: curve(&unlearned) };
    let learned_from = lessons.iter().map(|(task, _)| task.clone()).collect();
    let mut heads = Heads::new(engine.embedder(), learned_from, curves);
    for (_, lesson) in &lessons {
        for (entry, head) in lesson.labelled.learn(lesson.options, |_| true) {
            if let Some(text) = lesson.heads.get(entry) {
                heads.insert(text, head);
            }
        }
    }
    let mut reliability = Reliability::default();
    let mut errors = curve_errors(false, &unlearned, curves.unlearned, &mut reliability);
    errors.extend(curve_errors(true, &learned, curves.learned, &mut reliability));
    Ok(Taught { heads, tasks, errors, reliability })
}

/// How far the confidences of each task's first answers are off; those under the curve of the others go into `all`.
fn curve_errors(
    with_heads: bool,
    answers: &[(&str, Answers)],
    curve: Calibration,
    all: &mut Reliability,
) -> Vec<CurveError> {
    let error = |(name, own): &(&str, Answers)| {
        let others: Vec<&Answers> =
            answers.iter().filter(|(other, _)| other != name).map(|(_, a)| a).collect();
        let (mut fitted, mut carried) = (Reliability::default(), Reliability::default());
        own.first(curve).for_each(|(confidence, right)| fitted.add(confidence, right));
        for (confidence, right) in own.first(calibrate(&others)) {
            carried.add(confidence, right);
            all.add(confidence, right);
        }
        let (fitted, carried) = (fitted.error(), carried.error());
        CurveError { task: (*name).to_owned(), with_heads, fitted, carried }
    };
    answers.iter().map(error).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::embed::{Embedder, ModelSource};
    use crate::eval::{Candidate, Gold, Query};

    /// Texts that ask for an entry which shares no word or meaning with them, in three groups.
    fn task(name: &str, may_train: bool) -> Task {
        let right = [0, 1, 0, 1, 0, 1];
        let texts = [
            "Water the plants of the park",
            "Sort letters by town",
            "Plant trees along the road",
            "Carry the post to the villages",
            "Prune hedges and mow lawns",
            "Stamp parcels at the counter",
        ];
        let query = |(at, text): (usize, &&str)| Query {
            id: at.to_string(),
            group: (at / 2).to_string(),
            text: (*text).to_owned(),
        };
        let entry = |id: &str| Candidate { id: id.to_owned(), text: format!("Branch {id} of the register") };
        Task {
            name: name.to_owned(),
            part: Part::Classify,
            metric: Metric::Ndcg10,
            description: String::new(),
            may_train,
            scale: (0, 0),
            candidates: ["A", "B", "C"].map(entry).to_vec(),
            model: None,
            queries: texts.iter().enumerate().map(query).collect(),
            gold: Gold::Gains(right.map(|entry| BTreeMap::from([(entry, 1.0)])).to_vec()),
        }
    }

    #[test]
    fn heads_that_help_are_kept_and_tasks_for_measuring_are_refused() {
        let engine = Engine::new(Arc::new(Embedder::open(&ModelSource::Shipped).unwrap())).unwrap();
        let refused = tune_heads(&[task("T", true)], &[task("M", false)], &engine);
        assert!(matches!(refused, Err(TuneError::MeasureOnly { name }) if name == "M"));
        let found = tune_heads(&[task("T", true)], &[task("O", true)], &engine).unwrap();
        assert!(found.tasks[0].kept() && found.tasks[0].rows == 6, "{:?}", found.tasks);
        assert_eq!(found.heads.learned_from(), ["T"]);
        assert!(found.heads.get("Branch A of the register").is_some());
        assert!(found.heads.get("Branch C of the register").is_none());
        let errors: Vec<(&str, bool)> =
            found.errors.iter().map(|e| (e.task.as_str(), e.with_heads)).collect();
        assert_eq!(errors, [("T", false), ("O", false), ("T", true)]);
    }
}
