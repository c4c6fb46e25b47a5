//! Tasks whose rows teach heads, and their answers with heads that never saw the rows' groups.

use std::collections::{BTreeMap, HashMap};

use cbp_core::{CompetencyModel, CompetencyType};
use ndarray::Array2;

use super::answer::{Engine, classifier, texts, top, type_places};
use super::{Answer, Candidate, EvalError, Gold, Part, Query, Ranked, Task, above};
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

/// Reads a classification or type task as a lesson. Tasks in `company` that may be trained on teach too, what they have to say
/// of the same entries: there is one set of types, so the rows of all type tasks do; and where candidates are the entries of
/// a finer taxonomy, as their ids tell (`4.A.1.b` lies below `4.A.1`), each is an example of the one above it.
///
/// # Errors
/// A task of another kind, or whatever the part of the engine reports.
pub fn lesson(task: &Task, company: &[Task], engine: &Engine) -> Result<Lesson, EvalError> {
    let Gold::Gains(gains) = &task.gold else { return Err(no_lesson(task)) };
    match task.part {
        Part::Classify => {
            let classifier = classifier(task, engine)?;
            let (finer, above): (Vec<&str>, Vec<usize>) = finer(task, company).into_iter().unzip();
            let texts = [texts(task), finer].concat();
            let unlearned = classifier.unlearned(&texts).map_err(EvalError::classify(task))?;
            let mut groups: Vec<Option<String>> =
                task.queries.iter().map(|query| Some(query.group.clone())).collect();
            groups.resize(texts.len(), None);
            let examples = above.into_iter().map(|entry| BTreeMap::from([(entry, 1.0)]));
            let gains = gains.iter().cloned().chain(examples).collect();
            Ok(Lesson {
                labelled: Labelled { unlearned, gains, groups },
                heads: classifier.head_texts().to_vec(),
                options: HeadOptions::default(),
                calibration: classifier.calibration(),
            })
        }
        Part::Type => types(task, gains, company, engine),
        _ => Err(no_lesson(task)),
    }
}

/// The entries of finer taxonomies in `company`, each once, and the place of the task's entry that it lies below. All entries
/// of such a taxonomy lie below one of the task's: ids that are mere numbers seldom look like that.
fn finer<'a>(task: &Task, company: &'a [Task]) -> Vec<(&'a str, usize)> {
    let places: HashMap<&str, usize> = task.candidates.iter().map(|c| c.id.as_str()).zip(0..).collect();
    let below = |entry: &'a Candidate| {
        let place = above(&entry.id, |id| places.get(id).copied())?;
        Some((&entry.id, (entry.text.as_str(), place)))
    };
    let mut found = BTreeMap::new();
    for other in company.iter().filter(|o| o.part == Part::Classify && o.may_train && o.name != task.name) {
        let all: Option<Vec<_>> = other.candidates.iter().map(below).collect();
        found.extend(all.into_iter().flatten());
    }
    found.into_values().collect()
}

/// A row that teaches types: text, place of its type, group where it is the task's own. A row without a type is answered
/// and teaches nothing.
type TypeRow<'a> = (&'a str, Option<usize>, Option<String>);

/// The rows of a type task.
fn type_rows<'a>(
    task: &'a Task,
    gains: &[BTreeMap<usize, f64>],
    own: bool,
) -> Result<Vec<TypeRow<'a>>, EvalError> {
    let places = type_places(task)?;
    let row = |(query, gains): (&'a Query, &BTreeMap<usize, f64>)| {
        let right = gains.iter().find(|(_, gain)| **gain > 0.0).map(|(entry, _)| *entry);
        let at = right.and_then(|entry| places.iter().position(|p| *p == entry));
        (query.text.as_str(), at, own.then(|| query.group.clone()))
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
    let mut rows = type_rows(task, gains, true)?;
    for other in company.iter().filter(|o| o.part == Part::Type && o.may_train && o.name != task.name) {
        if let Gold::Gains(gains) = &other.gold {
            rows.extend(type_rows(other, gains, false)?);
        }
    }
    for (text, kind) in &own {
        let at = CompetencyType::ALL.iter().position(|k| k == kind);
        rows.push((text.as_str(), at, None));
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

/// Answers a task with heads learned from its other groups only, and from what `company` teaches.
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
    use crate::eval::Metric;

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
        let taught = |company: &[Task]| {
            let lesson = lesson(&own, company, &engine).unwrap();
            let count = |own: bool| lesson.labelled.groups.iter().filter(|g| g.is_some() == own).count();
            (count(true), count(false))
        };
        let (answered, before) = taught(&[own.clone(), task("measured", false, "Keeping promises")]);
        let (same, more) = taught(&[own.clone(), task("other", true, "Keeping promises")]);
        assert!(answered > 0 && (same, before) == (answered, taught(&[]).1) && more > before);
    }

    #[test]
    fn entries_of_a_finer_taxonomy_are_examples_of_those_above() {
        let with = |name: &str, may_train: bool, ids: &[&str]| Task {
            part: Part::Classify,
            candidates: ids
                .iter()
                .map(|id| Candidate { id: (*id).into(), text: format!("text {id}") })
                .collect(),
            ..task(name, may_train, "Counting notes")
        };
        let own = with("own", true, &["1.A", "1.B", "1"]);
        let company = [
            own.clone(),
            with("finer", true, &["1.B.2", "1.A.1.x"]),
            with("finer by another name", true, &["1.B.2"]),
            with("partly", true, &["1.B.3", "2.B.3"]),
            with("same", true, &["1", "1.A", "1.B"]),
            with("measured", false, &["1.A.9"]),
        ];
        assert_eq!(finer(&own, &company), [("text 1.A.1.x", 0), ("text 1.B.2", 1)]);
    }
}
