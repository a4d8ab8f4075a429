//! Remembers which combinations of cut, color and clarity were rare in the training data.

use serde::{Deserialize, Serialize};

use crate::grade::{Clarity, Color, Cut};

/// How many combinations of cut, color and clarity there are: 5 × 7 × 8.
pub const COMBINATIONS: usize = Cut::ALL.len() * Color::ALL.len() * Clarity::ALL.len();

const WORD_BITS: usize = u64::BITS as usize;
const WORDS: usize = COMBINATIONS.div_ceil(WORD_BITS);

/// The combinations of cut, color and clarity that few training stones had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RareGrades {
    /// A combination is rare if fewer stones than this had it; at least 1.
    fewer_than: u32,
    /// One bit per combination, by its [`index`]; set where it is rare.
    bits: [u64; WORDS],
}

impl RareGrades {
    /// Marks the combinations that fewer than `fewer_than` stones had; `counts` holds the number of stones of each, by its
    /// [`index`]. A `fewer_than` of 0 is taken as 1, since a combination without a stone is always rare.
    #[must_use]
    pub fn of(counts: &[u32; COMBINATIONS], fewer_than: u32) -> RareGrades {
        let fewer_than = fewer_than.max(1);
        let mut bits = [0; WORDS];
        for (at, _) in counts.iter().enumerate().filter(|(_, count)| **count < fewer_than) {
            bits[at / WORD_BITS] |= 1 << (at % WORD_BITS);
        }
        RareGrades { fewer_than, bits }
    }

    /// Whether this combination is rare.
    #[must_use]
    pub fn contains(&self, cut: Cut, color: Color, clarity: Clarity) -> bool {
        let at = index(cut, color, clarity);
        self.bits[at / WORD_BITS] >> (at % WORD_BITS) & 1 == 1
    }

    /// A combination is rare if fewer stones than this had it.
    #[must_use]
    pub fn fewer_than(&self) -> u32 {
        self.fewer_than
    }

    /// How many combinations are rare.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.bits.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether the limit is at least 1 and no bit beyond the last combination is set.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let beyond = self.bits[WORDS - 1] >> (COMBINATIONS % WORD_BITS);
        self.fewer_than >= 1 && beyond == 0
    }
}

/// The index of a combination, 0 to 279: ordered by cut, then color, then clarity, each in the order of its scale.
#[must_use]
pub fn index(cut: Cut, color: Color, clarity: Clarity) -> usize {
    let [cut, color, clarity] =
        [cut.ordinal(), color.ordinal(), clarity.ordinal()].map(usize::from);
    (cut * Color::ALL.len() + color) * Clarity::ALL.len() + clarity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_has_its_own_index() {
        let mut expected = 0;
        for cut in Cut::ALL {
            for color in Color::ALL {
                for clarity in Clarity::ALL {
                    assert_eq!(index(*cut, *color, *clarity), expected);
                    let mut counts = [7; COMBINATIONS];
                    counts[expected] = 2;
                    let rare = RareGrades::of(&counts, 3);
                    assert!(rare.contains(*cut, *color, *clarity) && rare.count() == 1);
                    assert_eq!(RareGrades::of(&counts, 2).count(), 0);
                    expected += 1;
                }
            }
        }
        assert_eq!(expected, COMBINATIONS);
    }

    #[test]
    fn a_combination_without_a_stone_is_always_rare() {
        assert_eq!(RareGrades::of(&[0; COMBINATIONS], 0).count(), 280);
        assert_eq!(RareGrades::of(&[1; COMBINATIONS], 0).count(), 0);
    }

    #[test]
    fn a_bit_of_no_combination_or_no_limit_is_not_sound() {
        let rare = RareGrades::of(&[0; COMBINATIONS], 10);
        let check = |rare: RareGrades, expected: bool| {
            assert_eq!(rare.is_valid(), expected, "{rare:?}");
        };
        check(rare, true);
        check(RareGrades { fewer_than: 0, ..rare }, false);
        check(RareGrades { bits: [u64::MAX; WORDS], ..rare }, false);
    }
}
