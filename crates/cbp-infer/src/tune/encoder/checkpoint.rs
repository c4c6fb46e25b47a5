//! A run's state on disk, so that it can go on where it stopped.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
};

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::{adam::Adam, bert::Trainee};
use crate::{embed::make::write_file, tune::TuneError};

/// How far a run has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Hash of recipe, base model and data.
    pub(crate) run: String,
    /// Steps done.
    pub(crate) step: usize,
    /// The best judgement so far, and the step after which it was made.
    pub(crate) best: Option<(f64, usize)>,
    /// Judgements since then.
    pub(crate) since: usize,
}

/// The folder of a run's state.
pub(crate) struct Checkpoint {
    folder: PathBuf,
}

impl Checkpoint {
    /// State in `folder`, which is made.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub(crate) fn new(folder: PathBuf) -> Result<Self, TuneError> {
        fs::create_dir_all(&folder).map_err(TuneError::io(&folder))?;
        Ok(Self { folder })
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Stores weights, moments and progress; the progress last, so that it never runs ahead of the weights.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub(crate) fn store(&self, progress: &Progress, model: &Trainee, adam: &Adam) -> Result<(), TuneError> {
        let mut tensors: HashMap<String, Tensor> = HashMap::new();
        for (name, var) in model.vars() {
            tensors.insert(format!("weight {name}"), var.as_tensor().clone());
        }
        for (name, (first, second)) in adam.moments() {
            tensors.insert(format!("first {name}"), first.clone());
            tensors.insert(format!("second {name}"), second.clone());
        }
        // Two files in turn: a run that is killed while it writes still has the other.
        let file = self.at(&format!("state-{}.safetensors", progress.step));
        candle_core::safetensors::save(&tensors, &file)?;
        let json = serde_json::to_string_pretty(progress).unwrap_or_default();
        write_file(&self.at("progress.json"), json.as_bytes())?;
        let entries = fs::read_dir(&self.folder).map_err(TuneError::io(&self.folder))?;
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            if name.to_string_lossy().starts_with("state-") && entry.path() != file {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }

    /// Takes up what was stored, if anything was.
    ///
    /// # Errors
    ///
    /// [`TuneError::Checkpoint`] if it belongs to another run.
    pub(crate) fn resume(
        &self,
        run: &str,
        model: &Trainee,
        adam: &mut Adam,
    ) -> Result<Option<Progress>, TuneError> {
        let path = self.at("progress.json");
        if !path.is_file() {
            return Ok(None);
        }
        let bytes = fs::read(&path).map_err(TuneError::io(&path))?;
        let wrong = |detail: String| TuneError::Checkpoint { path: path.clone(), detail };
        let progress: Progress = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        if progress.run != run {
            let other = progress.run;
            return Err(wrong(format!(
                "it belongs to another recipe, base model or data (run {other}, not {run})"
            )));
        }
        let file = self.at(&format!("state-{}.safetensors", progress.step));
        let mut tensors = load(&file, model)?;
        let mut take = |kind: &str, name: &str| {
            let key = format!("{kind} {name}");
            tensors
                .remove(&key)
                .ok_or_else(|| TuneError::Checkpoint { path: file.clone(), detail: format!("no `{key}`") })
        };
        for (name, var) in model.vars() {
            var.set(&take("weight", name)?)?;
            adam.restore(name, take("first", name)?, take("second", name)?);
        }
        Ok(Some(progress))
    }

    /// Keeps the weights as the best so far.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(crate) fn keep_best(&self, model: &Trainee) -> Result<(), TuneError> {
        let tensors: HashMap<String, Tensor> =
            model.vars().iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
        Ok(candle_core::safetensors::save(&tensors, self.at("best.safetensors"))?)
    }

    /// Brings back the best weights.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub(crate) fn load_best(&self, model: &Trainee) -> Result<(), TuneError> {
        let tensors = load(&self.at("best.safetensors"), model)?;
        for (name, var) in model.vars() {
            if let Some(tensor) = tensors.get(name) {
                var.set(tensor)?;
            }
        }
        Ok(())
    }
}

fn load(file: &Path, model: &Trainee) -> Result<BTreeMap<String, Tensor>, TuneError> {
    Ok(candle_core::safetensors::load(file, model.device())?.into_iter().collect())
}
