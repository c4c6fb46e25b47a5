//! `config.json`: the shape of a BERT-like encoder.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::EmbedError;

/// The fields of a Hugging Face `config.json` that matter here; others are ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Config {
    /// `bert`, `roberta` or `xlm-roberta`; the latter two count positions from `pad_token_id + 1`.
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
    /// [`EmbedError::Unsupported`] if it is of an architecture that the packed encoder does not run.
    pub(crate) fn read(dir: &Path) -> Result<Self, EmbedError> {
        let path = dir.join("config.json");
        let bytes = std::fs::read(&path).map_err(EmbedError::io(&path))?;
        let config: Self = serde_json::from_slice(&bytes)
            .map_err(|error| EmbedError::Manifest { path: path.clone(), detail: error.to_string() })?;
        if !matches!(config.model_type.as_str(), "bert" | "roberta" | "xlm-roberta") {
            return Err(EmbedError::Unsupported {
                what: format!("model type `{}`", config.model_type),
                supported: "bert, roberta, xlm-roberta",
            });
        }
        if config.hidden_act != "gelu" {
            return Err(EmbedError::Unsupported {
                what: format!("activation `{}`", config.hidden_act),
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

    /// The position of a text's first token.
    pub(crate) fn first_position(&self) -> usize {
        if self.model_type == "bert" { 0 } else { self.pad_token_id + 1 }
    }

    /// Multiply-adds that a window of `tokens` takes: products with weights, and attention.
    pub(crate) fn multiply_adds(&self, tokens: usize) -> u64 {
        let (hidden, inner, tokens) = (self.hidden_size as u64, self.intermediate_size as u64, tokens as u64);
        let each = 4 * hidden * hidden + 2 * hidden * inner + 2 * tokens * hidden;
        self.num_hidden_layers as u64 * tokens * each
    }

    /// The most tokens that one window can have.
    pub(crate) fn window(&self) -> usize {
        self.max_position_embeddings.saturating_sub(self.first_position())
    }
}
