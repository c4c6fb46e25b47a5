//! A layer of the packed encoder: its weights, packed once, and what they do to rows of numbers.

use super::{EmbedError, config::Config, weights::Weights};
use crate::arch::{Codes, Epilogue, Int8Matrix, Isa, PackedMatrix, Space, add_layer_norm, gemm, int8_gemm};

/// What a layer norm learned.
pub(super) struct Norm {
    pub(super) gain: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// A matrix product with its bias.
pub(super) struct Linear {
    weight: Weight,
    bias: Vec<f32>,
}

enum Weight {
    Single(PackedMatrix),
    Int8(Int8Matrix),
}

/// A layer's weights.
pub(super) struct Layer {
    pub(super) qkv: Linear,
    pub(super) attended: Linear,
    pub(super) after_attention: Norm,
    pub(super) inner: Linear,
    pub(super) outer: Linear,
    pub(super) after_inner: Norm,
}

impl Norm {
    /// Reads the norm of that name.
    pub(super) fn load(weights: &Weights, name: &str, width: usize) -> Result<Self, EmbedError> {
        // Checkpoints converted from TensorFlow call them gamma and beta.
        let pick = |new: &str, old: &str| {
            let old = format!("{name}.{old}");
            if weights.has(&old) { old } else { format!("{name}.{new}") }
        };
        let gain = weights.vector(&pick("weight", "gamma"), width)?;
        Ok(Self { gain, bias: weights.vector(&pick("bias", "beta"), width)? })
    }

    /// The norm of `x + add`, in place.
    pub(super) fn add(&self, isa: Isa, x: &mut [f32], add: &[f32], epsilon: f32) {
        add_layer_norm(isa, x, add, &self.gain, &self.bias, epsilon);
    }
}

impl Linear {
    /// Packs weights, which `row` expands one output at a time, into `space`, or into bytes where there is none.
    fn pack(
        space: Option<&mut Space<'_>>,
        bias: Vec<f32>,
        inputs: usize,
        row: impl FnMut(usize, &mut [f32]),
    ) -> Self {
        let weight = match space {
            Some(space) => Weight::Single(PackedMatrix::pack(space, bias.len(), inputs, row)),
            None => Weight::Int8(Int8Matrix::pack(bias.len(), inputs, row)),
        };
        Self { weight, bias }
    }

    /// `y = x · Wᵀ + bias`, then GELU if asked for.
    pub(super) fn apply(
        &self,
        (isa, numbers): (Isa, &[f32]),
        x: &[f32],
        y: &mut [f32],
        gelu: bool,
        codes: &mut Codes,
    ) {
        let bias = &self.bias;
        let epilogue = if gelu { Epilogue::BiasGelu(bias) } else { Epilogue::Bias(bias) };
        match &self.weight {
            Weight::Single(weight) => gemm(isa, x, (numbers, weight), y, epilogue),
            Weight::Int8(weight) => int8_gemm(isa, x, weight, y, (&self.bias, gelu), codes),
        }
    }
}

impl Layer {
    /// Packs a layer's weights into `space`, or into bytes where there is none.
    pub(super) fn load(
        weights: &Weights,
        config: &Config,
        mut space: Option<Space<'_>>,
        name: &str,
    ) -> Result<Self, EmbedError> {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let part = |part: &str| format!("{name}.attention.self.{part}");
        let mut matrices = Vec::new();
        let mut bias = Vec::new();
        for which in ["query", "key", "value"] {
            matrices.push(weights.matrix(&format!("{}.weight", part(which)), hidden, hidden)?);
            bias.extend(weights.vector(&format!("{}.bias", part(which)), hidden)?);
        }
        // Scores are divided by the root of the head's width: the queries carry it.
        let scale = 1.0 / ((hidden / config.num_attention_heads) as f32).sqrt();
        bias[..hidden].iter_mut().for_each(|b| *b *= scale);
        let qkv = Linear::pack(space.as_mut(), bias, hidden, |o, row| {
            matrices[o / hidden].row(o % hidden, row);
            if o < hidden {
                for w in row.iter_mut() {
                    *w *= scale;
                }
            }
        });
        let mut linear = |part: &str, outputs: usize, inputs: usize| -> Result<Linear, EmbedError> {
            let matrix = weights.matrix(&format!("{name}.{part}.weight"), outputs, inputs)?;
            let bias = weights.vector(&format!("{name}.{part}.bias"), outputs)?;
            Ok(Linear::pack(space.as_mut(), bias, inputs, |o, row| matrix.row(o, row)))
        };
        Ok(Self {
            qkv,
            attended: linear("attention.output.dense", hidden, hidden)?,
            after_attention: Norm::load(weights, &format!("{name}.attention.output.LayerNorm"), hidden)?,
            inner: linear("intermediate.dense", inner, hidden)?,
            outer: linear("output.dense", hidden, inner)?,
            after_inner: Norm::load(weights, &format!("{name}.output.LayerNorm"), hidden)?,
        })
    }
}
