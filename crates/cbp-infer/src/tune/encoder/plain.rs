//! The fused operations in candle's own terms: what they are held to, and what runs on a GPU.

use candle_core::{D, DType, Result, Tensor};

use super::batch::Layout;

/// Adds a bias to each row.
pub(super) fn bias(x: &Tensor, bias: &Tensor) -> Result<Tensor> {
    x.broadcast_add(bias)
}

/// GELU of a matrix plus a bias.
pub(super) fn bias_gelu(x: &Tensor, bias: &Tensor) -> Result<Tensor> {
    x.broadcast_add(bias)?.gelu_erf()
}

/// Layer norm.
pub(super) fn norm(x: &Tensor, scale: &Tensor, shift: &Tensor, eps: f64) -> Result<Tensor> {
    let x = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
    let variance = x.sqr()?.mean_keepdim(D::Minus1)?;
    let inverse = (variance + eps)?.sqrt()?.recip()?;
    x.broadcast_mul(&inverse)?.broadcast_mul(scale)?.broadcast_add(shift)
}

/// Attention inside each text: padded to the longest, masked, and brought back end to end.
pub(super) fn attention(qkv: &Tensor, texts: &Layout, heads: usize) -> Result<Tensor> {
    let device = qkv.device();
    let (count, longest) = (texts.count(), texts.longest());
    let hidden = qkv.dim(1)? / 3;
    let dim = hidden / heads;
    // Padding reads row zero; the mask keeps it from being seen.
    let mut from = Vec::with_capacity(count * longest);
    let mut back = Vec::with_capacity(texts.tokens());
    let mut mask = Vec::with_capacity(count * longest);
    for (text, rows) in texts.ranges().enumerate() {
        for place in 0..longest {
            let real = place < rows.len();
            from.push(if real { (rows.start + place) as u32 } else { 0 });
            mask.push(if real { 0.0_f32 } else { -1e9 });
        }
        back.extend((0..rows.len()).map(|place| (text * longest + place) as u32));
    }
    let from = Tensor::from_vec(from, count * longest, device)?;
    let back = Tensor::from_vec(back, texts.tokens(), device)?;
    let mask = Tensor::from_vec(mask, (count, 1, 1, longest), device)?;
    let padded = qkv.index_select(&from, 0)?.reshape((count, longest, 3, heads, dim))?;
    let part = |i: usize| padded.narrow(2, i, 1)?.squeeze(2)?.transpose(1, 2)?.contiguous();
    let (q, k, v) = (part(0)?, part(1)?, part(2)?);
    let scores = (q.matmul(&k.t()?.contiguous()?)? * (1.0 / (dim as f64).sqrt()))?;
    let weights = candle_nn::ops::softmax(&scores.broadcast_add(&mask)?, D::Minus1)?;
    let mixed = weights.matmul(&v)?.transpose(1, 2)?.contiguous()?.reshape((count * longest, hidden))?;
    mixed.index_select(&back, 0)
}

/// A matrix whose product with the rows of a batch is each text's mean.
pub(super) fn averaging(texts: &Layout, device: &candle_core::Device) -> Result<Tensor> {
    let tokens = texts.tokens();
    let mut weights = vec![0.0_f32; texts.count() * tokens];
    for (row, range) in weights.chunks_exact_mut(tokens.max(1)).zip(texts.ranges()) {
        let share = 1.0 / range.len().max(1) as f32;
        row[range].fill(share);
    }
    Tensor::from_vec(weights, (texts.count(), tokens), device)?.to_dtype(DType::F32)
}
