//! The contrastive loss.

use candle_core::{D, Tensor};

use crate::tune::TuneError;

/// Each query should be closer to its own passages than to any other passage in the step.
///
/// `gold[q]` lists the places of query `q`'s own passages. For each of them the loss is the cross-entropy of picking
/// it out of itself and all passages that are not the query's own, so that a query with several right answers is
/// not punished for the others. `mirror` weighs the same loss from passages to queries.
///
/// # Errors
///
/// What candle reports.
pub(crate) fn contrast(
    queries: &Tensor,
    passages: &Tensor,
    gold: &[Vec<usize>],
    temperature: f64,
    mirror: f64,
) -> Result<Tensor, TuneError> {
    let (n, m) = (queries.dim(0)?, passages.dim(0)?);
    let mut own = vec![0.0_f32; n * m];
    for (row, gold) in own.chunks_exact_mut(m.max(1)).zip(gold) {
        gold.iter().filter(|&&place| place < m).for_each(|&place| row[place] = 1.0);
    }
    let own = Tensor::from_vec(own, (n, m), queries.device())?;
    let scores = (queries.matmul(&passages.t()?)? * (1.0 / temperature))?;
    let forth = one_way(&scores, &own)?;
    if mirror == 0.0 {
        return Ok(forth);
    }
    let back = one_way(&scores.t()?.contiguous()?, &own.t()?.contiguous()?)?;
    Ok(((forth + (back * mirror)?)? * (1.0 / (1.0 + mirror)))?)
}

/// The mean over rows that own something of the mean over what they own.
fn one_way(scores: &Tensor, own: &Tensor) -> Result<Tensor, TuneError> {
    let others = (scores - (own * 1e9)?)?;
    let top = others.max_keepdim(D::Minus1)?.detach();
    let others = (others.broadcast_sub(&top)?.exp()?.sum_keepdim(D::Minus1)?.log()? + top)?;
    // log(1 + e^x) without overflow.
    let x = scores.neg()?.broadcast_add(&others)?;
    let soft = (x.relu()? + (x.abs()?.neg()?.exp()? + 1.0)?.log()?)?;
    let counts = own.sum_keepdim(D::Minus1)?;
    let has = counts.clamp(0.0, 1.0)?;
    let share = own.broadcast_div(&counts.clamp(1.0, f64::INFINITY)?)?;
    let rows = has.sum_all()?.clamp(1.0, f64::INFINITY)?;
    Ok((soft * share)?.sum_all()?.div(&rows)?)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn value(gold: &[Vec<usize>], mirror: f64) -> f32 {
        let at = |rows: Vec<f32>, n: usize| Tensor::from_vec(rows, (n, 2), &Device::Cpu).unwrap();
        let queries = at(vec![1.0, 0.0, 0.0, 1.0], 2);
        let passages = at(vec![1.0, 0.0, 0.6, 0.8, 0.0, 1.0], 3);
        contrast(&queries, &passages, gold, 0.5, mirror).unwrap().to_scalar().unwrap()
    }

    #[test]
    fn equals_the_cross_entropy_worked_by_hand() {
        // Query 0 scores 2, 1.2, 0; query 1 scores 0, 1.6, 2.
        let first = (1.0 + ((1.2_f64).exp() + 1.0) / 2.0_f64.exp()).ln();
        let second = (1.0 + (1.0 + 1.6_f64.exp()) / 2.0_f64.exp()).ln();
        let expected = f64::midpoint(first, second) as f32;
        assert!((value(&[vec![0], vec![2]], 0.0) - expected).abs() < 1e-6);
    }

    #[test]
    fn other_right_answers_are_no_negatives() {
        // Query 0 owns passages 0 and 1: each is compared with passage 2 alone.
        let first = f64::midpoint((1.0 + (-2.0_f64).exp()).ln(), (1.0 + (-1.2_f64).exp()).ln());
        let second = (1.0 + (1.0 + 1.6_f64.exp()) / 2.0_f64.exp()).ln();
        let expected = f64::midpoint(first, second) as f32;
        assert!((value(&[vec![0, 1], vec![2]], 0.0) - expected).abs() < 1e-6);
    }

    #[test]
    fn mirrored_rows_without_an_owner_do_not_count() {
        // From passages: 0 scores 2, 0; 2 scores 0, 2; passage 1 belongs to nobody.
        let back = (1.0 + (-2.0_f64).exp()).ln();
        let forth = f64::from(value(&[vec![0], vec![2]], 0.0));
        let both = f64::from(value(&[vec![0], vec![2]], 1.0));
        assert!((both - f64::midpoint(forth, back)).abs() < 1e-6);
    }
}
