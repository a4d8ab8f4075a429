//! One description of the payload for both directions.
//!
//! Whatever codes a thing is given it when writing and makes it when reading: a [`Stream`] returns what it was given, or
//! what it read. So the format is written down once, in this folder, and what is written cannot differ from what is
//! read.

use super::table::{Band, Table};
use crate::ans::{Reader, Slice, Writer};

/// Takes what is to be written, or gives what was read.
pub(super) trait Stream {
    /// A number of up to 31 bits, all numbers equally likely.
    fn bits(&mut self, count: u32, number: u32) -> u32;

    /// A symbol of a table.
    fn symbol(&mut self, table: &Table, symbol: u8) -> u8;

    /// A cut of a band.
    fn cut(&mut self, band: &Band<'_>, cut: u16) -> u16;

    /// Whether more was read than there is: what was read since then means nothing.
    fn has_overrun(&self) -> bool;

    /// Whether something is so.
    fn flag(&mut self, flag: bool) -> bool {
        self.bits(1, u32::from(flag)) != 0
    }

    /// A number of 32 bits.
    fn word(&mut self, word: u32) -> u32 {
        self.bits(16, word >> 16) << 16 | self.bits(16, word & 0xffff)
    }

    /// The bits of an f64.
    #[expect(clippy::cast_possible_truncation, reason = "the halves are taken apart")]
    fn float(&mut self, float: f64) -> f64 {
        let bits = float.to_bits();
        let (upper, lower) = (self.word((bits >> 32) as u32), self.word(bits as u32));
        f64::from_bits(u64::from(upper) << 32 | u64::from(lower))
    }
}

impl Stream for Writer {
    fn bits(&mut self, count: u32, number: u32) -> u32 {
        self.push(Slice { start: number, size: 1, scale_bits: count });
        number
    }

    fn symbol(&mut self, table: &Table, symbol: u8) -> u8 {
        self.push(table.slice(symbol));
        symbol
    }

    fn cut(&mut self, band: &Band<'_>, cut: u16) -> u16 {
        self.push(band.slice(cut));
        cut
    }

    fn has_overrun(&self) -> bool {
        false
    }
}

impl Stream for Reader<'_> {
    #[inline]
    fn bits(&mut self, count: u32, _: u32) -> u32 {
        let number = self.part(count);
        self.advance(Slice { start: number, size: 1, scale_bits: count });
        number
    }

    #[inline(always)]
    fn symbol(&mut self, table: &Table, _: u8) -> u8 {
        let (symbol, slice) = table.symbol(|scale_bits| self.part(scale_bits));
        self.advance(slice);
        symbol
    }

    #[inline(always)]
    fn cut(&mut self, band: &Band<'_>, _: u16) -> u16 {
        let (cut, slice) = band.cut(|scale_bits| self.part(scale_bits));
        self.advance(slice);
        cut
    }

    fn has_overrun(&self) -> bool {
        self.overrun()
    }
}
