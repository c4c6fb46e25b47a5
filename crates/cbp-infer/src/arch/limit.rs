//! What one core can do at best: the yardstick of benchmarks.

use super::{Isa, isa::dispatch, simd::Simd};

/// Chains that do not wait for each other.
const CHAINS: usize = 12;

#[inline(always)]
unsafe fn chains_kernel<S: Simd>(rounds: u64, out: *mut f32) {
    // SAFETY: `multiply_adds` gives room for `CHAINS` registers of any instruction set.
    unsafe {
        let (factor, more) = (S::splat(0.999_999), S::splat(1e-9));
        let mut sums = [S::splat(1.0); CHAINS];
        for _ in 0..rounds {
            for sum in &mut sums {
                *sum = sum.fma(factor, more);
            }
        }
        for (i, sum) in sums.into_iter().enumerate() {
            sum.store(out.add(i * S::LANES));
        }
    }
}

dispatch!(unsafe fn chains / chains_kernel(rounds: u64, out: *mut f32));

/// Runs `rounds` steps of independent fused multiply-adds in registers; how many products that were.
pub(crate) fn multiply_adds(isa: Isa, rounds: u64) -> u64 {
    let mut out = [0.0_f32; CHAINS * 16];
    // SAFETY: no instruction set here has more than 16 lanes; `isa` is one that the processor has.
    unsafe { chains(isa, rounds, out.as_mut_ptr()) };
    let written = std::hint::black_box(out).iter().filter(|x| **x != 0.0).count();
    rounds * written as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lane_of_every_chain_counts() {
        for isa in Isa::available() {
            let products = multiply_adds(isa, 7);
            assert_eq!(products % (7 * CHAINS as u64), 0);
            assert!(products >= 7 * 4 * CHAINS as u64, "{isa:?}");
        }
    }
}
