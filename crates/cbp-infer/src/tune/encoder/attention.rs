//! Attention inside each text of a batch that is laid end to end, with its gradient, for the CPU.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{batch::Layout as Texts, ops::floats};

/// Queries, keys and values side by side in each row; each text attends to itself.
pub(super) struct Attention {
    pub(super) texts: Arc<Texts>,
    pub(super) heads: usize,
}

/// The gradient of [`Attention`]: its input, the gradient of its result.
struct AttentionGrad {
    texts: Arc<Texts>,
    heads: usize,
}

/// One head of one text: `len` rows of `dim` numbers each, copied together.
#[derive(Default)]
struct Head {
    len: usize,
    dim: usize,
    q: Vec<f32>,
    k: Vec<f32>,
    v: Vec<f32>,
    /// `len × len` attention weights.
    p: Vec<f32>,
}

/// Copies `dim` columns from `column` on out of each row.
fn columns(rows: &[f32], width: usize, column: usize, dim: usize, out: &mut Vec<f32>) {
    out.clear();
    rows.chunks_exact(width).for_each(|row| out.extend_from_slice(&row[column..column + dim]));
}

/// `out[i] = scale · Σ_j a[i][j] · b[j]`, where rows of `b` and `out` are `dim` long.
fn mix(a: &[f32], b: &[f32], len: usize, dim: usize, scale: f32, out: &mut [f32]) {
    for (weights, out) in a.chunks_exact(len).zip(out.chunks_exact_mut(dim)) {
        out.fill(0.0);
        for (w, b) in weights.iter().zip(b.chunks_exact(dim)) {
            let w = w * scale;
            out.iter_mut().zip(b).for_each(|(o, b)| *o += w * b);
        }
    }
}

/// `out[j] = scale · Σ_i a[i][j] · b[i]`.
fn mix_transposed(a: &[f32], b: &[f32], len: usize, dim: usize, scale: f32, out: &mut [f32]) {
    out.fill(0.0);
    for (weights, b) in a.chunks_exact(len).zip(b.chunks_exact(dim)) {
        for (w, out) in weights.iter().zip(out.chunks_exact_mut(dim)) {
            let w = w * scale;
            out.iter_mut().zip(b).for_each(|(o, b)| *o += w * b);
        }
    }
}

/// `out[i][j] = a[i] · b[j]`.
fn dots(a: &[f32], b: &[f32], len: usize, dim: usize, out: &mut Vec<f32>) {
    out.clear();
    out.resize(len * len, 0.0);
    // Columns of b in a row of their own: the inner loop runs over candidates and needs no horizontal sum.
    let mut turned = vec![0.0; len * dim];
    for (j, b) in b.chunks_exact(dim).enumerate() {
        b.iter().enumerate().for_each(|(d, &b)| turned[d * len + j] = b);
    }
    for (a, out) in a.chunks_exact(dim).zip(out.chunks_exact_mut(len)) {
        for (a, b) in a.iter().zip(turned.chunks_exact(len)) {
            out.iter_mut().zip(b).for_each(|(o, b)| *o += a * b);
        }
    }
}

impl Head {
    fn fill(&mut self, rows: &[f32], width: usize, head: usize, dim: usize) {
        (self.len, self.dim) = (rows.len() / width, dim);
        let hidden = width / 3;
        columns(rows, width, head * dim, dim, &mut self.q);
        columns(rows, width, hidden + head * dim, dim, &mut self.k);
        columns(rows, width, 2 * hidden + head * dim, dim, &mut self.v);
        dots(&self.q, &self.k, self.len, dim, &mut self.p);
        let scale = 1.0 / (dim as f32).sqrt();
        for row in self.p.chunks_exact_mut(self.len) {
            let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for x in &mut *row {
                *x = ((*x - top) * scale).exp();
            }
            let sum: f32 = row.iter().sum();
            for x in row {
                *x /= sum;
            }
        }
    }
}

/// Runs `work` over each text's rows of the output, in parallel.
fn each_text(
    texts: &Texts,
    width: usize,
    work: impl Fn(std::ops::Range<usize>, &mut [f32]) + Sync,
) -> Vec<f32> {
    let mut out = vec![0.0; texts.tokens() * width];
    let mut pieces = Vec::with_capacity(texts.count());
    let mut rest = out.as_mut_slice();
    for rows in texts.ranges() {
        let (piece, after) = rest.split_at_mut(rows.len() * width);
        pieces.push((rows, piece));
        rest = after;
    }
    pieces.into_par_iter().for_each(|(rows, piece)| work(rows, piece));
    out
}

impl CustomOp1 for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }
    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let qkv = floats(storage, layout)?;
        let width = layout.shape().dims2()?.1;
        let hidden = width / 3;
        let dim = hidden / self.heads;
        let out = each_text(&self.texts, hidden, |rows, out| {
            let text = &qkv[rows.start * width..rows.end * width];
            let (mut head, mut mixed) = (Head::default(), vec![0.0; rows.len() * dim]);
            for h in 0..self.heads {
                head.fill(text, width, h, dim);
                mix(&head.p, &head.v, head.len, dim, 1.0, &mut mixed);
                for (out, mixed) in out.chunks_exact_mut(hidden).zip(mixed.chunks_exact(dim)) {
                    out[h * dim..(h + 1) * dim].copy_from_slice(mixed);
                }
            }
        });
        Ok((CpuStorage::F32(out), (self.texts.tokens(), hidden).into()))
    }
    fn bwd(&self, arg: &Tensor, _res: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let op = AttentionGrad { texts: self.texts.clone(), heads: self.heads };
        arg.apply_op2_no_bwd(&grad.contiguous()?, &op).map(Some)
    }
}

impl CustomOp2 for AttentionGrad {
    fn name(&self) -> &'static str {
        "attention-grad"
    }
    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (qkv, grad) = (floats(s1, l1)?, floats(s2, l2)?);
        let width = l1.shape().dims2()?.1;
        let hidden = width / 3;
        let dim = hidden / self.heads;
        let scale = 1.0 / (dim as f32).sqrt();
        let out = each_text(&self.texts, width, |rows, out| {
            let text = &qkv[rows.start * width..rows.end * width];
            let grads = &grad[rows.start * hidden..rows.end * hidden];
            let mut head = Head::default();
            let (mut g, mut ds) = (Vec::new(), Vec::new());
            let mut part = vec![0.0; rows.len() * dim];
            for h in 0..self.heads {
                head.fill(text, width, h, dim);
                columns(grads, hidden, h * dim, dim, &mut g);
                let mut put = |part: &[f32], at: usize| {
                    for (out, part) in out.chunks_exact_mut(width).zip(part.chunks_exact(dim)) {
                        out[at + h * dim..at + (h + 1) * dim].copy_from_slice(part);
                    }
                };
                mix_transposed(&head.p, &g, head.len, dim, 1.0, &mut part);
                put(&part, 2 * hidden);
                // Through the softmax: p · (dp − Σ p·dp).
                dots(&g, &head.v, head.len, dim, &mut ds);
                for (ds, p) in ds.chunks_exact_mut(head.len).zip(head.p.chunks_exact(head.len)) {
                    let along: f32 = ds.iter().zip(p).map(|(d, p)| d * p).sum();
                    ds.iter_mut().zip(p).for_each(|(d, p)| *d = p * (*d - along));
                }
                mix(&ds, &head.k, head.len, dim, scale, &mut part);
                put(&part, 0);
                mix_transposed(&ds, &head.q, head.len, dim, scale, &mut part);
                put(&part, hidden);
            }
        });
        Ok((CpuStorage::F32(out), l1.shape().clone()))
    }
}
