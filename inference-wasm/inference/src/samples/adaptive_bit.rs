//! Estimates the probability of a bit from the bits before it, and codes it.

use crate::ans::SymbolRange;
use crate::stream::{Alphabet, Stream};

/// Probabilities are parts of 2^16.
const SCALE_BITS: u32 = 16;
const WHOLE: u32 = 1 << SCALE_BITS;

/// The lowest probability of either bit.
const MIN_PROBABILITY: u32 = 24;

/// After so many bits the rate of adaptation stays constant.
const MAX_SEEN: u8 = 250;

/// The estimated probability that a bit is 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct AdaptiveBit {
    one: u16,
    seen: u8,
}

impl Default for AdaptiveBit {
    fn default() -> AdaptiveBit {
        AdaptiveBit { one: 1 << (SCALE_BITS - 1), seen: 0 }
    }
}

impl AdaptiveBit {
    /// Codes a bit, and learns from it.
    pub(super) fn code(&mut self, stream: &mut impl Stream, bit: bool) -> bool {
        let bit = stream.symbol(self, bit);
        self.learn(bit);
        bit
    }

    /// Updates the estimate: the mean of all bits so far, later of about the last 250.
    fn learn(&mut self, bit: bool) {
        let one = u32::from(self.one);
        // The initial estimate of one half counts as two bits.
        let weight = u32::from(self.seen) + 2;
        let one = if bit { one + (WHOLE - one) / weight } else { one - one / weight };
        self.one = one.clamp(MIN_PROBABILITY, WHOLE - MIN_PROBABILITY) as u16;
        self.seen = (self.seen + 1).min(MAX_SEEN);
    }
}

impl Alphabet for AdaptiveBit {
    const SCALE_BITS: u32 = SCALE_BITS;

    type Symbol = bool;

    fn range(&self, bit: &bool) -> SymbolRange {
        let one = u32::from(self.one);
        let (start, size) = if *bit { (WHOLE - one, one) } else { (0, WHOLE - one) };
        SymbolRange { start, size, scale_bits: SCALE_BITS }
    }

    #[inline]
    fn symbol(&self, part: u32) -> (bool, SymbolRange) {
        let bit = part >= WHOLE - u32::from(self.one);
        (bit, self.range(&bit))
    }
}
