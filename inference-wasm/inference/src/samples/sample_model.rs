//! Codes a stone field by field, each predicted from earlier fields and earlier stones. As in `blob/payload`, one
//! description writes and reads.
//!
//! The order is chosen so that each field helps to predict the next: price, clarity, color, cut, then carat, depth, table,
//! the three sides and the price list.

use alloc::vec;
use alloc::vec::Vec;

use super::Sample;
use super::adaptive_bit::AdaptiveBit;
use super::number::{BitTree, Magnitude};
use crate::grade::{Clarity, Color, Cut};
use crate::stream::Stream;

/// How many digits after the point the numbers of each column have: carat, depth, table, price, x, y, z.
pub(super) type Decimals = [u8; COLUMNS];

pub(super) const COLUMNS: usize = 7;

/// How many digits after the point a column has at most.
pub(super) const MAX_DECIMALS: u8 = 4;

/// The indexes of the columns.
pub(super) const CARAT: usize = 0;
const DEPTH: usize = 1;
const TABLE: usize = 2;
pub(super) const PRICE: usize = 3;
/// The first of x, y and z.
const SIDES: usize = 4;

/// A whole number of units is below this.
const MAX_UNITS: f64 = (1 << 22) as f64;

/// How many bits of a wide number are adaptive; the largest value is the escape for larger numbers.
const PLAIN_BITS: u32 = 10;
const LARGER: u32 = (1 << PLAIN_BITS) - 1;

/// About how much ln(carat) grows per ln(price).
const SLOPE: f64 = 0.585;

/// The contexts of a carat: so many steps of ln(expected carat) of this size, starting at 0.15 carats.
const CARAT_STEPS: usize = 48;
const CARAT_STEP: f64 = 1.0 / 12.0;
const MIN_CARAT_LN: f64 = -1.897;

/// How many contexts a price gives: steps of half a unit of its natural logarithm.
const PRICE_STEPS: usize = 16;

/// The adaptive state of all fields.
pub(super) struct SampleModel {
    columns: [Column; COLUMNS],
    id: Magnitude,
    /// By the size of the last difference.
    price: Vec<Magnitude>,
    clarity: Vec<BitTree>,
    color: Vec<BitTree>,
    cut: Vec<BitTree>,
    carat: Vec<WideNumber>,
    depth: Vec<WideNumber>,
    table: Vec<WideNumber>,
    x: Vec<Magnitude>,
    y: Vec<Magnitude>,
    z: Vec<Magnitude>,
    /// By the order of x and y.
    price_list: Vec<BitTree>,
    /// By color and clarity: the mean of `ln(carat) - SLOPE ln(price)`.
    carat_means: Vec<Mean>,
    /// By cut: the mean of `x³ depth / carat / 100`.
    volume: Vec<Mean>,
    last: Sample,
    last_step: i32,
}

/// What all numbers of a column share.
struct Column {
    decimals: u8,
    /// Whether a number is not a whole number of units, and follows as 64 bits.
    escape: AdaptiveBit,
}

/// Codes a number that is usually below [`LARGER`].
#[derive(Debug, Clone)]
struct WideNumber {
    tree: BitTree,
    beyond: Magnitude,
}

/// A running mean.
#[derive(Debug, Clone, Copy)]
struct Mean {
    sum: f64,
    weight: f64,
}

impl SampleModel {
    pub(super) fn new(decimals: Decimals) -> SampleModel {
        let (cuts, colors, clarities) = (Cut::ALL.len(), Color::ALL.len(), Clarity::ALL.len());
        SampleModel {
            columns: decimals.map(|decimals| Column { decimals, escape: AdaptiveBit::default() }),
            id: Magnitude::default(),
            price: vec![Magnitude::default(); 5],
            clarity: vec![BitTree::new(3); PRICE_STEPS],
            color: vec![BitTree::new(3); clarities],
            cut: vec![BitTree::new(3); clarities],
            carat: vec![WideNumber::default(); CARAT_STEPS],
            depth: vec![WideNumber::default(); cuts],
            table: vec![WideNumber::default(); cuts * 4],
            x: vec![Magnitude::default(); cuts * 3],
            y: vec![Magnitude::default(); cuts * 7],
            z: vec![Magnitude::default(); 8],
            price_list: vec![BitTree::new(4); 3],
            carat_means: vec![Mean { sum: -5.0 * 4.0, weight: 4.0 }; colors * clarities],
            volume: vec![Mean { sum: 163.0 * 4.0, weight: 4.0 }; cuts],
            last: Sample::EMPTY,
            last_step: 0,
        }
    }

    /// Codes a stone; `None` where what was read is not a stone.
    pub(super) fn code(&mut self, stream: &mut impl Stream, given: &Sample) -> Option<Sample> {
        let mut sample = Sample::EMPTY;
        sample.id = self.code_id(stream, given.id)?;
        sample.numbers[PRICE] = self.code_price(stream, given.numbers[PRICE]);
        let ln_price = libm::log(sample.numbers[PRICE].max(1.0));
        let price_step = step(ln_price * 2.0 - 10.0, PRICE_STEPS);

        let clarity = self.clarity[price_step].code(stream, u32::from(given.clarity.ordinal()));
        sample.clarity = *Clarity::ALL.get(clarity as usize)?;
        let color = self.color[clarity as usize].code(stream, u32::from(given.color.ordinal()));
        sample.color = *Color::ALL.get(color as usize)?;
        let cut = self.cut[clarity as usize].code(stream, u32::from(given.cut.ordinal()));
        sample.cut = *Cut::ALL.get(cut as usize)?;
        let cut = cut as usize;

        let carat_means =
            &mut self.carat_means[(color as usize) * Clarity::ALL.len() + clarity as usize];
        let expected_ln = carat_means.value() + SLOPE * ln_price;
        let context = step((expected_ln - MIN_CARAT_LN) / CARAT_STEP, CARAT_STEPS);
        let carat = &mut self.carat[context];
        sample.numbers[CARAT] = self.columns[CARAT].code(stream, given.numbers[CARAT], carat);
        if sample.numbers[CARAT] > 0.0 {
            carat_means.learn(libm::log(sample.numbers[CARAT]) - SLOPE * ln_price, 1000.0);
        }

        let depth = &mut self.depth[cut];
        sample.numbers[DEPTH] = self.columns[DEPTH].code(stream, given.numbers[DEPTH], depth);
        let depth_step = step((sample.numbers[DEPTH] - 58.5) / 1.5, 4);
        let table = &mut self.table[cut * 4 + depth_step];
        sample.numbers[TABLE] = self.columns[TABLE].code(stream, given.numbers[TABLE], table);
        self.code_sides(stream, given, &mut sample);
        let [.., x, y, _] = sample.numbers;
        let order = usize::from(x < y) + 2 * usize::from(x > y);
        let number = given.price_list.map_or(0, |code| u32::from(code) + 1);
        let number = self.price_list[order].code(stream, number);
        sample.price_list = number.checked_sub(1).and_then(|code| u8::try_from(code).ok());
        self.last = sample;
        Some(sample)
    }

    /// Codes an id as its difference to the last one, which is usually 1. `None` where ids do not ascend.
    fn code_id(&mut self, stream: &mut impl Stream, given: i64) -> Option<i64> {
        const FAR: u32 = (1 << 24) - 1;
        let ahead = given.wrapping_sub(self.last.id).wrapping_sub(1);
        let near = u32::try_from(ahead).ok().filter(|ahead| *ahead < FAR);
        match self.id.code(stream, near.unwrap_or(FAR)) {
            FAR => {
                #[expect(clippy::cast_sign_loss, reason = "its bits are coded")]
                let bits = stream.long(ahead as u64);
                self.last.id.checked_add(bits.cast_signed())?.checked_add(1)
            }
            near => self.last.id.checked_add(i64::from(near) + 1),
        }
        .filter(|id| *id > self.last.id)
    }

    fn code_price(&mut self, stream: &mut impl Stream, given: f64) -> f64 {
        let column = &mut self.columns[PRICE];
        let last = column.whole(self.last.numbers[PRICE]);
        let context = match self.last_step {
            0 => 0,
            1 => 1,
            2..=3 => 2,
            4..=15 => 3,
            _ => 4,
        };
        let price = column.code_near(stream, given, last, &mut self.price[context]);
        self.last_step = column.whole(price) - last;
        price
    }

    /// Codes x by its difference to the expected cube root of the volume, y to x, z to what the depth gives.
    fn code_sides(&mut self, stream: &mut impl Stream, given: &Sample, sample: &mut Sample) {
        let [carat, depth, ..] = sample.numbers;
        let cut = usize::from(sample.cut.ordinal());
        let [.., x_column, y_column, z_column] = &mut self.columns;
        let [.., given_x, given_y, given_z] = given.numbers;

        let volume = &mut self.volume[cut];
        let ratio = if depth > 0.0 { carat / depth } else { 0.0 };
        let expected = x_column.whole(libm::cbrt(volume.value() * ratio * 100.0));
        let size = step((carat - 0.2) / 0.5, 3);
        let x = x_column.code_near(stream, given_x, expected, &mut self.x[cut * 3 + size]);
        let off = x_column.whole(x) - expected;

        let expected = y_column.whole(x);
        let context = usize::try_from((off / 2).clamp(-3, 3) + 3).unwrap_or(0);
        let y = y_column.code_near(stream, given_y, expected, &mut self.y[cut * 7 + context]);

        let expected = depth / 100.0 * (x + y) / 2.0;
        let units = expected * power(z_column.decimals);
        let fraction = step((units - libm::floor(units)) * 8.0, 8);
        let expected = z_column.whole(expected);
        let z = z_column.code_near(stream, given_z, expected, &mut self.z[fraction]);

        if x > 0.0 && ratio > 0.0 {
            volume.learn(x * x * x / (ratio * 100.0), 1000.0);
        }
        sample.numbers[SIDES..].copy_from_slice(&[x, y, z]);
    }
}

impl Default for WideNumber {
    fn default() -> WideNumber {
        WideNumber { tree: BitTree::new(PLAIN_BITS), beyond: Magnitude::default() }
    }
}

impl WideNumber {
    fn code(&mut self, stream: &mut impl Stream, units: u32) -> u32 {
        match self.tree.code(stream, units.min(LARGER)) {
            LARGER => LARGER + self.beyond.code(stream, units.saturating_sub(LARGER)),
            units => units,
        }
    }
}

impl Mean {
    fn value(&self) -> f64 {
        self.sum / self.weight
    }

    /// Adds a value. Beyond `max_weight` values the older ones count less.
    fn learn(&mut self, value: f64, max_weight: f64) {
        self.sum += value;
        self.weight += 1.0;
        if self.weight > max_weight {
            self.sum /= 2.0;
            self.weight /= 2.0;
        }
    }
}

impl Column {
    /// Codes a number.
    fn code(&mut self, stream: &mut impl Stream, given: f64, code: &mut WideNumber) -> f64 {
        self.code_units(stream, given, |stream, units| code.code(stream, units))
    }

    /// Codes a number by its difference from the expected one, in units.
    fn code_near(
        &mut self,
        stream: &mut impl Stream,
        given: f64,
        expected: i32,
        steps: &mut Magnitude,
    ) -> f64 {
        self.code_units(stream, given, |stream, units| {
            let step = steps.code_signed(stream, units.cast_signed() - expected);
            expected.saturating_add(step).max(0).cast_unsigned()
        })
    }

    /// Codes a number in whole units, or as 64 bits where it is not a whole number of units.
    fn code_units<S: Stream>(
        &mut self,
        stream: &mut S,
        given: f64,
        code: impl FnOnce(&mut S, u32) -> u32,
    ) -> f64 {
        let units = units(given, self.decimals);
        if self.escape.code(stream, units.is_none()) {
            stream.float(given)
        } else {
            f64::from(code(stream, units.unwrap_or(0))) / power(self.decimals)
        }
    }

    /// Rounds a number to units.
    #[expect(clippy::cast_possible_truncation, reason = "limited to 0 to 2^22; NaN becomes 0")]
    fn whole(&self, number: f64) -> i32 {
        libm::round((number * power(self.decimals)).clamp(0.0, MAX_UNITS)) as i32
    }
}

/// Converts a number to whole units, where that is exact to the bit.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 2^22")]
pub(super) fn units(number: f64, decimals: u8) -> Option<u32> {
    let units = libm::round(number * power(decimals));
    let is_whole = (0.0..MAX_UNITS).contains(&units)
        && (units / power(decimals)).to_bits() == number.to_bits();
    is_whole.then_some(units as u32)
}

fn power(decimals: u8) -> f64 {
    const POWERS: [f64; MAX_DECIMALS as usize + 1] = [1.0, 10.0, 100.0, 1_000.0, 10_000.0];
    POWERS[usize::from(decimals.min(MAX_DECIMALS))]
}

/// Which of `steps` steps a number lies in; numbers outside are in the first or the last.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "limited to the steps")]
fn step(number: f64, steps: usize) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "there are few steps")]
    let last = (steps - 1) as f64;
    number.clamp(0.0, last) as usize
}
