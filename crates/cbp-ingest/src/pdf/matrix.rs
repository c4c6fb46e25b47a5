//! Affine matrices in the order of the PDF specification: `[a b c d e f]`, row vectors, first applied on the left.

pub(crate) type Matrix = [f64; 6];

pub(crate) const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// `first`, then `second`.
pub(crate) fn multiply(first: &Matrix, second: &Matrix) -> Matrix {
    let [a, b, c, d, e, f] = *first;
    let [g, h, i, j, k, l] = *second;
    [a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + l]
}

/// A point after the matrix.
pub(crate) fn apply(m: &Matrix, x: f64, y: f64) -> (f64, f64) {
    (m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5])
}

/// A direction after the matrix, without its translation.
pub(crate) fn apply_vector(m: &Matrix, x: f64, y: f64) -> (f64, f64) {
    (m[0] * x + m[2] * y, m[1] * x + m[3] * y)
}

/// True where every entry is a finite number of a size that a page can hold.
pub(crate) fn is_sane(m: &Matrix) -> bool {
    m.iter().all(|v| v.is_finite() && v.abs() < 1e9)
}
