//! `cbp recommend --plan PLAN.json --catalogue F --officials F.jsonl -o OUT.jsonl [--shard i/n]`.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use cbp_core::{CapacityBuildingPlan, CompetencyModel};
use cbp_infer::rank::{CourseIndex, Post, RankOptions, Recommender, Shard};

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
    /// Officials, one JSON object a line: id, designation, held [{competency, level}], done, languages, hours
    #[arg(long, value_name = "FILE")]
    officials: PathBuf,
    /// Courses for each official
    #[arg(short, default_value_t = 5, value_name = "K", value_parser = super::from_one())]
    k: usize,
    /// Only every n-th official, beginning with the i-th
    #[arg(long, default_value = "1/1", value_name = "I/N")]
    shard: Shard,
    /// Answers, one JSON object a line; a run that was stopped goes on where it was
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
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

/// Runs the command.
pub(crate) fn run(args: &Args) -> Outcome {
    let model = CompetencyModel::karmayogi();
    let plan_text = files::read_text(&args.plan)?;
    let plan: CapacityBuildingPlan = serde_json::from_str(&plan_text)
        .map_err(|e| CliError::Failed(format!("{}: {e}; give a plan.json", args.plan.display())))?;
    let catalogue = super::rank::catalogue(&args.catalogue)?;
    let embedder = crate::embedder::open(args.model.as_deref())?;
    let index = CourseIndex::build(&catalogue, &embedder)?;
    let planned = |post| Post::planned(post, &index, model, &plan.knowledge);
    let posts: Vec<Post> = plan.designations.iter().map(planned).collect();
    let recommender = Recommender::new(&index, &posts, &RankOptions::default())?;

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
        eprintln!("cbp: going on after {done} officials");
    }
    let bar = crate::progress::bar(0, "officials");
    let mut output = BufWriter::with_capacity(1 << 20, file);
    let report = recommender
        .recommend_lines(
            BufReader::with_capacity(1 << 20, input),
            &mut output,
            args.k,
            args.shard,
            done,
            &mut |n| bar.set_position(n),
        )
        .map_err(fault(&partial))?;
    bar.finish_and_clear();
    let file = output.into_inner().map_err(|e| fault(&partial)(e.into_error()))?;
    file.sync_all().map_err(fault(&partial))?;
    std::fs::rename(&partial, &args.output).map_err(fault(&args.output))?;
    eprintln!("cbp: {} officials answered", report.officials - report.failed);
    if report.failed > 0 {
        let path = args.output.display();
        eprintln!("cbp: {} could not be; their lines in {path} say why, under \"error\"", report.failed);
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
