//! Codes numbers bit by bit with adaptive probabilities.

use alloc::vec;
use alloc::vec::Vec;

use super::adaptive_bit::AdaptiveBit;
use crate::stream::Stream;

/// Codes a number of a few bits. The probability of each bit depends on all bits above it.
#[derive(Debug, Clone)]
pub(super) struct BitTree {
    bits: u32,
    nodes: Vec<AdaptiveBit>,
}

impl BitTree {
    pub(super) fn new(bits: u32) -> BitTree {
        BitTree { bits, nodes: vec![AdaptiveBit::default(); 1 << bits] }
    }

    /// Codes a number below `2^bits`.
    pub(super) fn code(&mut self, stream: &mut impl Stream, number: u32) -> u32 {
        let mut node = 1;
        for position in (0..self.bits).rev() {
            let bit = self.nodes[node as usize].code(stream, number >> position & 1 == 1);
            node = node << 1 | u32::from(bit);
        }
        node - (1 << self.bits)
    }
}

/// Codes a number below 2^24 that is usually small: its length, then the bits below its highest. The first few of them
/// have adaptive probabilities.
#[derive(Debug, Clone)]
pub(super) struct Magnitude {
    length: BitTree,
    /// For each length the adaptive bits below the highest.
    tops: Vec<BitTree>,
}

/// How many bits code the length.
const LENGTH_BITS: u32 = 5;

/// How many bits a number has at most.
const MAX_BITS: u32 = 24;

/// How many bits below the highest are adaptive.
const TOP_BITS: u32 = 4;

impl Default for Magnitude {
    fn default() -> Magnitude {
        Magnitude {
            length: BitTree::new(LENGTH_BITS),
            tops: (0..1 << LENGTH_BITS)
                .map(|length| BitTree::new(below(length).min(TOP_BITS)))
                .collect(),
        }
    }
}

/// How many bits a number of a length has below its highest.
fn below(length: u32) -> u32 {
    length.saturating_sub(1)
}

impl Magnitude {
    /// Codes a number below 2^24.
    pub(super) fn code(&mut self, stream: &mut impl Stream, number: u32) -> u32 {
        let length = self.length.code(stream, u32::BITS - number.leading_zeros()).min(MAX_BITS);
        if length == 0 {
            return 0;
        }
        let below = below(length);
        let plain = below - below.min(TOP_BITS);
        let rest = number & ((1 << below) - 1);
        let top = self.tops[length as usize].code(stream, rest >> plain);
        let rest = top << plain | stream.bits(plain, rest & ((1 << plain) - 1));
        1 << below | rest
    }

    /// Codes a number between -2^23 and 2^23; smaller sizes take fewer bits.
    pub(super) fn code_signed(&mut self, stream: &mut impl Stream, number: i32) -> i32 {
        let folded = number.unsigned_abs() << 1 | u32::from(number < 0);
        let folded = self.code(stream, folded.min((1 << MAX_BITS) - 1));
        let size = (folded >> 1).cast_signed();
        if folded & 1 == 1 { -size } else { size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ans::{Reader, Writer};

    #[test]
    fn numbers_of_any_size_are_read_back() {
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
    fn frequent_numbers_take_few_bits() {
        let mut writer = Writer::default();
        let mut tree = BitTree::new(10);
        for number in 0..10_000 {
            tree.code(&mut writer, if number % 64 == 0 { 600 } else { 615 });
        }
        // The entropy is 145 bytes, at 0.116 bits a number; learning the probabilities takes the rest.
        let bytes = writer.finish().len();
        assert!(bytes < 300, "{bytes} bytes");
    }
}
