//! `cbp plan INPUT... -o OUT`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use cbp_core::{CapacityBuildingPlan, Catalogue, CompetencyModel, StageTiming, Warning};
use cbp_infer::plan::{Engine, Papers, PlanOptions};

use crate::cmd::ingest::Reading;
use crate::exit::{CliError, Done, Outcome};
use crate::{files, papers, progress};

/// The catalogue that is used when none is given.
const SAMPLE_CATALOGUE: &str = include_str!("../../../../fixtures/catalogue.json");

/// Arguments of `cbp plan`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Documents, or folders of documents (and a department.toml)
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// Folder for plan.json, plan.html, plan.xlsx, gaps.csv and calendar.csv
    #[arg(short, long)]
    output: PathBuf,
    /// Course catalogue as JSON: cbp's own format or iGOT records [default: the sample catalogue]
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// Competency model as JSON or CSV [default: the Karmayogi Competency Model]
    #[arg(long, value_name = "FILE")]
    competencies: Option<PathBuf>,
    /// Model directory or name [default: the model that ships]
    #[arg(long)]
    model: Option<String>,
    /// Hours of training that one officer can take in the plan year
    #[arg(long, default_value_t = PlanOptions::default().budget_hours)]
    hours: f64,
    /// Courses listed for each requirement
    #[arg(long, default_value_t = PlanOptions::default().courses)]
    courses: usize,
    /// Requirements less certain than this are not written, 0 to 1, but for the most certain one of a post
    #[arg(long, default_value_t = PlanOptions::default().min_confidence, value_name = "P")]
    min_confidence: f64,
    /// Languages that the officers read, separated by commas; "all" takes courses in any
    #[arg(long, value_delimiter = ',', default_value = "English,Hindi")]
    languages: Vec<String>,
    /// Weights of the ranking's signals, from `cbp tune rank` or by hand; the plan's provenance names them
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// Prints how long each stage took, to standard error
    #[arg(long)]
    timings: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Outcome {
    let start = Instant::now();
    let options = options(args)?;
    files::output_folder(&args.output)?;
    let bar = progress::spinner();
    bar.set_message("read documents");
    let (mut papers, reading) = papers::read(&args.inputs, &args.reading.options()?)?;
    if papers.frac.designations.is_empty() {
        // Known before the model is opened, so said before.
        return Err(no_designation(&papers));
    }
    let model = competencies(args.competencies.as_deref())?;
    let (catalogue, warnings) = catalogue(args.catalogue.as_deref(), &model)?;
    papers.warnings.extend(warnings);
    bar.set_message("open the model and index the courses");
    let began = Instant::now();
    let engine = Engine::new(crate::embedder::open(args.model.as_deref())?, model, catalogue)?;
    let load_seconds = began.elapsed().as_secs_f64();
    let planned = engine.plan(papers, options, &|stage| bar.set_message(stage))?;
    bar.set_message("write the plan");
    let began = Instant::now();
    write(&args.output, &planned.plan)?;
    bar.finish_and_clear();

    report(&planned.plan, &args.output);
    if args.timings {
        let load = StageTiming {
            stage: "open model and index courses",
            seconds: load_seconds,
            items: engine.catalogue().courses.len(),
            unit: "courses",
        };
        let write = StageTiming {
            stage: "write the plan",
            seconds: began.elapsed().as_secs_f64(),
            items: 5,
            unit: "files",
        };
        let stages = [reading, load].into_iter().chain(planned.timings).chain([write]);
        print_timings(stages, start.elapsed().as_secs_f64());
    }
    Ok(if planned.plan.has_lost_input() { Done::Partial } else { Done::Whole })
}

/// What was read instead of a work allocation; what could not be read may be why.
fn no_designation(papers: &Papers) -> CliError {
    for warning in &papers.warnings {
        say!("cbp: warning: {warning}");
    }
    let read: Vec<String> =
        papers.inputs.iter().map(|i| format!("{} (taken for: {})", i.name, i.kind)).collect();
    CliError::Failed(format!(
        "no designation was found in {}; add the work allocation, or say which file it is in department.toml",
        read.join(", ")
    ))
}

fn options(args: &Args) -> Result<PlanOptions, CliError> {
    let all = args.languages.iter().any(|l| l.trim().eq_ignore_ascii_case("all"));
    let languages = args.languages.iter().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty());
    let options = PlanOptions {
        budget_hours: args.hours,
        courses: args.courses,
        min_confidence: args.min_confidence,
        languages: if all { Vec::new() } else { languages.collect() },
        weights: super::rank::weights(args.weights.as_deref())?,
        ..PlanOptions::default()
    };
    options.checked().map_err(|e| CliError::Usage(e.to_string()))
}

/// The competency model of a file, completed from the national one where names are the same; or the one that ships.
pub(crate) fn competencies(file: Option<&Path>) -> Result<CompetencyModel, CliError> {
    match file {
        Some(path) => {
            let own = CompetencyModel::from_text(&files::shown(path), &files::read_text(path)?)?;
            Ok(own.completed(CompetencyModel::karmayogi()))
        }
        None => Ok(CompetencyModel::karmayogi().clone()),
    }
}

/// The catalogue of a file, or the sample.
pub(crate) fn catalogue(
    file: Option<&Path>,
    model: &CompetencyModel,
) -> Result<(Catalogue, Vec<Warning>), CliError> {
    match file {
        Some(path) => Ok(Catalogue::from_json(&files::shown(path), &files::read_text(path)?, model)?),
        None => Ok(Catalogue::from_json("the sample catalogue", SAMPLE_CATALOGUE, model)?),
    }
}

/// Renders everything before the first file is written, so that a fault leaves the folder as it was.
fn write(folder: &Path, plan: &CapacityBuildingPlan) -> Result<(), CliError> {
    let mut json = serde_json::to_vec_pretty(plan)?;
    json.push(b'\n');
    let rendered: [(&str, Vec<u8>); 5] = [
        ("plan.json", json),
        ("plan.html", cbp_report::html(plan)?.into_bytes()),
        ("plan.xlsx", cbp_report::xlsx(plan)?),
        ("gaps.csv", cbp_report::gaps_csv(plan)?),
        ("calendar.csv", cbp_report::calendar_csv(plan)?),
    ];
    rendered.iter().try_for_each(|(name, bytes)| files::write(&folder.join(name), bytes))
}

fn report(plan: &CapacityBuildingPlan, folder: &Path) {
    for warning in &plan.warnings {
        say!("cbp: warning: {warning}");
    }
    let counts = cbp_report::overview(plan);
    say!(
        "{} rows read = {} designations + {} merged + {} unreadable; {} activities, {} requirements, {} gaps; see {}",
        plan.rows.read,
        plan.rows.designations,
        plan.rows.merged,
        plan.rows.unreadable,
        counts.activities,
        counts.requirements,
        counts.gaps,
        folder.join("plan.html").display()
    );
}

fn print_timings(stages: impl Iterator<Item = StageTiming>, total: f64) {
    for s in stages {
        let rate = if s.seconds > 0.0 { s.items as f64 / s.seconds } else { 0.0 };
        say!("{:30} {:7.3} s  {:6} {} ({rate:.0} a second)", s.stage, s.seconds, s.items, s.unit);
    }
    say!("{:30} {total:7.3} s", "all");
}
