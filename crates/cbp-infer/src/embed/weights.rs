//! Reads a safetensors file: plain tensors and block-quantised ones.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use half::{bf16, f16};
use memmap2::Mmap;
use safetensors::{Dtype, SafeTensors, tensor::Metadata};

use super::{EmbedError, quant};
use crate::arch::map_file;

/// A memory-mapped weight file.
pub(crate) struct Weights {
    path: PathBuf,
    map: Mmap,
    metadata: Metadata,
    /// Where the tensors' bytes start.
    start: usize,
}

/// A matrix inside a [`Weights`], row by row.
pub(crate) struct Matrix<'a> {
    bytes: &'a [u8],
    rows: usize,
    cols: usize,
    form: Form,
}

/// How numbers are stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    F32,
    F16,
    Bf16,
    /// Blocks of `bits`-wide codes.
    Blocks(usize),
}

impl Weights {
    /// Maps a file and reads its header.
    ///
    /// # Errors
    ///
    /// [`EmbedError::Io`] if it cannot be read, [`EmbedError::Weights`] if it is truncated or something else.
    pub(crate) fn open(path: &Path) -> Result<Self, EmbedError> {
        let file = File::open(path).map_err(EmbedError::io(path))?;
        let map = map_file(&file).map_err(EmbedError::io(path))?;
        let bad = |detail: String| EmbedError::Weights { path: path.to_owned(), detail };
        // `deserialize` proves that the tensors tile the rest of the file exactly.
        SafeTensors::deserialize(&map).map_err(|error| bad(error.to_string()))?;
        let (header, metadata) = SafeTensors::read_metadata(&map).map_err(|error| bad(error.to_string()))?;
        Ok(Self { path: path.to_owned(), map, metadata, start: header + 8 })
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Names of all tensors, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = self.metadata.offset_keys();
        names.sort();
        names
    }

    /// The raw bytes of a tensor with its type and shape.
    pub(crate) fn raw(&self, name: &str) -> Option<(Dtype, &[usize], &[u8])> {
        let info = self.metadata.info(name)?;
        let (from, to) = info.data_offsets;
        Some((info.dtype, &info.shape, self.map.get(self.start + from..self.start + to)?))
    }

    /// Whether there is such a tensor.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.metadata.info(name).is_some()
    }

    /// A matrix of any shape; a vector is a matrix of one row.
    ///
    /// # Errors
    ///
    /// If it is missing, or of a type that is no weight.
    pub(crate) fn any(&self, name: &str) -> Result<Matrix<'_>, EmbedError> {
        let Some((dtype, shape, bytes)) = self.raw(name) else {
            return Err(EmbedError::MissingTensor { path: self.path.clone(), name: name.into() });
        };
        let (rows, cols, form) = match (dtype, shape) {
            (Dtype::F32, &[cols]) => (1, cols, Form::F32),
            (Dtype::F16, &[cols]) => (1, cols, Form::F16),
            (Dtype::BF16, &[cols]) => (1, cols, Form::Bf16),
            (Dtype::F32, &[rows, cols]) => (rows, cols, Form::F32),
            (Dtype::F16, &[rows, cols]) => (rows, cols, Form::F16),
            (Dtype::BF16, &[rows, cols]) => (rows, cols, Form::Bf16),
            (Dtype::U8, &[rows, blocks, bytes]) if quant::bits_of(bytes).is_some() => {
                (rows, blocks * quant::BLOCK, Form::Blocks(quant::bits_of(bytes).unwrap_or_default()))
            }
            _ => {
                return Err(EmbedError::Weights {
                    path: self.path.clone(),
                    detail: format!(
                        "tensor `{name}` is {dtype:?} of shape {shape:?}, which is no weight matrix"
                    ),
                });
            }
        };
        Ok(Matrix { bytes, rows, cols, form })
    }

    /// A matrix of the given shape.
    ///
    /// # Errors
    ///
    /// If it is missing or has another shape.
    pub(crate) fn matrix(&self, name: &str, rows: usize, cols: usize) -> Result<Matrix<'_>, EmbedError> {
        let matrix = self.any(name)?;
        if (matrix.rows, matrix.cols) == (rows, cols) {
            return Ok(matrix);
        }
        Err(EmbedError::Shape {
            path: self.path.clone(),
            name: name.into(),
            expected: vec![rows, cols],
            found: vec![matrix.rows, matrix.cols],
        })
    }

    /// A vector of the given length.
    ///
    /// # Errors
    ///
    /// If it is missing or has another length.
    pub(crate) fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, EmbedError> {
        let matrix = self.matrix(name, 1, len)?;
        let mut out = vec![0.0; len];
        matrix.row(0, &mut out);
        Ok(out)
    }
}

impl<'a> Matrix<'a> {
    /// Rows and columns.
    #[cfg(feature = "candle")]
    pub(crate) const fn shape(&self) -> (usize, usize) {
        (self.rows, self.cols)
    }

    /// The stored bytes of row `r`.
    pub(crate) fn row_bytes(&self, r: usize) -> &'a [u8] {
        let width = match self.form {
            Form::F32 => 4 * self.cols,
            Form::F16 | Form::Bf16 => 2 * self.cols,
            Form::Blocks(bits) => self.cols / quant::BLOCK * quant::block_bytes(bits),
        };
        self.bytes.get(r * width..(r + 1) * width).unwrap_or_default()
    }

    /// Expands row `r` into `out`, which is `cols` long.
    pub(crate) fn row(&self, r: usize, out: &mut [f32]) {
        let row = self.row_bytes(r);
        match self.form {
            Form::F32 => {
                for (out, b) in out.iter_mut().zip(row.chunks_exact(4)) {
                    *out = f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
                }
            }
            Form::F16 => {
                for (out, b) in out.iter_mut().zip(row.chunks_exact(2)) {
                    *out = f16::from_le_bytes([b[0], b[1]]).to_f32();
                }
            }
            Form::Bf16 => {
                for (out, b) in out.iter_mut().zip(row.chunks_exact(2)) {
                    *out = bf16::from_le_bytes([b[0], b[1]]).to_f32();
                }
            }
            Form::Blocks(bits) => quant::expand_row(row, bits, out),
        }
    }

    /// All rows, expanded.
    pub(crate) fn to_vec(&self) -> Vec<f32> {
        let mut out = vec![0.0; self.rows * self.cols];
        for (r, row) in out.chunks_exact_mut(self.cols.max(1)).enumerate() {
            self.row(r, row);
        }
        out
    }
}
