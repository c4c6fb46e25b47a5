//! Sources to sets of queries and passages, split by group.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
};

use cbp_core::{Catalogue, CompetencyModel};

use super::{
    Skill, TuneError,
    config::{Source, SourceKind},
};
use crate::{
    eval::{Gold, Metric, Task, above},
    rng::{Rng, hash},
};

/// Groups that skills of a file are dealt into.
const SKILL_GROUPS: usize = 8;

/// Queries with their right passages.
pub(crate) struct Set {
    /// The source's name.
    pub(crate) name: String,
    /// Whose texts they are.
    pub(crate) licence: String,
    /// How often it is drawn, times the square root of its size.
    pub(crate) weight: f64,
    /// What it is judged by.
    pub(crate) metric: Metric,
    /// Whether hard negatives are mined in it.
    pub(crate) mine: bool,
    /// Whether its left-out groups are judged.
    pub(crate) judge: bool,
    /// Queries: their texts.
    pub(crate) queries: Vec<String>,
    /// Different texts that can be found.
    pub(crate) passages: Vec<String>,
    /// For each query, its right passages.
    pub(crate) gold: Vec<BTreeSet<usize>>,
    /// Queries to train on.
    pub(crate) train: Vec<usize>,
    /// Queries of groups that are left out.
    pub(crate) left_out: Vec<usize>,
    /// The names of those groups.
    pub(crate) groups_out: Vec<String>,
}

/// A query on the way into a [`Set`].
struct Row {
    text: String,
    /// Rows without a group are never left out.
    group: Option<String>,
    gold: Vec<usize>,
}

impl Set {
    /// Reads a source below one of the `roots` and leaves out about `share` of its groups.
    ///
    /// # Errors
    ///
    /// A missing or malformed file, a task that may only be measured, a source without pairs.
    pub(crate) fn read(source: &Source, roots: &[PathBuf], share: f64, seed: u64) -> Result<Self, TuneError> {
        let path = below(roots, &source.path);
        let mut metric = Metric::Ndcg10;
        let (rows, texts) = match source.kind {
            SourceKind::Task => {
                let task = Task::load(&path)?;
                metric = task.metric;
                of_task(task)?
            }
            SourceKind::Parts => parts(&path, source.between.as_deref().unwrap_or(". "))?,
            SourceKind::Names => names(&path)?,
            SourceKind::Chain => {
                let upper = source.upper.as_ref().ok_or_else(|| TuneError::Source {
                    name: source.name.clone(),
                    detail: "no `upper` table".into(),
                })?;
                chain(&path, &below(roots, upper))?
            }
            SourceKind::Competencies => competencies(&path)?,
            SourceKind::Courses => courses(&path)?,
            SourceKind::Skills => skills(&path)?,
        };
        Self::of(source, metric, rows, &texts, share, seed)
    }

    fn of(
        source: &Source,
        metric: Metric,
        rows: Vec<Row>,
        texts: &[String],
        share: f64,
        seed: u64,
    ) -> Result<Self, TuneError> {
        // Passages of one text are one passage: otherwise a right one would be its own negative.
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut passages = Vec::new();
        let canonical: Vec<usize> = texts
            .iter()
            .map(|text| {
                let text = text.trim();
                *places.entry(text).or_insert_with(|| {
                    passages.push(text.to_owned());
                    passages.len() - 1
                })
            })
            .collect();
        let mut set = Self {
            name: source.name.clone(),
            licence: source.licence.clone(),
            weight: source.weight,
            metric,
            mine: source.mine,
            judge: source.judge,
            queries: Vec::new(),
            passages,
            gold: Vec::new(),
            train: Vec::new(),
            left_out: Vec::new(),
            groups_out: Vec::new(),
        };
        set.groups_out = groups_out(&rows, share, seed);
        for row in rows {
            let gold: BTreeSet<usize> =
                row.gold.iter().filter_map(|&place| canonical.get(place).copied()).collect();
            let text = row.text.trim().to_owned();
            // A right passage that says nothing else teaches nothing.
            let teaches = gold.iter().any(|&place| {
                set.passages.get(place).is_some_and(|passage| !passage.is_empty() && *passage != text)
            });
            if text.is_empty() || !teaches {
                continue;
            }
            let out = row.group.is_some_and(|group| set.groups_out.contains(&group));
            let list = if out { &mut set.left_out } else { &mut set.train };
            list.push(set.queries.len());
            set.queries.push(text);
            set.gold.push(gold);
        }
        if set.train.len() < 2 {
            return Err(TuneError::Source {
                name: set.name,
                detail: "fewer than two pairs to train on".into(),
            });
        }
        Ok(set)
    }
}

/// The path below the first root that has it; below the first root if none has.
fn below(roots: &[PathBuf], path: &Path) -> PathBuf {
    let places: Vec<PathBuf> = roots.iter().map(|root| root.join(path)).collect();
    let found = places.iter().find(|place| place.exists()).or(places.first());
    found.cloned().unwrap_or_else(|| path.to_owned())
}

/// Groups to leave out: by a hash of seed and name, so that tasks with the same groups leave out the same ones, and
/// at least one where there are two or more.
fn groups_out(rows: &[Row], share: f64, seed: u64) -> Vec<String> {
    let names: BTreeSet<&str> = rows.iter().filter_map(|row| row.group.as_deref()).collect();
    if share <= 0.0 || names.len() < 2 {
        return Vec::new();
    }
    let mut order: Vec<(f64, &str)> =
        names.iter().map(|name| (Rng::new(&[seed, hash(name)]).unit(), *name)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
    let count = order.iter().filter(|(at, _)| *at < share).count().clamp(1, names.len() - 1);
    order.into_iter().take(count).map(|(_, name)| name.to_owned()).collect()
}

fn of_task(task: Task) -> Result<(Vec<Row>, Vec<String>), TuneError> {
    if !task.may_train {
        return Err(TuneError::MeasureOnly { name: task.name });
    }
    let Gold::Gains(gains) = task.gold else {
        return Err(TuneError::Source {
            name: task.name,
            detail: "levels, not rankings (give its queries as kind \"parts\")".into(),
        });
    };
    let rows = task
        .queries
        .into_iter()
        .zip(gains)
        .map(|(query, gains)| Row {
            text: query.text,
            group: Some(query.group),
            gold: gains.into_iter().filter(|(_, gain)| *gain > 0.0).map(|(place, _)| place).collect(),
        })
        .collect();
    Ok((rows, task.candidates.into_iter().map(|candidate| candidate.text).collect()))
}

/// The named columns of a table with one header line; a column that is absent is empty.
fn table<const N: usize>(path: &Path, columns: [&str; N]) -> Result<Vec<[String; N]>, TuneError> {
    let text = fs::read_to_string(path).map_err(TuneError::io(path))?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let at = columns.map(|column| header.iter().position(|name| *name == column));
    let row = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        at.map(|at| at.and_then(|at| fields.get(at)).copied().unwrap_or_default().to_owned())
    };
    Ok(lines.filter(|line| !line.trim().is_empty()).map(row).collect())
}

/// A task beside the table may forbid its rows.
fn allowed(path: &Path) -> Result<(), TuneError> {
    let Some(folder) = path.parent().filter(|folder| folder.join("task.json").is_file()) else {
        return Ok(());
    };
    let task = Task::load(folder)?;
    if task.may_train { Ok(()) } else { Err(TuneError::MeasureOnly { name: task.name }) }
}

fn parts(path: &Path, between: &str) -> Result<(Vec<Row>, Vec<String>), TuneError> {
    allowed(path)?;
    let (mut rows, mut texts) = (Vec::new(), Vec::new());
    for [text, group] in table(path, ["text", "group"])? {
        let Some((name, rest)) = text.split_once(between) else { continue };
        rows.push(Row {
            text: rest.to_owned(),
            group: Some(group).filter(|group| !group.is_empty()),
            gold: vec![texts.len()],
        });
        texts.push(name.to_owned());
    }
    Ok((rows, texts))
}

fn names(path: &Path) -> Result<(Vec<Row>, Vec<String>), TuneError> {
    let rows = table(path, ["doc_id", "text"])?;
    let meaning = |id: &str| id.rsplit_once('_').map_or(id, |(meaning, _)| meaning).to_owned();
    let mut same: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, [id, _]) in rows.iter().enumerate() {
        same.entry(meaning(id)).or_default().push(place);
    }
    let out = rows
        .iter()
        .map(|[id, text]| Row {
            text: text.clone(),
            group: None,
            gold: same.get(&meaning(id)).cloned().unwrap_or_default(),
        })
        .collect();
    Ok((out, rows.into_iter().map(|[_, text]| text).collect()))
}

fn chain(path: &Path, upper: &Path) -> Result<(Vec<Row>, Vec<String>), TuneError> {
    let upper = table(upper, ["doc_id", "text"])?;
    let rows = table(path, ["doc_id", "text"])?
        .into_iter()
        .filter_map(|[id, text]| {
            let place = |id: &str| upper.iter().position(|[above, _]| above == id);
            Some(Row { text, group: None, gold: vec![above(&id, place)?] })
        })
        .collect();
    Ok((rows, upper.into_iter().map(|[_, text]| text).collect()))
}

fn read(path: &Path) -> Result<Vec<u8>, TuneError> {
    fs::read(path).map_err(TuneError::io(path))
}

fn broken(path: &Path, error: &impl ToString) -> TuneError {
    TuneError::Recipe { path: PathBuf::from(path), detail: error.to_string() }
}

fn competencies(path: &Path) -> Result<(Vec<Row>, Vec<String>), TuneError> {
    let model: CompetencyModel =
        serde_json::from_slice(&read(path)?).map_err(|error| broken(path, &error))?;
    let (mut rows, mut texts) = (Vec::new(), Vec::new());
    for entry in &model.competencies {
        let said = std::iter::once(&entry.description).chain(&entry.levels).chain(&entry.aliases);
        rows.extend(said.map(|text| Row { text: text.clone(), group: None, gold: vec![texts.len()] }));
        texts.push(entry.sub_theme.clone());
    }
    Ok((rows, texts))
}

fn courses(path: &Path) -> Result<(Vec<Row>, Vec<String>), TuneError> {
    let catalogue: Catalogue = serde_json::from_slice(&read(path)?).map_err(|error| broken(path, &error))?;
    let (mut rows, mut texts) = (Vec::new(), Vec::new());
    let mut tagged: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    // The English encoder learns nothing from other scripts.
    for course in catalogue.courses.iter().filter(|course| course.name.is_ascii()) {
        rows.push(Row { text: course.name.clone(), group: None, gold: vec![texts.len()] });
        for tag in &course.competencies {
            tagged.entry(&tag.sub_theme).or_default().push(texts.len());
        }
        texts.push(course.description.clone());
    }
    rows.extend(tagged.into_iter().map(|(tag, gold)| Row { text: tag.to_owned(), group: None, gold }));
    Ok((rows, texts))
}

fn skills(path: &Path) -> Result<(Vec<Row>, Vec<String>), TuneError> {
    let file = fs::read_to_string(path).map_err(TuneError::io(path))?;
    let skills = Skill::read(&file);
    let rows = skills.iter().enumerate().flat_map(|(place, skill)| {
        let row = move |duty: &&str| Row {
            text: (*duty).to_owned(),
            group: Some(format!("skill {}", place % SKILL_GROUPS)),
            gold: vec![place],
        };
        skill.duties.iter().map(row)
    });
    Ok((rows.collect(), skills.iter().map(|skill| skill.text.to_owned()).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(kind: SourceKind, path: &str) -> Source {
        Source {
            name: path.into(),
            licence: String::new(),
            kind,
            path: path.into(),
            upper: Some("upper.tsv".into()),
            between: Some(": ".into()),
            weight: 1.0,
            mine: true,
            judge: true,
        }
    }

    fn set(kind: SourceKind, files: &[(&str, &str)]) -> Result<Set, TuneError> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Set::read(&source(kind, "t.tsv"), &[folder.path().to_owned()], 0.4, 1)
    }

    /// Each query with its right passages.
    fn pairs(set: &Set) -> Vec<(&str, Vec<&str>)> {
        let texts = |gold: &BTreeSet<usize>| gold.iter().map(|&p| set.passages[p].as_str()).collect();
        set.queries.iter().map(String::as_str).zip(set.gold.iter().map(texts)).collect()
    }

    #[test]
    fn parts_are_split_and_groups_left_out_whole() {
        let mut table = "text\tgroup\n".to_owned();
        table.extend((0..20).map(|i| format!("name {i}: what it is {i}\tg{}\n", i % 5)));
        let set = set(SourceKind::Parts, &[("t.tsv", &table)]).unwrap();
        assert_eq!(pairs(&set)[3], ("what it is 3", vec!["name 3"]));
        assert_eq!(set.train.len() + set.left_out.len(), 20);
        assert_eq!(set.left_out.len(), 4 * set.groups_out.len());
        assert!(set.train.iter().all(|q| !set.groups_out.contains(&format!("g{}", q % 5))));
    }

    #[test]
    fn names_of_one_meaning_belong_together() {
        let table = "doc_id\ttext\nC1_0\tclerk\nC1_1\toffice clerk\nC2_0\tdriver\nC2_1\tclerk\n";
        let set = set(SourceKind::Names, &[("t.tsv", table)]).unwrap();
        // "clerk" means two things: both are right answers of what else they are called, and stand once.
        assert_eq!(set.passages, ["clerk", "office clerk", "driver"]);
        assert_eq!(pairs(&set)[1], ("office clerk", vec!["clerk", "office clerk"]));
        assert_eq!(pairs(&set)[2], ("driver", vec!["clerk", "driver"]));
    }

    #[test]
    fn duties_ask_for_their_skill() {
        let file = "# levels 1 and 2\nPump care. Keeping pumps going.\nClean\nRepair\n\nBaking\nKnead\n";
        let set = set(SourceKind::Skills, &[("t.tsv", file)]).unwrap();
        assert_eq!(
            pairs(&set),
            [
                ("Clean", vec!["Pump care. Keeping pumps going."]),
                ("Repair", vec!["Pump care. Keeping pumps going."]),
                ("Knead", vec!["Baking"])
            ]
        );
        // One of the two groups is left out, whole.
        assert!(set.left_out == [2] || set.left_out == [0, 1]);
    }

    #[test]
    fn chains_follow_whole_parts_of_ids() {
        let upper = "doc_id\ttext\n4.A\tfinding out\n4.B\tdeciding\n";
        let table = "doc_id\ttext\n4.A.1\task people\n4.B.2\tset prices\n4.AB.1\tstray\n";
        let set = set(SourceKind::Chain, &[("t.tsv", table), ("upper.tsv", upper)]).unwrap();
        assert_eq!(pairs(&set), [("ask people", vec!["finding out"]), ("set prices", vec!["deciding"])]);
    }

    #[test]
    fn tables_of_tasks_that_may_only_be_measured_are_refused() {
        let json = r#"{"task":"T","kind":"rank","use":"classify","metric":"mrr","corpus":"t.tsv"}"#;
        let files = [
            ("task.json", json),
            ("queries.tsv", "query_id\tgroup\ttext\nq\tg\ta: b\n"),
            ("qrels.tsv", "query_id\tdoc_id\tgain\n"),
            ("t.tsv", "doc_id\ttext\nd\ta: b\n"),
        ];
        assert!(matches!(set(SourceKind::Parts, &files), Err(TuneError::MeasureOnly { .. })));
    }

    #[test]
    fn a_source_without_pairs_is_named() {
        let error = set(SourceKind::Parts, &[("t.tsv", "text\tgroup\nno parts\tg\n")]).err().unwrap();
        assert!(matches!(&error, TuneError::Source { name, .. } if name == "t.tsv"), "{error}");
    }

    #[test]
    fn tasks_with_the_same_groups_leave_out_the_same() {
        let rows = |names: &[&str]| -> Vec<Row> {
            names
                .iter()
                .map(|name| Row { text: "x".into(), group: Some((*name).into()), gold: vec![0] })
                .collect()
        };
        let names = ["11", "13", "15", "17", "27", "29", "41", "43"];
        let all = groups_out(&rows(&names), 0.3, 9);
        let some = groups_out(&rows(&names[2..]), 0.3, 9);
        assert!(!all.is_empty() && all.len() < names.len());
        assert_eq!(
            all.iter().filter(|g| names[2..].contains(&g.as_str())).collect::<Vec<_>>(),
            some.iter().collect::<Vec<_>>()
        );
        assert!(groups_out(&rows(&["only"]), 0.3, 9).is_empty());
        assert_eq!(groups_out(&rows(&["a", "b"]), 0.001, 9).len(), 1);
    }
}
