//! Block quantisation: how weights are stored, and how they become `f32` again.
//!
//! A quantised matrix of `rows × cols` is a `U8` tensor of shape `[rows, cols / 32, 2 + 4·bits]`, so the shape
//! alone says how to read it. Each block of 32 weights starts with a little-endian half-precision scale `d`; a
//! weight is `d · (q − 2^(bits−1))`. With 4 bits the sixteen bytes hold weight `j` in the low and weight `j + 16`
//! in the high half, which is ggml's `q4_0`, so that upstream blocks pass through untouched; with any other
//! width the codes are one little-endian bit stream.
//!
//! Quantising is for size only. Products are computed in `f32`.

use half::f16;

use crate::rng::Rng;

/// Weights per block.
pub(crate) const BLOCK: usize = 32;

/// Bytes of one block of `bits`-wide codes.
pub(crate) const fn block_bytes(bits: usize) -> usize {
    2 + BLOCK / 8 * bits
}

/// The width of the codes in a block of `bytes` bytes, if there is such a width.
pub(crate) const fn bits_of(bytes: usize) -> Option<usize> {
    let bits = bytes.wrapping_sub(2) / 4;
    if bytes >= 2 && block_bytes(bits) == bytes && bits >= 2 && bits <= 8 { Some(bits) } else { None }
}

/// Expands one block into 32 weights.
///
/// `block` holds [`block_bytes`]`(bits)` bytes and `out` at least [`BLOCK`] places.
#[inline]
fn expand_block(block: &[u8], bits: usize, out: &mut [f32]) {
    let d = f16::from_le_bytes([block[0], block[1]]).to_f32();
    let codes = &block[2..];
    if bits == 4 {
        for (j, &byte) in codes.iter().enumerate() {
            out[j] = (f32::from(byte & 15) - 8.0) * d;
            out[j + 16] = (f32::from(byte >> 4) - 8.0) * d;
        }
        return;
    }
    let middle = (1_u32 << (bits - 1)) as f32;
    let mask = (1_u64 << bits) - 1;
    // Eight codes fill exactly `bits` bytes.
    for (group, out) in codes.chunks_exact(bits).zip(out.chunks_exact_mut(8)) {
        let mut word = [0_u8; 8];
        word[..bits].copy_from_slice(group);
        let mut word = u64::from_le_bytes(word);
        for place in out {
            *place = ((word & mask) as f32 - middle) * d;
            word >>= bits;
        }
    }
}

/// Expands a row of blocks; `out.len()` is a multiple of [`BLOCK`] and says how many blocks there are.
pub(crate) fn expand_row(row: &[u8], bits: usize, out: &mut [f32]) {
    for (block, out) in row.chunks_exact(block_bytes(bits)).zip(out.chunks_exact_mut(BLOCK)) {
        expand_block(block, bits, out);
    }
}

/// Quantises a row whose length is a multiple of [`BLOCK`].
///
/// Each block tries scales around the one that just covers its largest weight and keeps the one with the
/// smallest squared error; ties go to the smaller trial, so that equal input gives equal bytes. Codes are the nearest, or,
/// with `dither`, one of the two nearest, the nearer one more often, so that the weight is their mean.
pub(crate) fn quantise_row(row: &[f32], bits: usize, mut dither: Option<&mut Rng>, out: &mut Vec<u8>) {
    let top = (1_i32 << (bits - 1)) as f32;
    let (low, high) = (-top, top - 1.0);
    for block in row.chunks_exact(BLOCK) {
        // The code range reaches one step further down than up, so the largest magnitude is mapped there.
        let extreme = block.iter().copied().fold(0.0_f32, |a, b| if b.abs() > a.abs() { b } else { a });
        let mut best = (f32::INFINITY, f16::ZERO);
        for step in -8_i16..=8 {
            let d = f16::from_f32(extreme / (low + f32::from(step) * 0.1));
            let scale = d.to_f32();
            if scale == 0.0 {
                continue;
            }
            let error: f32 =
                block.iter().map(|&w| (w - (w / scale).round().clamp(low, high) * scale).powi(2)).sum();
            if error < best.0 {
                best = (error, d);
            }
        }
        let d = best.1;
        out.extend_from_slice(&d.to_le_bytes());
        let inverse = if d == f16::ZERO { 0.0 } else { 1.0 / d.to_f32() };
        let mut code = |w: f32| {
            let at = w * inverse;
            let whole = dither.as_mut().map_or_else(|| at.round(), |rng| (at + rng.unit() as f32).floor());
            (whole.clamp(low, high) + top) as u8
        };
        if bits == 4 {
            out.extend((0..16).map(|j| code(block[j]) | (code(block[j + 16]) << 4)));
            continue;
        }
        for eight in block.chunks_exact(8) {
            let word = eight.iter().rev().fold(0_u64, |word, &w| (word << bits) | u64::from(code(w)));
            out.extend_from_slice(&word.to_le_bytes()[..bits]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rng::Rng;

    #[test]
    fn shapes_name_their_width() {
        for bits in 2..=8 {
            assert_eq!(bits_of(block_bytes(bits)), Some(bits));
        }
        for bytes in [0, 1, 2, 6, 11, 38] {
            assert_eq!(bits_of(bytes), None, "{bytes}");
        }
    }

    #[test]
    fn four_bits_are_q4_0() {
        let mut block = f16::from_f32(0.5).to_le_bytes().to_vec();
        block.extend((0..16_u8).map(|j| j | ((15 - j) << 4)));
        let mut out = [0.0; 32];
        expand_row(&block, 4, &mut out);
        assert_eq!((out[0], out[9], out[16], out[31]), (-4.0, 0.5, 3.5, -4.0));
    }

    #[test]
    fn changes_below_a_step_survive_dithering_on_average() {
        // On the grid of step 1/8, but for a shift of a tenth of a step.
        let row: Vec<f32> = (0..32 * 256).map(|i| ((i % 16) as f32 - 7.9) / 8.0).collect();
        let shift = |dither: Option<&mut Rng>| {
            let (mut bytes, mut back) = (Vec::new(), vec![0.0; row.len()]);
            quantise_row(&row, 4, dither, &mut bytes);
            expand_row(&bytes, 4, &mut back);
            let sum: f32 = back.iter().enumerate().map(|(i, &w)| w * 8.0 - ((i % 16) as f32 - 8.0)).sum();
            sum / row.len() as f32
        };
        assert!(shift(None).abs() < 0.03, "{}", shift(None));
        let kept = shift(Some(&mut Rng::new(&[1])));
        assert!((kept - 0.1).abs() < 0.03, "{kept}");
    }

    proptest! {
        #[test]
        fn a_code_is_within_half_a_step(row in prop::collection::vec(-3.0_f32..3.0, 64), bits in 2_usize..=8) {
            let mut bytes = Vec::new();
            quantise_row(&row, bits, None, &mut bytes);
            prop_assert_eq!(bytes.len(), 2 * block_bytes(bits));
            let mut back = vec![0.0; 64];
            expand_row(&bytes, bits, &mut back);
            // The search may clip an extreme to serve the rest; its error never exceeds that of plain rounding.
            for (want, got) in row.chunks(32).zip(back.chunks(32)) {
                let step = want.iter().fold(0.0_f32, |a, b| a.max(b.abs())) / (1 << (bits - 1)) as f32;
                let error: f32 = want.iter().zip(got).map(|(a, b)| (a - b).powi(2)).sum();
                // One clipped weight may lose a whole step.
                prop_assert!(error.sqrt() <= (32.0_f32).sqrt() * step * 1.01, "{} {}", error.sqrt(), step);
            }
        }

        #[test]
        fn codes_survive_a_second_pass(row in prop::collection::vec(-1.0_f32..1.0, 32), bits in 5_usize..=8) {
            let (mut first, mut values) = (Vec::new(), vec![0.0; 32]);
            quantise_row(&row, bits, None, &mut first);
            expand_row(&first, bits, &mut values);
            let (mut second, mut again) = (Vec::new(), vec![0.0; 32]);
            quantise_row(&values, bits, None, &mut second);
            expand_row(&second, bits, &mut again);
            let worst = values.iter().zip(&again).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            prop_assert!(worst < 0.02);
        }
    }
}
