//! Entropy coding with rANS: a symbol of probability p takes about log2(1/p) bits. Reading it takes one table lookup,
//! one multiplication and one addition.
//!
//! After Duda, "Asymmetric numeral systems" (2013). The state is a u64, of which 32 bits are moved at a time. The symbol
//! written last is read first, so the writer collects all symbols and writes them in reverse.

use alloc::vec::Vec;

/// The least state between symbols.
const MIN_STATE: u64 = 1 << 31;

/// The range of a symbol: `size` of `2^scale_bits` equal parts, from `start` on. Its probability is the fraction of parts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SymbolRange {
    pub(crate) start: u32,
    pub(crate) size: u32,
    pub(crate) scale_bits: u32,
}

/// Collects symbols and writes them.
#[derive(Default)]
pub(crate) struct Writer {
    symbols: Vec<SymbolRange>,
}

impl Writer {
    /// Adds a symbol. `range.size` must be above 0, and `scale_bits` at most 31.
    pub(crate) fn push(&mut self, range: SymbolRange) {
        self.symbols.push(range);
    }

    /// The bytes: 32-bit words, little-endian, in the order in which they are read.
    #[expect(clippy::cast_possible_truncation, reason = "the lower word is what is moved")]
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut words = Vec::new();
        let mut state = MIN_STATE;
        for SymbolRange { start, size, scale_bits } in self.symbols.into_iter().rev() {
            if state >= ((MIN_STATE >> scale_bits) << 32) * u64::from(size) {
                words.push(state as u32);
                state >>= 32;
            }
            let size = u64::from(size);
            state = ((state / size) << scale_bits) + state % size + u64::from(start);
        }
        words.push(state as u32);
        words.push((state >> 32) as u32);
        words.into_iter().rev().flat_map(u32::to_le_bytes).collect()
    }
}

/// Reads symbols. Any bytes can be read: missing words are 0, which [`Reader::is_at_the_end`] reports.
pub(crate) struct Reader<'a> {
    state: u64,
    words: &'a [[u8; 4]],
    /// Whether more words were read than there are.
    pub(crate) overrun: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(words: &'a [[u8; 4]]) -> Reader<'a> {
        let mut reader = Reader { state: 0, words, overrun: false };
        reader.state = u64::from(reader.next_word()) << 32 | u64::from(reader.next_word());
        reader
    }

    /// The part that identifies the next symbol, out of `2^scale_bits`.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "masked to at most 31 bits")]
    pub(crate) fn part(&self, scale_bits: u32) -> u32 {
        (self.state & ((1 << scale_bits) - 1)) as u32
    }

    /// Removes the symbol whose range contains the part.
    #[inline]
    pub(crate) fn advance(&mut self, SymbolRange { start, size, scale_bits }: SymbolRange) {
        let part = u64::from(self.part(scale_bits));
        // Below 2^64: the size is at most 2^scale_bits, and the part is at or after the start.
        self.state =
            (u64::from(size) * (self.state >> scale_bits)).wrapping_add(part - u64::from(start));
        if self.state < MIN_STATE {
            self.state = self.state << 32 | u64::from(self.next_word());
        }
    }

    #[inline]
    fn next_word(&mut self) -> u32 {
        match self.words.split_first() {
            Some((word, rest)) => {
                self.words = rest;
                u32::from_le_bytes(*word)
            }
            None => {
                self.overrun = true;
                0
            }
        }
    }

    /// Whether everything that was written has been read, and nothing follows except zeros where padding is allowed.
    ///
    /// Always true under a fuzzer: this check works like a checksum, which an attacker can get right but a fuzzer cannot, so
    /// it would keep the fuzzer from the code behind it.
    pub(crate) fn is_at_the_end(&self, may_be_padded: bool) -> bool {
        let nothing_follows =
            self.words.is_empty() || may_be_padded && self.words.iter().all(|word| *word == [0; 4]);
        cfg!(fuzzing) || self.state == MIN_STATE && !self.overrun && nothing_follows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::random::Random;

    #[test]
    fn symbols_are_read_back_from_about_their_entropy() {
        let mut random = Random(1);
        let ranges: Vec<SymbolRange> = (0..10_000)
            .map(|_| {
                let scale_bits = random.below(17);
                let start = random.below(1 << scale_bits);
                let size = 1 + random.below((1 << scale_bits) - start);
                SymbolRange { start, size, scale_bits }
            })
            .collect();
        let expected_bits: f64 = ranges
            .iter()
            .map(|range| f64::from(range.scale_bits) - f64::from(range.size).log2())
            .sum();
        let mut writer = Writer::default();
        ranges.iter().for_each(|range| writer.push(*range));
        let bytes = writer.finish();
        assert!(
            (bytes.len() as f64) < expected_bits / 8.0 * 1.0001 + 12.0,
            "{} of {expected_bits}",
            bytes.len()
        );
        let mut reader = Reader::new(bytes.as_chunks().0);
        for range in ranges {
            let part = reader.part(range.scale_bits);
            assert!((range.start..range.start + range.size).contains(&part));
            reader.advance(range);
        }
        assert!(reader.is_at_the_end(false));
    }

    #[test]
    fn any_words_can_be_read() {
        for word in [0, 1, u32::MAX, 0x8000_0000] {
            let words = [u32::to_le_bytes(word); 3];
            let mut reader = Reader::new(&words);
            for _ in 0..100 {
                let start = reader.part(12);
                reader.advance(SymbolRange { start, size: 1, scale_bits: 12 });
            }
            assert!(!reader.is_at_the_end(true));
        }
    }
}
