//! Fans: the top levels of a tree asked all at once.
//!
//! A tree is usually walked one question after the other, each answer deciding which question is next, and the
//! processor waits for each. A fan asks all questions of its levels together: one byte shuffle looks the features up,
//! one comparison answers, and a table says where the answers lead. The seven questions of three levels cost about as
//! much as one question asked by itself. `wide` makes this SSSE3, NEON or simd128, and computes the same plainly on
//! processors that have none of them.

use wide::u8x16;

use super::lanes::{REGISTER, Test};

/// How many levels a fan below the crown has, and so how many exits: 8.
pub(super) const FAN_LEVELS: usize = 3;

/// How many levels a crown has at most.
pub(super) const CROWN_LEVELS: usize = 4;

/// The bins of a row, in one register.
#[derive(Clone, Copy)]
pub(super) struct Row(u8x16);

impl Row {
    #[inline]
    pub(super) fn new(bins: [i8; REGISTER]) -> Row {
        Row(u8x16::new(bins.map(i8::cast_unsigned)))
    }

    /// One bit for each of 16 tests: whether the row's bin in its lane is above it.
    #[inline]
    fn answers(self, lanes: u8x16, tests: u8x16) -> usize {
        let bins = self.0.shuffle(lanes).cast_signed();
        bins.simd_gt(tests.cast_signed()).to_bitmask() as usize
    }
}

/// The first levels of a tree, up to 4 of them: 15 tests level by level, the lanes in the first half and the tests in
/// the second. A lower crown leaves the first levels out: they send everything left, so its exits are the first ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Crown([[u8; REGISTER]; 2]);

impl Crown {
    pub(super) const EMPTY: Crown = Crown([[Test::NEVER.lane; 16], [Test::NEVER.test as u8; 16]]);

    /// Sets the `at`-th test of a level, both counted from 0.
    pub(super) fn set(&mut self, level: usize, at: usize, Test { lane, test }: Test) {
        let slot = (1 << level) - 1 + at;
        self.0[0][slot] = lane;
        self.0[1][slot] = test.cast_unsigned();
    }

    /// The crown as an image holds it.
    pub(super) const fn to_bytes(self) -> [[u8; REGISTER]; 2] {
        self.0
    }

    /// What [`Self::to_bytes`] gave. A walk takes any bytes, to one of 16 exits.
    pub(super) const fn from_bytes(bytes: [[u8; REGISTER]; 2]) -> Crown {
        Crown(bytes)
    }

    /// Whether a crown of so many levels leaves out the levels above them, as it must to have no other exits than its
    /// own.
    pub(super) fn is_of(&self, levels: usize) -> bool {
        let mut left_out = 0..CROWN_LEVELS.saturating_sub(levels);
        // The first test of each level, which is the only one that a walk to the left meets.
        left_out.all(|level| self.0[1][(1 << level) - 1] == Test::NEVER.test.cast_unsigned())
    }

    /// The highest lane that any of these asks for; 0 where there is none.
    pub(super) fn highest_lane(crowns: &[Crown]) -> u8 {
        highest(crowns.iter().map(|crown| &crown.0[0])).into_iter().fold(0, u8::max)
    }

    /// Which of the 16 exits a row leaves by, from left to right.
    #[inline]
    pub(super) fn exit(&self, row: Row) -> usize {
        let answers = row.answers(u8x16::new(self.0[0]), u8x16::new(self.0[1]));
        let upper = usize::from(EXITS[answers & 127]);
        let lowest = answers >> 7;
        2 * upper + ((lowest >> upper) & 1)
    }
}

/// Three levels further down: 7 tests level by level, lanes in the first half and tests in the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fan([u8; REGISTER]);

impl Fan {
    pub(super) const EMPTY: Fan =
        Fan([0, 0, 0, 0, 0, 0, 0, 0, 127, 127, 127, 127, 127, 127, 127, 127]);

    /// Sets the `at`-th test of a level, both counted from 0.
    pub(super) fn set(&mut self, level: usize, at: usize, Test { lane, test }: Test) {
        let slot = (1 << level) - 1 + at;
        self.0[slot] = lane;
        self.0[8 + slot] = test.cast_unsigned();
    }

    /// The fan as an image holds it.
    pub(super) const fn to_bytes(self) -> [u8; REGISTER] {
        self.0
    }

    /// What [`Self::to_bytes`] gave. A walk takes any bytes, to one of 8 exits.
    pub(super) const fn from_bytes(bytes: [u8; REGISTER]) -> Fan {
        Fan(bytes)
    }

    /// The highest lane that any of these asks for; 0 where there is none.
    pub(super) fn highest_lane(fans: &[Fan]) -> u8 {
        let [lanes @ .., _, _, _, _, _, _, _, _] = highest(fans.iter().map(|fan| &fan.0));
        lanes.into_iter().fold(0, u8::max)
    }

    /// Which of the 8 exits a row leaves by, from left to right.
    #[inline]
    pub(super) fn exit(&self, row: Row) -> usize {
        const SECOND_HALF: u8x16 =
            u8x16::new([8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]);
        let fan = u8x16::new(self.0);
        // The tests are no lanes: what the upper half of the shuffle finds for them is not looked at.
        let answers = row.answers(fan, fan.shuffle(SECOND_HALF));
        usize::from(EXITS[answers & 127])
    }
}

/// The highest byte at each place.
fn highest<'a>(rows: impl Iterator<Item = &'a [u8; REGISTER]>) -> [u8; REGISTER] {
    rows.fold(u8x16::ZERO, |highest, row| highest.max(u8x16::new(*row))).to_array()
}

/// By the seven answers of three levels, the exit they lead to.
#[expect(clippy::cast_possible_truncation, reason = "an exit is below 8")]
const EXITS: [u8; 128] = {
    let mut exits = [0; 128];
    let mut answers = 0;
    while answers < 128 {
        let first = answers & 1;
        let second = (answers >> (1 + first)) & 1;
        let third = (answers >> (3 + 2 * first + second)) & 1;
        exits[answers] = (4 * first + 2 * second + third) as u8;
        answers += 1;
    }
    exits
};

#[cfg(test)]
mod tests {
    use super::*;

    /// A generator of bytes with a fixed start.
    fn bytes() -> impl FnMut() -> u8 {
        let mut state = 9_u64;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_be_bytes()[0]
        }
    }

    /// The same walk, one question after the other.
    fn walk(tests: &[Test], bins: &[i8; REGISTER], levels: u32) -> usize {
        let first = (0..levels).fold(0, |at, _| {
            let Test { lane, test } = tests[at];
            2 * at + 1 + usize::from(bins[usize::from(lane)] > test)
        });
        first - (2_usize.pow(levels) - 1)
    }

    #[test]
    fn a_fan_leads_where_one_question_after_the_other_does() {
        let mut byte = bytes();
        for _ in 0..10_000 {
            let bins: [i8; REGISTER] = core::array::from_fn(|_| byte().cast_signed());
            let tests: [Test; 15] =
                core::array::from_fn(|_| Test { lane: byte() % 16, test: byte().cast_signed() });
            let (mut crown, mut fan) = (Crown::EMPTY, Fan::EMPTY);
            for (slot, test) in tests.into_iter().enumerate() {
                let level = (slot + 1).ilog2() as usize;
                let at = slot + 1 - (1 << level);
                crown.set(level, at, test);
                if level < FAN_LEVELS {
                    fan.set(level, at, test);
                }
            }
            assert_eq!(crown.exit(Row::new(bins)), walk(&tests, &bins, 4));
            assert_eq!(fan.exit(Row::new(bins)), walk(&tests, &bins, 3));
        }
    }

    #[test]
    fn what_is_not_used_sends_everything_left() {
        let mut byte = bytes();
        for _ in 0..1000 {
            let row = Row::new(core::array::from_fn(|_| byte().cast_signed()));
            assert_eq!((Crown::EMPTY.exit(row), Fan::EMPTY.exit(row)), (0, 0));
        }
    }
}
