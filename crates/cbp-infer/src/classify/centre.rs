//! Vectors centred on what a collection of texts has in common.

use ndarray::{Array1, Array2, Axis};

/// How many texts the taxonomy's own mean counts for, where few texts are classified at once.
const PRIOR: f64 = 16.0;

/// The mean of a collection's vectors, times how far to centre.
#[derive(Debug, Clone)]
pub(super) struct Centre(Array1<f32>);

impl Centre {
    /// The mean is taken in double precision in the order of the rows.
    pub(super) fn of(vectors: &Array2<f32>, share: f64) -> Self {
        let mut sum = Array1::<f64>::zeros(vectors.ncols());
        for row in vectors.outer_iter() {
            sum.zip_mut_with(&row, |sum, &x| *sum += f64::from(x));
        }
        let scale = share / vectors.nrows().max(1) as f64;
        Self(sum.mapv(|x| (x * scale) as f32))
    }

    /// The centre of the texts of one call. What they all share (an office's phrases, a form's boilerplate) tells
    /// none of them apart; few texts lean on this centre, the taxonomy's.
    pub(super) fn shared(&self, vectors: &Array2<f32>, share: f64) -> Self {
        let n = vectors.nrows() as f64;
        let own = Self::of(vectors, share);
        let blend =
            |own: &f32, prior: &f32| ((f64::from(*own) * n + f64::from(*prior) * PRIOR) / (n + PRIOR)) as f32;
        Self(own.0.iter().zip(&self.0).map(|(own, prior)| blend(own, prior)).collect())
    }

    /// Subtracts the mean and brings every row back to length 1. A row that is the mean becomes zero. What is exactly 0
    /// stays so: an encoder of the bundle that does not read the text's script has nothing to be centred.
    pub(super) fn apply(&self, vectors: &mut Array2<f32>) {
        for mut row in vectors.axis_iter_mut(Axis(0)) {
            row.zip_mut_with(&self.0, |x, mean| *x -= if *x == 0.0 { 0.0 } else { *mean });
            let length = row.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();
            if length > 1e-9 {
                row.mapv_inplace(|x| (f64::from(x) / length) as f32);
            } else {
                row.fill(0.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn what_all_share_is_gone() {
        let mut vectors = array![[0.8_f32, 0.6], [0.8, -0.6]];
        Centre::of(&vectors, 1.0).apply(&mut vectors);
        assert!((vectors[[0, 0]]).abs() < 1e-6 && (vectors[[0, 1]] - 1.0).abs() < 1e-6);
        // Two texts count 2 of 18 against the taxonomy's mean, which is 0 here.
        let few = Centre(ndarray::Array1::zeros(2)).shared(&array![[1.0_f32, 0.0], [1.0, 0.0]], 1.0);
        assert!((few.0[0] - 2.0 / 18.0).abs() < 1e-6);
        let mut alone = array![[1.0_f32, 0.0]];
        Centre::of(&alone, 1.0).apply(&mut alone);
        assert_eq!(alone, array![[0.0_f32, 0.0]]);
        let mut unread = array![[1.0_f32, 0.0]];
        Centre(array![0.4, 0.4]).apply(&mut unread);
        assert_eq!(unread, array![[1.0_f32, 0.0]]);
    }
}
