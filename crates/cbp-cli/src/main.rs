//! The `cbp` command: arguments, progress, exit codes, nothing else.

/// Prints a line on standard error. Unlike `eprintln!`, this goes on where nobody reads any more, as under `2>&1 | head`.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($text)*);
    }};
}

/// Prints a line of data on standard output, as [`files::print`] does.
macro_rules! out {
    ($($text:tt)*) => {
        crate::files::print(&(format!($($text)*) + "\n"))?
    };
}

mod cmd;
mod documents;
mod embedder;
mod exit;
mod files;
mod papers;
mod progress;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Reads a department's own papers and drafts its Capacity Building Plan.
#[derive(Parser)]
#[command(name = "cbp", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Worker threads; 0 means one for each core. The output does not depend on it.
    #[arg(long, global = true, default_value_t = 0, value_name = "N")]
    threads: usize,
}

#[derive(Subcommand)]
enum Command {
    /// Documents to a plan: plan.json, plan.html, plan.xlsx, gaps.csv, calendar.csv
    Plan(cmd::plan::Args),
    /// Text, tables and kind of documents
    Ingest(cmd::ingest::Args),
    /// Posts, roles and activities of a department
    Frac(cmd::frac::Args),
    /// Texts to vectors: a TSV to a .npy file
    Embed(cmd::embed::Args),
    /// Embedding models: list, show, verify, import, prune, quantise, centre
    Model(cmd::model::Args),
    /// Scores measuring tasks, with baselines beside
    Eval(cmd::eval::Args),
    /// Courses for needs: a ranking with its signals
    Rank(cmd::rank::Args),
    /// Courses for officials, from their passbooks
    Recommend(cmd::recommend::Args),
    /// Trains models
    Tune(cmd::tune::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("CBP_LOG").unwrap_or_else(|_| "error".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    if cli.threads > 0 {
        // Fails only if the pool exists already, and nothing has run before this line.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(cli.threads).build_global();
    }
    let outcome = match cli.command {
        Command::Plan(args) => cmd::plan::run(&args),
        Command::Ingest(args) => cmd::ingest::run(&args),
        Command::Frac(args) => cmd::frac::run(&args),
        Command::Embed(args) => cmd::embed::run(&args),
        Command::Model(args) => cmd::model::run(&args),
        Command::Eval(args) => cmd::eval::run(&args),
        Command::Rank(args) => cmd::rank::run(&args),
        Command::Recommend(args) => cmd::recommend::run(&args),
        Command::Tune(args) => cmd::tune::run(&args),
    };
    exit::code(outcome)
}
