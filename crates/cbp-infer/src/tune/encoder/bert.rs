//! A BERT-like encoder whose weights can be trained.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use candle_core::{DType, Device, Tensor, Var};
use safetensors::Dtype;

use super::{
    attention::Attention,
    batch::Layout,
    draw::Piece,
    ops::{Bias, BiasGelu, Norm},
    plain,
};
use crate::{
    embed::{
        Config, EmbedError, Pooling, Weights,
        make::{Draft, Stored},
    },
    rng::Rng,
    tune::{TuneError, config::Trained},
};

/// What the low-rank addition to a matrix is called behind the matrix's name.
const DOWN: &str = ".lora_down";
const UP: &str = ".lora_up";

/// An encoder on its way from a base model to a tuned one.
pub(crate) struct Trainee {
    draft: Draft,
    config: Config,
    root: String,
    /// Weights that stay as they are.
    fixed: BTreeMap<String, Tensor>,
    /// Weights that are trained, by name: the only state of the model.
    vars: BTreeMap<String, Var>,
    lora_scale: f64,
    device: Device,
    fused: bool,
}

/// Names of a layer's matrices, under `encoder.layer.N`.
const QUERY: &str = "attention.self.query";
const KEY: &str = "attention.self.key";
const VALUE: &str = "attention.self.value";
const OUT: &str = "attention.output.dense";
const WIDEN: &str = "intermediate.dense";
const NARROW: &str = "output.dense";

impl Trainee {
    /// Opens the model in `dir`; `trained` says which of its weights will change.
    ///
    /// # Errors
    ///
    /// If the directory is no encoder, or a tensor is missing or of another shape than the config implies.
    pub(crate) fn open(dir: &Path, trained: &Trained, seed: u64, device: &Device) -> Result<Self, TuneError> {
        let draft = Draft::read(dir)?;
        let config = Config::read(dir)?;
        let file = dir.join("model.safetensors");
        let weights = Weights::open(&file)?;
        let words = "embeddings.word_embeddings.weight";
        let names = weights.names();
        let root = names.iter().find_map(|name| name.strip_suffix(words)).unwrap_or_default().to_owned();
        let mut trainee = Self {
            draft,
            config,
            root,
            fixed: BTreeMap::new(),
            vars: BTreeMap::new(),
            lora_scale: if trained.lora_rank == 0 { 0.0 } else { trained.lora_scale },
            device: device.clone(),
            fused: device.is_cpu(),
        };
        let mut rng = Rng::new(&[seed, 0x10_7A]);
        for (name, rows, cols) in trainee.shapes() {
            let full = format!("{}{name}", trainee.root);
            let values = match rows {
                0 => weights.vector(&full, cols)?,
                rows => weights.matrix(&full, rows, cols)?.to_vec(),
            };
            let tensor = match rows {
                0 => Tensor::from_vec(values, cols, device)?,
                rows => Tensor::from_vec(values, (rows, cols), device)?,
            };
            let change = trained.covers(&name);
            let matrix = rows > 0 && name.starts_with("encoder.");
            if change && trained.lora_rank > 0 {
                if matrix {
                    let rank = trained.lora_rank;
                    let spread = 1.0 / (cols as f32).sqrt();
                    let down: Vec<f32> = (0..rank * cols).map(|_| rng.normal() * spread).collect();
                    let down = Var::from_tensor(&Tensor::from_vec(down, (rank, cols), device)?)?;
                    let up = Var::zeros((rows, rank), DType::F32, device)?;
                    trainee.vars.insert(format!("{name}{DOWN}"), down);
                    trainee.vars.insert(format!("{name}{UP}"), up);
                }
                trainee.fixed.insert(name, tensor);
            } else if change {
                trainee.vars.insert(name, Var::from_tensor(&tensor)?);
            } else {
                trainee.fixed.insert(name, tensor);
            }
        }
        Ok(trainee)
    }

    /// Every weight: its name, rows (0 for a vector) and columns.
    fn shapes(&self) -> Vec<(String, usize, usize)> {
        let c = &self.config;
        let (h, inner) = (c.hidden_size, c.intermediate_size);
        let mut out = vec![
            ("embeddings.word_embeddings.weight".to_owned(), c.vocab_size, h),
            ("embeddings.position_embeddings.weight".to_owned(), c.max_position_embeddings, h),
            ("embeddings.token_type_embeddings.weight".to_owned(), c.type_vocab_size, h),
            ("embeddings.LayerNorm.weight".to_owned(), 0, h),
            ("embeddings.LayerNorm.bias".to_owned(), 0, h),
        ];
        for layer in 0..c.num_hidden_layers {
            let mut linear = |name: &str, rows: usize, cols: usize| {
                out.push((format!("encoder.layer.{layer}.{name}.weight"), rows, cols));
                out.push((format!("encoder.layer.{layer}.{name}.bias"), 0, rows));
            };
            for name in [QUERY, KEY, VALUE, OUT] {
                linear(name, h, h);
            }
            linear(WIDEN, inner, h);
            linear(NARROW, h, inner);
            for name in ["attention.output.LayerNorm", "output.LayerNorm"] {
                out.push((format!("encoder.layer.{layer}.{name}.weight"), 0, h));
                out.push((format!("encoder.layer.{layer}.{name}.bias"), 0, h));
            }
        }
        out
    }

    /// The weights that are trained.
    pub(crate) const fn vars(&self) -> &BTreeMap<String, Var> {
        &self.vars
    }

    /// Where it runs.
    pub(crate) const fn device(&self) -> &Device {
        &self.device
    }

    /// The most rows that a text may have.
    pub(crate) fn window(&self) -> usize {
        self.config.window()
    }

    fn weight(&self, name: &str) -> Result<Tensor, TuneError> {
        let absent =
            || TuneError::Model(EmbedError::MissingTensor { path: "model".into(), name: name.into() });
        if let Some(var) = self.vars.get(name) {
            return Ok(var.as_tensor().clone());
        }
        let fixed = self.fixed.get(name).ok_or_else(absent)?;
        let (Some(down), Some(up)) =
            (self.vars.get(&format!("{name}{DOWN}")), self.vars.get(&format!("{name}{UP}")))
        else {
            return Ok(fixed.clone());
        };
        Ok((fixed + (up.matmul(down)? * self.lora_scale)?)?)
    }

    fn bias(&self, x: &Tensor, bias: &Tensor) -> Result<Tensor, TuneError> {
        Ok(if self.fused { x.apply_op2(bias, Bias)? } else { plain::bias(x, bias)? })
    }

    fn norm(&self, x: &Tensor, name: &str) -> Result<Tensor, TuneError> {
        let (scale, shift) = (self.weight(&format!("{name}.weight"))?, self.weight(&format!("{name}.bias"))?);
        let eps = self.config.layer_norm_eps;
        Ok(if self.fused {
            x.apply_op3(&scale, &shift, Norm(eps as f32))?
        } else {
            plain::norm(x, &scale, &shift, eps)?
        })
    }

    fn linear(&self, x: &Tensor, name: &str) -> Result<Tensor, TuneError> {
        let product = x.matmul(&self.weight(&format!("{name}.weight"))?.t()?)?;
        self.bias(&product, &self.weight(&format!("{name}.bias"))?)
    }

    /// Unit vectors of texts, one a row: centred if the base is, as they will be compared.
    ///
    /// # Errors
    ///
    /// What candle reports, such as a GPU out of memory.
    pub(crate) fn forward(&self, texts: &[Piece<'_>]) -> Result<Tensor, TuneError> {
        let layout = Arc::new(Layout::of(texts.iter().map(|text| text.ids.len())));
        let ids: Vec<u32> = texts.iter().flat_map(|text| text.ids.iter().copied()).collect();
        let first = self.config.first_position() as u32;
        let places: Vec<u32> =
            texts.iter().flat_map(|text| (0..text.ids.len() as u32).map(|i| i + first)).collect();
        let tokens = layout.tokens();
        let ids = Tensor::from_vec(ids, tokens, &self.device)?;
        let places = Tensor::from_vec(places, tokens, &self.device)?;
        let words = self.weight("embeddings.word_embeddings.weight")?.index_select(&ids, 0)?;
        let places = self.weight("embeddings.position_embeddings.weight")?.index_select(&places, 0)?;
        let segment = self.weight("embeddings.token_type_embeddings.weight")?.get(0)?;
        let sum = self.bias(&(words + places)?, &segment)?;
        let mut x = self.norm(&sum, "embeddings.LayerNorm")?;
        for layer in 0..self.config.num_hidden_layers {
            x = self.layer(&x, &layout, layer)?;
        }
        let pooled = match self.draft.manifest.pooling {
            Pooling::Mean => plain::averaging(&layout, &self.device)?.matmul(&x)?,
            Pooling::Cls => {
                let starts: Vec<u32> = layout.ranges().map(|rows| rows.start as u32).collect();
                x.index_select(&Tensor::from_vec(starts, layout.count(), &self.device)?, 0)?
            }
        };
        let vectors = unit(&pooled)?;
        let manifest = &self.draft.manifest;
        if manifest.centring.is_empty() {
            return Ok(vectors);
        }
        let zero = vec![0.0; manifest.dims];
        let means: Vec<f32> = texts
            .iter()
            .flat_map(|text| manifest.mean(text.kind, text.script).unwrap_or(&zero))
            .copied()
            .collect();
        let means = Tensor::from_vec(means, (texts.len(), manifest.dims), &self.device)?;
        unit(&(vectors - means)?)
    }

    fn layer(&self, x: &Tensor, layout: &Arc<Layout>, layer: usize) -> Result<Tensor, TuneError> {
        let name = |part: &str| format!("encoder.layer.{layer}.{part}");
        let (parts, heads) = ([QUERY, KEY, VALUE], self.config.num_attention_heads);
        let collect = |what: &str| -> Result<Tensor, TuneError> {
            let parts: Vec<Tensor> = parts
                .iter()
                .map(|part| self.weight(&format!("{}.{what}", name(part))))
                .collect::<Result<_, _>>()?;
            Ok(Tensor::cat(&parts, 0)?)
        };
        let qkv = self.bias(&x.matmul(&collect("weight")?.t()?)?, &collect("bias")?)?;
        let mixed = if self.fused {
            qkv.apply_op1(Attention { texts: layout.clone(), heads })?
        } else {
            plain::attention(&qkv, layout, heads)?
        };
        let x = self.norm(&(x + self.linear(&mixed, &name(OUT))?)?, &name("attention.output.LayerNorm"))?;
        let wide = x.matmul(&self.weight(&name("intermediate.dense.weight"))?.t()?)?;
        let bias = self.weight(&name("intermediate.dense.bias"))?;
        let wide =
            if self.fused { wide.apply_op2(&bias, BiasGelu)? } else { plain::bias_gelu(&wide, &bias)? };
        self.norm(&(&x + self.linear(&wide, &name(NARROW))?)?, &name("output.LayerNorm"))
    }

    /// The model as it is now: tables that are not trained as the base stores them, the encoder in single precision,
    /// so that it can be quantised anew, with `share` of the tuned weights and the rest of the base's. Its means are those
    /// of the base, which it was trained with.
    ///
    /// # Errors
    ///
    /// If a tensor cannot be read back.
    pub(crate) fn draft(&self, base: &Weights, share: f64) -> Result<Draft, TuneError> {
        let mut draft = self.draft.clone();
        for (name, rows, cols) in self.shapes() {
            if !name.starts_with("encoder.") && !self.vars.contains_key(&name) {
                continue;
            }
            let full = format!("{}{name}", self.root);
            let tuned = self.weight(&name)?.flatten_all()?.to_vec1::<f32>()?;
            let before = base.any(&full)?.to_vec();
            let bytes = tuned
                .iter()
                .zip(&before)
                .flat_map(|(&t, &b)| {
                    ((f64::from(b) + share * (f64::from(t) - f64::from(b))) as f32).to_le_bytes()
                })
                .collect();
            let shape = if rows == 0 { vec![cols] } else { vec![rows, cols] };
            draft.tensors.insert(full, Stored { dtype: Dtype::F32, shape, bytes });
        }
        Ok(draft)
    }
}

/// Rows at length 1.
fn unit(rows: &Tensor) -> Result<Tensor, TuneError> {
    let length = (rows.sqr()?.sum_keepdim(1)? + 1e-12)?.sqrt()?;
    Ok(rows.broadcast_div(&length)?)
}

#[cfg(test)]
impl Trainee {
    /// Computes by candle's own operations from now on.
    pub(crate) fn use_plain(&mut self) {
        self.fused = false;
    }
}
