//! CRC-32 (IEEE 802.3), by which blobs and samples know that all of them arrived.
//!
//! Eight bytes at a time, by a table for each place (Kounavis and Berry, "A systematic approach to building high performance
//! software-based CRC generators", 2005). The tables are made anew for each checksum, in a few microseconds: they look
//! random, so as constants, like those of crc32fast, they are 16 kB of the browser's download that nothing compresses.

/// What a bit is worth that leaves at the end: the polynomial, its bits in reverse.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// How many bytes are taken at a time.
const WORD_BYTES: usize = 8;

/// By a byte, what it is worth where it stands: in the first table right at the end, in each further one a byte before.
type Tables = [[u32; 256]; WORD_BYTES];

/// The checksum of bytes in two parts, as if one followed the other.
pub(crate) fn checksum(parts: [&[u8]; 2]) -> u32 {
    let tables = tables();
    let mut sum = u32::MAX;
    for part in parts {
        let (words, rest) = part.as_chunks::<WORD_BYTES>();
        for word in words {
            let word = (u64::from_le_bytes(*word) ^ u64::from(sum)).to_be_bytes();
            sum = tables.iter().zip(word).fold(0, |sum, (table, byte)| sum ^ worth(table, byte));
        }
        for byte in rest {
            let [last, ..] = sum.to_le_bytes();
            sum = (sum >> 8) ^ worth(&tables[0], last ^ byte);
        }
    }
    !sum
}

#[inline]
fn worth(table: &[u32; 256], byte: u8) -> u32 {
    table[usize::from(byte)]
}

fn tables() -> Tables {
    let mut tables = [[0; 256]; WORD_BYTES];
    for (worth, byte) in tables[0].iter_mut().zip(0..) {
        *worth = (0..u8::BITS).fold(byte, |sum, _| (sum >> 1) ^ (POLYNOMIAL * (sum & 1)));
    }
    for place in 1..WORD_BYTES {
        let (nearer, further) = tables.split_at_mut(place);
        for (further, nearer_worth) in further[0].iter_mut().zip(nearer[place - 1]) {
            let [last, ..] = nearer_worth.to_le_bytes();
            *further = (nearer_worth >> 8) ^ worth(&nearer[0], last);
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_png_and_zip_however_the_bytes_are_parted() {
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
