//! Bins a row of features: one signed byte per lane, so that each split is decided by comparing two bytes, exactly.

use alloc::vec::Vec;

use wide::f32x4;

use super::stats::MissingDirections;
use super::{FormError, Thresholds};
use crate::ensure::ensure;
use crate::features::{FEATURE_COUNT, Features};
use crate::image::{ImageError, Source, count};

/// How many lanes fit one 16-byte register.
pub(super) const REGISTER_BYTES: usize = 16;

/// How many thresholds a lane distinguishes: its bins are the 256 values of a byte.
const THRESHOLDS_PER_LANE: usize = 255;

/// How many lanes a byte can number, less the one that [`sparse_trees`](super::sparse_trees) uses for leaves.
const MAX_LANES: usize = 255;

/// The bin of a row that goes left at every test in a lane.
const LOWEST: i8 = i8::MIN;

/// The bin of a row that goes right at every test in a lane.
const HIGHEST: i8 = i8::MAX;

/// Turns a row into bins, one per lane.
///
/// A lane covers up to 255 consecutive thresholds of one feature and one direction for missing values. A row's bin in
/// the lane is the number of thresholds at or below its value, less 128. A test is the index of its threshold in the
/// lane, less 128. The row goes right where its bin is above the test. So comparing two bytes decides
/// `value < threshold` for any value, without rounding.
#[derive(Debug, Clone)]
pub(super) struct FeatureBinner {
    lanes: Vec<Lane>,
    /// For each lane: a block with the last threshold of each of its full blocks, then its blocks, then an empty one.
    blocks: Vec<ThresholdBlock>,
    /// The first lane of each feature for missing values that go right, and the first for those that go left.
    first: [[u8; 2]; FEATURE_COUNT],
}

#[derive(Debug, Clone)]
struct Lane {
    feature: u8,
    /// The bin of a missing value.
    missing: i8,
    /// The index of its first block.
    start: u16,
}

/// Sixteen thresholds in ascending order, padded with NaN, which no value is at or above.
#[derive(Debug, Clone, Copy)]
struct ThresholdBlock([f32x4; 4]);

impl ThresholdBlock {
    const EMPTY: ThresholdBlock = ThresholdBlock([f32x4::new([f32::NAN; 4]); 4]);

    /// How many thresholds a block holds.
    const SIZE: usize = 16;

    fn new(thresholds: impl IntoIterator<Item = f32>) -> ThresholdBlock {
        let mut block = [f32::NAN; 16];
        block.iter_mut().zip(thresholds).for_each(|(slot, threshold)| *slot = threshold);
        let [a, b, c, d] =
            [0, 4, 8, 12].map(|at| f32x4::new(core::array::from_fn(|lane| block[at + lane])));
        ThresholdBlock([a, b, c, d])
    }

    /// Counts the thresholds at or below a value, comparing all of them at once.
    #[inline]
    fn count_at_or_below(&self, value: f32x4) -> usize {
        let [a, b, c, d] = self.0.map(|thresholds| thresholds.simd_le(value).to_bitmask());
        (a | b << 4 | c << 8 | d << 12).count_ones() as usize
    }
}

/// The test of a split: go right where the bin in `lane` is above `test`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Test {
    pub(super) lane: u8,
    pub(super) test: i8,
}

impl Test {
    /// Sends every row left: no bin is above it.
    pub(super) const NEVER: Test = Test { lane: 0, test: HIGHEST };
}

impl FeatureBinner {
    /// Makes the lanes that thresholds and directions of missing values need. An error where there are more than a byte can
    /// number.
    pub(super) fn new(
        thresholds: &Thresholds,
        missing: &MissingDirections,
    ) -> Result<FeatureBinner, FormError> {
        let mut binner =
            FeatureBinner { lanes: Vec::new(), blocks: Vec::new(), first: Default::default() };
        for (feature, thresholds) in thresholds.iter().enumerate() {
            for (missing_left, bin) in [HIGHEST, LOWEST].into_iter().enumerate() {
                if missing[feature][missing_left] {
                    binner.first[feature][missing_left] = binner.count()?;
                    binner.push(feature, bin, thresholds)?;
                }
            }
        }
        Ok(binner)
    }

    /// Appends to an image what the lanes are made from. For each feature: a byte, 1 where splits send missing values
    /// right plus 2 where they send them left; the number of its thresholds (u32); the thresholds (f32).
    pub(super) fn write(thresholds: &Thresholds, missing: &MissingDirections, image: &mut Vec<u8>) {
        for (thresholds, [right, left]) in thresholds.iter().zip(missing) {
            image.push(u8::from(*right) | u8::from(*left) << 1);
            image.extend(count(thresholds.len()));
            thresholds.iter().for_each(|threshold| image.extend(threshold.to_le_bytes()));
        }
    }

    /// Reads what [`Self::write`] wrote, and makes the lanes.
    pub(super) fn read(source: &mut Source<'_>) -> Result<FeatureBinner, ImageError> {
        let (mut thresholds, mut missing) = (Thresholds::default(), MissingDirections::default());
        for (thresholds, missing) in thresholds.iter_mut().zip(&mut missing) {
            let directions = source.byte()?;
            let is_known = directions < 4;
            ensure(is_known, ImageError::Broken("missing values go neither right nor left"))?;
            *missing = [directions & 1 != 0, directions & 2 != 0];
            let count = source.count()?;
            *thresholds = source.floats(count)?;
            let ascend = thresholds.is_sorted_by(|one, other| one < other)
                && thresholds.iter().all(|threshold| threshold.is_finite());
            ensure(ascend, ImageError::Broken("the thresholds of a feature do not ascend"))?;
        }
        Ok(FeatureBinner::new(&thresholds, &missing)?)
    }

    /// Whether there is a lane of this number. Lane 0 always counts as one: [`Test::NEVER`] refers to it even where there
    /// is no lane.
    pub(super) fn has_lane(&self, lane: u8) -> bool {
        usize::from(lane) < self.lanes.len().max(1)
    }

    fn push(&mut self, feature: usize, missing: i8, thresholds: &[f32]) -> Result<(), FormError> {
        for thresholds in thresholds.chunks(THRESHOLDS_PER_LANE) {
            let too_many = |_| FormError::TooManyThresholds;
            let start = u16::try_from(self.blocks.len()).map_err(too_many)?;
            let feature = u8::try_from(feature).map_err(too_many)?;
            self.lanes.push(Lane { feature, missing, start });
            let blocks = || thresholds.chunks(ThresholdBlock::SIZE);
            let full = blocks().filter(|block| block.len() == ThresholdBlock::SIZE);
            self.blocks.push(ThresholdBlock::new(full.filter_map(|block| block.last().copied())));
            self.blocks.extend(blocks().map(|block| ThresholdBlock::new(block.iter().copied())));
            self.blocks.push(ThresholdBlock::EMPTY);
        }
        self.count().map(drop)
    }

    fn count(&self) -> Result<u8, FormError> {
        u8::try_from(self.lanes.len())
            .ok()
            .filter(|count| usize::from(*count) <= MAX_LANES)
            .ok_or(FormError::TooManyThresholds)
    }

    /// Whether the bins of a row fit one register.
    pub(super) fn fits_register(&self) -> bool {
        self.lanes.len() <= REGISTER_BYTES
    }

    /// The test of a split, by the index of its threshold among its feature's.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "there are at most 255 lanes of 255 thresholds"
    )]
    pub(super) fn test(&self, feature: u8, missing_left: bool, index: u16) -> Test {
        let first = self.first[usize::from(feature)][usize::from(missing_left)];
        let (lane, index) =
            (usize::from(index) / THRESHOLDS_PER_LANE, usize::from(index) % THRESHOLDS_PER_LANE);
        Test { lane: first.wrapping_add(lane as u8), test: biased(index) }
    }

    /// Writes the bins of a row to the first slots, one per lane.
    #[inline]
    pub(super) fn bin(&self, features: &Features, bins: &mut [i8]) {
        let row = features.rounded();
        for (lane, bin) in self.lanes.iter().zip(bins) {
            let value = row[usize::from(lane.feature)];
            let (start, splat) = (usize::from(lane.start), f32x4::splat(value));
            // First the full blocks that lie at or below the value, then the thresholds of the next block.
            let whole = self.blocks[start].count_at_or_below(splat);
            let below = ThresholdBlock::SIZE * whole
                + self.blocks[start + 1 + whole].count_at_or_below(splat);
            *bin = if value.is_nan() { lane.missing } else { biased(below) };
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.lanes.as_slice()) + size_of_val(self.blocks.as_slice())
    }
}

/// A number of 0 to 255 as a signed byte, less 128: SSE compares signed bytes only.
#[expect(clippy::cast_possible_truncation, reason = "at most 255 thresholds to a lane")]
fn biased(count: usize) -> i8 {
    (count as u8 ^ 0x80).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binner(thresholds: Vec<f32>, missing: [bool; 2]) -> FeatureBinner {
        let mut all = Thresholds::default();
        all[0] = thresholds;
        let mut directions = MissingDirections::default();
        directions[0] = missing;
        FeatureBinner::new(&all, &directions).unwrap()
    }

    /// Compares every value with every threshold, by bytes and by the definition.
    fn check(thresholds: &[f32]) {
        let binner = binner(thresholds.to_vec(), [true, true]);
        let around = thresholds
            .iter()
            .flat_map(|threshold| [threshold.next_down(), *threshold, threshold.next_up()]);
        for value in around.chain([f32::NEG_INFINITY, f32::INFINITY, 0.0, -0.0, f32::NAN]) {
            let mut row = [0.0; FEATURE_COUNT];
            row[0] = f64::from(value);
            let mut bins = [0; 64];
            binner.bin(&Features::from_values(row), &mut bins);
            for (at, threshold) in thresholds.iter().enumerate() {
                for missing_left in [false, true] {
                    let test = binner.test(0, missing_left, u16::try_from(at).unwrap());
                    let left = if value.is_nan() { missing_left } else { value < *threshold };
                    let found = bins[usize::from(test.lane)] <= test.test;
                    assert_eq!(
                        found, left,
                        "{value} against {threshold}, missing left: {missing_left}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_byte_decides_as_the_threshold_does() {
        check(&[0.5]);
        check(&[-1.5, -0.0, 0.3, 0.7, 1e30]);
        let many = |count: u16| (0..count).map(|at| f32::from(at) * 0.37 - 3.0).collect::<Vec<_>>();
        check(&many(255));
        check(&many(256));
        check(&many(1000));
    }

    #[test]
    fn a_byte_numbers_all_lanes_or_thresholds_are_too_many() {
        let many = |count: u16| (0..count).map(f32::from).collect::<Vec<_>>();
        assert!(binner(many(255 * 16), [true, false]).fits_register());
        assert!(!binner(many(255 * 8 + 1), [true, true]).fits_register());
        let mut thresholds = Thresholds::default();
        thresholds[3] = many(255 * 128);
        let mut missing = MissingDirections::default();
        missing[3] = [true, true];
        assert!(matches!(
            FeatureBinner::new(&thresholds, &missing),
            Err(FormError::TooManyThresholds)
        ));
    }
}
