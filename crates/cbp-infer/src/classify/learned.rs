//! The heads of one taxonomy's entries, ready to be added to scores.

use ndarray::{Array2, ArrayView2};

use super::Heads;

/// What was learned about entries of a taxonomy.
#[derive(Debug)]
pub(super) struct Learned {
    /// Places of the entries.
    entry: Vec<usize>,
    /// One row for each of them.
    weights: Array2<f32>,
    bias: Vec<f32>,
}

impl Learned {
    /// The heads of those entries that have one; `None` where no entry has.
    pub(super) fn of(texts: &[String], heads: &Heads, dims: usize) -> Option<Self> {
        let (mut entry, mut bias, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for (place, text) in texts.iter().enumerate() {
            if let Some(head) = heads.get(text) {
                entry.push(place);
                bias.push(head.bias());
                weights.extend(head.weights());
            }
        }
        let weights = Array2::from_shape_vec((entry.len(), dims), weights).ok()?;
        (!entry.is_empty()).then_some(Self { entry, weights, bias })
    }

    /// The shifts of these texts: one row a text, one column a head.
    pub(super) fn shifts(&self, vectors: &ArrayView2<'_, f32>) -> Array2<f32> {
        let mut shifts = vectors.dot(&self.weights.t());
        for mut row in shifts.outer_iter_mut() {
            row.iter_mut().zip(&self.bias).for_each(|(shift, bias)| *shift += bias);
        }
        shifts
    }

    /// Adds one text's shifts to the scores of all entries.
    pub(super) fn add<'a>(&self, shifts: impl IntoIterator<Item = &'a f32>, scores: &mut [f64]) {
        for (&place, &shift) in self.entry.iter().zip(shifts) {
            if let Some(score) = scores.get_mut(place) {
                *score += f64::from(shift);
            }
        }
    }
}
