//! A run from recipe to model directory.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use candle_core::Device;

use super::{
    adam::Adam,
    bert::Trainee,
    checkpoint::{Checkpoint, Progress},
    draw::{Prepared, draw},
    judge::Exam,
    loss::contrast,
    mine::mine,
};
use crate::{
    embed::{Config, Embedder, Manifest, ModelSource, Tokens, Weights, manifest_of, sha256, tokenizer_file},
    tune::{
        TuneError,
        card::{self, Card},
        config::EncoderRecipe,
        data::Set,
        log::{Line, Log},
    },
};

/// Where training runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TuneDevice {
    /// On the processor, by fused operations.
    #[default]
    Cpu,
    /// On the first NVIDIA GPU.
    Cuda,
}

/// What a run takes.
#[derive(Clone, Copy, Debug)]
pub struct EncoderRun<'a> {
    /// The recipe.
    pub recipe: &'a EncoderRecipe,
    /// Folders that the recipe's paths start from, tried in order.
    pub data: &'a [PathBuf],
    /// The model that training starts from.
    pub base: &'a Path,
    /// The folder for the tuned model; `training` in it holds the run's state and log.
    pub out: &'a Path,
    /// Where training runs.
    pub device: TuneDevice,
    /// Set to true from anywhere to stop after the step; the run can be resumed.
    pub stop: Option<&'a AtomicBool>,
}

/// What came out of a run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tuned {
    /// Steps done.
    pub steps: usize,
    /// Whether the run reached its end; otherwise it was stopped and can be resumed.
    pub finished: bool,
    /// Share of the tuned weights in the result.
    pub mix: f64,
    /// Metric of each source on groups left out: of the base model, and of the result.
    pub scores: BTreeMap<String, (f64, f64)>,
}

/// Trains an encoder by a recipe, or goes on with a run that was stopped.
///
/// `watch` is called after each step and each judgement.
///
/// # Errors
///
/// A source or model that cannot be read, a checkpoint of another run, a gradient that is not finite, a device that
/// is not there.
pub fn tune_encoder(run: &EncoderRun<'_>, watch: &mut dyn FnMut(&Line)) -> Result<Tuned, TuneError> {
    let EncoderRun { recipe, base, out, .. } = *run;
    let device = match run.device {
        TuneDevice::Cpu => Device::Cpu,
        TuneDevice::Cuda => Device::new_cuda(0)?,
    };
    let state = Checkpoint::new(out.join("training"))?;
    let model = Trainee::open(base, &recipe.trained, recipe.seed, &device)?;
    let base_embedder = Embedder::open(&ModelSource::Dir(base.to_owned()))?;
    let base_weights = Weights::open(&base.join("model.safetensors"))?;
    let mut sets = prepare(run, &base_embedder, &model)?;
    let exams: Vec<Exam> =
        sets.iter().filter_map(|prepared| Exam::of(&prepared.set, &recipe.validation, recipe.seed)).collect();
    let identity = sha256(
        format!(
            "{} {} {}",
            recipe.hash(),
            base_embedder.fingerprint(),
            sets.iter().map(Prepared::identity).collect::<String>()
        )
        .as_bytes(),
    );
    let mut adam = Adam::new(recipe.steps, model.vars())?;
    let resumed = state.resume(&identity, &model, &mut adam)?;
    let mut log = Log::open(&out.join("training/log.jsonl"), resumed.as_ref().map(|p| p.step))?;
    let mut progress = resumed.unwrap_or(Progress { run: identity, ..Progress::default() });
    let judge = |embedder: &Embedder, step: usize, mix: f64| -> Result<Line, TuneError> {
        let scores: BTreeMap<String, f64> = exams
            .iter()
            .map(|exam| Ok((exam.name.clone(), exam.score(embedder)?)))
            .collect::<Result<_, TuneError>>()?;
        let mean = scores.values().sum::<f64>() / scores.len().max(1) as f64;
        Ok(Line::Judged { step, mix, scores, mean })
    };
    let mixed = |share: f64| -> Result<Embedder, TuneError> {
        let folder = out.join("training/candidate");
        model.draft(&base_weights, share)?.write(&folder)?;
        Ok(Embedder::open(&ModelSource::Dir(folder))?)
    };
    let mut tell = |log: &mut Log, line: Line| -> Result<(), TuneError> {
        watch(&line);
        log.add(line)
    };

    let before = match log.judgement(0, 0.0) {
        Some(line) => line.clone(),
        None => judge(&base_embedder, 0, 0.0)?,
    };
    if progress.step == 0 && !exams.is_empty() {
        tell(&mut log, before.clone())?;
    }
    let goes_on = |p: &Progress| {
        p.step < recipe.steps.last() && (exams.is_empty() || p.since < recipe.validation.patience)
    };
    if goes_on(&progress) {
        mine(&mut sets, &base_embedder, &recipe.batch)?;
    }
    while goes_on(&progress) {
        let step = progress.step;
        if let Some(line) = train_step(&model, &mut adam, &sets, recipe, step)? {
            tell(&mut log, line)?;
        }
        progress.step += 1;
        let stopping = run.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
        let ends = progress.step == recipe.steps.last();
        if !ends && !stopping && !progress.step.is_multiple_of(recipe.validation.every) {
            continue;
        }
        if !stopping && !exams.is_empty() {
            let line = judge(&mixed(1.0)?, progress.step, 1.0)?;
            let Line::Judged { mean, .. } = line else { continue };
            tell(&mut log, line)?;
            if progress.best.is_none_or(|(best, _)| mean > best) {
                (progress.best, progress.since) = (Some((mean, progress.step)), 0);
                state.keep_best(&model)?;
            } else {
                progress.since += 1;
            }
        }
        state.store(&progress, &model, &adam)?;
        if stopping {
            let mix = recipe.validation.mix.first().copied().unwrap_or(1.0);
            return Ok(Tuned { steps: progress.step, finished: false, mix, scores: BTreeMap::new() });
        }
    }

    let mut mix = recipe.validation.mix.first().copied().unwrap_or(1.0);
    let mut after = before.clone();
    if !exams.is_empty() {
        state.load_best(&model)?;
        let step = progress.best.map_or(progress.step, |(_, step)| step);
        let mut best = f64::NEG_INFINITY;
        for &share in &recipe.validation.mix {
            let known = log.judgement(step, share).cloned();
            let line = match &known {
                Some(line) => line.clone(),
                None => judge(&mixed(share)?, step, share)?,
            };
            if let Line::Judged { mean, .. } = line
                && mean > best
            {
                (best, mix, after) = (mean, share, line.clone());
            }
            if known.is_none() {
                tell(&mut log, line)?;
            }
        }
    }
    let scores = paired(before, after);
    let tuned = Tuned { steps: progress.step, finished: true, mix, scores };
    let mut draft = model.draft(&base_weights, mix)?;
    draft.manifest.name.clone_from(&recipe.name);
    if let Some(licence) = &recipe.licence {
        draft.manifest.licence.clone_from(licence);
    }
    draft.manifest.made_by.push(format!(
        "tune: recipe {}, {} steps, {mix} of the tuned weights",
        recipe.hash(),
        tuned.steps
    ));
    draft.write(out)?;
    let card = Card {
        recipe,
        base: base_embedder.name(),
        tuned: &tuned,
        sets: &sets.iter().map(|p| &p.set).collect::<Vec<&Set>>(),
    };
    write(&out.join("MODEL_CARD.md"), &card::write(&card))?;
    write(&out.join("training/curve.svg"), &log.plot())?;
    let _ = fs::remove_dir_all(out.join("training/candidate"));
    Ok(tuned)
}

fn write(path: &Path, text: &str) -> Result<(), TuneError> {
    Ok(crate::embed::make::write_file(path, text.as_bytes())?)
}

fn paired(before: Line, after: Line) -> BTreeMap<String, (f64, f64)> {
    let (Line::Judged { scores: before, .. }, Line::Judged { scores: after, .. }) = (before, after) else {
        return BTreeMap::new();
    };
    before
        .into_iter()
        .filter_map(|(name, score)| {
            let tuned = *after.get(&name)?;
            Some((name, (score, tuned)))
        })
        .collect()
}

/// Reads every source and cuts its texts into tokens.
fn prepare(run: &EncoderRun<'_>, base: &Embedder, model: &Trainee) -> Result<Vec<Prepared>, TuneError> {
    let recipe = run.recipe;
    let Manifest::Encoder(manifest) = manifest_of(run.base)? else {
        return Err(TuneError::Source { name: base.name().into(), detail: "several parts; tune one".into() });
    };
    let config = Config::read(run.base)?;
    let window = recipe.max_tokens.min(model.window());
    let tokens = Tokens::load(&tokenizer_file(run.base), config.vocab_size, window)?;
    recipe
        .source
        .iter()
        .map(|source| {
            let set = Set::read(source, run.data, recipe.validation.share, recipe.seed)?;
            Prepared::new(set, &tokens, &manifest)
        })
        .collect()
}

fn train_step(
    model: &Trainee,
    adam: &mut Adam,
    sets: &[Prepared],
    recipe: &EncoderRecipe,
    step: usize,
) -> Result<Option<Line>, TuneError> {
    let Some(texts) = draw(sets, &recipe.batch, recipe.seed, step) else { return Ok(None) };
    if texts.queries < 2 {
        return Ok(None);
    }
    let vectors = model.forward(&texts.texts)?;
    let passages = texts.texts.len() - texts.queries;
    let loss = contrast(
        &vectors.narrow(0, 0, texts.queries)?,
        &vectors.narrow(0, texts.queries, passages)?,
        &texts.gold,
        recipe.batch.temperature,
        recipe.batch.mirror,
    )?;
    let rate = adam.rate(step);
    let gradient = adam.step(step, model.vars(), &loss.backward()?)?;
    Ok(Some(Line::Step {
        step: step + 1,
        source: texts.set.to_owned(),
        loss: f64::from(loss.to_scalar::<f32>()?),
        rate,
        gradient,
        texts: (texts.queries, passages),
    }))
}
