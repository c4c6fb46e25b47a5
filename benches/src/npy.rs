//! Tables of single-precision numbers in numpy's format, as numpy itself writes them.

use std::{io, path::Path};

use ndarray::Array2;

/// Reads a two-dimensional, little-endian, row-major table of single-precision numbers.
///
/// # Errors
///
/// If the file cannot be read or holds anything else.
pub fn read(path: &Path) -> io::Result<Array2<f32>> {
    let bytes = std::fs::read(path)?;
    let fault = |what: &str| io::Error::other(format!("{}: {what}", path.display()));
    let length = bytes
        .get(8..10)
        .filter(|_| bytes.starts_with(b"\x93NUMPY\x01"))
        .and_then(|field| field.try_into().ok())
        .map(|field| usize::from(u16::from_le_bytes(field)))
        .ok_or_else(|| fault("not a table of version 1"))?;
    let header = bytes.get(10..10 + length).map(String::from_utf8_lossy).unwrap_or_default();
    if !header.contains("'<f4'") || !header.contains("'fortran_order': False") {
        return Err(fault("not rows of little-endian single-precision numbers"));
    }
    let shape: Vec<usize> = header
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .map(|(shape, _)| shape.split(',').filter_map(|n| n.trim().parse().ok()).collect())
        .unwrap_or_default();
    let [rows, columns] = shape[..] else { return Err(fault("not two-dimensional")) };
    let numbers = bytes.get(10 + length..).unwrap_or(&[]).as_chunks().0;
    let numbers = numbers.iter().map(|&number| f32::from_le_bytes(number)).collect();
    Array2::from_shape_vec((rows, columns), numbers).map_err(|_| fault("shorter than its header says"))
}
