//! A leaf: a whole number, or a learner's own f32.

use super::likelihood::{Coder, Context, LEAF_BANDS};

/// A leaf below this is a symbol of its own; of a larger one the symbol says how many bits it has.
const SMALL_LEAVES: u32 = 224;

/// The bits of an f32's fraction.
const FRACTION_BITS: u32 = 23;

/// A leaf that is a whole number of an i16: 0, -1, 1, -2 … are the symbols 0, 1, 2, 3 …
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "whole leaves are of an i16")]
pub(super) fn whole(coder: &mut impl Coder, band: usize, given: f32) -> f32 {
    let given = given as i16;
    let folded = u32::from(((given << 1) ^ (given >> 15)).cast_unsigned());
    let symbol = |folded: u32| match folded {
        small if small < SMALL_LEAVES => small as u8,
        large => (SMALL_LEAVES + large.ilog2() - SMALL_LEAVES.ilog2()) as u8,
    };
    let symbol = u32::from(coder.symbol(Context::Leaf(band), symbol(folded)));
    let folded = if symbol < SMALL_LEAVES {
        symbol
    } else {
        // No more than 16 bits come from a writer; no more are made of what is read.
        let bits = (symbol - SMALL_LEAVES + SMALL_LEAVES.ilog2()).min(15);
        1 << bits | coder.bits(bits, folded & ((1 << bits) - 1))
    };
    let folded = folded as u16;
    f32::from((folded >> 1).cast_signed() ^ -((folded & 1).cast_signed()))
}

/// A leaf that is any finite f32: its exponent is the symbol, sign and fraction are plain.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the exponent has eight bits")]
pub(super) fn float(coder: &mut impl Coder, band: usize, given: f32) -> Option<f32> {
    let bits = given.to_bits();
    let exponent = u32::from(coder.symbol(Context::Leaf(band), (bits >> FRACTION_BITS) as u8));
    let plain = coder.bits(24, bits >> 31 << FRACTION_BITS | bits & ((1 << FRACTION_BITS) - 1));
    let (sign, fraction) = (plain >> FRACTION_BITS, plain & ((1 << FRACTION_BITS) - 1));
    let value = f32::from_bits(sign << 31 | exponent << FRACTION_BITS | fraction);
    value.is_finite().then_some(value)
}

/// The band of a tree's leaves: two for each doubling of how many trees there were.
pub(super) fn band(tree: usize) -> usize {
    let count = tree.saturating_add(1);
    let doublings = count.ilog2() as usize;
    let upper_half = doublings > 0 && count >> (doublings - 1) & 1 == 1;
    (2 * doublings + usize::from(upper_half)).min(LEAF_BANDS - 1)
}
