//! A row of features as small integers: every threshold of an ensemble becomes a place in a sorted list, exactly.

use alloc::vec::Vec;

use wide::f32x4;

use super::FormError;
use super::census::Used;
use crate::features::{FEATURE_COUNT, Features};
use crate::image::{ImageError, Source, count};

/// How many lanes one 16-byte register holds.
pub(super) const REGISTER: usize = 16;

/// How many cuts a lane can tell apart: its bins are the 256 values of a byte.
const CUTS_A_LANE: usize = 255;

/// The lanes that a walker can name in a byte, less one that [`thicket`](super::thicket) keeps for its leaves.
const MOST_LANES: usize = 255;

/// The bin of a row that goes left at every test of a lane.
const LOWEST: i8 = i8::MIN;

/// The bin of a row that goes right at every test of a lane.
const HIGHEST: i8 = i8::MAX;

/// The sorted, distinct thresholds of each feature.
pub(crate) type Cuts = [Vec<f32>; FEATURE_COUNT];

/// How a row becomes bins, one lane after the other.
///
/// A lane is a run of up to 255 cuts of one feature, together with where a missing value goes. The row's bin in it is
/// the number of cuts at or below its value, less 128; a test is the number of its cut in the lane, less 128; the row
/// goes right where its bin is above the test. So `value < threshold` is decided by comparing two bytes, for any
/// value, without rounding anything.
#[derive(Debug, Clone)]
pub(super) struct Lanes {
    lanes: Vec<Lane>,
    /// Of each lane, first the last cut of each of its blocks, then the blocks, then one without any.
    blocks: Vec<Block>,
    /// The first lane of each feature for missing values that go right, and for those that go left.
    first: [[u8; 2]; FEATURE_COUNT],
}

#[derive(Debug, Clone)]
struct Lane {
    feature: u8,
    missing: i8,
    /// Where its blocks start.
    start: u16,
}

/// Sixteen cuts in their order, filled up with NaN, which no value reaches.
#[derive(Debug, Clone, Copy)]
struct Block([f32x4; 4]);

impl Block {
    const EMPTY: Block = Block([f32x4::new([f32::NAN; 4]); 4]);

    /// How many cuts a block holds.
    const CUTS: usize = 16;

    fn new(cuts: impl IntoIterator<Item = f32>) -> Block {
        let mut block = [f32::NAN; 16];
        block.iter_mut().zip(cuts).for_each(|(slot, cut)| *slot = cut);
        let [a, b, c, d] =
            [0, 4, 8, 12].map(|at| f32x4::new(core::array::from_fn(|lane| block[at + lane])));
        Block([a, b, c, d])
    }

    /// How many of its cuts are at or below a value. They are sorted, so that all of them can be asked at once.
    #[inline]
    fn reached_by(&self, value: f32x4) -> usize {
        let [a, b, c, d] = self.0.map(|cuts| cuts.simd_le(value).to_bitmask());
        (a | b << 4 | c << 8 | d << 12).count_ones() as usize
    }
}

/// A split as the walkers know it: go right where the bin in `lane` is above `test`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Test {
    pub(super) lane: u8,
    pub(super) test: i8,
}

impl Test {
    /// No bin is above it: everything goes left.
    pub(super) const NEVER: Test = Test { lane: 0, test: HIGHEST };
}

impl Lanes {
    /// Lays the lanes out. `used` says of each feature whether any split of it sends missing values right, and left.
    ///
    /// # Errors
    ///
    /// [`FormError::TooManyThresholds`] where a byte does not suffice to name the lanes.
    pub(super) fn new(cuts: &Cuts, used: &Used) -> Result<Lanes, FormError> {
        let mut lanes = Lanes { lanes: Vec::new(), blocks: Vec::new(), first: Default::default() };
        for (feature, cuts) in cuts.iter().enumerate() {
            for (missing_left, missing) in [HIGHEST, LOWEST].into_iter().enumerate() {
                if used[feature][missing_left] {
                    lanes.first[feature][missing_left] = lanes.count()?;
                    lanes.push(feature, missing, cuts)?;
                }
            }
        }
        Ok(lanes)
    }

    /// Appends what lanes are laid out from as an image holds it: for each feature a byte, 1 where splits send missing
    /// values right and 2 more where they send them left, the number of its cuts (u32), and the cuts (f32).
    pub(super) fn write(cuts: &Cuts, used: &Used, image: &mut Vec<u8>) {
        for (cuts, [right, left]) in cuts.iter().zip(used) {
            image.push(u8::from(*right) | u8::from(*left) << 1);
            image.extend(count(cuts.len()));
            cuts.iter().for_each(|cut| image.extend(cut.to_le_bytes()));
        }
    }

    /// Reads what [`Self::write`] wrote, and lays the lanes out.
    pub(super) fn read(source: &mut Source<'_>) -> Result<Lanes, ImageError> {
        let (mut cuts, mut used) = (Cuts::default(), Used::default());
        for (cuts, used) in cuts.iter_mut().zip(&mut used) {
            *used = check_used(source.byte()?)?;
            let count = source.count()?;
            *cuts = source.floats(count)?;
            check_cuts(cuts)?;
        }
        Ok(Lanes::new(&cuts, &used)?)
    }

    /// Whether rows have a bin in every lane up to this one. Where there is no lane at all, the first is still named, by
    /// tests that are none.
    pub(super) fn have(&self, lane: u8) -> bool {
        usize::from(lane) < self.lanes.len().max(1)
    }

    fn push(&mut self, feature: usize, missing: i8, cuts: &[f32]) -> Result<(), FormError> {
        for cuts in cuts.chunks(CUTS_A_LANE) {
            let too_many = |_| FormError::TooManyThresholds;
            let start = u16::try_from(self.blocks.len()).map_err(too_many)?;
            let feature = u8::try_from(feature).map_err(too_many)?;
            self.lanes.push(Lane { feature, missing, start });
            let blocks = || cuts.chunks(Block::CUTS);
            let full = blocks().filter(|block| block.len() == Block::CUTS);
            self.blocks.push(Block::new(full.filter_map(|block| block.last().copied())));
            self.blocks.extend(blocks().map(|block| Block::new(block.iter().copied())));
            self.blocks.push(Block::EMPTY);
        }
        self.count().map(drop)
    }

    fn count(&self) -> Result<u8, FormError> {
        u8::try_from(self.lanes.len())
            .ok()
            .filter(|count| usize::from(*count) <= MOST_LANES)
            .ok_or(FormError::TooManyThresholds)
    }

    /// Whether a row fits one register.
    pub(super) fn fit_a_register(&self) -> bool {
        self.lanes.len() <= REGISTER
    }

    /// The test of a split at a cut of a feature.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "there are at most 255 lanes of 255 cuts")]
    pub(super) fn test(&self, feature: u8, missing_left: bool, cut: u16) -> Test {
        let first = self.first[usize::from(feature)][usize::from(missing_left)];
        let (lane, cut) = (usize::from(cut) / CUTS_A_LANE, usize::from(cut) % CUTS_A_LANE);
        Test { lane: first.wrapping_add(lane as u8), test: biased(cut) }
    }

    /// The bins of a row; as many of the slots are written as there are lanes.
    #[inline]
    pub(super) fn bin(&self, features: &Features, bins: &mut [i8]) {
        let row = features.rounded();
        for (lane, bin) in self.lanes.iter().zip(bins) {
            let value = row[usize::from(lane.feature)];
            let (start, wanted) = (usize::from(lane.start), f32x4::splat(value));
            // How many blocks are at or below the value as a whole, and how far it reaches into the next.
            let whole = self.blocks[start].reached_by(wanted);
            let below = Block::CUTS * whole + self.blocks[start + 1 + whole].reached_by(wanted);
            *bin = if value.is_nan() { lane.missing } else { biased(below) };
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.lanes.as_slice()) + size_of_val(self.blocks.as_slice())
    }
}

fn check_used(bits: u8) -> Result<[bool; 2], ImageError> {
    match bits {
        0..4 => Ok([bits & 1 != 0, bits & 2 != 0]),
        _ => Err(ImageError::Broken { why: "missing values go neither right nor left" }),
    }
}

fn check_cuts(cuts: &[f32]) -> Result<(), ImageError> {
    let ascend = cuts.windows(2).all(|pair| pair[0] < pair[1]);
    if ascend && cuts.iter().all(|cut| cut.is_finite()) {
        Ok(())
    } else {
        Err(ImageError::Broken { why: "the thresholds of a feature do not ascend" })
    }
}

/// A number of 0 to 255 as a signed byte, less 128: SSE compares signed bytes only.
#[expect(clippy::cast_possible_truncation, reason = "at most 255 cuts to a lane")]
fn biased(count: usize) -> i8 {
    (count as u8 ^ 0x80).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lanes(cuts: Vec<f32>, used: [bool; 2]) -> Lanes {
        let mut all = Cuts::default();
        all[0] = cuts;
        let mut uses = [[false; 2]; FEATURE_COUNT];
        uses[0] = used;
        Lanes::new(&all, &uses).unwrap()
    }

    /// Every value against every cut, by bytes and by the definition.
    fn check(cuts: &[f32]) {
        let lanes = lanes(cuts.to_vec(), [true, true]);
        let around = cuts.iter().flat_map(|cut| [cut.next_down(), *cut, cut.next_up()]);
        for value in around.chain([f32::NEG_INFINITY, f32::INFINITY, 0.0, -0.0, f32::NAN]) {
            let mut row = [0.0; FEATURE_COUNT];
            row[0] = f64::from(value);
            let mut bins = [0; 64];
            lanes.bin(&Features::from_values(row), &mut bins);
            for (at, cut) in cuts.iter().enumerate() {
                for missing_left in [false, true] {
                    let test = lanes.test(0, missing_left, u16::try_from(at).unwrap());
                    let left = if value.is_nan() { missing_left } else { value < *cut };
                    let found = bins[usize::from(test.lane)] <= test.test;
                    assert_eq!(found, left, "{value} against {cut}, missing left: {missing_left}");
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
    fn as_many_lanes_as_are_needed_and_no_more_than_a_byte_can_name() {
        let many = |count: u16| (0..count).map(f32::from).collect::<Vec<_>>();
        assert!(lanes(many(255 * 16), [true, false]).fit_a_register());
        assert!(!lanes(many(255 * 8 + 1), [true, true]).fit_a_register());
        let mut cuts = Cuts::default();
        cuts[3] = many(255 * 128);
        let mut used = [[false; 2]; FEATURE_COUNT];
        used[3] = [true, true];
        assert!(matches!(Lanes::new(&cuts, &used), Err(FormError::TooManyThresholds)));
    }
}
