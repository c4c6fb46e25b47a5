//! Small systems of linear equations.

/// Solves a positive definite system of which the lower triangle is given, row by row, by Cholesky's factors. `None`
/// where the system does not determine the answer.
pub(crate) fn solve(matrix: &mut [f64], right: &[f64], n: usize) -> Option<Vec<f64>> {
    for row in 0..n {
        for column in 0..=row {
            let (before, at) = matrix.split_at(row * n);
            let dot: f64 = if column == row {
                at[..column].iter().map(|x| x * x).sum()
            } else {
                at[..column].iter().zip(&before[column * n..column * n + column]).map(|(a, b)| a * b).sum()
            };
            let left = matrix[row * n + column] - dot;
            matrix[row * n + column] = if row == column {
                if left <= 0.0 || !left.is_finite() {
                    return None;
                }
                left.sqrt()
            } else {
                left / matrix[column * n + column]
            };
        }
    }
    let mut x = right.to_vec();
    for row in 0..n {
        let dot: f64 = (0..row).map(|k| matrix[row * n + k] * x[k]).sum();
        x[row] = (x[row] - dot) / matrix[row * n + row];
    }
    for row in (0..n).rev() {
        let dot: f64 = (row + 1..n).map(|k| matrix[k * n + row] * x[k]).sum();
        x[row] = (x[row] - dot) / matrix[row * n + row];
    }
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_worked_by_hand_is_solved() {
        // [4 2; 2 3] x = [8; 7] has x = [1.25; 1.5].
        let found = solve(&mut [4.0, 0.0, 2.0, 3.0], &[8.0, 7.0], 2).unwrap();
        assert!((found[0] - 1.25).abs() < 1e-12 && (found[1] - 1.5).abs() < 1e-12);
        assert_eq!(solve(&mut [0.0], &[1.0], 1), None);
    }
}
