//! From parts and views to texts and entries.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView1, Axis, s};

/// A long text's parts that count for an entry: the mean of so many best ones.
const BEST_PARTS: usize = 3;

/// For each row, the best view of each entry.
pub(super) fn best_views(scores: &Array2<f32>, entry: &[usize], entries: usize) -> Array2<f32> {
    let mut best = Array2::from_elem((scores.nrows(), entries), -1.0_f32);
    for (row, mut out) in scores.axis_iter(Axis(0)).zip(best.axis_iter_mut(Axis(0))) {
        for (&score, &place) in row.iter().zip(entry) {
            if let Some(best) = out.get_mut(place) {
                *best = best.max(score);
            }
        }
    }
    best
}

/// For each entry, the mean of the best of a text's parts, not below 0; zeros for a text without parts.
pub(super) fn pooled(scores: &Array2<f32>, rows: Range<usize>) -> Vec<f64> {
    let kept = rows.len().min(BEST_PARTS);
    // The best parts of each entry so far, falling.
    let mut best = vec![[f32::MIN; BEST_PARTS]; scores.ncols()];
    for row in scores.slice(s![rows, ..]).outer_iter() {
        for (best, &score) in best.iter_mut().zip(row) {
            let mut score = score;
            for place in best.iter_mut() {
                if score > *place {
                    std::mem::swap(place, &mut score);
                }
            }
        }
    }
    let mean = |best: &[f32; BEST_PARTS]| {
        let sum: f64 = best.iter().take(kept).map(|&x| f64::from(x)).sum();
        (sum / kept.max(1) as f64).max(0.0)
    };
    best.iter().map(mean).collect()
}

/// The mean of each text's parts, brought to length 1; zeros for a text without parts.
pub(super) fn wholes(parts: &Array2<f32>, ends: &[usize]) -> Array2<f32> {
    let mut out = Array2::zeros((ends.len(), parts.ncols()));
    let mut start = 0;
    for (mut whole, &end) in out.outer_iter_mut().zip(ends) {
        let sum: Array1<f32> = parts.slice(s![start..end, ..]).sum_axis(Axis(0));
        let length = sum.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();
        if length > 1e-9 {
            whole.assign(&sum.mapv(|x| (f64::from(x) / length) as f32));
        }
        start = end;
    }
    out
}

/// The mean square of each dimension.
pub(super) fn energy(vectors: &Array2<f32>) -> Array1<f64> {
    let mut energy = Array1::zeros(vectors.ncols());
    for row in vectors.outer_iter() {
        energy.zip_mut_with(&row, |sum, &x| *sum += f64::from(x) * f64::from(x));
    }
    energy / vectors.nrows().max(1) as f64
}

/// The most that a text can be like entries whose dimensions have this energy, 0 to 1: less than 1 where an encoder of the
/// bundle does not read the text's script, and leaves exact zeros.
pub(super) fn reach(text: &ArrayView1<'_, f32>, energy: &Array1<f64>) -> f64 {
    let read: f64 = text.iter().zip(energy).filter(|(x, _)| **x != 0.0).map(|(_, energy)| energy).sum();
    if text.iter().all(|x| *x != 0.0) { 1.0 } else { read.sqrt() }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_best_three_parts_and_the_best_view_count() {
        let scores = array![[0.1_f32, -0.5], [0.4, -0.1], [0.3, -0.2], [0.2, -0.9]];
        let found = pooled(&scores, 0..4);
        assert!((found[0] - 0.3).abs() < 1e-6 && found[1] == 0.0, "{found:?}");
        assert!((pooled(&scores, 1..2)[0] - 0.4).abs() < 1e-6);
        assert_eq!(pooled(&scores, 2..2), [0.0, 0.0]);
        let best = best_views(&scores, &[1, 1], 2);
        assert!((best[[0, 1]] - 0.1).abs() < 1e-6 && (best[[0, 0]] + 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_text_reaches_as_far_as_it_is_read() {
        let energy = energy(&array![[0.6_f32, 0.8], [0.6, -0.8]]);
        assert!((reach(&array![0.0_f32, 1.0].view(), &energy) - 0.8).abs() < 1e-6);
        assert!((reach(&array![0.1_f32, 0.9].view(), &energy) - 1.0).abs() < 1e-6);
        assert!(reach(&array![0.0_f32, 0.0].view(), &energy).abs() < 1e-6);
    }

    #[test]
    fn a_whole_has_length_one_or_nothing() {
        let found = wholes(&array![[1.0_f32, 0.0], [0.0, 1.0], [0.0, 2.0]], &[2, 2, 3]);
        assert!((found[[0, 0]] - 0.5_f32.sqrt()).abs() < 1e-6);
        assert_eq!((found[[1, 0]], found[[1, 1]], found[[2, 1]]), (0.0, 0.0, 1.0));
    }
}
