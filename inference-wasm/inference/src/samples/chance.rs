//! How likely a bit is, learnt from those before it.

use crate::ans::{Reader, Slice, Writer};

/// Likelihoods are parts of 2^16.
const SCALE_BITS: u32 = 16;
const WHOLE: u32 = 1 << SCALE_BITS;

/// No bit is held for less likely than this.
const LEAST: u32 = 24;

/// After so many bits a chance learns no slower.
const STEADY: u8 = 250;

/// Takes what is to be written, or gives what was read.
pub(super) trait Coder {
    /// A bit of which something is known.
    fn bit(&mut self, chance: &mut Chance, bit: bool) -> bool;

    /// A number of up to 24 bits of which nothing is known.
    fn plain(&mut self, bits: u32, number: u32) -> u32;
}

/// How likely a bit is to be 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chance {
    one: u16,
    seen: u8,
}

impl Default for Chance {
    fn default() -> Chance {
        Chance { one: 1 << (SCALE_BITS - 1), seen: 0 }
    }
}

impl Chance {
    fn slice(self, bit: bool) -> Slice {
        let one = u32::from(self.one);
        let (start, size) = if bit { (WHOLE - one, one) } else { (0, WHOLE - one) };
        Slice { start, size, scale_bits: SCALE_BITS }
    }

    /// A mean over all bits so far, and later over the last few hundred.
    fn learn(&mut self, bit: bool) {
        let one = u32::from(self.one);
        // Two for the half that it began with.
        let weight = u32::from(self.seen) + 2;
        let one = if bit { one + (WHOLE - one) / weight } else { one - one / weight };
        self.one = one.clamp(LEAST, WHOLE - LEAST) as u16;
        self.seen = (self.seen + 1).min(STEADY);
    }
}

impl Coder for Writer {
    fn bit(&mut self, chance: &mut Chance, bit: bool) -> bool {
        self.push(chance.slice(bit));
        chance.learn(bit);
        bit
    }

    fn plain(&mut self, bits: u32, number: u32) -> u32 {
        self.push(Slice { start: number, size: 1, scale_bits: bits });
        number
    }
}

impl Coder for Reader<'_> {
    #[inline]
    fn bit(&mut self, chance: &mut Chance, _: bool) -> bool {
        let bit = self.part(SCALE_BITS) >= WHOLE - u32::from(chance.one);
        self.advance(chance.slice(bit));
        chance.learn(bit);
        bit
    }

    fn plain(&mut self, bits: u32, _: u32) -> u32 {
        let number = self.part(bits);
        self.advance(Slice { start: number, size: 1, scale_bits: bits });
        number
    }
}
