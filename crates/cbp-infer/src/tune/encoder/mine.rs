//! Hard negatives: what the base model finds near a query and is not right.

use ndarray::Axis;

use super::draw::Prepared;
use crate::{
    embed::{Embedder, TextKind},
    tune::{TuneError, config::Batch},
};

/// Fills in each training query's hard negatives.
///
/// Passages that score above `ceiling` times the query's own best are left out: among thousands of entries the
/// nearest wrong one is often right and merely not labelled.
///
/// # Errors
///
/// What the embedder reports.
pub(crate) fn mine(sets: &mut [Prepared], base: &Embedder, batch: &Batch) -> Result<(), TuneError> {
    if batch.hard == 0 {
        return Ok(());
    }
    for prepared in sets.iter_mut().filter(|prepared| prepared.set.mine) {
        let set = &prepared.set;
        let queries: Vec<&str> = set.train.iter().map(|&q| set.queries[q].as_str()).collect();
        let passages = base.embed(&set.passages, TextKind::Passage)?;
        let queries = base.embed(&queries, TextKind::Query)?;
        let turned = passages.t();
        for (block, vectors) in set.train.chunks(256).zip(queries.axis_chunks_iter(Axis(0), 256)) {
            let scores = vectors.dot(&turned);
            for (&query, row) in block.iter().zip(scores.outer_iter()) {
                let gold = &set.gold[query];
                let best = gold.iter().map(|&place| row[place]).fold(f32::NEG_INFINITY, f32::max);
                let limit = best * batch.ceiling as f32;
                let mut near: Vec<usize> =
                    (0..row.len()).filter(|place| row[*place] <= limit && !gold.contains(place)).collect();
                let order = |a: &usize, b: &usize| row[*b].total_cmp(&row[*a]).then(a.cmp(b));
                if near.len() > batch.mined {
                    near.select_nth_unstable_by(batch.mined, order);
                    near.truncate(batch.mined);
                }
                near.sort_by(order);
                prepared.hard[query] = near;
            }
        }
    }
    Ok(())
}
