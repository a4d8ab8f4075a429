//! Tables that map symbols and thresholds to ranges of the coder, and back.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use crate::ans::SymbolRange;
use crate::stream::Alphabet;

/// The probabilities of a table are parts of 2^11.
const TABLE_BITS: u32 = 11;
const TABLE_PARTS: usize = 1 << TABLE_BITS;

/// The probabilities of a cumulative table are parts of 2^16.
const CUMULATIVE_BITS: u32 = 16;

/// How many more bits the scale of a sub-range has than its parts. A weight is below 2^16, so that a product fits 32 bits.
const SCALE_BITS: u32 = 15;

/// The weights of a cumulative table sum to at most this, unless it has more thresholds. So the list that maps each unit
/// of weight to its threshold is short.
const MAX_TOTAL_WEIGHT: u64 = 1 << 13;

/// A weight is written as one of this many steps: 0 to 7 exactly, then four per doubling.
pub(super) const WEIGHT_STEPS: u8 = 64;

/// The weight that a step stands for.
pub(super) fn weight(step: u32) -> u32 {
    if step < 8 { step } else { (4 + step % 4) << (step / 4 - 1) }
}

/// The step with the greatest weight that is not above a count.
pub(super) fn step(count: u32) -> u8 {
    (0..WEIGHT_STEPS).rev().find(|step| weight(u32::from(*step)) <= count).unwrap_or(0)
}

/// The ranges of up to 256 symbols.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    /// For each symbol its range as start and size; of size 0 where the symbol is impossible.
    ranges: Vec<(u16, u16)>,
    /// For each part everything that reading needs: the symbol, the size of its range less one, and the offset of the
    /// part in the range.
    slots: Box<[u32; TABLE_PARTS]>,
}

/// A slot holds from the upper bits down: symbol, size, offset.
const SYMBOL_SHIFT: u32 = 2 * TABLE_BITS;

impl Table {
    /// Makes a table of at most 256 weights; where all are 0, symbol 0 is certain.
    #[expect(clippy::cast_possible_truncation, reason = "sizes sum to 2^11")]
    pub(super) fn of(weights: &[u32]) -> Table {
        let sizes = sizes(weights).unwrap_or_else(|| vec![TABLE_PARTS as u32]);
        let mut table = Table { ranges: Vec::new(), slots: Box::new([0; TABLE_PARTS]) };
        let mut start = 0_u32;
        for (symbol, size) in (0..).zip(sizes) {
            table.ranges.push((start as u16, size as u16));
            let first = symbol << SYMBOL_SHIFT | size.wrapping_sub(1) << TABLE_BITS;
            let end = start + size;
            for (offset, slot) in (0..).zip(&mut table.slots[start as usize..end as usize]) {
                *slot = first | offset;
            }
            start = end;
        }
        table
    }
}

impl Alphabet for Table {
    const SCALE_BITS: u32 = TABLE_BITS;

    type Symbol = u8;

    fn range(&self, symbol: &u8) -> SymbolRange {
        let (start, size) = self.ranges.get(usize::from(*symbol)).copied().unwrap_or_default();
        SymbolRange { start: u32::from(start), size: u32::from(size), scale_bits: TABLE_BITS }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a symbol has eight bits")]
    fn symbol(&self, part: u32) -> (u8, SymbolRange) {
        let slot = self.slots[part as usize % TABLE_PARTS];
        let lower = |bits: u32| bits & ((1 << TABLE_BITS) - 1);
        let (size, offset) = (lower(slot >> TABLE_BITS), lower(slot));
        let range = SymbolRange { start: part - offset, size: size + 1, scale_bits: TABLE_BITS };
        ((slot >> SYMBOL_SHIFT) as u8, range)
    }
}

/// Scales weights to sizes that sum to the parts of a table. Sizes are rounded down, but those of weights above 0 are at
/// least 1; the most probable symbol takes the difference.
fn sizes(weights: &[u32]) -> Option<Vec<u32>> {
    const WHOLE: u64 = TABLE_PARTS as u64;
    let total: u64 = weights.iter().copied().map(u64::from).sum();
    let part = |weight: u32| match weight {
        0 => 0,
        weight => u32::try_from(u64::from(weight) * WHOLE / total).unwrap_or(0).max(1),
    };
    let mut sizes: Vec<u32> = weights.iter().copied().map(part).collect();
    loop {
        let sum: u64 = sizes.iter().copied().map(u64::from).sum();
        let largest = sizes.iter_mut().max()?;
        match WHOLE.cmp(&sum) {
            core::cmp::Ordering::Equal => return Some(sizes),
            core::cmp::Ordering::Greater if *largest == 0 => return None,
            core::cmp::Ordering::Greater => *largest += u32::try_from(WHOLE - sum).ok()?,
            // At most 256 sizes are too large, by less than 1 each, and the largest is at least 8: a few rounds.
            core::cmp::Ordering::Less => {
                let surplus = u32::try_from(sum - WHOLE).ok()?;
                *largest -= surplus.min(*largest / 2);
            }
        }
    }
}

/// The cumulative weights of a feature's thresholds, from which those of a sub-range can be coded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CumulativeTable {
    /// For each threshold the sum of all weights before it; last the sum of all.
    before: Vec<u32>,
    /// For each unit of weight the index of its threshold.
    threshold_index: Vec<u16>,
}

/// The thresholds of a cumulative table from one index to another, scaled to 2^16 parts.
pub(super) struct SubRange<'a> {
    table: &'a CumulativeTable,
    first_weight: u32,
    total: u32,
    /// How many parts a weight of 1 has, times 2^15. A u32, since a longer division takes twice as long and a reader waits
    /// for it.
    scale: u32,
}

impl CumulativeTable {
    /// Makes a table of weights, halved until their sum is small enough; a weight above 0 stays at least 1. `None` for more
    /// than 2^16 thresholds.
    pub(super) fn of(weights: &[u32]) -> Option<CumulativeTable> {
        let sum = |weights: &[u32]| weights.iter().copied().map(u64::from).sum::<u64>();
        let mut weights = weights.to_vec();
        while sum(&weights) > MAX_TOTAL_WEIGHT && weights.iter().any(|weight| *weight > 1) {
            weights.iter_mut().for_each(|weight| *weight = weight.div_ceil(2));
        }
        let (mut before, mut threshold_index) = (vec![0], Vec::new());
        for (index, weight) in weights.into_iter().enumerate() {
            threshold_index
                .resize(threshold_index.len() + weight as usize, u16::try_from(index).ok()?);
            before.push(u32::try_from(threshold_index.len()).ok()?);
        }
        Some(CumulativeTable { before, threshold_index })
    }

    /// The thresholds from `start` to before `end`; `None` where none of them is possible.
    #[inline]
    pub(super) fn sub_range(&self, start: u16, end: u16) -> Option<SubRange<'_>> {
        let first_weight = *self.before.get(usize::from(start))?;
        let total = self.before.get(usize::from(end))?.checked_sub(first_weight)?;
        let scale = (1_u32 << (CUMULATIVE_BITS + SCALE_BITS)).checked_div(total)?;
        Some(SubRange { table: self, first_weight, total, scale })
    }
}

impl SubRange<'_> {
    /// The part at which a threshold starts.
    #[inline]
    fn start(&self, index: u16) -> u32 {
        let before = self.table.before.get(usize::from(index)).copied().unwrap_or_default();
        let weight = before.wrapping_sub(self.first_weight);
        if weight >= self.total {
            return 1 << CUMULATIVE_BITS;
        }
        (weight * self.scale) >> SCALE_BITS
    }
}

impl Alphabet for SubRange<'_> {
    const SCALE_BITS: u32 = CUMULATIVE_BITS;

    /// The index of a threshold.
    type Symbol = u16;

    #[inline]
    fn range(&self, index: &u16) -> SymbolRange {
        let start = self.start(*index);
        SymbolRange { start, size: self.start(index + 1) - start, scale_bits: CUMULATIVE_BITS }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "at most 2^16")]
    fn symbol(&self, part: u32) -> (u16, SymbolRange) {
        let mut weight = self.first_weight
            + ((u64::from(part) * u64::from(self.total)) >> CUMULATIVE_BITS) as u32;
        loop {
            let index =
                self.table.threshold_index.get(weight as usize).copied().unwrap_or_default();
            let range = self.range(&index);
            // Scaling rounds down, so this may be the threshold before. The loop ends: the last range ends with the parts.
            if part < range.start + range.size {
                return (index, range);
            }
            weight += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_written_to_within_a_fifth() {
        for count in 0..100_000 {
            let written = weight(u32::from(step(count)));
            assert!(written <= count && (count - written) * 5 <= count, "{count}: {written}");
            assert!(count >= 8 || written == count);
        }
        assert!((1..u32::from(WEIGHT_STEPS)).all(|step| weight(step) > weight(step - 1)));
    }

    #[test]
    fn every_part_of_a_table_belongs_to_one_possible_symbol() {
        let check = |weights: &[u32]| {
            let table = Table::of(weights);
            let mut end = 0;
            for (symbol, weight) in weights.iter().enumerate() {
                let range = table.range(&u8::try_from(symbol).unwrap());
                assert_eq!(range.start, end);
                assert_eq!(range.size > 0, *weight > 0, "{symbol} of {weights:?}");
                end += range.size;
                for part in range.start..end {
                    let found = table.symbol(part);
                    assert_eq!((usize::from(found.0), found.1.start), (symbol, range.start));
                    assert_eq!(found.1.size, range.size);
                }
            }
            assert_eq!(end, 1 << 11);
        };
        check(&[1]);
        check(&[0, 7, 0]);
        check(&[1, 1_000_000, 1]);
        check(&[1; 256]);
        check(&[u32::MAX; 256]);
        let mut skewed = [1; 256];
        skewed[17] = 3_000_000;
        check(&skewed);
        assert_eq!(Table::of(&[0, 0]), Table::of(&[1]));
        assert_eq!(Table::of(&[]), Table::of(&[1]));
    }

    #[test]
    fn every_part_belongs_to_one_possible_threshold() {
        let check = |weights: &[u32], start: u16, end: u16| {
            let table = CumulativeTable::of(weights).unwrap();
            let sub_range = table.sub_range(start, end).unwrap();
            let mut next = 0;
            for index in start..end {
                let range = sub_range.range(&index);
                assert_eq!(range.start, next);
                assert_eq!(range.size > 0, weights[usize::from(index)] > 0);
                for part in [range.start, range.start + range.size.saturating_sub(1)] {
                    if range.size > 0 {
                        assert_eq!(sub_range.symbol(part).0, index);
                    }
                }
                next += range.size;
            }
            assert_eq!(next, 1 << 16);
        };
        check(&[5], 0, 1);
        check(&[1, 2, 3, 4], 0, 4);
        check(&[1, 2, 3, 4], 1, 3);
        check(&[0, 2, 0, 4, 0], 0, 5);
        check(&[1_000_000, 1, 1, 70_000], 0, 4);
        check(&[9; 3000], 100, 2999);
        check(&[9; 20_000], 0, 20_000);
        let nothing = |weights: &[u32], start, end| {
            assert!(CumulativeTable::of(weights).unwrap().sub_range(start, end).is_none());
        };
        nothing(&[1, 0, 0, 1], 1, 3);
        nothing(&[1], 1, 1);
        nothing(&[1], 0, 2);
        nothing(&[1], 1, 0);
        nothing(&[1, 1], 2, 1);
        assert!(CumulativeTable::of(&[7; 70_000]).is_none());
    }
}
