//! Tasks whose rows teach heads, and their answers with heads that never saw the rows' groups.

use std::collections::BTreeMap;

use cbp_core::{CompetencyModel, CompetencyType};
use ndarray::Array2;

use super::answer::{Engine, classifier, texts, top, type_places};
use super::{Answer, EvalError, Gold, Part, Query, Ranked, Task};
use crate::classify::{Calibration, Unlearned, ranked, standings, whole};
use crate::embed::TextKind;
use crate::level::{competency_type_unlearned, type_head};
use crate::tune::{HeadOptions, Labelled};

/// A task as heads learn it.
#[derive(Debug)]
pub struct Lesson {
    /// The task's rows first; after them what else teaches the same.
    pub labelled: Labelled,
    /// What each entry's head is known by.
    pub heads: Vec<String>,
    /// How these heads are learned.
    pub options: HeadOptions,
    /// From scores to confidences, as the engine has it for this taxonomy.
    pub calibration: Calibration,
}

/// Reads a classification or type task as a lesson. There is one set of types: the rows of all type tasks in `company` that
/// may be trained on teach it too.
///
/// # Errors
/// A task of another kind, or whatever the part of the engine reports.
pub fn lesson(task: &Task, company: &[Task], engine: &Engine) -> Result<Lesson, EvalError> {
    let Gold::Gains(gains) = &task.gold else { return Err(no_lesson(task)) };
    match task.part {
        Part::Classify => {
            let classifier = classifier(task, engine)?;
            let unlearned = classifier.unlearned(&texts(task)).map_err(EvalError::classify(task))?;
            let groups = task.queries.iter().map(|q| q.group.clone()).collect();
            let labelled = Labelled { unlearned, gains: gains.clone(), groups };
            Ok(Lesson {
                labelled,
                heads: classifier.head_texts().to_vec(),
                options: HeadOptions::default(),
                calibration: classifier.calibration(),
            })
        }
        Part::Type => types(task, gains, company, engine),
        _ => Err(no_lesson(task)),
    }
}

/// A row that teaches types: text, place of its type, group. A row without a type is answered and teaches nothing.
type TypeRow<'a> = (&'a str, Option<usize>, String);

/// The rows of a type task.
fn type_rows<'a>(
    task: &'a Task,
    gains: &[BTreeMap<usize, f64>],
    group: impl Fn(&str) -> String,
) -> Result<Vec<TypeRow<'a>>, EvalError> {
    let places = type_places(task)?;
    let row = |(query, gains): (&'a Query, &BTreeMap<usize, f64>)| {
        let right = gains.iter().find(|(_, gain)| **gain > 0.0).map(|(entry, _)| *entry);
        let at = right.and_then(|entry| places.iter().position(|p| *p == entry));
        (query.text.as_str(), at, group(&query.group))
    };
    Ok(task.queries.iter().zip(gains).map(row).collect())
}

/// The three types as entries: the task's rows, those of the other type tasks, and the entries of the shipped model, whose
/// type is known.
fn types(
    task: &Task,
    gains: &[BTreeMap<usize, f64>],
    company: &[Task],
    engine: &Engine,
) -> Result<Lesson, EvalError> {
    let kcm = CompetencyModel::karmayogi();
    let own = kcm.competencies.iter().filter_map(|entry| Some((entry, entry.kind?)));
    let own: Vec<(String, CompetencyType)> = own.map(|(entry, kind)| (whole(entry), kind)).collect();
    let mut rows = type_rows(task, gains, str::to_owned)?;
    for other in company.iter().filter(|o| o.part == Part::Type && o.may_train && o.name != task.name) {
        if let Gold::Gains(gains) = &other.gold {
            rows.extend(type_rows(other, gains, |group| format!("{}/{group}", other.name))?);
        }
    }
    for (text, kind) in &own {
        let at = CompetencyType::ALL.iter().position(|k| k == kind);
        rows.push((text.as_str(), at, "shipped competency model".to_owned()));
    }
    // Rare types count as much as common ones: their rows are repeated.
    let count = |at: usize| rows.iter().filter(|row| row.1 == Some(at)).count();
    let most = (0..3).map(count).max().unwrap_or(0);
    let repeats = [0, 1, 2].map(|at| (most as f64 / count(at).max(1) as f64).round() as usize);
    let mut all = rows.clone();
    for row in &rows {
        let times = row.1.and_then(|at| repeats.get(at)).copied().unwrap_or(1).max(1) - 1;
        all.extend(std::iter::repeat_n(row.clone(), times));
    }
    let texts: Vec<&str> = all.iter().map(|row| row.0).collect();
    let scores = competency_type_unlearned(&engine.embedder, &texts).map_err(EvalError::level(task))?;
    let vectors = engine.embedder.embed(&texts, TextKind::Query).map_err(EvalError::embed(task))?;
    let labelled = Labelled {
        unlearned: Unlearned { scores, vectors, parts: vec![1; texts.len()] },
        gains: all.iter().map(|row| row.1.map(|at| (at, 1.0)).into_iter().collect()).collect(),
        groups: all.iter().map(|row| row.2.clone()).collect(),
    };
    let heads = CompetencyType::ALL.map(type_head).to_vec();
    // Scores are log-odds here.
    Ok(Lesson {
        labelled,
        heads,
        options: HeadOptions { temperature: 1.0, bias_pull: 1.0, ..HeadOptions::default() },
        // Types are told as probabilities without a curve.
        calibration: Calibration::default(),
    })
}

/// Scores of a lesson's entries as the answer to its task.
///
/// # Errors
/// As [`lesson`].
pub fn lesson_answer(task: &Task, lesson: &Lesson, scores: &Array2<f32>) -> Result<Answer, EvalError> {
    let rows = scores.outer_iter().take(task.queries.len());
    if task.part == Part::Type {
        let places = type_places(task)?;
        let ranking = |row: ndarray::ArrayView1<'_, f32>| {
            top(places.iter().copied().zip(row.iter().map(|&s| f64::from(s))))
        };
        return Ok(Answer::Rankings(rows.map(ranking).collect()));
    }
    let ranking = |(row, &parts): (ndarray::ArrayView1<'_, f32>, &usize)| {
        let ranked = ranked(row.iter().map(|&s| f64::from(s)).collect(), super::RUN_DEPTH);
        let kept = ranked.iter().zip(standings(&ranked, parts)).take(super::RUN_DEPTH);
        kept.map(|(&(candidate, score), standing)| Ranked {
            candidate,
            score,
            confidence: Some(lesson.calibration.confidence(standing)),
        })
        .collect()
    };
    Ok(Answer::Rankings(rows.zip(&lesson.labelled.unlearned.parts).map(ranking).collect()))
}

/// Answers a task with heads learned from its other groups only, and from the rows of type tasks in `company` if it asks for
/// types.
///
/// # Errors
/// As [`lesson`].
pub fn cross_fitted(task: &Task, company: &[Task], engine: &Engine) -> Result<Answer, EvalError> {
    let lesson = lesson(task, company, engine)?;
    lesson_answer(task, &lesson, &lesson.labelled.cross_fit(lesson.options))
}

fn no_lesson(task: &Task) -> EvalError {
    EvalError::Answer {
        task: task.name.clone(),
        detail: "heads are learned from tasks of use \"classify\" and \"type\"; leave it out".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::{Embedder, ModelSource};
    use crate::eval::{Candidate, Metric};

    fn task(name: &str, may_train: bool, text: &str) -> Task {
        let entry = |id: &str| Candidate { id: id.to_owned(), text: id.to_owned() };
        Task {
            name: name.to_owned(),
            part: Part::Type,
            metric: Metric::MacroF1,
            description: String::new(),
            may_train,
            scale: (0, 0),
            candidates: ["domain", "behavioural", "functional"].map(entry).to_vec(),
            model: None,
            queries: vec![Query { id: "q".into(), group: "g".into(), text: text.to_owned() }],
            gold: Gold::Gains(vec![BTreeMap::from([(1, 1.0)])]),
        }
    }

    #[test]
    fn type_tasks_teach_each_other_unless_they_may_only_be_measured() {
        let engine =
            Engine::new(std::sync::Arc::new(Embedder::open(&ModelSource::Shipped).unwrap())).unwrap();
        let own = task("own", true, "Patience with callers");
        let groups = |company: &[Task]| lesson(&own, company, &engine).unwrap().labelled.groups;
        let of = |groups: &[String], name: &str| groups.iter().filter(|group| *group == name).count();
        let alone = groups(&[own.clone(), task("measured", false, "Keeping promises")]);
        assert!(of(&alone, "g") > 0 && of(&alone, "measured/g") == 0 && of(&alone, "own/g") == 0);
        let taught = groups(&[own.clone(), task("other", true, "Keeping promises")]);
        assert!(of(&taught, "other/g") > 0);
    }
}
