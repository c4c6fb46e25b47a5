//! `config.json`: the shape of a BERT-like encoder.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::EmbedError;

/// The fields of a Hugging Face `config.json` that matter here; others are ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Config {
    /// `bert`, `roberta`, `xlm-roberta` or, where candle is built in, `modernbert`.
    #[serde(default = "bert")]
    pub model_type: String,
    /// Width of a token's vector.
    pub hidden_size: usize,
    /// Number of layers.
    pub num_hidden_layers: usize,
    /// Attention heads; they divide `hidden_size`.
    pub num_attention_heads: usize,
    /// Width of the feed-forward part.
    pub intermediate_size: usize,
    /// Rows of the vocabulary table.
    pub vocab_size: usize,
    /// Rows of the position table.
    pub max_position_embeddings: usize,
    /// Rows of the segment table.
    #[serde(default = "two")]
    pub type_vocab_size: usize,
    /// What keeps a layer norm from dividing by zero.
    pub layer_norm_eps: f64,
    /// The activation.
    #[serde(default = "gelu")]
    pub hidden_act: String,
    /// The padding token.
    #[serde(default)]
    pub pad_token_id: usize,
    /// What only other architectures have.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

fn bert() -> String {
    "bert".into()
}
fn gelu() -> String {
    "gelu".into()
}
const fn two() -> usize {
    2
}

impl Config {
    /// Reads and checks `config.json` in `dir`.
    ///
    /// # Errors
    ///
    /// [`EmbedError::Io`], [`EmbedError::Manifest`] if it does not parse or contradicts itself,
    /// [`EmbedError::Unsupported`] if it is of an architecture that no engine of this build runs.
    pub(crate) fn read(dir: &Path) -> Result<Self, EmbedError> {
        let path = dir.join("config.json");
        let bytes = std::fs::read(&path).map_err(EmbedError::io(&path))?;
        let config: Self = serde_json::from_slice(&bytes)
            .map_err(|error| EmbedError::Manifest { path: path.clone(), detail: error.to_string() })?;
        let known = matches!(config.model_type.as_str(), "bert" | "roberta" | "xlm-roberta");
        let with_candle = cfg!(feature = "candle") && config.is_modern();
        if !(known || with_candle) {
            return Err(EmbedError::Unsupported {
                what: format!("model type `{}` ({})", config.model_type, path.display()),
                supported: "bert, roberta, xlm-roberta, and modernbert in a build with `--features candle`",
            });
        }
        let activation = config.other.get("hidden_activation").and_then(serde_json::Value::as_str);
        let activation = activation.unwrap_or(&config.hidden_act);
        if activation != "gelu" {
            return Err(EmbedError::Unsupported {
                what: format!("activation `{activation}` ({})", path.display()),
                supported: "gelu (the error-function form)",
            });
        }
        let (hidden, heads) = (config.hidden_size, config.num_attention_heads);
        // Panels are sixteen wide; the largest sentence encoders have 4,096 dimensions and 48 layers.
        let sound = (1..=65_536).contains(&hidden)
            && heads > 0
            && hidden % heads == 0
            && (hidden / heads) % 16 == 0
            && (1..=262_144).contains(&config.intermediate_size)
            && config.intermediate_size.is_multiple_of(16)
            && (1..=256).contains(&config.num_hidden_layers)
            && config.vocab_size > 0
            && config.type_vocab_size > 0
            && config.max_position_embeddings > config.first_position() + 2;
        if sound {
            return Ok(config);
        }
        Err(EmbedError::Unsupported {
            what: format!(
                "{hidden} dimensions, {heads} heads, {} inner, {} positions ({})",
                config.intermediate_size,
                config.max_position_embeddings,
                path.display()
            ),
            supported: "heads and inner widths that are multiples of 16, up to 65,536 dimensions and 256 layers",
        })
    }

    /// Whether it is a `ModernBERT`, which candle runs and the packed encoder does not.
    pub(crate) fn is_modern(&self) -> bool {
        self.model_type == "modernbert"
    }

    /// The position of a text's first token: the `RoBERTa`s count from behind the padding token.
    pub(crate) fn first_position(&self) -> usize {
        if self.model_type.ends_with("roberta") { self.pad_token_id + 1 } else { 0 }
    }

    /// Multiply-adds that a window of `tokens` takes: products with weights, and attention.
    pub(crate) fn multiply_adds(&self, tokens: usize) -> u64 {
        let (hidden, inner, tokens) = (self.hidden_size as u64, self.intermediate_size as u64, tokens as u64);
        // The inner part of a ModernBERT is gated by a product of its own.
        let products = if self.is_modern() { 3 } else { 2 };
        let each = 4 * hidden * hidden + products * hidden * inner + 2 * tokens * hidden;
        self.num_hidden_layers as u64 * tokens * each
    }

    /// The most tokens that one window can have.
    pub(crate) fn window(&self) -> usize {
        self.max_position_embeddings.saturating_sub(self.first_position())
    }
}
