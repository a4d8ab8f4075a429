//! The entropy coder: rANS, which writes a symbol of probability p in about log2(1/p) bits, and reads it back with a
//! table look-up, a multiplication and an addition.
//!
//! After Duda, "Asymmetric numeral systems" (2013); the state is one u64 of which 32 bits are moved at a time. What is
//! written last is read first, so the writer collects its steps and takes them in reverse.

use alloc::vec::Vec;

/// Between steps the state is at least this.
const LOWEST: u64 = 1 << 31;

/// A step: `size` of `2^scale_bits` equal parts, the first of which is `start`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice {
    pub(crate) start: u32,
    pub(crate) size: u32,
    pub(crate) scale_bits: u32,
}

/// Collects steps and writes them.
#[derive(Default)]
pub(crate) struct Writer {
    steps: Vec<Slice>,
}

impl Writer {
    /// `slice.size` is above 0, `scale_bits` at most 31.
    pub(crate) fn push(&mut self, slice: Slice) {
        self.steps.push(slice);
    }

    /// The bytes: 32-bit words, little-endian, in the order in which they are read.
    #[expect(clippy::cast_possible_truncation, reason = "the lower word is what is moved")]
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut words = Vec::new();
        let mut state = LOWEST;
        for Slice { start, size, scale_bits } in self.steps.into_iter().rev() {
            if state >= ((LOWEST >> scale_bits) << 32) * u64::from(size) {
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

/// Reads steps back. Any bytes can be read: what is missing is 0, and [`Reader::is_at_the_end`] tells.
pub(crate) struct Reader<'a> {
    state: u64,
    words: &'a [[u8; 4]],
    overrun: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(words: &'a [[u8; 4]]) -> Reader<'a> {
        let mut reader = Reader { state: 0, words, overrun: false };
        reader.state = u64::from(reader.next_word()) << 32 | u64::from(reader.next_word());
        reader
    }

    /// Which of `2^scale_bits` parts the next step lies in.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "masked to at most 31 bits")]
    pub(crate) fn part(&self, scale_bits: u32) -> u32 {
        (self.state & ((1 << scale_bits) - 1)) as u32
    }

    /// Takes the step that the part was found to lie in.
    #[inline]
    pub(crate) fn advance(&mut self, Slice { start, size, scale_bits }: Slice) {
        let part = u64::from(self.part(scale_bits));
        // Below 2^64: the size is at most 2^scale_bits, and the part is at or after the start.
        self.state =
            (u64::from(size) * (self.state >> scale_bits)).wrapping_add(part - u64::from(start));
        if self.state < LOWEST {
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

    /// Whether more words were asked for than there are.
    pub(crate) fn overrun(&self) -> bool {
        self.overrun
    }

    /// Whether everything that was written has been read, and nothing else follows but, where it may, zeros.
    ///
    /// Under a fuzzer it always is: the end is as good as a checksum, which an attacker gets right and chance does not, so
    /// it would shield the trees behind it.
    pub(crate) fn is_at_the_end(&self, may_be_padded: bool) -> bool {
        let nothing_follows =
            self.words.is_empty() || may_be_padded && self.words.iter().all(|word| *word == [0; 4]);
        cfg!(fuzzing) || self.state == LOWEST && !self.overrun && nothing_follows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_in_about_as_many_bits_as_it_is_worth() {
        let mut state = 1_u64;
        let mut chance = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as u32
        };
        let slices: Vec<Slice> = (0..10_000)
            .map(|_| {
                let scale_bits = chance() % 17;
                let start = chance() % (1 << scale_bits);
                let size = 1 + chance() % ((1 << scale_bits) - start);
                Slice { start, size, scale_bits }
            })
            .collect();
        let worth: f64 = slices
            .iter()
            .map(|slice| f64::from(slice.scale_bits) - f64::from(slice.size).log2())
            .sum();
        let mut writer = Writer::default();
        slices.iter().for_each(|slice| writer.push(*slice));
        let bytes = writer.finish();
        assert!((bytes.len() as f64) < worth / 8.0 * 1.0001 + 12.0, "{} of {worth}", bytes.len());
        let mut reader = Reader::new(bytes.as_chunks().0);
        for slice in slices {
            let part = reader.part(slice.scale_bits);
            assert!((slice.start..slice.start + slice.size).contains(&part));
            reader.advance(slice);
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
                reader.advance(Slice { start, size: 1, scale_bits: 12 });
            }
            assert!(!reader.is_at_the_end(true));
        }
    }
}
