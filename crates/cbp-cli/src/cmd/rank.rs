//! `cbp rank --catalogue F --queries F.tsv -k 10 -o RUN.tsv`.

use std::{fmt::Write as _, path::PathBuf, sync::Arc};

use cbp_core::{Catalogue, CompetencyModel, ScorePart};
use cbp_infer::{
    embed::Embedder,
    rank::{CourseIndex, Filter, Need, RankError, RankOptions, WeightsFile, catalogue_of_texts},
};

use crate::{
    exit::{CliError, Done, Outcome},
    files,
};

/// Arguments of `cbp rank`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Course catalogue: JSON, or a table with a header line, tabs, and the columns id and text (.tsv)
    #[arg(long, value_name = "FILE")]
    catalogue: PathBuf,
    /// Needs: a table with a header line, tabs, the id first and the text last
    #[arg(long, value_name = "FILE")]
    queries: PathBuf,
    /// Courses for each need
    #[arg(short, default_value_t = 10, value_name = "K", value_parser = super::from_one())]
    k: usize,
    /// Run file: id, course, rank, score; standard output if absent
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Weights of the signals, from `cbp tune rank` or by hand
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Keeps the index in this file: opened if it holds this catalogue and model, made anew if not
    #[arg(long, value_name = "FILE")]
    index: Option<PathBuf>,
    /// Adds a column with the signals of each score and, in brackets, what those are made of
    #[arg(long)]
    explain: bool,
    /// Embedding model, if not the one that ships
    #[arg(long, value_name = "NAME|DIR")]
    model: Option<String>,
    #[command(flatten)]
    conditions: Conditions,
}

/// Which courses may be ranked, and which are preferred.
#[derive(clap::Args)]
struct Conditions {
    /// Only courses in this language; may be given again
    #[arg(long, value_name = "NAME")]
    language: Vec<String>,
    /// Only courses of this provider; may be given again
    #[arg(long, value_name = "NAME")]
    provider: Vec<String>,
    /// Only courses of at most this length
    #[arg(long, value_name = "HOURS", value_parser = hours)]
    max_hours: Option<f64>,
    /// Only courses for everybody or for this designation or group; may be given again
    #[arg(long, value_name = "NAME")]
    audience: Vec<String>,
    /// Leaves out the course of this id; may be given again
    #[arg(long, value_name = "ID")]
    exclude: Vec<String>,
    /// Prefers courses in this language
    #[arg(long, value_name = "NAME")]
    prefer_language: Option<String>,
}

/// A number of hours.
fn hours(text: &str) -> Result<f64, String> {
    let hours = text.parse().ok().filter(|hours| (0.0..f64::INFINITY).contains(hours));
    hours.ok_or_else(|| format!("\"{text}\" is no number of hours; give a number from 0"))
}

/// Rows of a table with a header line: the first column and the last.
fn rows(path: &std::path::Path) -> Result<Vec<(String, String)>, CliError> {
    let text = files::read_text(path)?;
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()) {
        let (Some((id, rest)), Some(last)) = (line.split_once('\t'), line.rsplit('\t').next()) else {
            return Err(CliError::Failed(format!(
                "{}: line {} has no tab; give an id, a tab and a text",
                path.display(),
                number + 1
            )));
        };
        let text = if rest.is_empty() { "" } else { last };
        rows.push((id.to_owned(), text.to_owned()));
    }
    if rows.is_empty() {
        return Err(CliError::Failed(format!(
            "{}: no row after the header line; give at least one",
            path.display()
        )));
    }
    Ok(rows)
}

/// Reads a catalogue, or a table of ids and texts.
pub(super) fn catalogue(path: &std::path::Path) -> Result<Catalogue, CliError> {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tsv")) {
        return Ok(catalogue_of_texts(rows(path)?));
    }
    let name = path.display().to_string();
    let (catalogue, warnings) =
        Catalogue::from_json(&name, &files::read_text(path)?, CompetencyModel::karmayogi())?;
    for warning in warnings {
        say!("cbp: {name}: {}", warning.message);
    }
    Ok(catalogue)
}

/// Reads a file of weights, where one is given.
pub(super) fn weights(path: Option<&std::path::Path>) -> Result<Option<WeightsFile>, CliError> {
    let Some(path) = path else { return Ok(None) };
    Ok(Some(WeightsFile::from_json(&path.display().to_string(), &files::read_text(path)?)?))
}

/// How to rank the courses of an index: by a file of weights, where one is given.
pub(super) fn options(path: Option<&std::path::Path>, index: &CourseIndex) -> Result<RankOptions, CliError> {
    Ok(match weights(path)? {
        Some(file) => file.options_for(index)?,
        None => RankOptions::default(),
    })
}

/// The catalogue's index, from its file where that is up to date.
fn index(
    path: Option<&std::path::Path>,
    catalogue: &Catalogue,
    embedder: &Arc<Embedder>,
) -> Result<CourseIndex, CliError> {
    let Some(path) = path else { return Ok(CourseIndex::build(catalogue, embedder)?) };
    if path.exists() {
        match CourseIndex::open(path, embedder) {
            Ok(index) if index.courses() == catalogue.courses => return Ok(index),
            Ok(_) => say!("cbp: {}: made from another catalogue; making it anew", path.display()),
            Err(error @ RankError::Model { .. }) => say!("cbp: {error}"),
            // What is no index is not overwritten.
            Err(error) => return Err(error.into()),
        }
    }
    let index = CourseIndex::build(catalogue, embedder)?;
    index.save(path)?;
    Ok(index)
}

/// Parts of a score: each its weight times its value, and in brackets the parts of that.
fn sum(parts: &[ScorePart]) -> String {
    let part = |part: &ScorePart| {
        let within = if part.parts.is_empty() { String::new() } else { format!(" ({})", sum(&part.parts)) };
        format!("{} {:.3}×{:.3}{within}", part.signal, part.weight, part.value)
    };
    parts.iter().map(part).collect::<Vec<_>>().join(" + ")
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Outcome {
    let catalogue = catalogue(&args.catalogue)?;
    let queries = rows(&args.queries)?;
    let embedder = crate::embedder::open(args.model.as_deref())?;
    let index = index(args.index.as_deref(), &catalogue, &embedder)?;
    let needs: Vec<Need> = queries.iter().map(|(_, text)| Need::of(text)).collect();
    let conditions = &args.conditions;
    let filter = Filter {
        languages: conditions.language.clone(),
        providers: conditions.provider.clone(),
        max_hours: conditions.max_hours,
        audience: conditions.audience.clone(),
        exclude: conditions.exclude.clone(),
        ..Filter::default()
    };
    let mut options = options(args.weights.as_deref(), &index)?;
    if let Some(language) = &conditions.prefer_language {
        options = options.prefer_language(language);
    }
    let ranking = index.rank(&needs, args.k, &filter, &options)?;
    let mut run = String::new();
    for (((id, _), need), ranked) in queries.iter().zip(&needs).zip(&ranking) {
        for (rank, one) in ranked.iter().enumerate() {
            let course = index.course(one.course).map_or("", |course| &course.id);
            let _ = write!(run, "{id}\t{course}\t{}\t{:.6}", rank + 1, one.score);
            if args.explain {
                let _ = write!(run, "\t{}", sum(&index.explain(need, one.course, &options)?.parts));
            }
            run.push('\n');
        }
    }
    match &args.output {
        Some(path) => files::write(path, run.as_bytes())?,
        None => print!("{run}"),
    }
    Ok(Done::Whole)
}
