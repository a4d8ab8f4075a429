//! Codes the fraction of a split's cover (training weight) that goes left, with fewer bits where fewer rows arrive.

use super::probability_model::{Coder, Context, FRACTION_BITS, FRACTION_SYMBOL_BITS};

/// Codes a fraction of this many bits, never 0 and never 1.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a fraction has 16 bits, its symbol four")]
pub(super) fn code(coder: &mut impl Coder, bits: u32, part: usize, given: u16) -> Option<u16> {
    let dropped = FRACTION_BITS - bits;
    let half = (1_u32 << dropped) >> 1;
    let given = ((u32::from(given) + half) >> dropped).clamp(1, (1 << bits) - 1);
    let upper_bits = (bits as usize).min(FRACTION_SYMBOL_BITS);
    let plain_bits = bits - upper_bits as u32;
    let upper = coder.symbol(Context::LeftFraction(upper_bits, part), (given >> plain_bits) as u8);
    let lower = coder.bits(plain_bits, given & ((1 << plain_bits) - 1));
    let fraction = u32::from(upper) << plain_bits | lower;
    (1..1 << bits).contains(&fraction).then_some((fraction << dropped) as u16)
}

/// How many bits the fraction of a node has, by the node's own fraction of the training weight in units of 2^-32.
#[inline]
pub(super) fn bits(root_bits: u32, cover: u64) -> u32 {
    let halvings = 32 - cover.max(1).ilog2().min(32);
    root_bits.saturating_sub(halvings / 2).max(1)
}
