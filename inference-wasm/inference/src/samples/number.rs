//! Numbers as bits whose chances are learnt.

use alloc::vec;
use alloc::vec::Vec;

use super::chance::{Chance, Coder};

/// A number of a few bits, each of which may depend on all above it: any distribution is learnt.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    bits: u32,
    nodes: Vec<Chance>,
}

impl Tree {
    pub(super) fn of(bits: u32) -> Tree {
        Tree { bits, nodes: vec![Chance::default(); 1 << bits] }
    }

    /// A number below 2 to the bits.
    pub(super) fn code(&mut self, coder: &mut impl Coder, number: u32) -> u32 {
        let mut node = 1;
        for place in (0..self.bits).rev() {
            let bit = coder.bit(&mut self.nodes[node as usize], number >> place & 1 == 1);
            node = node << 1 | u32::from(bit);
        }
        node - (1 << self.bits)
    }
}

/// A number of any size below 2^24 that is mostly small: how long it is, then the bits below its first. The first few of
/// them are learnt.
#[derive(Debug, Clone)]
pub(super) struct Magnitude {
    length: Tree,
    /// By length.
    tops: Vec<Tree>,
}

/// How many bits the length of a number has.
const LENGTH_BITS: u32 = 5;

/// The longest number.
const LONGEST: u32 = 24;

/// How many bits below the first are learnt.
const TOP_BITS: u32 = 4;

impl Default for Magnitude {
    fn default() -> Magnitude {
        Magnitude {
            length: Tree::of(LENGTH_BITS),
            tops: (0..1 << LENGTH_BITS)
                .map(|length| Tree::of(below(length).min(TOP_BITS)))
                .collect(),
        }
    }
}

/// How many bits a number of a length has below its first.
fn below(length: u32) -> u32 {
    length.saturating_sub(1)
}

impl Magnitude {
    /// A number below 2^24.
    pub(super) fn code(&mut self, coder: &mut impl Coder, number: u32) -> u32 {
        let length = self.length.code(coder, u32::BITS - number.leading_zeros()).min(LONGEST);
        if length == 0 {
            return 0;
        }
        let below = below(length);
        let plain = below - below.min(TOP_BITS);
        let rest = number & ((1 << below) - 1);
        let top = self.tops[length as usize].code(coder, rest >> plain);
        let rest = top << plain | coder.plain(plain, rest & ((1 << plain) - 1));
        1 << below | rest
    }

    /// A number between -2^23 and 2^23, the smaller the cheaper.
    pub(super) fn code_signed(&mut self, coder: &mut impl Coder, number: i32) -> i32 {
        let folded = number.unsigned_abs() << 1 | u32::from(number < 0);
        let folded = self.code(coder, folded.min((1 << LONGEST) - 1));
        let size = (folded >> 1).cast_signed();
        if folded & 1 == 1 { -size } else { size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ans::{Reader, Writer};

    #[test]
    fn numbers_come_back_whatever_their_size() {
        let numbers: Vec<i32> = (-70..70)
            .chain((0..23).flat_map(|bits| [(1 << bits) - 1, 1 << bits, -(1 << bits)]))
            .chain([(1 << 23) - 1, 1 - (1 << 23)])
            .collect();
        let mut writer = Writer::default();
        let mut magnitude = Magnitude::default();
        for number in &numbers {
            assert_eq!(magnitude.code_signed(&mut writer, *number), *number);
        }
        let bytes = writer.finish();
        let mut reader = Reader::new(bytes.as_chunks().0);
        let mut magnitude = Magnitude::default();
        for number in numbers {
            assert_eq!(magnitude.code_signed(&mut reader, 0), number);
        }
        assert!(reader.is_at_the_end(false));
    }

    #[test]
    fn what_comes_often_is_cheap() {
        let mut writer = Writer::default();
        let mut tree = Tree::of(10);
        for number in 0..10_000 {
            tree.code(&mut writer, if number % 64 == 0 { 600 } else { 615 });
        }
        // 145 bytes at 0.116 bits a number, and what learning costs.
        let bytes = writer.finish().len();
        assert!(bytes < 300, "{bytes} bytes");
    }
}
