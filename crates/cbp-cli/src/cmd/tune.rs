//! `cbp tune`: models of one's own. Each kind of training has its file; the encoder's is here.

use std::path::PathBuf;

use crate::exit::Outcome;

/// Trains models; see the recipes in `models/recipes`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Fine-tunes a sentence encoder on pairs of texts; a run that was stopped goes on where it was
    Encoder(EncoderArgs),
    /// Learns shifts of single entries' scores, types and the curve of confidences from labelled texts
    Heads(super::tune_heads::Args),
    /// Learns levels from this project's own examples and from level tasks whose `may_train` is true
    Level(super::tune_level::Args),
    /// Learns the weights of the ranking's signals from judged lists
    Rank(super::tune_rank::Args),
}

#[derive(clap::Args)]
struct EncoderArgs {
    /// What is trained, on what, and how
    #[arg(long, value_name = "FILE.toml")]
    recipe: PathBuf,
    /// A folder that the recipe's paths start from; may be given several times, and the first that has a path wins
    #[arg(long, value_name = "DIR", required = true)]
    data: Vec<PathBuf>,
    /// The model to start from: a folder with config.json, tokenizer.json and model.safetensors
    #[arg(long, value_name = "DIR")]
    base: PathBuf,
    /// Folder for the model, its card, the log and the run's state
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// Trains on the first NVIDIA GPU (needs a build with `--features cuda`)
    #[arg(long)]
    cuda: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Outcome {
    match &args.action {
        Action::Encoder(args) => encoder(args),
        Action::Heads(args) => super::tune_heads::run(args),
        Action::Level(args) => super::tune_level::run(args),
        Action::Rank(args) => super::tune_rank::run(args),
    }
}

#[cfg(not(feature = "candle"))]
fn encoder(_args: &EncoderArgs) -> Outcome {
    Err(cbp_infer::tune::TuneError::Feature { what: "training an encoder", feature: "candle" }.into())
}

#[cfg(feature = "candle")]
fn encoder(args: &EncoderArgs) -> Outcome {
    use cbp_infer::tune::{EncoderRecipe, EncoderRun, Line, TuneDevice, tune_encoder};

    let recipe = EncoderRecipe::read(&args.recipe)?;
    crate::files::output_folder(&args.out)?;
    let bar = crate::progress::bar(recipe.steps.last() as u64, "training");
    let run = EncoderRun {
        recipe: &recipe,
        data: &args.data,
        base: &args.base,
        out: &args.out,
        device: if args.cuda { TuneDevice::Cuda } else { TuneDevice::Cpu },
        stop: None,
    };
    let start = std::time::Instant::now();
    let mut pairs = 0;
    let tuned = tune_encoder(&run, &mut |line| match line {
        Line::Step { step, loss, texts, .. } => {
            pairs += texts.0;
            bar.set_position(*step as u64);
            bar.set_message(format!("loss {loss:.3}"));
        }
        Line::Judged { step, mix, scores, mean } => bar.suspend(|| {
            let scores: Vec<String> =
                scores.iter().map(|(name, score)| format!("{name} {score:.4}")).collect();
            say!("step {step}, {mix} tuned: mean {mean:.4} ({})", scores.join(", "));
        }),
    })?;
    bar.finish_and_clear();
    let seconds = start.elapsed().as_secs_f64();
    say!("{} steps; {pairs} pairs in {seconds:.0} s of this session", tuned.steps);
    out!("source\tbase\ttuned");
    for (name, (before, after)) in &tuned.scores {
        out!("{name}\t{before:.4}\t{after:.4}");
    }
    Ok(crate::exit::Done::Whole)
}
