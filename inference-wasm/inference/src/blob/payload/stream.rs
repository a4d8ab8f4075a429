//! Writes and reads a payload by one description of the format.
//!
//! A function that codes something receives it when writing and returns it when reading: a [`Stream`] returns what it
//! was given, or what it read. So each part of the format is described once, and writing cannot differ from reading.

use super::table::{SubRange, Table};
use crate::ans::{Reader, Writer};

/// Writes what it is given, or reads.
pub(super) trait Stream {
    /// A number of up to 31 bits, all equally likely.
    fn bits(&mut self, count: u32, number: u32) -> u32;

    /// A symbol of a table.
    fn symbol(&mut self, table: &Table, symbol: u8) -> u8;

    /// The index of a threshold in a sub-range.
    fn threshold(&mut self, sub_range: &SubRange<'_>, index: u16) -> u16;

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

    /// The bits of an f64.
    #[expect(clippy::cast_possible_truncation, reason = "the halves are split")]
    fn float(&mut self, float: f64) -> f64 {
        let bits = float.to_bits();
        let (upper, lower) = (self.word((bits >> 32) as u32), self.word(bits as u32));
        f64::from_bits(u64::from(upper) << 32 | u64::from(lower))
    }
}

impl Stream for Writer {
    fn bits(&mut self, count: u32, number: u32) -> u32 {
        self.push_plain(number, count);
        number
    }

    fn symbol(&mut self, table: &Table, symbol: u8) -> u8 {
        self.push(table.range(symbol));
        symbol
    }

    fn threshold(&mut self, sub_range: &SubRange<'_>, index: u16) -> u16 {
        self.push(sub_range.range(index));
        index
    }

    fn has_overrun(&self) -> bool {
        false
    }
}

impl Stream for Reader<'_> {
    #[inline]
    fn bits(&mut self, count: u32, _: u32) -> u32 {
        self.plain(count)
    }

    #[inline(always)]
    fn symbol(&mut self, table: &Table, _: u8) -> u8 {
        let (symbol, range) = table.symbol(|scale_bits| self.part(scale_bits));
        self.advance(range);
        symbol
    }

    #[inline(always)]
    fn threshold(&mut self, sub_range: &SubRange<'_>, _: u16) -> u16 {
        let (index, range) = sub_range.threshold(|scale_bits| self.part(scale_bits));
        self.advance(range);
        index
    }

    fn has_overrun(&self) -> bool {
        self.overrun()
    }
}
