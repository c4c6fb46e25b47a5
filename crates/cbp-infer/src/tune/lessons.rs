//! Heads and curves of confidences from tasks: what `cbp tune heads` learns, and how well it holds up.

use super::{Answers, TuneError, calibrate};
use crate::classify::Heads;
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
    /// Under a curve of the task's other groups.
    pub own: f64,
    /// Under the curve of the other tasks.
    pub carried: f64,
}

/// What [`tune_heads`] made.
#[derive(Debug)]
pub struct Taught {
    /// The heads of the tasks that kept theirs, each task with a curve of its own, and the curve of all without heads.
    pub heads: Heads,
    /// The tasks, in the order in which they were given.
    pub tasks: Vec<TaughtTask>,
    /// How far confidences are off, without heads first.
    pub errors: Vec<CurveError>,
    /// First answers of all tasks: with heads under curves of their task's other groups, without under the curve of the
    /// other tasks.
    pub reliability: Reliability,
}

/// Learns heads from the `taught` tasks of use classify or type, and curves of confidences from those of use classify: one
/// for each that keeps its heads, and one without heads from all of them and `others`. All of these teach what they have to say
/// of each other's entries ([`lesson`]).
///
/// # Errors
/// [`TuneError::MeasureOnly`] for a task that may not be trained on, else what the engine reports.
pub fn tune_heads(taught: &[Task], others: &[Task], engine: &Engine) -> Result<Taught, TuneError> {
    if let Some(task) = taught.iter().chain(others).find(|task| !task.may_train) {
        return Err(TuneError::MeasureOnly { name: task.name.clone() });
    }
    let company = [taught, others].concat();
    let mut tasks = Vec::new();
    let mut lessons = Vec::new();
    let mut learned: Vec<(&str, Answers)> = Vec::new();
    let mut unlearned: Vec<(&str, Answers)> = Vec::new();
    for task in taught {
        let lesson = lesson(task, &company, engine)?;
        let crossed = lesson.labelled.cross_fit(lesson.options);
        let before = &lesson.labelled.unlearned.scores;
        let value = |scores| -> Result<f64, EvalError> {
            Ok(score(task, &lesson_answer(task, &lesson, scores)?)?.value)
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
        let labelled = lesson(task, &[], engine)?.labelled;
        unlearned.push((&task.name, Answers::of(&labelled.unlearned.scores, &labelled)));
    }
    let all: Vec<&Answers> = unlearned.iter().map(|(_, answers)| answers).collect();
    let mut heads = Heads::new(engine.embedder(), calibrate(&all));
    for (task, lesson) in &lessons {
        let own = learned.iter().find(|(name, _)| name == task);
        let taught = lesson.labelled.learn(lesson.options, |_| true).into_iter();
        let taught = taught.filter_map(|(entry, head)| Some((lesson.heads.get(entry)?.as_str(), head)));
        heads.add(task, own.map(|(_, answers)| calibrate(&[answers])), taught);
    }
    let mut reliability = Reliability::default();
    let mut errors = curve_errors(false, &unlearned, &mut reliability);
    errors.extend(curve_errors(true, &learned, &mut reliability));
    Ok(Taught { heads, tasks, errors, reliability })
}

/// How far the confidences of each task's first answers are off; those under the kind of curve that ships go into `all`.
fn curve_errors(with_heads: bool, answers: &[(&str, Answers)], all: &mut Reliability) -> Vec<CurveError> {
    let error = |(name, own): &(&str, Answers)| {
        let others: Vec<&Answers> =
            answers.iter().filter(|(other, _)| other != name).map(|(_, a)| a).collect();
        let under = |answers: Vec<(f64, bool)>, shipped: bool, all: &mut Reliability| {
            let mut reliability = Reliability::default();
            for (confidence, right) in answers {
                reliability.add(confidence, right);
                if shipped {
                    all.add(confidence, right);
                }
            }
            reliability.error()
        };
        let crossed = under(own.first_crossed().collect(), with_heads, all);
        let carried = under(own.first(calibrate(&others)).collect(), !with_heads, all);
        CurveError { task: (*name).to_owned(), with_heads, own: crossed, carried }
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
        let engine = Engine::untaught(Arc::new(Embedder::open(&ModelSource::Shipped).unwrap()));
        let refused = tune_heads(&[task("T", true)], &[task("M", false)], &engine);
        assert!(matches!(refused, Err(TuneError::MeasureOnly { name }) if name == "M"));
        let found = tune_heads(&[task("T", true)], &[task("O", true)], &engine).unwrap();
        assert!(found.tasks[0].kept() && found.tasks[0].rows == 6, "{:?}", found.tasks);
        assert_eq!(found.heads.learned_from().collect::<Vec<_>>(), ["T"]);
        assert!(found.heads.get("Branch A of the register").is_some());
        assert!(found.heads.get("Branch C of the register").is_none());
        let errors: Vec<(&str, bool)> =
            found.errors.iter().map(|e| (e.task.as_str(), e.with_heads)).collect();
        assert_eq!(errors, [("T", false), ("O", false), ("T", true)]);
    }

    #[test]
    fn an_entry_that_no_row_asks_for_learns_from_those_below_it() {
        let engine = Engine::untaught(Arc::new(Embedder::open(&ModelSource::Shipped).unwrap()));
        let mut finer = task("F", true);
        finer.candidates.iter_mut().for_each(|entry| entry.id.push_str(".1"));
        let found = tune_heads(&[task("T", true)], &[finer], &engine).unwrap();
        assert!(found.heads.get("Branch C of the register").is_some());
        assert_eq!(found.tasks[0].rows, 6);
    }
}
