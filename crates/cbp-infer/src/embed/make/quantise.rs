//! Quantise: stores matrices as blocks of narrow codes.

use std::path::Path;

use half::f16;
use safetensors::Dtype;

use super::draft::{Draft, Stored};
use crate::{
    embed::{EmbedError, quant},
    rng::{Rng, hash},
};

/// Bits a weight, 2 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widths {
    /// In the vocabulary table.
    pub words: usize,
    /// In the encoder's matrices.
    pub encoder: usize,
}

/// How a weight between two codes is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// As the nearer one: the smallest error of each weight.
    Nearest,
    /// As either, at random with a fixed seed, in proportion to how near they are, in the encoder's matrices. Where a base that was
    /// quantised itself is tuned, nearly all changes are smaller than a step, and the nearest code undoes them; on average
    /// these keep them (Gupta et al., "Deep learning with limited numerical precision", ICML 2015).
    Dithered,
}

/// Stores matrices with the given widths, the position table in half precision, and vectors (biases, norms) as
/// they are. What is quantised already stays untouched.
///
/// # Errors
///
/// If a width is out of range, a matrix's width is not a multiple of 32, or a weight is not finite.
pub fn quantise(draft: &Draft, widths: Widths, rounding: Rounding) -> Result<Draft, EmbedError> {
    let path = Path::new("model.safetensors");
    let bad = |detail: String| EmbedError::Weights { path: path.to_owned(), detail };
    if !(2..=8).contains(&widths.words) || !(2..=8).contains(&widths.encoder) {
        return Err(bad(format!("{widths:?}: a weight takes 2 to 8 bits")));
    }
    let mut out = draft.clone();
    for (name, tensor) in &mut out.tensors {
        let &[rows, cols] = tensor.shape.as_slice() else { continue };
        let values = floats(tensor).ok_or_else(|| bad(format!("`{name}` is {:?}", tensor.dtype)))?;
        if let Some(wrong) = values.iter().position(|w| !w.is_finite()) {
            return Err(bad(format!("`{name}` holds a number that is not finite, at {wrong}")));
        }
        if name.ends_with("position_embeddings.weight") || name.ends_with("token_type_embeddings.weight") {
            let bytes = values.iter().flat_map(|&w| f16::from_f32(w).to_le_bytes()).collect();
            *tensor = Stored { dtype: Dtype::F16, shape: vec![rows, cols], bytes };
            continue;
        }
        if cols % quant::BLOCK != 0 {
            return Err(bad(format!("`{name}` has {cols} columns, not a multiple of {}", quant::BLOCK)));
        }
        let words = name.ends_with("word_embeddings.weight");
        let bits = if words { widths.words } else { widths.encoder };
        let mut rng = (rounding == Rounding::Dithered && !words).then(|| Rng::new(&[hash(name)]));
        let mut bytes = Vec::with_capacity(rows * cols * (bits + 1) / 8);
        for row in values.chunks_exact(cols) {
            quant::quantise_row(row, bits, rng.as_mut(), &mut bytes);
        }
        *tensor = Stored {
            dtype: Dtype::U8,
            shape: vec![rows, cols / quant::BLOCK, quant::block_bytes(bits)],
            bytes,
        };
    }
    out.manifest.centring.clear();
    let dithered = if rounding == Rounding::Dithered { ", dithered" } else { "" };
    out.manifest
        .made_by
        .push(format!("quantise: words {} bits, encoder {} bits{dithered}", widths.words, widths.encoder));
    Ok(out)
}

/// A plain tensor's numbers.
fn floats(tensor: &Stored) -> Option<Vec<f32>> {
    match tensor.dtype {
        Dtype::F32 => {
            Some(tensor.bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
        }
        Dtype::F16 => {
            Some(tensor.bytes.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect())
        }
        Dtype::BF16 => Some(
            tensor.bytes.chunks_exact(2).map(|b| half::bf16::from_le_bytes([b[0], b[1]]).to_f32()).collect(),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::ModelSource;

    #[test]
    fn dithering_changes_the_encoder_alone_and_repeats() {
        let mut draft = Draft::read(&ModelSource::Named("cbp-e5".into()).locate().unwrap()).unwrap();
        let bytes = (0..64).flat_map(|i| (i as f32 / 7.0).sin().to_le_bytes()).collect();
        let matrix = Stored { dtype: Dtype::F32, shape: vec![2, 32], bytes };
        let names = ["embeddings.word_embeddings.weight", "encoder.layer.0.output.dense.weight"];
        draft.tensors = names.map(|name| (name.to_owned(), matrix.clone())).into();
        let made = |rounding| {
            let made = quantise(&draft, Widths { words: 4, encoder: 4 }, rounding).unwrap();
            (
                names.map(|name| made.tensors[name].bytes.clone()),
                made.manifest.made_by.last().cloned().unwrap(),
            )
        };
        let ([words, encoder], step) = made(Rounding::Nearest);
        assert!(words == encoder && !step.contains("dithered"), "{step}");
        let (dithered, step) = made(Rounding::Dithered);
        assert!(dithered[0] == words && dithered[1] != encoder && step.ends_with(", dithered"), "{step}");
        assert_eq!(made(Rounding::Dithered).0, dithered);
    }
}
