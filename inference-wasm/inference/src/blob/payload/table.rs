//! How likely each symbol is.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use crate::ans::Slice;

/// Likelihoods of a table are parts of 2^11.
const TABLE_BITS: u32 = 11;
const TABLE_PARTS: usize = 1 << TABLE_BITS;

/// Likelihoods of a spectrum are parts of 2^16.
const SPECTRUM_BITS: u32 = 16;

/// The bits by which a band is finer than its parts. A weight is below 2^16, so that with it 32 bits suffice.
const SCALE_BITS: u32 = 15;

/// The weights of a spectrum sum to at most this, unless it has more cuts, so that a short list can say which cut each
/// unit of weight belongs to.
const MOST_SPECTRUM_WEIGHT: u64 = 1 << 13;

/// A weight is written as one of this many steps: 0 to 7 exactly, then four to every doubling.
pub(super) const WEIGHT_STEPS: u8 = 64;

/// The weight of a step.
pub(super) fn weight(step: u8) -> u32 {
    let step = u32::from(step);
    if step < 8 { step } else { (4 + step % 4) << (step / 4 - 1) }
}

/// The step whose weight is the greatest that is not above a count.
pub(super) fn step(count: u32) -> u8 {
    (0..WEIGHT_STEPS).rev().find(|step| weight(*step) <= count).unwrap_or(0)
}

/// Symbols of a byte.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    /// By symbol, its slice; empty for one that cannot come.
    slices: Vec<(u16, u16)>,
    /// By part, everything that reading wants: the symbol it belongs to, that symbol's size less one, and how far into
    /// its slice the part lies.
    slots: Box<[u32; TABLE_PARTS]>,
}

/// The bits of a slot: a symbol above a size above an offset.
const SYMBOL_SHIFT: u32 = 2 * TABLE_BITS;

impl Table {
    /// A table of weights, at most 256 of them; where all are 0, the symbol 0 is certain.
    #[expect(clippy::cast_possible_truncation, reason = "sizes sum to 2^11")]
    pub(super) fn of(weights: &[u32]) -> Table {
        let sizes = sizes(weights).unwrap_or_else(|| vec![TABLE_PARTS as u32]);
        let mut table = Table { slices: Vec::new(), slots: Box::new([0; TABLE_PARTS]) };
        let mut start = 0_u32;
        for (symbol, size) in (0..).zip(sizes) {
            table.slices.push((start as u16, size as u16));
            let first = symbol << SYMBOL_SHIFT | size.wrapping_sub(1) << TABLE_BITS;
            let end = start + size;
            for (offset, slot) in (0..).zip(&mut table.slots[start as usize..end as usize]) {
                *slot = first | offset;
            }
            start = end;
        }
        table
    }

    /// The slice of a symbol.
    pub(super) fn slice(&self, symbol: u8) -> Slice {
        let (start, size) = self.slices.get(usize::from(symbol)).copied().unwrap_or_default();
        Slice { start: u32::from(start), size: u32::from(size), scale_bits: TABLE_BITS }
    }

    /// The symbol that a part belongs to, and its slice.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a symbol has eight bits")]
    pub(super) fn symbol(&self, part: impl FnOnce(u32) -> u32) -> (u8, Slice) {
        let part = part(TABLE_BITS);
        let slot = self.slots[part as usize % TABLE_PARTS];
        let lower = |bits: u32| bits & ((1 << TABLE_BITS) - 1);
        let (size, offset) = (lower(slot >> TABLE_BITS), lower(slot));
        let slice = Slice { start: part - offset, size: size + 1, scale_bits: TABLE_BITS };
        ((slot >> SYMBOL_SHIFT) as u8, slice)
    }
}

/// Weights as parts of a table, none of the likely ones 0: rounded down, and what is left over or lacks is the
/// likeliest symbol's.
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
            // At most 256 are too large by less than one each, and the largest is at least 8: a few rounds.
            core::cmp::Ordering::Less => {
                let surplus = u32::try_from(sum - WHOLE).ok()?;
                *largest -= surplus.min(*largest / 2);
            }
        }
    }
}

/// The cuts of a feature, of which those in a given range can still come.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spectrum {
    /// The sum of all weights before each cut, and of all.
    before: Vec<u32>,
    /// The cut of each unit of weight.
    cut_of: Vec<u16>,
}

/// A range of a spectrum, scaled to 2^16 parts.
pub(super) struct Band<'a> {
    spectrum: &'a Spectrum,
    first_weight: u32,
    total: u32,
    /// How many parts a weight of 1 is, times 2^15. Of 32 bits: a longer division takes twice as long, and a reader waits
    /// for it.
    scale: u32,
}

impl Spectrum {
    /// A spectrum of weights, halved until they sum to little enough; one that comes at all keeps at least 1. `None` for
    /// more than 2^16 cuts.
    pub(super) fn of(weights: &[u32]) -> Option<Spectrum> {
        let sum = |weights: &[u32]| weights.iter().copied().map(u64::from).sum::<u64>();
        let mut weights = weights.to_vec();
        while sum(&weights) > MOST_SPECTRUM_WEIGHT && weights.iter().any(|weight| *weight > 1) {
            weights.iter_mut().for_each(|weight| *weight = weight.div_ceil(2));
        }
        let (mut before, mut cut_of) = (vec![0], Vec::new());
        for (cut, weight) in weights.into_iter().enumerate() {
            cut_of.resize(cut_of.len() + weight as usize, u16::try_from(cut).ok()?);
            before.push(u32::try_from(cut_of.len()).ok()?);
        }
        Some(Spectrum { before, cut_of })
    }

    /// The cuts from `start` to before `end`; `None` where none of them can come.
    #[inline]
    pub(super) fn band(&self, start: u16, end: u16) -> Option<Band<'_>> {
        let first_weight = *self.before.get(usize::from(start))?;
        let total = self.before.get(usize::from(end))?.checked_sub(first_weight)?;
        let scale = (1_u32 << (SPECTRUM_BITS + SCALE_BITS)).checked_div(total)?;
        Some(Band { spectrum: self, first_weight, total, scale })
    }
}

impl Band<'_> {
    /// The part at which the weight before a cut ends.
    #[inline]
    fn start(&self, cut: u16) -> u32 {
        let before = self.spectrum.before.get(usize::from(cut)).copied().unwrap_or_default();
        let weight = before.wrapping_sub(self.first_weight);
        if weight >= self.total {
            return 1 << SPECTRUM_BITS;
        }
        (weight * self.scale) >> SCALE_BITS
    }

    /// The slice of a cut of the band.
    #[inline]
    pub(super) fn slice(&self, cut: u16) -> Slice {
        let start = self.start(cut);
        Slice { start, size: self.start(cut + 1) - start, scale_bits: SPECTRUM_BITS }
    }

    /// The cut that a part belongs to, and its slice.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "at most 2^16")]
    pub(super) fn cut(&self, part: impl FnOnce(u32) -> u32) -> (u16, Slice) {
        let part = part(SPECTRUM_BITS);
        let mut weight =
            self.first_weight + ((u64::from(part) * u64::from(self.total)) >> SPECTRUM_BITS) as u32;
        loop {
            let cut = self.spectrum.cut_of.get(weight as usize).copied().unwrap_or_default();
            let slice = self.slice(cut);
            // Scaling rounds down, so the weight may be a little too small, and the cut one before. The last cut of a band
            // ends with the parts, so the loop does too.
            if part < slice.start + slice.size {
                return (cut, slice);
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
            let written = weight(step(count));
            assert!(written <= count && (count - written) * 5 <= count, "{count}: {written}");
            assert!(count >= 8 || written == count);
        }
        assert!((1..WEIGHT_STEPS).all(|step| weight(step) > weight(step - 1)));
    }

    #[test]
    fn every_part_of_a_table_belongs_to_one_symbol_that_can_come() {
        let check = |weights: &[u32]| {
            let table = Table::of(weights);
            let mut end = 0;
            for (symbol, weight) in weights.iter().enumerate() {
                let slice = table.slice(u8::try_from(symbol).unwrap());
                assert_eq!(slice.start, end);
                assert_eq!(slice.size > 0, *weight > 0, "{symbol} of {weights:?}");
                end += slice.size;
                for part in slice.start..end {
                    let found = table.symbol(|_| part);
                    assert_eq!((usize::from(found.0), found.1.start), (symbol, slice.start));
                    assert_eq!(found.1.size, slice.size);
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
    fn every_part_of_a_band_belongs_to_one_cut_that_can_come() {
        let check = |weights: &[u32], start: u16, end: u16| {
            let spectrum = Spectrum::of(weights).unwrap();
            let band = spectrum.band(start, end).unwrap();
            let mut next = 0;
            for cut in start..end {
                let slice = band.slice(cut);
                assert_eq!(slice.start, next);
                assert_eq!(slice.size > 0, weights[usize::from(cut)] > 0);
                for part in [slice.start, slice.start + slice.size.saturating_sub(1)] {
                    if slice.size > 0 {
                        assert_eq!(band.cut(|_| part).0, cut);
                    }
                }
                next += slice.size;
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
            assert!(Spectrum::of(weights).unwrap().band(start, end).is_none());
        };
        nothing(&[1, 0, 0, 1], 1, 3);
        nothing(&[1], 1, 1);
        nothing(&[1], 0, 2);
        nothing(&[1], 1, 0);
        nothing(&[1, 1], 2, 1);
        assert!(Spectrum::of(&[7; 70_000]).is_none());
    }
}
