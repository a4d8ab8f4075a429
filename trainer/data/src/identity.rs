//! What tells stones and rows apart, by hashes of their content.

use std::fmt;

use sha2::{Digest, Sha256};

/// A row's content: 16 bytes of the SHA-256 of the stone, then 16 of the SHA-256 of the row. Sorted by it, the listings of a
/// stone are neighbours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(pub [u8; 32]);

impl Identity {
    /// The identity of a row in its canonical spelling, and of the stone that it lists.
    pub(crate) fn of(stone: &str, row: &str) -> Identity {
        let mut bytes = [0; 32];
        for (half, text) in bytes.chunks_exact_mut(16).zip([stone, row]) {
            half.copy_from_slice(&Sha256::digest(text)[..16]);
        }
        Identity(bytes)
    }

    /// The part that all listings of a stone share, and no other row.
    pub fn stone(self) -> [u8; 16] {
        let mut stone = [0; 16];
        stone.copy_from_slice(&self.0[..16]);
        stone
    }

    /// 64 lower-case hexadecimal digits.
    pub fn to_hex(self) -> String {
        hex(&self.0)
    }

    /// A number that is spread evenly over all u64 and depends on the stone, the seed and the purpose alone: what is drawn by
    /// it keeps the listings of a stone together.
    pub fn draw(self, seed: u64, purpose: &str) -> u64 {
        draw(&self.stone(), seed, purpose)
    }

    /// The same, but of the row: the listings of a stone have numbers of their own.
    pub fn draw_row(self, seed: u64, purpose: &str) -> u64 {
        draw(&self.0, seed, purpose)
    }

    /// Whether the stone is among the share, of 1, that is drawn.
    #[expect(clippy::cast_precision_loss, reason = "a share of 2^64 needs no more than 53 bits")]
    pub(crate) fn is_drawn(self, seed: u64, purpose: &str, share: f64) -> bool {
        self.draw(seed, purpose) as f64 / (u64::MAX as f64) < share
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

fn draw(bytes: &[u8], seed: u64, purpose: &str) -> u64 {
    let digest = Sha256::new()
        .chain_update(seed.to_le_bytes())
        .chain_update(purpose)
        .chain_update(bytes)
        .finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(first)
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_two_digits_each() {
        assert_eq!(hex(&[0, 1, 0xab, 0xff]), "0001abff");
        assert_eq!(hex(&[]), "");
    }

    #[test]
    fn the_halves_are_of_the_stone_and_of_the_row() {
        let identity = |stone, row| Identity::of(stone, row);
        let (one, other) = (identity("stone", "row"), identity("stone", "other row"));
        assert_eq!(one.stone(), other.stone());
        assert_ne!(one, other);
        assert_eq!(one.draw(1, "fold"), other.draw(1, "fold"));
        assert_ne!(one.draw_row(1, "fold"), other.draw_row(1, "fold"));
        assert_ne!(one.stone(), identity("other", "row").stone());
    }
}
