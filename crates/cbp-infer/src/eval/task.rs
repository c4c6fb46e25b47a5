//! Tasks on disk: `task.json`, `queries.tsv`, `qrels.tsv` or `gold.tsv`, and the candidates.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use cbp_core::{Competency, CompetencyModel};
use serde::Deserialize;

use super::{EvalError, Metric};
use crate::classify::whole;

/// Which part of the engine answers a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Text to entries of a taxonomy.
    Classify,
    /// Text to behavioural, functional or domain.
    Type,
    /// Need to courses.
    Rank,
    /// Text to texts by the bare embedding.
    Retrieve,
    /// Duty to a level.
    Level,
    /// Two texts, joined by ` ||| `, to their similarity.
    Similarity,
}

impl Part {
    /// The word in `task.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Classify => "classify",
            Self::Type => "type",
            Self::Rank => "rank",
            Self::Retrieve => "retrieve",
            Self::Level => "level",
            Self::Similarity => "similarity",
        }
    }

    /// Whether the answer is a ranking of candidates; otherwise it is a number.
    pub const fn ranks(self) -> bool {
        matches!(self, Self::Classify | Self::Type | Self::Rank | Self::Retrieve)
    }
}

/// A text to answer for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Unique in the task.
    pub id: String,
    /// Rows of one group share a source; splits go between groups, never through one.
    pub group: String,
    /// The text.
    pub text: String,
}

/// A candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Unique in the task.
    pub id: String,
    /// Name and description; may be empty in collections of documents.
    pub text: String,
}

/// What is right.
#[derive(Debug, Clone, PartialEq)]
pub enum Gold {
    /// For each query, the gain of candidates by their index.
    Gains(Vec<BTreeMap<usize, f64>>),
    /// For each query, its value.
    Values(Vec<f64>),
}

/// A measuring task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its name.
    pub name: String,
    /// The part of the engine that answers it.
    pub part: Part,
    /// The primary metric.
    pub metric: Metric,
    /// What it measures, in a sentence.
    pub description: String,
    /// Whether what ships may have been trained on its rows.
    pub may_train: bool,
    /// Least and greatest value of a level task.
    pub scale: (i32, i32),
    /// The candidates of a ranking task.
    pub candidates: Vec<Candidate>,
    /// The competency model whose entries the candidates are, where `corpus` names one (a `.json` file).
    pub model: Option<CompetencyModel>,
    /// The texts to answer for.
    pub queries: Vec<Query>,
    /// What is right.
    pub gold: Gold,
}

#[derive(Deserialize)]
struct Manifest {
    task: String,
    kind: String,
    #[serde(rename = "use")]
    part: Part,
    metric: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    may_train: bool,
    scale: Option<(i32, i32)>,
    corpus: Option<PathBuf>,
}

impl Task {
    /// Reads a task's folder.
    ///
    /// # Errors
    /// A missing or malformed file, a duplicate, empty or unknown id, an empty query, a value off its range: with the
    /// file and the line.
    pub fn load(folder: &Path) -> Result<Self, EvalError> {
        let path = folder.join("task.json");
        let wrong = |detail: String| EvalError::Manifest { path: path.clone(), detail };
        let json = fs::read_to_string(&path).map_err(EvalError::io(&path))?;
        let manifest: Manifest = serde_json::from_str(&json).map_err(|e| wrong(e.to_string()))?;
        let kind = if manifest.part.ranks() { "rank" } else { "level" };
        if manifest.kind != kind {
            return Err(wrong(format!(
                "kind is \"{}\", but use \"{}\" needs \"{kind}\"",
                manifest.kind,
                manifest.part.name()
            )));
        }
        let metric = Metric::named(&manifest.metric)
            .filter(|metric| metric.ranks() == manifest.part.ranks())
            .ok_or_else(|| wrong(format!("metric \"{}\" does not measure kind {kind}", manifest.metric)))?;
        let scale = manifest.scale.unwrap_or((1, 5));
        if scale.0 > scale.1 {
            return Err(wrong(format!("scale runs from {} down to {}", scale.0, scale.1)));
        }
        let queries = queries(&folder.join("queries.tsv"))?;
        let places: HashMap<&str, usize> =
            queries.iter().enumerate().map(|(i, query)| (query.id.as_str(), i)).collect();
        let (candidates, model, gold) = if manifest.part.ranks() {
            let corpus = manifest.corpus.ok_or_else(|| wrong("a ranking task needs \"corpus\"".into()))?;
            let corpus = folder.join(corpus);
            let model = corpus.extension().is_some_and(|ending| ending == "json").then(|| model(&corpus));
            let model = model.transpose()?;
            let candidates = match &model {
                Some(model) => {
                    let of = |entry: &Competency| Candidate { id: entry.id.clone(), text: whole(entry) };
                    model.competencies.iter().map(of).collect()
                }
                None => candidates(&corpus)?,
            };
            let gold = gains(&folder.join("qrels.tsv"), &places, &candidates)?;
            (candidates, model, Gold::Gains(gold))
        } else {
            (Vec::new(), None, Gold::Values(values(&folder.join("gold.tsv"), &places, &queries)?))
        };
        Ok(Self {
            name: manifest.task,
            part: manifest.part,
            metric,
            description: manifest.description,
            may_train: manifest.may_train,
            scale,
            candidates,
            model,
            queries,
            gold,
        })
    }
}

/// The nearest entry of a coarser taxonomy that an entry of this id lies below: the one whose id stands before one of its dots.
pub(crate) fn above<T>(id: &str, entry: impl Fn(&str) -> Option<T>) -> Option<T> {
    id.rmatch_indices('.').find_map(|(dot, _)| entry(&id[..dot]))
}

/// A table's rows: line number and the named columns' fields.
fn rows<const N: usize>(path: &Path, columns: [&str; N]) -> Result<Vec<(usize, [String; N])>, EvalError> {
    let text = fs::read_to_string(path).map_err(EvalError::io(path))?;
    let wrong = |line: usize, detail: String| EvalError::Line { path: path.to_owned(), line, detail };
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).zip(1..);
    let header: Vec<&str> = lines.next().map(|(line, _)| line.split('\t').collect()).unwrap_or_default();
    let mut at = [0; N];
    for (place, column) in at.iter_mut().zip(columns) {
        *place = header
            .iter()
            .position(|name| name.trim_start_matches('\u{feff}') == column)
            .ok_or_else(|| wrong(1, format!("there is no column \"{column}\"; name it in the first line")))?;
    }
    let mut out = Vec::new();
    for (line, number) in lines.filter(|(line, _)| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        if fields.len() != header.len() {
            let detail =
                format!("{} fields instead of {}; separate by single tabs", fields.len(), header.len());
            return Err(wrong(number, detail));
        }
        out.push((number, at.map(|place| fields.get(place).copied().unwrap_or_default().to_owned())));
    }
    Ok(out)
}

/// Refuses an empty id and one that was seen before.
struct Unique<'a>(&'a Path, HashSet<String>);

impl Unique<'_> {
    fn check(&mut self, line: usize, id: &str) -> Result<(), EvalError> {
        if id.trim().is_empty() {
            let detail = "the id is empty; give every row one".into();
            return Err(EvalError::Line { path: self.0.to_owned(), line, detail });
        }
        if !self.1.insert(id.to_owned()) {
            return Err(EvalError::DuplicateId { path: self.0.to_owned(), line, id: id.to_owned() });
        }
        Ok(())
    }
}

fn queries(path: &Path) -> Result<Vec<Query>, EvalError> {
    let mut unique = Unique(path, HashSet::new());
    let mut out = Vec::new();
    for (line, [id, group, text]) in rows(path, ["query_id", "group", "text"])? {
        unique.check(line, &id)?;
        if text.trim().is_empty() {
            let detail = "the text is empty; remove the query or give it words".into();
            return Err(EvalError::Line { path: path.to_owned(), line, detail });
        }
        out.push(Query { id, group, text });
    }
    if out.is_empty() {
        let detail = "there is no query; a task needs at least one".into();
        return Err(EvalError::Line { path: path.to_owned(), line: 1, detail });
    }
    Ok(out)
}

fn model(path: &Path) -> Result<CompetencyModel, EvalError> {
    let json = fs::read_to_string(path).map_err(EvalError::io(path))?;
    CompetencyModel::from_json("the competency model", &json)
        .map_err(|error| EvalError::Manifest { path: path.to_owned(), detail: error.to_string() })
}

fn candidates(path: &Path) -> Result<Vec<Candidate>, EvalError> {
    let mut unique = Unique(path, HashSet::new());
    let mut out = Vec::new();
    for (line, [id, text]) in rows(path, ["doc_id", "text"])? {
        unique.check(line, &id)?;
        out.push(Candidate { id, text });
    }
    Ok(out)
}

fn number(path: &Path, line: usize, field: &str) -> Result<f64, EvalError> {
    field.trim().parse().ok().filter(|value: &f64| value.is_finite()).ok_or_else(|| EvalError::Line {
        path: path.to_owned(),
        line,
        detail: format!("\"{field}\" is not a number"),
    })
}

fn unknown(path: &Path, line: usize, id: &str) -> EvalError {
    EvalError::UnknownId { path: path.to_owned(), line, id: id.to_owned() }
}

fn gains(
    path: &Path,
    queries: &HashMap<&str, usize>,
    candidates: &[Candidate],
) -> Result<Vec<BTreeMap<usize, f64>>, EvalError> {
    let known: HashMap<&str, usize> =
        candidates.iter().enumerate().map(|(i, c)| (c.id.as_str(), i)).collect();
    let mut out = vec![BTreeMap::new(); queries.len()];
    for (line, [query, candidate, gain]) in rows(path, ["query_id", "doc_id", "gain"])? {
        let &place = queries.get(query.as_str()).ok_or_else(|| unknown(path, line, &query))?;
        let &found = known.get(candidate.as_str()).ok_or_else(|| unknown(path, line, &candidate))?;
        let gain = number(path, line, &gain)?;
        if let Some(of_query) = out.get_mut(place) {
            of_query.insert(found, gain);
        }
    }
    Ok(out)
}

fn values(path: &Path, places: &HashMap<&str, usize>, queries: &[Query]) -> Result<Vec<f64>, EvalError> {
    let mut unique = Unique(path, HashSet::new());
    let mut found = vec![None; queries.len()];
    for (line, [query, value]) in rows(path, ["query_id", "value"])? {
        unique.check(line, &query)?;
        let &place = places.get(query.as_str()).ok_or_else(|| unknown(path, line, &query))?;
        let value = number(path, line, &value)?;
        if let Some(of_query) = found.get_mut(place) {
            *of_query = Some(value);
        }
    }
    let missing = |query: &Query| EvalError::NoGold { path: path.to_owned(), id: query.id.clone() };
    found.into_iter().zip(queries).map(|(value, query)| value.ok_or_else(|| missing(query))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sound task; each test breaks one file of it.
    fn folder(breaks: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let sound = [
            ("task.json", r#"{"task":"T","kind":"rank","use":"classify","metric":"mrr","corpus":"c.tsv"}"#),
            ("queries.tsv", "query_id\tgroup\ttext\nq1\tg\tdraft notes\n\nq2\tg\taudit\n"),
            ("qrels.tsv", "query_id\tdoc_id\tgain\nq1\td1\t1\nq2\td2\t0.5\n"),
            ("c.tsv", "doc_id\ttext\nd1\tNoting\nd2\tAudit\n"),
        ];
        for (name, text) in sound.iter().chain(breaks) {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn fault(name: &str, text: &str) -> EvalError {
        Task::load(folder(&[(name, text)]).path()).unwrap_err()
    }

    #[test]
    fn a_sound_task_loads() {
        let task = Task::load(folder(&[]).path()).unwrap();
        assert_eq!((task.queries.len(), task.candidates.len()), (2, 2));
        let Gold::Gains(gains) = task.gold else { panic!("a ranking task has gains") };
        assert_eq!(gains[1].get(&1), Some(&0.5));
    }

    #[test]
    fn a_level_task_needs_every_value() {
        let level = r#"{"task":"T","kind":"level","use":"level","metric":"qwk","scale":[1,3]}"#;
        let sound = folder(&[("task.json", level), ("gold.tsv", "query_id\tvalue\nq1\t1\nq2\t3\n")]);
        assert_eq!(Task::load(sound.path()).unwrap().gold, Gold::Values(vec![1.0, 3.0]));
        let short = folder(&[("task.json", level), ("gold.tsv", "query_id\tvalue\nq1\t1\n")]);
        assert!(matches!(Task::load(short.path()), Err(EvalError::NoGold { .. })));
    }

    #[test]
    fn duplicate_ids_are_refused_with_their_line() {
        let twice = fault("queries.tsv", "query_id\tgroup\ttext\nq1\tg\ta\nq1\tg\tb\n");
        assert!(matches!(twice, EvalError::DuplicateId { line: 3, .. }), "{twice}");
        let twice = fault("c.tsv", "doc_id\ttext\nd1\ta\nd2\tb\nd1\tc\n");
        assert!(matches!(twice, EvalError::DuplicateId { line: 4, .. }), "{twice}");
    }

    #[test]
    fn malformed_tables_name_the_line() {
        for (name, text, line) in [
            ("queries.tsv", "query_id\ttext\nq1\ta\n", 1),
            ("queries.tsv", "query_id\tgroup\ttext\nq1\tg\n", 2),
            ("queries.tsv", "query_id\tgroup\ttext\nq1\tg\t \n", 2),
            ("queries.tsv", "query_id\tgroup\ttext\n \tg\ta\n", 2),
            ("queries.tsv", "query_id\tgroup\ttext\n", 1),
            ("qrels.tsv", "query_id\tdoc_id\tgain\nq1\td1\tmuch\n", 2),
            ("qrels.tsv", "query_id\tdoc_id\tgain\nq1\td1\tNaN\n", 2),
        ] {
            let error = fault(name, text);
            assert!(matches!(&error, EvalError::Line { line: at, .. } if *at == line), "{error}");
        }
    }

    #[test]
    fn judgements_name_known_ids() {
        let error = fault("qrels.tsv", "query_id\tdoc_id\tgain\nq1\td9\t1\n");
        assert!(matches!(error, EvalError::UnknownId { line: 2, .. }));
        let error = fault("qrels.tsv", "query_id\tdoc_id\tgain\nq9\td1\t1\n");
        assert!(matches!(error, EvalError::UnknownId { .. }));
    }

    #[test]
    fn the_manifest_must_make_sense() {
        for json in [
            "{",
            r#"{"task":"T","kind":"rank","use":"cook","metric":"mrr","corpus":"c.tsv"}"#,
            r#"{"task":"T","kind":"level","use":"classify","metric":"mrr","corpus":"c.tsv"}"#,
            r#"{"task":"T","kind":"rank","use":"classify","metric":"qwk","corpus":"c.tsv"}"#,
            r#"{"task":"T","kind":"rank","use":"classify","metric":"mrr"}"#,
            r#"{"task":"T","kind":"level","use":"level","metric":"qwk","scale":[3,1]}"#,
        ] {
            assert!(matches!(fault("task.json", json), EvalError::Manifest { .. }), "{json}");
        }
        let absent = r#"{"task":"T","kind":"rank","use":"classify","metric":"mrr","corpus":"no.tsv"}"#;
        assert!(matches!(fault("task.json", absent), EvalError::Io { .. }));
    }
}
