//! Reading order: as the file draws, except where that goes up a column.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::{BBox, Block, BlockKind};

/// Blocks of a page beyond which the order stays as drawn: such a page is a map or a form.
const MOST: usize = 2_000;
/// Share of the narrower block's width that two blocks of one column have in common.
const COMMON: f32 = 0.5;

/// Puts the blocks of a page into reading order: a block is read before those below it in its column; apart from that,
/// blocks stay as drawn, because producers draw columns and the cells of tables in the order of reading. Furniture keeps
/// its place.
pub(crate) fn order_blocks(blocks: &mut [Block]) {
    let text: Vec<usize> = (0..blocks.len()).filter(|&i| is_text(blocks.get(i))).collect();
    if text.len() > MOST {
        return;
    }
    let boxes: Vec<BBox> = text.iter().filter_map(|&i| blocks.get(i)?.bbox).collect();
    let order = sorted(&boxes);
    if order.iter().enumerate().all(|(rank, &index)| rank == index) {
        return;
    }
    let sorted: Vec<Block> = order.iter().filter_map(|&rank| blocks.get(*text.get(rank)?)).cloned().collect();
    for (slot, block) in text.into_iter().zip(sorted) {
        if let Some(place) = blocks.get_mut(slot) {
            *place = block;
        }
    }
}

fn is_text(block: Option<&Block>) -> bool {
    block.is_some_and(|b| b.bbox.is_some() && b.kind != BlockKind::Furniture)
}

/// True where `a` must be read before `b`: it stands above, in the same column.
fn before(a: &BBox, b: &BBox) -> bool {
    let slack = 0.3 * (a.y1 - a.y0).min(b.y1 - b.y0);
    let common = a.x1.min(b.x1) - a.x0.max(b.x0);
    let narrower = (a.x1 - a.x0).min(b.x1 - b.x0);
    a.y0 < b.y0 && a.y1 <= b.y0 + slack && common > 0.0 && common >= COMMON * narrower
}

/// The first drawn of those that nothing unread stands above, again and again. Ends, because "above" has no cycles.
fn sorted(boxes: &[BBox]) -> Vec<usize> {
    let mut waits: Vec<usize> = boxes.iter().map(|b| boxes.iter().filter(|a| before(a, b)).count()).collect();
    let mut free: BinaryHeap<Reverse<usize>> =
        waits.iter().enumerate().filter(|(_, n)| **n == 0).map(|(i, _)| Reverse(i)).collect();
    let mut out = Vec::with_capacity(boxes.len());
    while let Some(Reverse(index)) = free.pop() {
        out.push(index);
        let Some(done) = boxes.get(index) else { continue };
        for (other, (area, wait)) in boxes.iter().zip(waits.iter_mut()).enumerate() {
            if before(done, area) {
                *wait = wait.saturating_sub(1);
                if *wait == 0 {
                    free.push(Reverse(other));
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(text: &str, x0: f32, y0: f32, x1: f32, y1: f32) -> Block {
        Block { kind: BlockKind::Paragraph, text: text.to_owned(), bbox: Some(BBox { x0, y0, x1, y1 }) }
    }

    fn texts(blocks: &[Block]) -> Vec<&str> {
        blocks.iter().map(|b| b.text.as_str()).collect()
    }

    #[test]
    fn columns_stay_as_drawn() {
        let mut blocks = [
            block("title", 50.0, 40.0, 550.0, 60.0),
            block("left 1", 50.0, 80.0, 290.0, 200.0),
            block("left 2", 50.0, 210.0, 290.0, 400.0),
            block("right 1", 310.0, 80.0, 550.0, 300.0),
            block("right 2", 310.0, 310.0, 550.0, 400.0),
        ];
        order_blocks(&mut blocks);
        assert_eq!(texts(&blocks), ["title", "left 1", "left 2", "right 1", "right 2"]);
    }

    #[test]
    fn what_is_drawn_late_but_stands_above_comes_first_and_furniture_stays() {
        let mut number = block("7", 290.0, 800.0, 310.0, 812.0);
        number.kind = BlockKind::Furniture;
        let mut blocks = [
            number,
            block("cell 1", 50.0, 400.0, 290.0, 420.0),
            block("cell 2", 310.0, 400.0, 550.0, 420.0),
            block("introduction", 50.0, 80.0, 550.0, 300.0),
            block("after", 50.0, 500.0, 550.0, 600.0),
        ];
        order_blocks(&mut blocks);
        assert_eq!(texts(&blocks), ["7", "introduction", "cell 1", "cell 2", "after"]);
    }

    proptest! {
        #[test]
        fn every_block_is_kept_and_none_is_read_before_one_above_it(
            places in proptest::collection::vec((0u8..60, 0u8..80, 1u8..30, 1u8..9), 0..30)
        ) {
            let boxes: Vec<BBox> = places
                .iter()
                .map(|&(x, y, w, h)| {
                    let [x, y, w, h] = [x, y, w, h].map(|v| f32::from(v) * 10.0);
                    BBox { x0: x, y0: y, x1: x + w, y1: y + h }
                })
                .collect();
            let order = sorted(&boxes);
            prop_assert_eq!(order.len(), boxes.len());
            for (rank, &later) in order.iter().enumerate() {
                for &earlier in &order[..rank] {
                    prop_assert!(!before(&boxes[later], &boxes[earlier]));
                }
            }
        }
    }
}
