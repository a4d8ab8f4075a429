//! A share: how much of a split's training weight goes left, with fewer bits where fewer rows come.

use super::likelihood::{Coder, Context, SHARE_BITS, SHARE_SYMBOL_BITS};

/// A share to this many bits: never 0, and never all.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a share has 16 bits, its symbol four")]
pub(super) fn code(coder: &mut impl Coder, bits: u32, part: usize, given: u16) -> Option<u16> {
    let dropped = SHARE_BITS - bits;
    let half = (1_u32 << dropped) >> 1;
    let given = ((u32::from(given) + half) >> dropped).clamp(1, (1 << bits) - 1);
    let upper_bits = (bits as usize).min(SHARE_SYMBOL_BITS);
    let plain_bits = bits - upper_bits as u32;
    let upper = coder.symbol(Context::Share(upper_bits, part), (given >> plain_bits) as u8);
    let lower = coder.bits(plain_bits, given & ((1 << plain_bits) - 1));
    let share = u32::from(upper) << plain_bits | lower;
    (1..1 << bits).contains(&share).then_some((share << dropped) as u16)
}

/// How many bits the share of a node has that is reached by so much of the training weight.
#[inline]
pub(super) fn bits(root_bits: u32, reach: u64) -> u32 {
    let halvings = 32 - reach.max(1).ilog2().min(32);
    root_bits.saturating_sub(halvings / 2).max(1)
}
