//! Evaluates three or four levels of a tree at once: one SIMD comparison decides all their tests.
//!
//! A tree is usually walked test by test, and the processor waits for each result before it knows the next test. A
//! block instead evaluates all tests of its levels together: one byte shuffle looks up the bins, one comparison gives
//! the results, and a table maps the results to an exit. The seven tests of three levels cost about as much as one test
//! alone. `wide` compiles this to SSSE3, NEON or simd128, and to plain code on processors without them.

use wide::u8x16;

use super::binner::{REGISTER_BYTES, Test};

/// How many levels a block below the root block has; it has 8 exits.
pub(super) const SUBTREE_LEVELS: usize = 3;

/// How many levels a root block has at most.
pub(super) const ROOT_LEVELS: usize = 4;

/// The bins of a row, in one register.
#[derive(Clone, Copy)]
pub(super) struct Row(u8x16);

impl Row {
    #[inline]
    pub(super) fn new(bins: [i8; REGISTER_BYTES]) -> Row {
        Row(u8x16::new(bins.map(i8::cast_unsigned)))
    }

    /// Evaluates 16 tests. Each gives one bit: whether the row's bin in the lane is above the test.
    #[inline]
    fn results(self, lanes: u8x16, tests: u8x16) -> usize {
        let bins = self.0.shuffle(lanes).cast_signed();
        bins.simd_gt(tests.cast_signed()).to_bitmask() as usize
    }
}

/// The first levels of a tree, up to 4: 15 tests level by level, the lanes in the first half and the tests in the
/// second. A block of fewer levels sends every row left at the levels above its own, so its exits are the first ones. Any
/// bytes are safe: they lead to one of 16 exits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RootBlock(pub(super) [[u8; REGISTER_BYTES]; 2]);

impl RootBlock {
    pub(super) const EMPTY: RootBlock =
        RootBlock([[Test::NEVER.lane; 16], [Test::NEVER.test as u8; 16]]);

    /// Sets the test with index `at` in a level, both counted from 0.
    pub(super) fn set(&mut self, level: usize, at: usize, Test { lane, test }: Test) {
        let slot = (1 << level) - 1 + at;
        self.0[0][slot] = lane;
        self.0[1][slot] = test.cast_unsigned();
    }

    /// Whether a block of so many levels sends every row left at the levels above its own. Otherwise it would have more
    /// exits than its levels allow.
    pub(super) fn uses_only_lowest(&self, levels: usize) -> bool {
        let mut unused = 0..ROOT_LEVELS.saturating_sub(levels);
        // A row that always goes left meets only the first test of each level.
        unused.all(|level| self.0[1][(1 << level) - 1] == Test::NEVER.test.cast_unsigned())
    }

    /// The highest lane that any of these blocks tests; 0 where there is no block.
    pub(super) fn highest_lane(root_blocks: &[RootBlock]) -> u8 {
        highest(root_blocks.iter().map(|root_block| &root_block.0[0])).into_iter().fold(0, u8::max)
    }

    /// The exit of a row: 0 to 15, from left to right.
    #[inline]
    pub(super) fn exit(&self, row: Row) -> usize {
        let results = row.results(u8x16::new(self.0[0]), u8x16::new(self.0[1]));
        let upper = usize::from(EXITS[results & 127]);
        let lowest = results >> 7;
        2 * upper + ((lowest >> upper) & 1)
    }
}

/// Three levels further down: 7 tests level by level, the lanes in the first half and the tests in the second. Any bytes
/// are safe: they lead to one of 8 exits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SubtreeBlock(pub(super) [u8; REGISTER_BYTES]);

impl SubtreeBlock {
    pub(super) const EMPTY: SubtreeBlock =
        SubtreeBlock([0, 0, 0, 0, 0, 0, 0, 0, 127, 127, 127, 127, 127, 127, 127, 127]);

    /// Sets the test with index `at` in a level, both counted from 0.
    pub(super) fn set(&mut self, level: usize, at: usize, Test { lane, test }: Test) {
        let slot = (1 << level) - 1 + at;
        self.0[slot] = lane;
        self.0[8 + slot] = test.cast_unsigned();
    }

    /// The highest lane that any of these blocks tests; 0 where there is no block.
    pub(super) fn highest_lane(blocks: &[SubtreeBlock]) -> u8 {
        let [lanes @ .., _, _, _, _, _, _, _, _] = highest(blocks.iter().map(|block| &block.0));
        lanes.into_iter().fold(0, u8::max)
    }

    /// The exit of a row: 0 to 7, from left to right.
    #[inline]
    pub(super) fn exit(&self, row: Row) -> usize {
        const SECOND_HALF: u8x16 =
            u8x16::new([8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]);
        let block = u8x16::new(self.0);
        // The upper half of the shuffle treats tests as lanes. Its results are masked out below.
        let results = row.results(block, block.shuffle(SECOND_HALF));
        usize::from(EXITS[results & 127])
    }
}

/// The highest byte at each position.
fn highest<'a>(rows: impl Iterator<Item = &'a [u8; REGISTER_BYTES]>) -> [u8; REGISTER_BYTES] {
    rows.fold(u8x16::ZERO, |highest, row| highest.max(u8x16::new(*row))).to_array()
}

/// The exit that the seven results of three levels lead to.
#[expect(clippy::cast_possible_truncation, reason = "an exit is below 8")]
const EXITS: [u8; 128] = {
    let mut exits = [0; 128];
    let mut results = 0;
    while results < 128 {
        let first = results & 1;
        let second = (results >> (1 + first)) & 1;
        let third = (results >> (3 + 2 * first + second)) & 1;
        exits[results] = (4 * first + 2 * second + third) as u8;
        results += 1;
    }
    exits
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::random::Random;

    /// A pseudo-random generator of bytes.
    fn bytes() -> impl FnMut() -> u8 {
        let mut random = Random(9);
        move || u8::try_from(random.below(256)).unwrap()
    }

    /// The same walk, one test after the other.
    fn walk(tests: &[Test], bins: &[i8; REGISTER_BYTES], levels: u32) -> usize {
        let first = (0..levels).fold(0, |at, _| {
            let Test { lane, test } = tests[at];
            2 * at + 1 + usize::from(bins[usize::from(lane)] > test)
        });
        first - (2_usize.pow(levels) - 1)
    }

    #[test]
    fn a_block_has_the_exit_that_single_tests_lead_to() {
        let mut byte = bytes();
        for _ in 0..10_000 {
            let bins: [i8; REGISTER_BYTES] = core::array::from_fn(|_| byte().cast_signed());
            let tests: [Test; 15] =
                core::array::from_fn(|_| Test { lane: byte() % 16, test: byte().cast_signed() });
            let (mut root, mut subtree) = (RootBlock::EMPTY, SubtreeBlock::EMPTY);
            for (slot, test) in tests.into_iter().enumerate() {
                let level = (slot + 1).ilog2() as usize;
                let at = slot + 1 - (1 << level);
                root.set(level, at, test);
                if level < SUBTREE_LEVELS {
                    subtree.set(level, at, test);
                }
            }
            assert_eq!(root.exit(Row::new(bins)), walk(&tests, &bins, 4));
            assert_eq!(subtree.exit(Row::new(bins)), walk(&tests, &bins, 3));
        }
    }

    #[test]
    fn an_empty_block_sends_every_row_left() {
        let mut byte = bytes();
        for _ in 0..1000 {
            let row = Row::new(core::array::from_fn(|_| byte().cast_signed()));
            assert_eq!((RootBlock::EMPTY.exit(row), SubtreeBlock::EMPTY.exit(row)), (0, 0));
        }
    }
}
