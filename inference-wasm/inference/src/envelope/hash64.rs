//! Computes a 64-bit hash, the checksum of images, at the speed of reading memory.
//!
//! wasm has no instruction for CRC-32, and with tables it would take longer than all else that loading an image does.
//! This hash has four lanes with one multiplication per eight bytes. Each step is a bijection of its lane, so any change
//! within eight bytes is found; other changes are missed once in 2^64. It is our own code, since a hash crate would be
//! larger than these few lines.

/// 2^64 over the golden ratio, odd: multiplicative hashing (Knuth, The Art of Computer Programming 3, 6.4).
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// How far a lane is rotated after each step, so that the high bits of a product affect the low bits of the next.
const ROTATION: u32 = 29;

const LANES: usize = 4;
const WORD_BYTES: usize = 8;

/// The checksum of bytes and their number.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    let mut lanes = [1, 2, 3, 4].map(|lane: u64| lane.wrapping_mul(FACTOR));
    let (words, rest) = bytes.as_chunks::<WORD_BYTES>();
    let (rounds, last) = words.as_chunks::<LANES>();
    for words in rounds {
        take(&mut lanes, words);
    }
    let mut end = [[0; WORD_BYTES]; LANES];
    end.iter_mut().zip(last).for_each(|(slot, word)| *slot = *word);
    if let Some(slot) = end.get_mut(last.len()) {
        slot.iter_mut().zip(rest).for_each(|(slot, byte)| *slot = *byte);
    }
    take(&mut lanes, &end);
    let length = bytes.len() as u64;
    mixed(lanes.into_iter().fold(length, step))
}

#[inline]
fn take(lanes: &mut [u64; LANES], words: &[[u8; WORD_BYTES]; LANES]) {
    for (lane, word) in lanes.iter_mut().zip(words) {
        *lane = step(*lane, u64::from_le_bytes(*word));
    }
}

#[inline]
fn step(lane: u64, word: u64) -> u64 {
    (lane ^ word).wrapping_mul(FACTOR).rotate_left(ROTATION)
}

/// Spreads the last words over all bits.
fn mixed(sum: u64) -> u64 {
    let sum = (sum ^ sum >> 32).wrapping_mul(FACTOR);
    sum ^ sum >> 29
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_of_a_byte_or_the_length_is_found() {
        for length in 0..100_u8 {
            let bytes: Vec<u8> = (0..length).collect();
            let whole = checksum(&bytes);
            for at in 0..bytes.len() {
                for change in 1..=u8::MAX {
                    let mut changed = bytes.clone();
                    changed[at] ^= change;
                    assert_ne!(checksum(&changed), whole, "{length} bytes, {change} at {at}");
                }
                assert_ne!(checksum(&bytes[..at]), whole, "{at} of {length} bytes");
            }
            // Zeros count, although the end is padded with them.
            assert_ne!(checksum(&[bytes, Vec::from([0])].concat()), whole, "{length}");
        }
    }

    #[test]
    fn two_swapped_words_and_two_changed_top_bits_are_found() {
        let bytes: Vec<u8> = (0..=255).collect();
        let whole = checksum(&bytes);
        for (one, other) in (0..32).flat_map(|one| (0..one).map(move |other| (one, other))) {
            let mut changed = bytes.clone();
            changed[8 * one + 7] ^= 0x80;
            changed[8 * other + 7] ^= 0x80;
            assert_ne!(checksum(&changed), whole, "the upper bits of {one} and {other}");
            let mut changed = bytes.clone();
            for byte in 0..8 {
                changed.swap(8 * one + byte, 8 * other + byte);
            }
            assert_ne!(checksum(&changed), whole, "{one} and {other} swapped");
        }
    }
}
