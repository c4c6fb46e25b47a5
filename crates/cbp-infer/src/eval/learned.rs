//! Tasks whose rows teach heads, and their answers with heads that never saw the rows' groups.

use std::collections::BTreeMap;

use cbp_core::{CompetencyModel, CompetencyType};
use ndarray::Array2;

use super::answer::{Engine, classifier, texts, top, type_places};
use super::{Answer, EvalError, Gold, Part, Ranked, Task};
use crate::classify::{Unlearned, ranked, standings, whole};
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
}

/// Reads a classification or type task as a lesson.
///
/// # Errors
/// A task of another kind, or whatever the part of the engine reports.
pub fn lesson(task: &Task, engine: &Engine) -> Result<Lesson, EvalError> {
    let Gold::Gains(gains) = &task.gold else { return Err(no_lesson(task)) };
    match task.part {
        Part::Classify => {
            let classifier = classifier(task, engine)?;
            let unlearned = classifier.unlearned(&texts(task)).map_err(EvalError::classify(task))?;
            let groups = task.queries.iter().map(|q| q.group.clone()).collect();
            let labelled = Labelled { unlearned, gains: gains.clone(), groups };
            Ok(Lesson { labelled, heads: classifier.head_texts().to_vec(), options: HeadOptions::default() })
        }
        Part::Type => types(task, gains, engine),
        _ => Err(no_lesson(task)),
    }
}

/// The three types as entries: the task's rows, and the entries of the shipped model, whose type is known.
fn types(task: &Task, gains: &[BTreeMap<usize, f64>], engine: &Engine) -> Result<Lesson, EvalError> {
    let places = type_places(task)?;
    let kcm = CompetencyModel::karmayogi();
    let own = kcm.competencies.iter().filter_map(|entry| Some((entry, entry.kind?)));
    let own: Vec<(String, CompetencyType)> = own.map(|(entry, kind)| (whole(entry), kind)).collect();
    // Text, place of its type, group; a row without a type is answered and teaches nothing.
    let mut rows: Vec<(&str, Option<usize>, String)> = Vec::new();
    for (query, gains) in task.queries.iter().zip(gains) {
        let right = gains.iter().find(|(_, gain)| **gain > 0.0).map(|(entry, _)| *entry);
        let at = right.and_then(|entry| places.iter().position(|p| *p == entry));
        rows.push((query.text.as_str(), at, query.group.clone()));
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
    })
}

/// Scores of a lesson's entries as the answer to its task.
///
/// # Errors
/// As [`lesson`].
pub fn lesson_answer(
    task: &Task,
    engine: &Engine,
    lesson: &Lesson,
    scores: &Array2<f32>,
) -> Result<Answer, EvalError> {
    let rows = scores.outer_iter().take(task.queries.len());
    if task.part == Part::Type {
        let places = type_places(task)?;
        let ranking = |row: ndarray::ArrayView1<'_, f32>| {
            top(places.iter().copied().zip(row.iter().map(|&s| f64::from(s))))
        };
        return Ok(Answer::Rankings(rows.map(ranking).collect()));
    }
    let calibration = engine.learned_curve();
    let ranking = |(row, &parts): (ndarray::ArrayView1<'_, f32>, &usize)| {
        let ranked = ranked(row.iter().map(|&s| f64::from(s)).collect(), super::RUN_DEPTH);
        let kept = ranked.iter().zip(standings(&ranked, parts)).take(super::RUN_DEPTH);
        kept.map(|(&(candidate, score), standing)| Ranked {
            candidate,
            score,
            confidence: Some(calibration.confidence(standing)),
        })
        .collect()
    };
    Ok(Answer::Rankings(rows.zip(&lesson.labelled.unlearned.parts).map(ranking).collect()))
}

/// Answers a task with heads learned from its other groups only.
///
/// # Errors
/// As [`lesson`].
pub fn cross_fitted(task: &Task, engine: &Engine) -> Result<Answer, EvalError> {
    let lesson = lesson(task, engine)?;
    lesson_answer(task, engine, &lesson, &lesson.labelled.cross_fit(lesson.options))
}

fn no_lesson(task: &Task) -> EvalError {
    EvalError::Answer {
        task: task.name.clone(),
        detail: "heads are learned from tasks of use \"classify\" and \"type\"; leave it out".to_owned(),
    }
}
