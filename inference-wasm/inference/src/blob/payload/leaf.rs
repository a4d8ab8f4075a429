//! Codes a leaf: a whole number, or a learner's own f32.

use super::probability_model::{Coder, Context, LEAF_GROUPS};

/// A leaf below this is a symbol of its own. For a larger one the symbol says how many bits it has.
const FIRST_LARGE_LEAF: u32 = 224;

/// How many mantissa bits an f32 stores.
const MANTISSA_BITS: u32 = 23;

/// Codes a leaf that is a whole number of an i16: 0, -1, 1, -2 … are the symbols 0, 1, 2, 3 …
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "whole leaves fit an i16")]
pub(super) fn whole(coder: &mut impl Coder, group: usize, given: f32) -> f32 {
    let given = given as i16;
    let folded = u32::from(((given << 1) ^ (given >> 15)).cast_unsigned());
    let symbol = |folded: u32| match folded {
        small if small < FIRST_LARGE_LEAF => small as u8,
        large => (FIRST_LARGE_LEAF + large.ilog2() - FIRST_LARGE_LEAF.ilog2()) as u8,
    };
    let symbol = u32::from(coder.symbol(Context::Leaf(group), symbol(folded)));
    let folded = if symbol < FIRST_LARGE_LEAF {
        symbol
    } else {
        // A writer gives at most 16 bits; a reader must not take more.
        let bits = (symbol - FIRST_LARGE_LEAF + FIRST_LARGE_LEAF.ilog2()).min(15);
        1 << bits | coder.bits(bits, folded & ((1 << bits) - 1))
    };
    let folded = folded as u16;
    f32::from((folded >> 1).cast_signed() ^ -((folded & 1).cast_signed()))
}

/// Codes a leaf that is any finite f32: its exponent is the symbol, sign and mantissa are plain.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the exponent has eight bits")]
pub(super) fn float(coder: &mut impl Coder, group: usize, given: f32) -> Option<f32> {
    let bits = given.to_bits();
    let exponent = u32::from(coder.symbol(Context::Leaf(group), (bits >> MANTISSA_BITS) as u8));
    let plain = coder.bits(24, bits >> 31 << MANTISSA_BITS | bits & ((1 << MANTISSA_BITS) - 1));
    let (sign, mantissa) = (plain >> MANTISSA_BITS, plain & ((1 << MANTISSA_BITS) - 1));
    let value = f32::from_bits(sign << 31 | exponent << MANTISSA_BITS | mantissa);
    value.is_finite().then_some(value)
}

/// The group of a tree's leaves: there are two for each doubling of the number of trees so far.
pub(super) fn group(tree: usize) -> usize {
    let count = tree.saturating_add(1);
    let doublings = count.ilog2() as usize;
    let upper_half = doublings > 0 && count >> (doublings - 1) & 1 == 1;
    (2 * doublings + usize::from(upper_half)).min(LEAF_GROUPS - 1)
}
