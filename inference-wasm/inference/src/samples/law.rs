//! What is known of a stone before it is read, from those before it and from itself: a description for both directions, as in
//! `blob/payload`.
//!
//! A stone's fields come in the order in which each says most of the next: price, clarity, color, cut, then the carat that
//! such a price buys, its proportions, and of the three sides what those do not say already.

use alloc::vec;
use alloc::vec::Vec;

use super::Sample;
use super::chance::{Chance, Coder};
use super::number::{Magnitude, Tree};
use crate::grade::{Clarity, Color, Cut};

/// Of carat, depth, table, price, x, y, z, as a file says it: how many digits after the point most of them have.
pub(super) type Decimals = [u8; COLUMNS];

pub(super) const COLUMNS: usize = 7;

/// More digits than these no column has.
pub(super) const MOST_DECIMALS: u8 = 4;

/// The places of the columns.
pub(super) const CARAT: usize = 0;
const DEPTH: usize = 1;
const TABLE: usize = 2;
pub(super) const PRICE: usize = 3;
const X: usize = 4;
const Y: usize = 5;
const Z: usize = 6;

/// A whole number of units is below this.
const MOST_UNITS: f64 = (1 << 22) as f64;

/// How many bits a number has that is learnt as such; the largest of them says that it is larger.
const PLAIN_BITS: u32 = 10;
const LARGER: u32 = (1 << PLAIN_BITS) - 1;

/// By how much a carat's logarithm grows with the price's, about.
const SLOPE: f64 = 0.585;

/// The expected carat's logarithm is told apart in so many steps of this size, from that of 0.15 carats on.
const CARAT_STEPS: usize = 48;
const CARAT_STEP: f64 = 1.0 / 12.0;
const LOWEST_CARAT_LN: f64 = -1.897;

/// A price is told apart in steps of a quarter of its doubling.
const PRICE_STEPS: usize = 16;

/// The law and what it has learnt.
pub(super) struct Law {
    decimals: Decimals,
    /// Whether a column's number is none of whole units.
    odd: [Chance; COLUMNS],
    id: Magnitude,
    /// By how the last one differed.
    price: Vec<Magnitude>,
    clarity: Vec<Tree>,
    color: Vec<Tree>,
    cut: Vec<Tree>,
    carat: Vec<Wide>,
    depth: Vec<Wide>,
    table: Vec<Wide>,
    x: Vec<Magnitude>,
    y: Vec<Magnitude>,
    z: Vec<Magnitude>,
    /// By color and clarity: what a price buys.
    buys: Vec<Mean>,
    /// By cut: x cubed over carat and depth.
    volume: Vec<Mean>,
    last: Sample,
    last_step: i32,
}

/// A number that is mostly below [`LARGER`].
#[derive(Debug, Clone)]
struct Wide {
    tree: Tree,
    beyond: Magnitude,
}

/// A mean of what came so far.
#[derive(Debug, Clone, Copy)]
struct Mean {
    sum: f64,
    weight: f64,
}

impl Law {
    pub(super) fn new(decimals: Decimals) -> Law {
        let (cuts, colors, clarities) = (Cut::ALL.len(), Color::ALL.len(), Clarity::ALL.len());
        Law {
            decimals,
            odd: [Chance::default(); COLUMNS],
            id: Magnitude::default(),
            price: vec![Magnitude::default(); 5],
            clarity: vec![Tree::of(3); PRICE_STEPS],
            color: vec![Tree::of(3); clarities],
            cut: vec![Tree::of(3); clarities],
            carat: vec![Wide::default(); CARAT_STEPS],
            depth: vec![Wide::default(); cuts],
            table: vec![Wide::default(); cuts * 4],
            x: vec![Magnitude::default(); cuts * 3],
            y: vec![Magnitude::default(); cuts * 7],
            z: vec![Magnitude::default(); 8],
            buys: vec![Mean { sum: -5.0 * 4.0, weight: 4.0 }; colors * clarities],
            volume: vec![Mean { sum: 163.0 * 4.0, weight: 4.0 }; cuts],
            last: Sample::EMPTY,
            last_step: 0,
        }
    }

    /// A stone; `None` where what was read is none.
    pub(super) fn code(&mut self, coder: &mut impl Coder, given: &Sample) -> Option<Sample> {
        let mut sample = Sample::EMPTY;
        sample.id = self.code_id(coder, given.id)?;
        sample.numbers[PRICE] = self.code_price(coder, given.numbers[PRICE]);
        let ln_price = libm::log(sample.numbers[PRICE].max(1.0));
        let price_step = step(ln_price * 2.0 - 10.0, PRICE_STEPS);

        let clarity = self.clarity[price_step].code(coder, u32::from(given.clarity.ordinal()));
        sample.clarity = *Clarity::ALL.get(clarity as usize)?;
        let color = self.color[clarity as usize].code(coder, u32::from(given.color.ordinal()));
        sample.color = *Color::ALL.get(color as usize)?;
        let cut = self.cut[clarity as usize].code(coder, u32::from(given.cut.ordinal()));
        sample.cut = *Cut::ALL.get(cut as usize)?;
        let cut = cut as usize;

        let buys = &mut self.buys[(color as usize) * Clarity::ALL.len() + clarity as usize];
        let expected_ln = buys.value() + SLOPE * ln_price;
        let context = step((expected_ln - LOWEST_CARAT_LN) / CARAT_STEP, CARAT_STEPS);
        let odd = (&mut self.odd[CARAT], self.decimals[CARAT]);
        sample.numbers[CARAT] = self.carat[context].code_number(coder, odd, given.numbers[CARAT]);
        if sample.numbers[CARAT] > 0.0 {
            buys.learn(libm::log(sample.numbers[CARAT]) - SLOPE * ln_price, 1000.0);
        }

        let odd = (&mut self.odd[DEPTH], self.decimals[DEPTH]);
        sample.numbers[DEPTH] = self.depth[cut].code_number(coder, odd, given.numbers[DEPTH]);
        let depth_step = step((sample.numbers[DEPTH] - 58.5) / 1.5, 4);
        let odd = (&mut self.odd[TABLE], self.decimals[TABLE]);
        let table = &mut self.table[cut * 4 + depth_step];
        sample.numbers[TABLE] = table.code_number(coder, odd, given.numbers[TABLE]);
        self.code_sides(coder, given, &mut sample);
        self.last = sample;
        Some(sample)
    }

    /// Ids mostly count up. No step is below 1, so no two are equal.
    fn code_id(&mut self, coder: &mut impl Coder, given: i64) -> Option<i64> {
        const FAR: u32 = (1 << 24) - 1;
        let ahead = given.wrapping_sub(self.last.id).wrapping_sub(1);
        let near = u32::try_from(ahead).ok().filter(|ahead| *ahead < FAR);
        match self.id.code(coder, near.unwrap_or(FAR)) {
            FAR => {
                #[expect(clippy::cast_sign_loss, reason = "its bits are taken apart")]
                let bits = plain_word(coder, ahead as u64);
                self.last.id.checked_add(bits.cast_signed())?.checked_add(1)
            }
            near => self.last.id.checked_add(i64::from(near) + 1),
        }
        .filter(|id| *id > self.last.id)
    }

    fn code_price(&mut self, coder: &mut impl Coder, given: f64) -> f64 {
        let decimals = self.decimals[PRICE];
        let last = whole(self.last.numbers[PRICE], decimals);
        let context = match self.last_step {
            0 => 0,
            1 => 1,
            2..=3 => 2,
            4..=15 => 3,
            _ => 4,
        };
        let odd = (&mut self.odd[PRICE], decimals);
        let price = number_beside(coder, odd, given, last, &mut self.price[context]);
        self.last_step = whole(price, decimals) - last;
        price
    }

    /// x by the volume of such a stone, y beside x, z by the depth.
    fn code_sides(&mut self, coder: &mut impl Coder, given: &Sample, sample: &mut Sample) {
        let [carat, depth, ..] = sample.numbers;
        let cut = usize::from(sample.cut.ordinal());
        let decimals = self.decimals;
        let mut side = |coder: &mut _, column: usize, expected: i32, steps: &mut Magnitude| {
            let odd = (&mut self.odd[column], decimals[column]);
            number_beside(coder, odd, given.numbers[column], expected, steps)
        };

        let volume = &mut self.volume[cut];
        let ratio = if depth > 0.0 { carat / depth } else { 0.0 };
        let expected = whole(libm::cbrt(volume.value() * ratio * 100.0), decimals[X]);
        let size = step((carat - 0.2) / 0.5, 3);
        let x = side(coder, X, expected, &mut self.x[cut * 3 + size]);
        let off = whole(x, decimals[X]) - expected;

        let expected = whole(x, decimals[Y]);
        let context = usize::try_from((off / 2).clamp(-3, 3) + 3).unwrap_or(0);
        let y = side(coder, Y, expected, &mut self.y[cut * 7 + context]);

        let expected = depth / 100.0 * (x + y) / 2.0;
        let units = expected * power(decimals[Z]);
        let fraction = step((units - libm::floor(units)) * 8.0, 8);
        let expected = whole(expected, decimals[Z]);
        let z = side(coder, Z, expected, &mut self.z[fraction]);

        if x > 0.0 && ratio > 0.0 {
            volume.learn(x * x * x / (ratio * 100.0), 1000.0);
        }
        sample.numbers[X..].copy_from_slice(&[x, y, z]);
    }
}

impl Default for Wide {
    fn default() -> Wide {
        Wide { tree: Tree::of(PLAIN_BITS), beyond: Magnitude::default() }
    }
}

impl Wide {
    fn code_number(&mut self, coder: &mut impl Coder, odd: (&mut Chance, u8), given: f64) -> f64 {
        number(coder, odd, given, |coder, units| self.code(coder, units))
    }

    fn code(&mut self, coder: &mut impl Coder, units: u32) -> u32 {
        match self.tree.code(coder, units.min(LARGER)) {
            LARGER => LARGER + self.beyond.code(coder, units.saturating_sub(LARGER)),
            units => units,
        }
    }
}

impl Mean {
    fn value(&self) -> f64 {
        self.sum / self.weight
    }

    /// Beyond `most` values the older ones fade.
    fn learn(&mut self, value: f64, most: f64) {
        self.sum += value;
        self.weight += 1.0;
        if self.weight > most {
            self.sum /= 2.0;
            self.weight /= 2.0;
        }
    }
}

/// A number: in whole units, or bit by bit where it is none of them.
fn number<C: Coder>(
    coder: &mut C,
    (odd, decimals): (&mut Chance, u8),
    given: f64,
    code: impl FnOnce(&mut C, u32) -> u32,
) -> f64 {
    let units = units(given, decimals);
    if coder.bit(odd, units.is_none()) {
        f64::from_bits(plain_word(coder, given.to_bits()))
    } else {
        f64::from(code(coder, units.unwrap_or(0))) / power(decimals)
    }
}

/// A number by how many units it is from what is expected.
fn number_beside(
    coder: &mut impl Coder,
    odd: (&mut Chance, u8),
    given: f64,
    expected: i32,
    steps: &mut Magnitude,
) -> f64 {
    number(coder, odd, given, |coder, units| {
        let step = steps.code_signed(coder, units.cast_signed() - expected);
        expected.saturating_add(step).max(0).cast_unsigned()
    })
}

/// A number as whole units, where it is as many of them to the bit.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 2^22")]
pub(super) fn units(number: f64, decimals: u8) -> Option<u32> {
    let units = libm::round(number * power(decimals));
    let is_whole = (0.0..MOST_UNITS).contains(&units)
        && (units / power(decimals)).to_bits() == number.to_bits();
    is_whole.then_some(units as u32)
}

/// About how many units a number is.
#[expect(clippy::cast_possible_truncation, reason = "limited to 0 to 2^22; no number is 0")]
fn whole(number: f64, decimals: u8) -> i32 {
    libm::round((number * power(decimals)).clamp(0.0, MOST_UNITS)) as i32
}

fn power(decimals: u8) -> f64 {
    const POWERS: [f64; MOST_DECIMALS as usize + 1] = [1.0, 10.0, 100.0, 1_000.0, 10_000.0];
    POWERS[usize::from(decimals.min(MOST_DECIMALS))]
}

/// Which of `steps` steps a number lies in; below and above are the first and the last.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "limited to the steps")]
fn step(number: f64, steps: usize) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "there are few steps")]
    let last = (steps - 1) as f64;
    number.clamp(0.0, last) as usize
}

/// 64 bits as they are.
fn plain_word(coder: &mut impl Coder, word: u64) -> u64 {
    let mut read = 0;
    for shift in [48, 32, 16, 0] {
        let sixteen = (word >> shift) & 0xffff;
        let part = coder.plain(16, sixteen as u32);
        read = read << 16 | u64::from(part);
    }
    read
}
