//! Codes the thresholds of a feature as sorted lists; most are decimals of few digits, as stones are measured.

use alloc::vec::Vec;

use crate::stream::Stream;

/// How many digits after the point are tried at most.
const MAX_DIGITS: u32 = 3;

/// How many ones a unary number has at most. With the right number of lower bits any difference has fewer.
const MAX_ONES: u32 = 64;

/// Codes a feature's thresholds: the decimals of some number of digits, then all others by their bits. `None` where what
/// was read is not a list of distinct finite numbers.
pub(super) fn code(stream: &mut impl Stream, given: &[f32]) -> Option<Vec<f32>> {
    // The writer chooses the digits that leave the fewest others; of several, the fewest digits.
    let others =
        |digits: &u32| given.iter().filter(|threshold| !is_decimal(**threshold, *digits)).count();
    let digits = (0..=MAX_DIGITS).min_by_key(others).unwrap_or_default();
    let digits = stream.bits(2, digits);
    let (decimals, others): (Vec<f32>, Vec<f32>) =
        given.iter().partition(|threshold| is_decimal(**threshold, digits));
    let decimals = decimals.into_iter().map(|threshold| in_units(threshold, digits)).collect();
    let decimals = code_numbers(stream, decimals)?;
    let others = code_numbers(stream, others.into_iter().map(in_order).collect())?;
    let decimals = decimals.into_iter().map(|number| decimal(number, digits));
    let thresholds = merged(decimals, others.into_iter().map(from_order));
    let are_sorted = thresholds.is_sorted_by(|one, other| one < other);
    (are_sorted && thresholds.iter().all(|threshold| threshold.is_finite())).then_some(thresholds)
}

/// Merges two ascending lists.
fn merged(one: impl Iterator<Item = f32>, other: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut other = other.peekable();
    let mut all = Vec::new();
    for number in one {
        while let Some(before) = other.next_if(|other| other.total_cmp(&number).is_lt()) {
            all.push(before);
        }
        all.push(number);
    }
    all.extend(other);
    all
}

/// Codes ascending whole numbers: the first, then each difference to the one before, less one, in Rice coding.
fn code_numbers(stream: &mut impl Stream, given: Vec<i32>) -> Option<Vec<i32>> {
    let count = stream.bits(16, u32::try_from(given.len()).ok()?) as usize;
    let gap = |pair: &[i32]| pair[1].wrapping_sub(pair[0]).cast_unsigned().wrapping_sub(1);
    let lower_bits = stream.bits(5, lower_bits(given.windows(2).map(gap)));
    let mut numbers: Vec<i32> = Vec::new();
    for at in 0..count {
        // Otherwise a few bytes could promise thousands of thresholds, and demand memory for them.
        if stream.has_overrun() {
            return None;
        }
        let given = given.get(at).copied().unwrap_or(0);
        numbers.push(match numbers.last() {
            None => stream.word(given.cast_unsigned()).cast_signed(),
            Some(last) => {
                let gap = rice(stream, lower_bits, gap(&[*last, given]))?;
                last.checked_add_unsigned(gap.checked_add(1)?)?
            }
        });
    }
    Some(numbers)
}

/// Codes a number in Rice coding: its upper bits in unary, the others plain.
fn rice(stream: &mut impl Stream, lower_bits: u32, number: u32) -> Option<u32> {
    let given = number.checked_shr(lower_bits).unwrap_or(0);
    let mut upper = 0;
    while stream.flag(upper < given) {
        upper += 1;
        if upper > MAX_ONES {
            return None;
        }
    }
    let lower = stream.bits(lower_bits, number & ((1 << lower_bits) - 1));
    Some(upper.checked_mul(1 << lower_bits)? | lower)
}

/// The number of plain lower bits that makes the list shortest.
fn lower_bits(gaps: impl Iterator<Item = u32> + Clone) -> u32 {
    let bits = |lower: u32| {
        gaps.clone().try_fold(0_u64, |sum, gap| {
            let ones = gap >> lower;
            (ones <= MAX_ONES).then_some(sum + u64::from(ones + 1 + lower))
        })
    };
    (0..31).filter_map(|lower| Some((bits(lower)?, lower))).min().map_or(30, |(_, lower)| lower)
}

fn is_decimal(threshold: f32, digits: u32) -> bool {
    decimal(in_units(threshold, digits), digits).to_bits() == threshold.to_bits()
}

/// Converts a decimal to a whole number of its last digit. A value that overflows is not such a decimal.
#[expect(clippy::cast_possible_truncation, reason = "converting back detects a loss")]
fn in_units(threshold: f32, digits: u32) -> i32 {
    libm::round(f64::from(threshold) * f64::from(10_u32.pow(digits))) as i32
}

#[expect(clippy::cast_possible_truncation, reason = "the nearest f32 is what a decimal means")]
fn decimal(number: i32, digits: u32) -> f32 {
    (f64::from(number) / f64::from(10_u32.pow(digits))) as f32
}

/// Maps a float to a number so that numbers order as the floats do.
fn in_order(threshold: f32) -> i32 {
    let bits = threshold.to_bits().cast_signed();
    bits ^ ((bits >> 31) & i32::MAX)
}

/// The inverse of [`in_order`].
fn from_order(number: i32) -> f32 {
    f32::from_bits((number ^ ((number >> 31) & i32::MAX)).cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ans::{Reader, Writer};
    use crate::properties::random::Random;

    /// Checks that thresholds are read back to the bit, from at most so many bytes.
    fn check(thresholds: &[f32], max_bytes: usize) {
        let mut writer = Writer::default();
        assert!(code(&mut writer, thresholds).is_some());
        let bytes = writer.finish();
        assert!(bytes.len() <= max_bytes, "{} bytes for {thresholds:?}", bytes.len());
        let mut reader = Reader::new(bytes.as_chunks().0);
        let found = code(&mut reader, &[]).unwrap();
        assert!(reader.is_at_the_end(false));
        let bits = |thresholds: &[f32]| {
            thresholds.iter().map(|threshold| threshold.to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(bits(&found), bits(thresholds));
    }

    #[test]
    fn thresholds_are_exact_and_decimals_take_few_bytes() {
        check(&[], 16);
        check(&[0.5], 20);
        let carats: Vec<f32> = (20..270).map(|carat| carat as f32 / 100.0).collect();
        check(&carats, 60);
        let between = [&carats[..], &[2.715_001, 2.730_002]].concat();
        check(&between, 70);
        check(&[-1.5, 0.0, 0.001, 61.05, 1e6], 40);
        check(&[-0.0, 1.0], 28);
        check(&[f32::MIN, -1e-40, 1e-40, 0.1, 1e30, f32::MAX], 48);
        check(&[0.3_f32, 0.3_f32.next_up()], 28);
    }

    #[test]
    fn reading_takes_no_more_memory_than_the_bytes_allow() {
        let mut writer = Writer::default();
        // No digits, more numbers than follow, no lower bits; then the first number, and two that follow it.
        for (count, number) in [(2, 0), (16, 60_000), (5, 0), (16, 0), (16, 7), (1, 0), (1, 0)] {
            writer.bits(count, number);
        }
        let bytes = writer.finish();
        let mut reader = Reader::new(bytes.as_chunks().0);
        let info = allocation_counter::measure(|| assert_eq!(code(&mut reader, &[]), None));
        assert!(info.bytes_max < 4096, "{info:?}");
    }

    #[test]
    fn what_is_not_a_sorted_list_is_refused() {
        let mut random = Random(3);
        let mut refused = 0;
        for _ in 0..2000 {
            let words: [[u8; 4]; 20] = core::array::from_fn(|_| {
                (random.below(1 << 16) << 16 | random.below(1 << 16)).to_le_bytes()
            });
            match code(&mut Reader::new(&words), &[]) {
                None => refused += 1,
                Some(thresholds) => assert!(thresholds.is_sorted_by(|one, other| one < other)),
            }
        }
        assert!(refused > 100, "{refused}");
    }
}
