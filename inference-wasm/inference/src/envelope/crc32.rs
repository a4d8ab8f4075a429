//! Computes CRC-32 (IEEE 802.3), the checksum of blobs and samples.
//!
//! Takes eight bytes at a time with a table for each (Kounavis and Berry, "A systematic approach to building high
//! performance software-based CRC generators", 2005). It is our own code because of the browser's download: the tables of
//! crc32fast are constants that do not compress and add 16 kB. These tables are computed for each checksum, in a few
//! microseconds.

/// The polynomial, its bits in reverse.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// How many bytes a step takes.
const WORD_BYTES: usize = 8;

/// For each byte its remainder: in the first table as the last byte of a word, in each further table one byte earlier.
type Tables = [[u32; 256]; WORD_BYTES];

/// The checksum of two slices, as if one followed the other.
pub(crate) fn checksum(parts: [&[u8]; 2]) -> u32 {
    let tables = tables();
    let mut sum = u32::MAX;
    for part in parts {
        let (words, rest) = part.as_chunks::<WORD_BYTES>();
        for word in words {
            let word = (u64::from_le_bytes(*word) ^ u64::from(sum)).to_be_bytes();
            sum =
                tables.iter().zip(word).fold(0, |sum, (table, byte)| sum ^ remainder(table, byte));
        }
        for byte in rest {
            let [last, ..] = sum.to_le_bytes();
            sum = (sum >> 8) ^ remainder(&tables[0], last ^ byte);
        }
    }
    !sum
}

#[inline]
fn remainder(table: &[u32; 256], byte: u8) -> u32 {
    table[usize::from(byte)]
}

fn tables() -> Tables {
    let mut tables = [[0; 256]; WORD_BYTES];
    for (remainder, byte) in tables[0].iter_mut().zip(0..) {
        *remainder = (0..u8::BITS).fold(byte, |sum, _| (sum >> 1) ^ (POLYNOMIAL * (sum & 1)));
    }
    for index in 1..WORD_BYTES {
        let (later, earlier) = tables.split_at_mut(index);
        for (earlier, later_remainder) in earlier[0].iter_mut().zip(later[index - 1]) {
            let [last, ..] = later_remainder.to_le_bytes();
            *earlier = (later_remainder >> 8) ^ remainder(&later[0], last);
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_png_and_zip_in_any_two_slices() {
        assert_eq!(checksum([b"1234", b"56789"]), 0xcbf4_3926);
        let bytes: Vec<u8> =
            (0..1000_u32).map(|at| (at * at).to_be_bytes()[2] ^ at.to_le_bytes()[0]).collect();
        for end in (0..40).chain([255, 256, 999, 1000]) {
            for parted in [0, end / 3, end] {
                let parts = bytes[..end].split_at(parted);
                let expected = crc32fast::hash(&bytes[..end]);
                assert_eq!(checksum([parts.0, parts.1]), expected, "{parted} of {end}");
            }
        }
    }
}
