//! Tasks answered by the engine.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use cbp_core::{Competency, CompetencyModel, CompetencyType, ProficiencyScale, ScaleLevel};

use super::{EvalError, Part, Task};
use crate::classify::{Classifier, ClassifyError, ClassifyOptions, Heads, Match};
use crate::embed::{Embedder, TextKind};
use crate::level::{LevelOptions, LevelParameters, LevelQuery, Leveller, competency_type};
use crate::rank::{CourseIndex, Filter, Need, RankError, RankOptions, catalogue_of_texts};

/// Most candidates that a ranking keeps, as run files have it.
pub const RUN_DEPTH: usize = 100;

/// A candidate in a ranking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Its index among the task's candidates.
    pub candidate: usize,
    /// The greater the better.
    pub score: f64,
    /// Calibrated probability that it is relevant, where the part of the engine gives one.
    pub confidence: Option<f64>,
}

/// One answer for each query of a task.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Candidates, the best first, [`RUN_DEPTH`] at most.
    Rankings(Vec<Vec<Ranked>>),
    /// Numbers on the task's scale.
    Values(Vec<f64>),
}

impl Answer {
    /// The run file that an outside scorer reads: `query, candidate, rank, score` or `query, value`, tab-separated.
    pub fn run_file(&self, task: &Task) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        match self {
            Self::Rankings(rankings) => {
                for (query, ranking) in task.queries.iter().zip(rankings) {
                    for (ranked, rank) in ranking.iter().zip(1..) {
                        let id = task.candidates.get(ranked.candidate).map_or("", |c| c.id.as_str());
                        let _ = writeln!(out, "{}\t{id}\t{rank}\t{}", query.id, ranked.score);
                    }
                }
            }
            Self::Values(values) => {
                for (query, value) in task.queries.iter().zip(values) {
                    let _ = writeln!(out, "{}\t{value}", query.id);
                }
            }
        }
        out
    }
}

/// What answers tasks: the engine in its default configuration. No part of it knows a task by name.
#[derive(Debug)]
pub struct Engine {
    pub(super) embedder: Arc<Embedder>,
    heads: Option<Heads>,
}

impl Engine {
    /// The engine on an embedder, with the heads that lie beside its model.
    ///
    /// # Errors
    /// Damaged heads.
    pub fn new(embedder: Arc<Embedder>) -> Result<Self, ClassifyError> {
        let heads = Heads::beside(&embedder)?;
        Ok(Self { embedder, heads })
    }

    /// The engine without heads: what heads are learned on, whatever lies beside the model.
    pub const fn untaught(embedder: Arc<Embedder>) -> Self {
        Self { embedder, heads: None }
    }

    /// True where the heads, or the levels, learned from a task of this name: on its own rows they would flatter.
    pub fn learned_from(&self, task: &Task) -> bool {
        if task.part == Part::Level {
            return LevelParameters::shipped().learned_from.contains(&task.name);
        }
        self.heads.as_ref().is_some_and(|heads| heads.learned_from().any(|name| name == task.name))
    }

    /// What texts are embedded with.
    pub fn embedder(&self) -> &Embedder {
        &self.embedder
    }
}

/// Answers a task with the part of the engine that its `use` names.
///
/// # Errors
/// Whatever the part reports.
pub fn answer(task: &Task, engine: &Engine) -> Result<Answer, EvalError> {
    match task.part {
        Part::Retrieve => retrieve(task, &engine.embedder).map(Answer::Rankings),
        Part::Rank => courses(task, &engine.embedder).map(Answer::Rankings),
        Part::Similarity => similarity(task, &engine.embedder).map(Answer::Values),
        Part::Classify => entries(task, engine).map(Answer::Rankings),
        Part::Type => types(task, engine).map(Answer::Rankings),
        Part::Level => levels(task, &engine.embedder).map(Answer::Values),
    }
}

/// The best candidates of a row of scores, ties by index.
pub(super) fn top(scores: impl Iterator<Item = (usize, f64)>) -> Vec<Ranked> {
    let mut all: Vec<(usize, f64)> = scores.collect();
    let order = |a: &(usize, f64), b: &(usize, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if all.len() > RUN_DEPTH {
        all.select_nth_unstable_by(RUN_DEPTH, order);
        all.truncate(RUN_DEPTH);
    }
    all.sort_by(order);
    all.into_iter().map(|(candidate, score)| Ranked { candidate, score, confidence: None }).collect()
}

fn embed(
    task: &Task,
    embedder: &Embedder,
    texts: &[&str],
    kind: TextKind,
) -> Result<ndarray::Array2<f32>, EvalError> {
    embedder.embed(texts, kind).map_err(EvalError::embed(task))
}

/// Texts by the bare embedding. Candidates without words are never found.
fn retrieve(task: &Task, embedder: &Embedder) -> Result<Vec<Vec<Ranked>>, EvalError> {
    let worded: Vec<usize> =
        (0..task.candidates.len()).filter(|&c| !task.candidates[c].text.trim().is_empty()).collect();
    let texts: Vec<&str> = worded.iter().map(|&c| task.candidates[c].text.as_str()).collect();
    let passages = embed(task, embedder, &texts, TextKind::Passage)?;
    let queries = embed(task, embedder, &self::texts(task), TextKind::Query)?;
    let mut rankings = Vec::with_capacity(task.queries.len());
    // Some hundred queries at a time: the scores of all at once may not fit in memory.
    for block in queries.axis_chunks_iter(ndarray::Axis(0), 256) {
        let scores = block.dot(&passages.t());
        for row in scores.outer_iter() {
            rankings.push(top(worded.iter().copied().zip(row.iter().map(|&s| f64::from(s)))));
        }
    }
    Ok(rankings)
}

/// The task's candidates as a taxonomy, completed as a user's is.
fn taxonomy(task: &Task) -> CompetencyModel {
    task.model.clone().unwrap_or_else(|| of_texts(task)).completed(CompetencyModel::karmayogi())
}

/// Candidates as entries: what stands before the first full stop or colon is the name.
fn of_texts(task: &Task) -> CompetencyModel {
    let entry = |candidate: &super::Candidate| {
        let split = [". ", ": "].iter().filter_map(|mark| candidate.text.split_once(mark));
        let (name, description) =
            split.min_by_key(|(name, _)| name.len()).unwrap_or((candidate.text.as_str(), ""));
        Competency {
            id: candidate.id.clone(),
            kind: None,
            theme: String::new(),
            theme_hi: None,
            sub_theme: name.to_owned(),
            sub_theme_hi: None,
            group: None,
            aliases: Vec::new(),
            description: description.to_owned(),
            levels: Vec::new(),
        }
    };
    CompetencyModel {
        competencies: task.candidates.iter().map(entry).collect(),
        ..CompetencyModel::default()
    }
}

/// The texts to answer for.
pub(super) fn texts(task: &Task) -> Vec<&str> {
    task.queries.iter().map(|q| q.text.as_str()).collect()
}

/// The classifier of a task's taxonomy.
pub(super) fn classifier(task: &Task, engine: &Engine) -> Result<Classifier, EvalError> {
    let embedder = Arc::clone(&engine.embedder);
    let untaught = Classifier::untaught(embedder, &taxonomy(task), ClassifyOptions::default());
    Ok(untaught.map_err(EvalError::classify(task))?.with_heads(engine.heads.as_ref()))
}

/// Entries of the taxonomy for texts.
fn entries(task: &Task, engine: &Engine) -> Result<Vec<Vec<Ranked>>, EvalError> {
    let classifier = classifier(task, engine)?;
    let found = classifier.classify(&texts(task), RUN_DEPTH).map_err(EvalError::classify(task))?;
    let kept = |m: &Match| Ranked { candidate: m.entry, score: m.score, confidence: Some(m.confidence) };
    Ok(found.iter().map(|matches| matches.iter().map(kept).collect()).collect())
}

/// Where behavioural, functional and domain stand among the task's candidates, by id.
pub(super) fn type_places(task: &Task) -> Result<Vec<usize>, EvalError> {
    let place = |kind: CompetencyType| {
        let wanted = kind.to_string();
        task.candidates.iter().position(|c| c.id.eq_ignore_ascii_case(&wanted)).ok_or_else(|| {
            EvalError::Answer {
                task: task.name.clone(),
                detail: format!("no candidate has the id \"{}\"", wanted.to_lowercase()),
            }
        })
    };
    CompetencyType::ALL.into_iter().map(place).collect()
}

/// Behavioural, functional or domain.
fn types(task: &Task, engine: &Engine) -> Result<Vec<Vec<Ranked>>, EvalError> {
    let places = type_places(task)?;
    let scores = competency_type(&engine.embedder, engine.heads.as_ref(), &texts(task))
        .map_err(EvalError::level(task))?;
    Ok(scores.iter().map(|scores| top(places.iter().copied().zip(scores.0))).collect())
}

/// Levels on the task's scale, from nothing but the query's text.
fn levels(task: &Task, embedder: &Arc<Embedder>) -> Result<Vec<f64>, EvalError> {
    let (lo, hi) = task.scale;
    let levels = (lo..=hi).zip(1_u8..).map(|(value, rank)| ScaleLevel {
        rank,
        name: value.to_string(),
        ..ScaleLevel::default()
    });
    let scale = ProficiencyScale { id: task.name.clone(), name: task.name.clone(), levels: levels.collect() };
    let leveller =
        Leveller::new(Arc::clone(embedder), LevelOptions::default()).map_err(EvalError::level(task))?;
    let queries: Vec<LevelQuery<'_>> = task
        .queries
        .iter()
        .map(|query| LevelQuery {
            duties: vec![query.text.as_str()],
            level_texts: &[],
            scale: &scale,
            group: None,
        })
        .collect();
    let found = leveller.levels(&queries).map_err(EvalError::level(task))?;
    Ok(found.iter().map(|level| f64::from(lo) + level.position - 1.0).collect())
}

/// Courses for needs, where of a course only its id and text are known.
fn courses(task: &Task, embedder: &Arc<Embedder>) -> Result<Vec<Vec<Ranked>>, EvalError> {
    let fault = |source: RankError| EvalError::Rank { task: task.name.clone(), source: Box::new(source) };
    let catalogue = catalogue_of_texts(task.candidates.iter().map(|c| (c.id.as_str(), c.text.as_str())));
    let index = CourseIndex::build(&catalogue, embedder).map_err(fault)?;
    let needs: Vec<Need> = task.queries.iter().map(|query| Need::of(query.text.as_str())).collect();
    let rankings =
        index.rank(&needs, RUN_DEPTH, &Filter::default(), &RankOptions::default()).map_err(fault)?;
    let kept = |course: &crate::rank::Ranked| Ranked {
        candidate: course.course as usize,
        score: course.score,
        confidence: None,
    };
    Ok(rankings.iter().map(|ranking| ranking.iter().map(kept).collect()).collect())
}

/// Cosines of pairs, brought to a part of the scale that no reader of run files cuts off.
fn similarity(task: &Task, embedder: &Embedder) -> Result<Vec<f64>, EvalError> {
    let mut texts: Vec<&str> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut place = |text| {
        *places.entry(text).or_insert_with(|| {
            texts.push(text);
            texts.len() - 1
        })
    };
    let mut pairs = Vec::with_capacity(task.queries.len());
    for query in &task.queries {
        let (left, right) = query.text.split_once(" ||| ").ok_or_else(|| EvalError::Answer {
            task: task.name.clone(),
            detail: format!("query \"{}\" does not hold two texts joined by \" ||| \"", query.id),
        })?;
        pairs.push((place(left), place(right)));
    }
    let vectors = embed(task, embedder, &texts, TextKind::Query)?;
    let (lo, hi) = (f64::from(task.scale.0.max(1)), f64::from(task.scale.1));
    let on_scale = |cosine: f32| lo + f64::midpoint(f64::from(cosine), 1.0) * (hi - lo);
    Ok(pairs.into_iter().map(|(left, right)| on_scale(vectors.row(left).dot(&vectors.row(right)))).collect())
}
