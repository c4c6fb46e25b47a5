//! `cbp recommend --plan PLAN.json --catalogue F --officials F.jsonl -o OUT.jsonl [--shard i/n]`.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use cbp_core::{CapacityBuildingPlan, CompetencyModel};
use cbp_infer::rank::{BatchReport, CourseIndex, Post, Recommender, Shard};
#[cfg(feature = "arrow")]
use cbp_infer::rank::{ColumnsError, lines_to_parquet, read_parquet};

use crate::{
    exit::{CliError, Done, Outcome},
    files,
};

/// Arguments of `cbp recommend`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The department's plan, plan.json
    #[arg(long, value_name = "FILE")]
    plan: PathBuf,
    /// Course catalogue, JSON
    #[arg(long, value_name = "FILE")]
    catalogue: PathBuf,
    /// Officials, one JSON object a line, or Parquet: id, designation, held [{competency, level}], done, languages, hours
    #[arg(long, value_name = "FILE")]
    officials: PathBuf,
    /// Courses for each official
    #[arg(short, default_value_t = 5, value_name = "K", value_parser = super::from_one())]
    k: usize,
    /// Only every n-th official, beginning with the i-th
    #[arg(long, default_value = "1/1", value_name = "I/N")]
    shard: Shard,
    /// Answers, one JSON object a line, or Parquet; a run that was stopped goes on where it was
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Weights of the ranking's signals, from `cbp tune rank` or by hand
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Embedding model, if not the one that ships
    #[arg(long, value_name = "NAME|DIR")]
    model: Option<String>,
}

fn fault(path: &Path) -> impl Fn(std::io::Error) -> CliError + '_ {
    move |e| CliError::Failed(format!("{}: {e}; check that it may be read and written", path.display()))
}

/// Opens the unfinished answers: those of an earlier run with the same head, cut after their last whole line, or new ones.
/// Also gives the number of officials that are answered there.
fn unfinished(path: &Path, head: &str) -> Result<(File, u64), CliError> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(fault(path))?;
    let (mut whole, mut lines) = (0_u64, 0_u64);
    let mut reader = BufReader::with_capacity(1 << 20, &mut file);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).map_err(fault(path))? > 0 {
        let fits = lines > 0 || line.strip_suffix(b"\n") == Some(head.as_bytes());
        if !fits || !line.ends_with(b"\n") {
            break;
        }
        whole += line.len() as u64;
        lines += 1;
        line.clear();
    }
    file.set_len(whole).map_err(fault(path))?;
    drop(file);
    let mut file = OpenOptions::new().append(true).open(path).map_err(fault(path))?;
    if lines == 0 {
        file.write_all(format!("{head}\n").as_bytes()).map_err(fault(path))?;
        return Ok((file, 0));
    }
    Ok((file, lines - 1))
}

/// Whether a file holds columns rather than lines.
fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
}

/// Answers the officials of a file, of which `done` are answered already.
fn answer(
    recommender: &Recommender<'_>,
    officials: File,
    output: &mut BufWriter<File>,
    (args, partial): (&Args, &Path),
    done: u64,
) -> Result<BatchReport, CliError> {
    let bar = crate::progress::bar(0, "officials");
    let mut watch = |n| bar.set_position(n);
    #[cfg(feature = "arrow")]
    if is_parquet(&args.officials) {
        let answered = read_parquet(officials)
            .and_then(|b| recommender.recommend_columns(b, output, args.k, args.shard, done, &mut watch));
        return answered.map_err(columns_fault(&args.officials));
    }
    let input = BufReader::with_capacity(1 << 20, officials);
    let answered = recommender.recommend_lines(input, output, args.k, args.shard, done, &mut watch);
    answered.map_err(fault(partial))
}

/// Gives finished answers their name and form.
fn finish(partial: &Path, output: &Path) -> Result<(), CliError> {
    #[cfg(feature = "arrow")]
    if is_parquet(output) {
        let mut lines = BufReader::with_capacity(1 << 20, File::open(partial).map_err(fault(partial))?);
        lines.skip_until(b'\n').map_err(fault(partial))?;
        files::write_with(output, |file| lines_to_parquet(lines, file).map_err(columns_fault(partial)))?;
        return std::fs::remove_file(partial).map_err(fault(partial));
    }
    if files::is_stream(output) {
        let mut lines = File::open(partial).map_err(fault(partial))?;
        files::write_with(output, |stream| {
            std::io::copy(&mut lines, stream).map(drop).map_err(fault(output))
        })?;
        return std::fs::remove_file(partial).map_err(fault(partial));
    }
    std::fs::rename(partial, output).map_err(fault(output))
}

#[cfg(feature = "arrow")]
fn columns_fault(path: &Path) -> impl Fn(ColumnsError) -> CliError + '_ {
    move |e| CliError::Failed(format!("{}: {e}", path.display()))
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Outcome {
    for path in [&args.officials, &args.output] {
        if is_parquet(path) && !cfg!(feature = "arrow") {
            let path = path.display();
            return Err(CliError::Failed(format!(
                "{path}: this build knows no Parquet; build it with --features arrow, or use lines of JSON"
            )));
        }
    }
    let model = CompetencyModel::karmayogi();
    let plan_text = files::read_text(&args.plan)?;
    let plan: CapacityBuildingPlan = serde_json::from_str(&plan_text)
        .map_err(|e| CliError::Failed(format!("{}: {e}; give a plan.json", args.plan.display())))?;
    let catalogue = super::rank::catalogue(&args.catalogue)?;
    let embedder = crate::embedder::open(args.model.as_deref())?;
    let index = CourseIndex::build(&catalogue, &embedder)?;
    let planned = |post| Post::planned(post, &index, model, &plan.knowledge);
    let posts: Vec<Post> = plan.designations.iter().map(planned).collect();
    let options = super::rank::options(args.weights.as_deref(), &index)?;
    let recommender = Recommender::new(&index, &posts, &options)?;

    let input = File::open(&args.officials).map_err(fault(&args.officials))?;
    let bytes = input.metadata().map_err(fault(&args.officials))?.len();
    // Whatever decides the answers: a run with another head begins anew.
    let head = serde_json::json!({
        "format": "cbp-recommendations",
        "version": 1,
        "model": embedder.fingerprint(),
        "index": index.identity(),
        "plan": plan.department.name,
        "posts": recommender.identity(),
        "officials_bytes": bytes,
        "shard": format!("{}/{}", args.shard.part, args.shard.of),
        "k": args.k,
    })
    .to_string();
    let mut name = args.output.file_name().unwrap_or_default().to_os_string();
    name.push(".partial");
    let partial = args.output.with_file_name(name);
    let (file, done) = unfinished(&partial, &head)?;
    if done > 0 {
        say!("cbp: going on after {done} officials");
    }
    let mut output = BufWriter::with_capacity(1 << 20, file);
    let report = answer(&recommender, input, &mut output, (args, &partial), done)?;
    let file = output.into_inner().map_err(|e| fault(&partial)(e.into_error()))?;
    file.sync_all().map_err(fault(&partial))?;
    finish(&partial, &args.output)?;
    say!("cbp: {} officials answered", report.officials - report.failed);
    if report.failed > 0 {
        let path = args.output.display();
        say!("cbp: {} could not be; their lines in {path} say why, under \"error\"", report.failed);
    }
    Ok(if report.failed > 0 { Done::Partial } else { Done::Whole })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_stopped_run_is_cut_after_its_last_whole_line_and_a_foreign_one_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("o.partial");
        let contents = || {
            let mut text = String::new();
            File::open(&path).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        assert_eq!(unfinished(&path, "head").unwrap().1, 0);
        assert_eq!(contents(), "head\n");
        std::fs::write(&path, "head\none\ntwo\nthr").unwrap();
        let (mut file, done) = unfinished(&path, "head").unwrap();
        assert_eq!(done, 2);
        file.write_all(b"three\n").unwrap();
        assert_eq!(contents(), "head\none\ntwo\nthree\n");
        assert_eq!(unfinished(&path, "another head").unwrap().1, 0);
        assert_eq!(contents(), "another head\n");
    }
}
