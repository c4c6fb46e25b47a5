//! The packed CPU encoder.
//!
//! Windows are laid end to end in micro-batches of about [`BUDGET`] tokens: matrix products see one tall matrix
//! and no padding, attention sees each window alone. Weights are packed into panels once, queries, keys and
//! values are one product, bias and GELU are fused into the products, and each worker keeps its buffers. A
//! window's numbers do not depend on its neighbours, hence neither on batches nor on threads.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use ndarray::Array2;
use rayon::prelude::*;

use super::{
    EmbedError,
    config::Config,
    engine::{Encoder, Engine, Progress, Run},
    layer::{Layer, Norm},
    manifest::Pooling,
    weights::Weights,
};
use crate::arch::{Codes, Epilogue, Isa, PANEL, Pages, Space, gemm_panels, layer_norm, softmax};

/// Tokens in a micro-batch: enough to make good use of each panel of weights while it is in the cache, few enough
/// for the activations to stay in the second-level cache.
const BUDGET: usize = 240;

/// Numbers in a line of the cache. A register that lies across two costs two reads.
const LINE: usize = 16;

/// A BERT-like encoder, ready to run.
pub(crate) struct PackedBert {
    isa: Isa,
    config: Config,
    pooling: Pooling,
    int8: bool,
    /// The vocabulary, as it is in the file: it is read a row at a time, and it is most of the model.
    weights: Weights,
    words: String,
    /// Positions with the first segment's vector added.
    positions: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    /// What the layers' matrices are made of in single precision.
    numbers: Pages<f32>,
    scratch: Mutex<Vec<Scratch>>,
}

/// Buffers of one worker; they grow to what the largest batch needed.
#[derive(Default)]
struct Scratch {
    x: Vec<f32>,
    wide: Vec<f32>,
    context: Vec<f32>,
    narrow: Vec<f32>,
    keys: Vec<f32>,
    values: Vec<f32>,
    scores: Vec<f32>,
    codes: Codes,
}

/// Makes room for at least `len` numbers and gives exactly those, from where a line of the cache begins.
fn room(buffer: &mut Vec<f32>, len: usize) -> &mut [f32] {
    if buffer.len() < len + LINE {
        buffer.resize(len + LINE, 0.0);
    }
    let from = buffer.as_ptr().align_offset(LINE * size_of::<f32>()).min(LINE);
    &mut buffer[from..from + len]
}

impl PackedBert {
    /// Packs the weights of a BERT, `RoBERTa` or XLM-R encoder; [`Engine::Int8`] rounds them.
    ///
    /// # Errors
    ///
    /// If a tensor is missing or does not have the shape that the config implies.
    pub(crate) fn load(
        weights: Weights,
        config: Config,
        pooling: Pooling,
        engine: Engine,
        isa: Isa,
    ) -> Result<Self, EmbedError> {
        let int8 = engine == Engine::Int8;
        let root = if weights.has("embeddings.word_embeddings.weight") {
            ""
        } else {
            ["bert.", "roberta.", "model."]
                .into_iter()
                .find(|root| weights.has(&format!("{root}embeddings.word_embeddings.weight")))
                .unwrap_or("")
        };
        let hidden = config.hidden_size;
        let words = format!("{root}embeddings.word_embeddings.weight");
        weights.matrix(&words, config.vocab_size, hidden)?;
        let name = format!("{root}embeddings.position_embeddings.weight");
        let mut positions = weights.matrix(&name, config.max_position_embeddings, hidden)?.to_vec();
        let name = format!("{root}embeddings.token_type_embeddings.weight");
        let mut segment = vec![0.0; hidden];
        weights.matrix(&name, config.type_vocab_size, hidden)?.row(0, &mut segment);
        for row in positions.chunks_exact_mut(hidden) {
            row.iter_mut().zip(&segment).for_each(|(x, s)| *x += s);
        }
        let norm = Norm::load(&weights, &format!("{root}embeddings.LayerNorm"), hidden)?;
        let (count, inner) = (config.num_hidden_layers, config.intermediate_size);
        let name = |layer: usize| format!("{root}encoder.layer.{layer}");
        // A config can ask for any number of layers: memory is for those that are there.
        for layer in 0..count {
            weights.matrix(&format!("{}.output.dense.weight", name(layer)), hidden, inner)?;
        }
        let each = if int8 { 0 } else { 4 * hidden * hidden + 2 * hidden * inner };
        let mut numbers = Pages::zeroed(each * count).map_err(EmbedError::io(weights.path()))?;
        let mut parts: Vec<&mut [f32]> = numbers.numbers_mut().chunks_exact_mut(each.max(1)).collect();
        parts.resize_with(count, Default::default);
        let layers = parts
            .into_par_iter()
            .enumerate()
            .map(|(layer, rest)| {
                let space = Space { rest, place: each * layer };
                Layer::load(&weights, &config, (!int8).then_some(space), &name(layer))
            })
            .collect::<Result<_, _>>()?;
        let scratch = Mutex::default();
        Ok(Self { isa, config, pooling, int8, weights, words, positions, norm, layers, numbers, scratch })
    }

    /// Runs the windows of one micro-batch and writes their pooled vectors.
    fn forward(&self, windows: &[&[u32]], out: &mut [f32], s: &mut Scratch) -> Result<(), EmbedError> {
        let (hidden, inner) = (self.config.hidden_size, self.config.intermediate_size);
        let tokens: usize = windows.iter().map(|w| w.len()).sum();
        let x = room(&mut s.x, tokens * hidden);
        self.embed_tokens(windows, x)?;
        let epsilon = self.config.layer_norm_eps as f32;
        let on = (self.isa, self.numbers.numbers());
        layer_norm(self.isa, x, &self.norm.gain, &self.norm.bias, epsilon);
        for layer in &self.layers {
            let qkv = room(&mut s.wide, tokens * 3 * hidden);
            layer.qkv.apply(on, x, qkv, false, &mut s.codes);
            let context = room(&mut s.context, tokens * hidden);
            let mut start = 0;
            for window in windows {
                let rows = start..start + window.len();
                let qkv = &qkv[rows.start * 3 * hidden..rows.end * 3 * hidden];
                let context = &mut context[rows.start * hidden..rows.end * hidden];
                self.attend(qkv, context, (&mut s.keys, &mut s.values, &mut s.scores));
                start = rows.end;
            }
            let narrow = room(&mut s.narrow, tokens * hidden);
            layer.attended.apply(on, context, narrow, false, &mut s.codes);
            layer.after_attention.add(self.isa, x, narrow, epsilon);
            let wide = room(&mut s.wide, tokens * inner);
            layer.inner.apply(on, x, wide, true, &mut s.codes);
            layer.outer.apply(on, wide, narrow, false, &mut s.codes);
            layer.after_inner.add(self.isa, x, narrow, epsilon);
        }
        let mut start = 0;
        for (window, out) in windows.iter().zip(out.chunks_exact_mut(hidden)) {
            let rows = &x[start * hidden..(start + window.len()) * hidden];
            start += window.len();
            match self.pooling {
                Pooling::Cls => out.copy_from_slice(&rows[..hidden]),
                Pooling::Mean => {
                    out.fill(0.0);
                    for row in rows.chunks_exact(hidden) {
                        out.iter_mut().zip(row).for_each(|(o, x)| *o += x);
                    }
                    let scale = 1.0 / window.len() as f32;
                    for o in out.iter_mut() {
                        *o *= scale;
                    }
                }
            }
        }
        Ok(())
    }

    fn embed_tokens(&self, windows: &[&[u32]], x: &mut [f32]) -> Result<(), EmbedError> {
        let hidden = self.config.hidden_size;
        let words = self.weights.any(&self.words)?;
        let first = self.config.first_position() * hidden;
        let mut rows = x.chunks_exact_mut(hidden);
        for window in windows {
            let places = self.positions[first..].chunks_exact(hidden);
            for ((&id, place), row) in window.iter().zip(places).zip(&mut rows) {
                words.row(id as usize, row);
                row.iter_mut().zip(place).for_each(|(x, p)| *x += p);
            }
        }
        Ok(())
    }

    /// Attention of one window: `qkv` has its rows of queries (scaled already), keys and values side by side.
    fn attend(
        &self,
        qkv: &[f32],
        context: &mut [f32],
        (keys, values, scores): (&mut Vec<f32>, &mut Vec<f32>, &mut Vec<f32>),
    ) {
        let hidden = self.config.hidden_size;
        let head = hidden / self.config.num_attention_heads;
        let stride = 3 * hidden;
        let len = qkv.len() / stride;
        let padded = len.next_multiple_of(PANEL);
        let keys = room(keys, padded * head);
        let values = room(values, len * head);
        let scores = room(scores, len * padded);
        for at in (0..hidden).step_by(head) {
            // Keys as panels of 16 tokens, so that scores are one product; the last panel is padded with zeros.
            for (panel, keys) in keys.chunks_exact_mut(PANEL * head).enumerate() {
                for j in 0..PANEL {
                    let token = panel * PANEL + j;
                    if token < len {
                        let key = &qkv[token * stride + hidden + at..][..head];
                        keys.iter_mut().skip(j).step_by(PANEL).zip(key).for_each(|(k, x)| *k = *x);
                    } else {
                        keys.iter_mut().skip(j).step_by(PANEL).for_each(|k| *k = 0.0);
                    }
                }
            }
            for (panel, values) in values.chunks_exact_mut(PANEL * len).enumerate() {
                for (token, row) in values.chunks_exact_mut(PANEL).enumerate() {
                    row.copy_from_slice(&qkv[token * stride + 2 * hidden + at + panel * PANEL..][..PANEL]);
                }
            }
            gemm_panels(self.isa, (&qkv[at..], stride), len, head, keys, (scores, padded), Epilogue::None);
            softmax(self.isa, scores, padded, len);
            let context = (&mut context[at..], hidden);
            gemm_panels(self.isa, (scores, padded), len, len, values, context, Epilogue::None);
        }
    }
}

impl Encoder for PackedBert {
    fn dims(&self) -> usize {
        self.config.hidden_size
    }

    fn engine(&self) -> &'static str {
        if self.int8 { "int8, weights of 7 bits" } else { "f32" }
    }

    fn encode(&self, windows: &[&[u32]], run: &Run<'_>) -> Result<Array2<f32>, EmbedError> {
        let hidden = self.config.hidden_size;
        let total: usize = windows.iter().map(|w| w.len()).sum();
        let mut out = Array2::zeros((windows.len(), hidden));
        run.install(|| {
            // As many batches as fill the workers evenly, none above the budget by more than one window.
            let workers = rayon::current_num_threads().max(1);
            let batches = total.div_ceil(BUDGET).next_multiple_of(workers);
            let target = total.div_ceil(batches.max(1)).max(1);
            let mut rest = out.as_slice_mut().unwrap_or_default();
            let mut jobs = Vec::new();
            let mut from = 0;
            while from < windows.len() {
                let mut tokens = 0;
                let to = from
                    + windows[from..]
                        .iter()
                        .take_while(|w| {
                            let fits = tokens == 0 || tokens + w.len() <= target + 8;
                            tokens += w.len();
                            fits
                        })
                        .count();
                let (here, after) = rest.split_at_mut((to - from) * hidden);
                jobs.push((&windows[from..to], here));
                rest = after;
                from = to;
            }
            let done = AtomicUsize::new(0);
            jobs.into_par_iter().try_for_each(|(batch, out)| {
                let progress = Progress { done: done.load(Ordering::Relaxed), total: windows.len() };
                if run.cancelled() {
                    return Err(EmbedError::Cancelled { done: progress.done, total: progress.total });
                }
                let pool = || self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
                let mut scratch = pool().pop().unwrap_or_default();
                let result = self.forward(batch, out, &mut scratch);
                pool().push(scratch);
                let done = done.fetch_add(batch.len(), Ordering::Relaxed) + batch.len();
                if let Some(report) = run.progress {
                    report(Progress { done, ..progress });
                }
                result
            })
        })?;
        Ok(out)
    }
}
