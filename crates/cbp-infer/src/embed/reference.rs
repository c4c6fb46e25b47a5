//! candle's BERT: the reference that the packed encoder is held to, the way to a GPU, and what runs a `ModernBERT`.
//!
//! Windows are sorted by length and padded. A GPU that runs out of memory gets smaller batches; when one window alone
//! does not fit, the CPU takes over, and the log says so.

use std::sync::OnceLock;

use candle_core::{DType, Device, IndexOp, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::{
    bert::{BertModel, Config as BertConfig},
    modernbert::{Config as ModernConfig, ModernBert},
};
use ndarray::Array2;

use super::{
    EmbedError,
    config::Config,
    engine::{Encoder, Engine, Progress, Run},
    manifest::Pooling,
    weights::Weights,
};

/// Tokens in a batch, padding included: by then a GPU is busy.
const GPU_BUDGET: usize = 8192;

/// The same on a CPU, whose caches larger batches leave, and where fewer lengths meet less padding.
const CPU_BUDGET: usize = 1024;

/// One of candle's models.
#[allow(clippy::large_enum_variant, reason = "there is one for each open model, and it is not moved about")]
enum Net {
    Bert(BertModel),
    Modern(ModernBert),
}

/// candle's model on one device.
pub(crate) struct CandleBert {
    model: Net,
    device: Device,
    half: bool,
    pooling: Pooling,
    config: Config,
    weights: Weights,
    /// The same model on the CPU, for windows that the GPU has no room for.
    on_cpu: OnceLock<Net>,
}

#[allow(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn failed(error: candle_core::Error) -> EmbedError {
    EmbedError::Engine(error.to_string())
}

impl CandleBert {
    /// Expands the weights and gives them to candle.
    ///
    /// # Errors
    ///
    /// If the model is neither BERT nor `ModernBERT`, a tensor is missing or has another shape, or there is no such device.
    pub(crate) fn load(
        weights: Weights,
        config: Config,
        pooling: Pooling,
        engine: Engine,
    ) -> Result<Self, EmbedError> {
        if config.model_type != "bert" && !config.is_modern() {
            return Err(EmbedError::Unsupported {
                what: format!("model type `{}` on candle", config.model_type),
                supported: "bert and modernbert; use the packed engine for roberta and xlm-roberta",
            });
        }
        // candle's ModernBERT makes its masks in single precision.
        let half = engine == Engine::Cuda && !config.is_modern();
        let device = if engine == Engine::Cuda {
            Device::new_cuda(0).map_err(|error| {
                // What follows is a backtrace, where the environment asks for one.
                let error = error.to_string();
                let why = error.lines().next().unwrap_or_default();
                let detail = format!("{why}; see that NVIDIA's driver finds the device, or use the CPU");
                EmbedError::Device { device: "CUDA", detail }
            })?
        } else {
            Device::Cpu
        };
        let model = build(&weights, &config, &device, half)?;
        Ok(Self { model, device, half, pooling, config, weights, on_cpu: OnceLock::new() })
    }

    /// Pooled vectors of windows, padded to the longest.
    fn forward(&self, model: &Net, device: &Device, windows: &[&[u32]]) -> candle_core::Result<Tensor> {
        let longest = windows.iter().map(|w| w.len()).max().unwrap_or(0);
        let shape = (windows.len(), longest);
        let (mut ids, mut mask) = (Vec::new(), Vec::new());
        for window in windows {
            let padding = longest - window.len();
            ids.extend_from_slice(window);
            ids.extend(std::iter::repeat_n(self.config.pad_token_id as u32, padding));
            mask.extend(std::iter::repeat_n(1_f32, window.len()));
            mask.extend(std::iter::repeat_n(0_f32, padding));
        }
        let ids = Tensor::from_vec(ids, shape, device)?;
        let mask = Tensor::from_vec(mask, shape, device)?;
        let last = match model {
            Net::Bert(model) => model.forward(&ids, &ids.zeros_like()?, Some(&mask))?,
            Net::Modern(model) => model.forward(&ids, &mask)?,
        };
        let last = last.to_dtype(DType::F32)?;
        match self.pooling {
            Pooling::Cls => last.i((.., 0))?.contiguous(),
            Pooling::Mean => {
                let sum = last.broadcast_mul(&mask.unsqueeze(2)?)?.sum(1)?;
                sum.broadcast_div(&mask.sum_keepdim(1)?)
            }
        }
    }

    /// Rows of a batch; halves it when the device is out of memory.
    fn rows(&self, windows: &[&[u32]]) -> Result<Vec<Vec<f32>>, EmbedError> {
        match self.forward(&self.model, &self.device, windows).and_then(|out| out.to_vec2()) {
            Ok(rows) => Ok(rows),
            Err(error) if !is_out_of_memory(&error) => Err(failed(error)),
            Err(_) if windows.len() > 1 => {
                tracing::warn!(
                    windows = windows.len(),
                    "the device is out of memory; trying half of the batch"
                );
                let (left, right) = windows.split_at(windows.len() / 2);
                let mut rows = self.rows(left)?;
                rows.extend(self.rows(right)?);
                Ok(rows)
            }
            Err(_) => {
                tracing::warn!("the device is out of memory for a single window; the CPU takes over");
                let model = if let Some(model) = self.on_cpu.get() {
                    model
                } else {
                    let model = build(&self.weights, &self.config, &Device::Cpu, false)?;
                    self.on_cpu.get_or_init(|| model)
                };
                self.forward(model, &Device::Cpu, windows).and_then(|out| out.to_vec2()).map_err(failed)
            }
        }
    }
}

fn is_out_of_memory(error: &candle_core::Error) -> bool {
    error.to_string().to_lowercase().replace('_', " ").contains("out of memory")
}

fn build(weights: &Weights, config: &Config, device: &Device, half: bool) -> Result<Net, EmbedError> {
    // candle looks for a ModernBERT where the model that guesses masked words has it; sentence encoders lack the prefix.
    let names = weights.names();
    let bare = config.is_modern() && !names.iter().any(|name| name.starts_with("model."));
    let mut tensors = std::collections::HashMap::new();
    let dtype = if half { DType::F16 } else { DType::F32 };
    for name in names {
        let matrix = weights.any(&name)?;
        let (rows, cols) = matrix.shape();
        let flat = matrix.to_vec();
        // A vector is a matrix of one row here; candle wants it flat.
        let tensor = if rows == 1 && !name.contains("embeddings.weight") {
            Tensor::from_vec(flat, cols, device)
        } else {
            Tensor::from_vec(flat, (rows, cols), device)
        };
        let tensor = tensor.and_then(|tensor| tensor.to_dtype(dtype)).map_err(failed)?;
        tensors.insert(if bare { format!("model.{name}") } else { name }, tensor);
    }
    let variables = VarBuilder::from_tensors(tensors, dtype, device);
    let told = |error: serde_json::Error| EmbedError::Engine(error.to_string());
    if config.is_modern() {
        let config: ModernConfig =
            serde_json::to_value(config).and_then(serde_json::from_value).map_err(told)?;
        return ModernBert::load(variables, &config).map(Net::Modern).map_err(failed);
    }
    let json = serde_json::json!({
        "vocab_size": config.vocab_size, "hidden_size": config.hidden_size,
        "num_hidden_layers": config.num_hidden_layers, "num_attention_heads": config.num_attention_heads,
        "intermediate_size": config.intermediate_size, "hidden_act": "gelu", "hidden_dropout_prob": 0.0,
        "max_position_embeddings": config.max_position_embeddings, "type_vocab_size": config.type_vocab_size,
        "initializer_range": 0.02, "layer_norm_eps": config.layer_norm_eps, "pad_token_id": config.pad_token_id,
        "model_type": "bert",
    });
    let config: BertConfig = serde_json::from_value(json).map_err(told)?;
    BertModel::load(variables, &config).map(Net::Bert).map_err(failed)
}

impl Encoder for CandleBert {
    fn dims(&self) -> usize {
        self.config.hidden_size
    }

    fn engine(&self) -> &'static str {
        if self.half { "f16" } else { "f32" }
    }

    fn encode(&self, windows: &[&[u32]], run: &Run<'_>) -> Result<Array2<f32>, EmbedError> {
        let mut out = Array2::zeros((windows.len(), self.config.hidden_size));
        let mut order: Vec<usize> = (0..windows.len()).collect();
        order.sort_by_key(|&i| windows[i].len());
        let budget = if self.device.is_cpu() { CPU_BUDGET } else { GPU_BUDGET };
        let mut done = 0;
        while done < order.len() {
            if run.cancelled() {
                return Err(EmbedError::Cancelled { done, total: windows.len() });
            }
            // Sorted upwards: the last window of a batch is its longest.
            let fits =
                (1..=order.len() - done).take_while(|n| n * windows[order[done + n - 1]].len() <= budget);
            let batch = &order[done..done + fits.last().unwrap_or(1)];
            let inputs: Vec<&[u32]> = batch.iter().map(|&i| windows[i]).collect();
            for (&i, row) in batch.iter().zip(self.rows(&inputs)?) {
                out.row_mut(i).assign(&ndarray::ArrayView1::from(&row));
            }
            done += batch.len();
            if let Some(report) = run.progress {
                report(Progress { done, total: windows.len() });
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_errors_are_told_from_others() {
        let error = |text: &str| candle_core::Error::Msg(text.into());
        assert!(is_out_of_memory(&error("DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")")));
        assert!(!is_out_of_memory(&error("shape mismatch")));
    }
}
