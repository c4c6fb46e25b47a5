//! Teaching the axis of mastery: ridge regression on word features and frozen vectors.

use std::collections::{BTreeMap, BTreeSet};

use cbp_core::{Competency, CompetencyModel};

use super::{Skill, TuneError, solve};
use crate::embed::{Embedder, TextKind};
use crate::eval::{Gold, Part, Query, Task, qwk};
use crate::level::{
    LevelParameters,
    features::{self, Reading},
};

/// A text whose level is known.
#[derive(Debug, Clone, PartialEq)]
pub struct LevelExample {
    /// The duty or statement.
    pub text: String,
    /// Where it comes from; the error of judging a source that was never seen is measured too.
    pub source: String,
    /// Examples of one group are never split between teaching and judging.
    pub group: String,
    /// Mastery, 0 to 1: the middle of the level's part of the scale, `(level - 0.5) / levels`.
    pub mastery: f64,
    /// Its weight.
    pub weight: f64,
}

/// What [`tune_levels`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct LearnedLevels {
    /// The parameters, from all examples.
    pub parameters: LevelParameters,
    /// Mastery of each example as judged without its group: what the figures of a model card rest on.
    pub without_group: Vec<f64>,
    /// Mastery of each example as judged without its source: what to expect of texts of another kind.
    pub without_source: Vec<f64>,
}

/// Ridge regression pulls answers to the middle; this gives them their spread back. Chosen on groups left out.
const STRETCH: f64 = 1.6;
/// Penalty on the weights of word features and of dimensions, where the weights of the examples add up to 1,000.
/// Chosen on groups and on sources left out: less lets the dimensions learn that a source's subjects are hard or easy.
const PENALTY: f64 = 2.0;
/// Penalty on the weights of single words: of 2, 3 and 4, which are alike on groups and on sources left out, the middle one;
/// less costs levels of texts unlike any of the examples'.
const WORD_PENALTY: f64 = 3.0;
/// A word gets a weight of its own if it stands in examples of this many groups and sources: otherwise it tells what is talked
/// about, and by whom.
const WORD_GROUPS: usize = 20;
const WORD_SOURCES: usize = 4;
/// English words that get none.
const FUNCTION_WORDS: &str = include_str!("../../data/level/function.en.txt");
/// Parts that the groups are dealt into when the error is measured.
const FOLDS: usize = 5;

impl LevelExample {
    /// The level texts of a competency model; together they weigh `weight`.
    pub fn of_model(model: &CompetencyModel, weight: f64) -> Vec<Self> {
        let texts = |entry: &Competency| Self::of(&model.name, &entry.sub_theme, &entry.levels);
        weighed(model.competencies.iter().flat_map(texts).collect(), weight)
    }

    /// Duties of skills at each level; together they weigh `weight`.
    pub fn of_skills(source: &str, skills: &[Skill<'_>], weight: f64) -> Vec<Self> {
        weighed(skills.iter().flat_map(|s| Self::of(source, s.name(), &s.duties)).collect(), weight)
    }

    /// The rows of a level task; together they weigh `weight`.
    ///
    /// # Errors
    /// [`TuneError::MeasureOnly`] for a task that may not be trained on, [`TuneError::Examples`] for one of another use.
    pub fn of_task(task: &Task, weight: f64) -> Result<Vec<Self>, TuneError> {
        let Gold::Values(values) = &task.gold else { return Err(no_levels(task)) };
        if task.part != Part::Level {
            return Err(no_levels(task));
        }
        if !task.may_train {
            return Err(TuneError::MeasureOnly { name: task.name.clone() });
        }
        let (low, levels) = axis(task);
        let example = |(query, value): (&Query, &f64)| Self {
            text: query.text.clone(),
            source: task.name.clone(),
            group: format!("{}/{}", task.name, query.group),
            mastery: ((value - low + 0.5) / levels).clamp(0.0, 1.0),
            weight: weight / values.len() as f64,
        };
        Ok(task.queries.iter().zip(values).map(example).collect())
    }

    /// Texts of something at each level, the lowest first.
    fn of<T: AsRef<str>>(source: &str, name: &str, texts: &[T]) -> Vec<Self> {
        let example = |(at, text): (usize, &T)| Self {
            text: format!("{name}: {}", text.as_ref()),
            source: source.to_owned(),
            group: name.to_owned(),
            mastery: (at as f64 + 0.5) / texts.len() as f64,
            weight: 1.0,
        };
        texts.iter().enumerate().map(example).collect()
    }
}

/// Quadratic weighted kappa of the mastery judged for each row of a level task.
///
/// # Errors
/// [`TuneError::Examples`] for a task of another use.
pub fn level_agreement(task: &Task, mastery: &[f64]) -> Result<f64, TuneError> {
    let Gold::Values(values) = &task.gold else { return Err(no_levels(task)) };
    let (low, levels) = axis(task);
    let judged: Vec<f64> = mastery.iter().map(|m| low - 0.5 + levels * m).collect();
    Ok(qwk(values, &judged, task.scale))
}

/// The lowest level of a task's scale, and how many there are.
fn axis(task: &Task) -> (f64, f64) {
    let (low, high) = task.scale;
    (f64::from(low), f64::from(high - low + 1))
}

fn no_levels(task: &Task) -> TuneError {
    TuneError::Examples { detail: format!("task {} is not of use \"level\"", task.name) }
}

/// Examples whose weights add up to `total`.
fn weighed(mut examples: Vec<LevelExample>, total: f64) -> Vec<LevelExample> {
    let sum: f64 = examples.iter().map(|e| e.weight).sum();
    for example in &mut examples {
        example.weight *= total / sum;
    }
    examples
}

/// Learns parameters from examples. With an embedder the vectors are part of it; the words alone are always
/// learned too, for other models. The same examples and model give the same parameters.
///
/// # Errors
/// [`TuneError::Examples`] where there is too little to learn from; [`TuneError::Model`] where the model fails.
pub fn tune_levels(
    examples: &[LevelExample],
    embedder: Option<&Embedder>,
) -> Result<LearnedLevels, TuneError> {
    let refuse = |detail: &str| TuneError::Examples { detail: detail.to_owned() };
    if examples.len() < 8 {
        return Err(refuse("fewer than eight examples"));
    }
    let fine = |e: &LevelExample| (0.0..=1.0).contains(&e.mastery) && e.weight > 0.0 && e.weight.is_finite();
    if let Some(bad) = examples.iter().find(|e| !fine(e)) {
        return Err(refuse(&format!(
            "\"{}\": mastery must be between 0 and 1 and the weight positive",
            bad.text.chars().take(60).collect::<String>()
        )));
    }
    let readings: Vec<Reading> = examples.iter().map(|e| features::read(&e.text)).collect();
    let lexicon = lexicon(&readings, examples);
    let words: Vec<Vec<f64>> = readings.iter().map(|reading| columns(reading, &lexicon)).collect();
    let folds = Folds::of(examples);
    let mut learned = LevelParameters {
        version: LevelParameters::VERSION,
        learned_from: examples
            .iter()
            .map(|e| e.source.clone())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        made_by: format!("{} examples, ridge {PENALTY}, stretch {STRETCH}", examples.len()),
        ..LevelParameters::default()
    };
    let penalties = penalties(lexicon.len(), embedder.map_or(0, Embedder::dims));
    let by_words = fit(&words, examples, |_| true, &penalties)?;
    let (words_only_intercept, words_only) = by_words.split_first().ok_or_else(|| refuse("no feature"))?;
    let (words_only, alone) = words_only.split_at(features::LEN);
    learned.words_only_intercept = *words_only_intercept;
    learned.words_only = words_only.to_vec();
    learned.lexicon = lexicon.into_keys().zip(alone.iter().map(|&weight| [0.0, weight])).collect();
    let mut rows = words;
    if let Some(embedder) = embedder {
        let texts: Vec<&str> = examples.iter().map(|e| e.text.as_str()).collect();
        let vectors = embedder.embed(&texts, TextKind::Query)?;
        for (row, vector) in rows.iter_mut().zip(vectors.outer_iter()) {
            row.extend(vector.iter().map(|x| f64::from(*x)));
        }
        let weights = fit(&rows, examples, |_| true, &penalties)?;
        embedder.fingerprint().clone_into(&mut learned.model);
        if let Some((intercept, weights)) = weights.split_first() {
            let (words, weights) = weights.split_at(features::LEN);
            let (beside, dimensions) = weights.split_at(learned.lexicon.len());
            learned.intercept = *intercept;
            learned.words = words.to_vec();
            for (weights, &weight) in learned.lexicon.values_mut().zip(beside) {
                weights[0] = weight;
            }
            learned.embedding = dimensions.iter().map(|w| *w as f32).collect();
        }
    }
    let without_group = judge(&rows, examples, &folds.of_group, &penalties)?;
    let without_source = judge(&rows, examples, &folds.of_source, &penalties)?;
    let total: f64 = examples.iter().map(|e| e.weight).sum();
    let squares = examples.iter().zip(&without_group).map(|(e, m)| e.weight * (m - e.mastery).powi(2));
    learned.error = (squares.sum::<f64>() / total).sqrt().max(0.01);
    Ok(LearnedLevels { parameters: learned, without_group, without_source })
}

/// Words to learn weights for, each with its place among them.
fn lexicon(readings: &[Reading], examples: &[LevelExample]) -> BTreeMap<String, usize> {
    let function: BTreeSet<&str> = FUNCTION_WORDS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .collect();
    let mut seen: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for (reading, example) in readings.iter().zip(examples) {
        for word in reading.words.iter().map(String::as_str).filter(|word| !function.contains(word)) {
            let (groups, sources) = seen.entry(word).or_default();
            groups.insert(&example.group);
            sources.insert(&example.source);
        }
    }
    let told = |(groups, sources): &(BTreeSet<&str>, BTreeSet<&str>)| {
        groups.len() >= WORD_GROUPS && sources.len() >= WORD_SOURCES
    };
    let words = seen.into_iter().filter(|(_, seen)| told(seen)).map(|(word, _)| word.to_owned());
    words.zip(0..).collect()
}

/// A constant, the word features and the words of the lexicon.
fn columns(reading: &Reading, lexicon: &BTreeMap<String, usize>) -> Vec<f64> {
    let mut row: Vec<f64> = std::iter::once(1.0).chain(reading.values).collect();
    let first = row.len();
    row.resize(first + lexicon.len(), 0.0);
    let (known, share) = reading.known(lexicon);
    for &place in known {
        row[first + place] = share;
    }
    row
}

/// How strongly the weight of each column is held back, where `dims` dimensions follow the words.
fn penalties(lexicon: usize, dims: usize) -> Vec<f64> {
    let features = std::iter::repeat_n(PENALTY, features::LEN);
    let words = std::iter::repeat_n(WORD_PENALTY, lexicon);
    std::iter::once(1e-6).chain(features).chain(words).chain(std::iter::repeat_n(PENALTY, dims)).collect()
}

/// The part that each example is left out with.
struct Folds {
    of_group: Vec<usize>,
    of_source: Vec<usize>,
}

impl Folds {
    fn of(examples: &[LevelExample]) -> Self {
        let place = |name: fn(&LevelExample) -> &str| -> Vec<usize> {
            let mut names: Vec<&str> = examples.iter().map(name).collect();
            names.sort_unstable();
            names.dedup();
            examples.iter().map(|e| names.binary_search(&name(e)).unwrap_or(0)).collect()
        };
        let of_group = place(|e| &e.group).into_iter().map(|group| group % FOLDS).collect();
        Self { of_group, of_source: place(|e| &e.source) }
    }
}

/// Mastery of each example from the examples of the other folds; the middle where there are none.
fn judge(
    rows: &[Vec<f64>],
    examples: &[LevelExample],
    folds: &[usize],
    penalties: &[f64],
) -> Result<Vec<f64>, TuneError> {
    let mut judged = vec![0.5; rows.len()];
    for left_out in 0..=folds.iter().copied().max().unwrap_or(0) {
        let kept = |i: usize| folds.get(i) != Some(&left_out);
        if !(0..rows.len()).any(kept) {
            continue;
        }
        let weights = fit(rows, examples, kept, penalties)?;
        for ((row, &fold), mastery) in rows.iter().zip(folds).zip(&mut judged) {
            if fold == left_out {
                let dot: f64 = row.iter().zip(&weights).map(|(x, w)| x * w).sum();
                *mastery = dot.clamp(0.0, 1.0);
            }
        }
    }
    Ok(judged)
}

/// Ridge regression on the chosen rows, the first column the constant; then the stretch.
fn fit(
    rows: &[Vec<f64>],
    examples: &[LevelExample],
    kept: impl Fn(usize) -> bool,
    penalties: &[f64],
) -> Result<Vec<f64>, TuneError> {
    let columns = rows.first().map_or(0, Vec::len);
    let kept: Vec<(&Vec<f64>, &LevelExample)> =
        rows.iter().zip(examples).enumerate().filter(|(i, _)| kept(*i)).map(|(_, pair)| pair).collect();
    let total: f64 = kept.iter().map(|(_, example)| example.weight).sum();
    let mut normal = vec![0.0; columns * columns];
    let mut right = vec![0.0; columns];
    for (row, example) in kept {
        let weight = 1000.0 * example.weight / total;
        for (a, &x) in row.iter().enumerate() {
            let scaled = weight * x;
            if scaled != 0.0 {
                right[a] += scaled * example.mastery;
                for (cell, &y) in normal[a * columns..=a * columns + a].iter_mut().zip(row) {
                    *cell += scaled * y;
                }
            }
        }
    }
    for (a, penalty) in penalties.iter().enumerate().take(columns) {
        normal[a * columns + a] += penalty;
    }
    let mut weights = solve(&mut normal, &right, columns)
        .ok_or_else(|| TuneError::Examples { detail: "the examples do not determine the weights".into() })?;
    for weight in &mut weights {
        *weight *= STRETCH;
    }
    weights[0] += 0.5 * (1.0 - STRETCH);
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Metric;

    /// This project's own texts.
    fn own() -> Vec<LevelExample> {
        let read = |file: &str, weight| LevelExample::of_skills("texts", &Skill::read(file), weight);
        let mut own = LevelExample::of_model(CompetencyModel::karmayogi(), 1.0);
        own.extend(read(include_str!("../../../../models/texts/skills.txt"), 1.0));
        own.extend(read(include_str!("../../../../models/texts/skills-hi.txt"), 0.5));
        own
    }

    #[test]
    fn own_examples_teach_the_order_of_levels() {
        let own = own();
        assert_eq!(own.len(), 114 * 3 + 50 * 6 + 74 * 4);
        assert!((own.iter().map(|e| e.weight).sum::<f64>() - 2.5).abs() < 1e-9);
        let found = tune_levels(&own, None).unwrap();
        assert_eq!(found, tune_levels(&own, None).unwrap());
        assert_eq!(found.without_group.len(), own.len());
        let learned = found.parameters;
        assert!(learned.error < 0.25, "{}", learned.error);
        let at = |text: &str| learned.by_words(&features::read(text));
        assert!(at("Count envelopes as told") < at("Examine proposals and supervise staff"));
        assert!(at("Examine proposals and supervise staff") < at("Set the policy of the State"));
    }

    #[test]
    fn words_of_many_groups_and_sources_get_weights() {
        let example = |at: usize| {
            let (level, word) = if at.is_multiple_of(2) { (0.25, "glorp") } else { (0.75, "zurn") };
            LevelExample {
                text: format!("the {word} of subject{} 12", at % 10),
                source: format!("source {}", at % 5),
                group: format!("group {at}"),
                mastery: level,
                weight: 1.0,
            }
        };
        let many: Vec<LevelExample> = (0..60).map(example).collect();
        let learned = tune_levels(&many, None).unwrap().parameters;
        // "subject3" stands in six groups and "the" and "of" hold the sentence together.
        assert_eq!(learned.lexicon.keys().collect::<Vec<_>>(), ["glorp", "zurn"]);
        let at = |text: &str| learned.by_words(&features::read(text));
        assert!(at("zurn") - at("glorp") > 0.3, "{} {}", at("zurn"), at("glorp"));
        let few: Vec<LevelExample> =
            many.into_iter().map(|e| LevelExample { source: e.source.replace('4', "3"), ..e }).collect();
        assert_eq!(tune_levels(&few, None).unwrap().parameters.lexicon.len(), 2);
        let fewer = few.into_iter().map(|e| LevelExample { source: e.source.replace('3', "2"), ..e });
        assert!(tune_levels(&fewer.collect::<Vec<_>>(), None).unwrap().parameters.lexicon.is_empty());
    }

    #[test]
    fn a_task_on_any_scale_comes_back_from_its_mastery() {
        for scale in [(1, 3), (0, 6), (3, 7)] {
            let values: Vec<f64> = (scale.0..=scale.1).map(f64::from).collect();
            let query =
                |at: usize| Query { id: at.to_string(), group: "g".into(), text: format!("duty {at}") };
            let task = Task {
                name: "T".into(),
                part: Part::Level,
                metric: Metric::Qwk,
                description: String::new(),
                may_train: true,
                scale,
                queries: (0..values.len()).map(query).collect(),
                candidates: Vec::new(),
                model: None,
                gold: Gold::Values(values),
            };
            let rows = LevelExample::of_task(&task, 2.0).unwrap();
            assert!((rows.iter().map(|row| row.weight).sum::<f64>() - 2.0).abs() < 1e-12);
            assert!(rows.windows(2).all(|pair| pair[0].mastery < pair[1].mastery));
            let mastery: Vec<f64> = rows.iter().map(|row| row.mastery).collect();
            assert!((level_agreement(&task, &mastery).unwrap() - 1.0).abs() < 1e-12);
            let measured = Task { may_train: false, ..task.clone() };
            assert!(matches!(LevelExample::of_task(&measured, 1.0), Err(TuneError::MeasureOnly { .. })));
            let other = Task { part: Part::Similarity, ..task };
            assert!(matches!(LevelExample::of_task(&other, 1.0), Err(TuneError::Examples { .. })));
        }
    }

    #[test]
    fn too_little_and_wrong_examples_are_refused() {
        let own = own();
        assert!(matches!(tune_levels(&own[..3], None), Err(TuneError::Examples { .. })));
        let mut wrong = own[..20].to_vec();
        wrong[7].mastery = f64::NAN;
        assert!(matches!(tune_levels(&wrong, None), Err(TuneError::Examples { .. })));
    }
}
