//! Writes and reads entropy-coded data by one description of its format.
//!
//! A function that codes something receives it when writing and returns it when reading: a [`Stream`] returns what it
//! was given, or what it read. So each part of a format is described once, and writing cannot differ from reading.

use crate::ans::{Reader, SymbolRange, Writer};

/// Symbols of which each has a range.
pub(crate) trait Alphabet {
    /// The ranges divide `2^SCALE_BITS` parts.
    const SCALE_BITS: u32;

    type Symbol;

    /// The range of a symbol.
    fn range(&self, symbol: &Self::Symbol) -> SymbolRange;

    /// The symbol whose range contains a part, and the range.
    fn symbol(&self, part: u32) -> (Self::Symbol, SymbolRange);
}

/// Writes what it is given, or reads.
pub(crate) trait Stream {
    /// A number of up to 31 bits, all equally likely.
    fn bits(&mut self, count: u32, number: u32) -> u32;

    /// A symbol of an alphabet.
    fn symbol<A: Alphabet>(&mut self, alphabet: &A, symbol: A::Symbol) -> A::Symbol;

    /// Whether more was read than there is. What was read since then is meaningless.
    fn has_overrun(&self) -> bool;

    /// A flag of one bit.
    fn flag(&mut self, flag: bool) -> bool {
        self.bits(1, u32::from(flag)) != 0
    }

    /// A number of 32 bits.
    fn word(&mut self, word: u32) -> u32 {
        self.bits(16, word >> 16) << 16 | self.bits(16, word & 0xffff)
    }

    /// A number of 64 bits.
    #[expect(clippy::cast_possible_truncation, reason = "the halves are split")]
    fn long(&mut self, long: u64) -> u64 {
        u64::from(self.word((long >> 32) as u32)) << 32 | u64::from(self.word(long as u32))
    }

    /// The bits of an f64.
    fn float(&mut self, float: f64) -> f64 {
        f64::from_bits(self.long(float.to_bits()))
    }
}

impl Stream for Writer {
    fn bits(&mut self, count: u32, number: u32) -> u32 {
        self.push(SymbolRange { start: number, size: 1, scale_bits: count });
        number
    }

    fn symbol<A: Alphabet>(&mut self, alphabet: &A, symbol: A::Symbol) -> A::Symbol {
        self.push(alphabet.range(&symbol));
        symbol
    }

    fn has_overrun(&self) -> bool {
        false
    }
}

impl Stream for Reader<'_> {
    #[inline]
    fn bits(&mut self, count: u32, _: u32) -> u32 {
        let number = self.part(count);
        self.advance(SymbolRange { start: number, size: 1, scale_bits: count });
        number
    }

    #[inline(always)]
    fn symbol<A: Alphabet>(&mut self, alphabet: &A, _: A::Symbol) -> A::Symbol {
        let (symbol, range) = alphabet.symbol(self.part(A::SCALE_BITS));
        self.advance(range);
        symbol
    }

    fn has_overrun(&self) -> bool {
        self.overrun
    }
}
