//! Decimals of 32-bit floats: the number that a caller wrote before its program widened it to 64 bits.

use alloc::string::ToString;

/// A number that is not longer than this is meant as it is written.
const MAX_DECIMALS: usize = 8;

/// A widened number stands for a decimal that is not longer than this.
const MAX_FLOAT32_DECIMALS: usize = 6;

/// What a decimal of so many places is multiplied by to be a whole number.
const SCALES: [f64; MAX_DECIMALS + 1] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/// No field of a diamond allows more, and so far the arithmetic of [`rounded`] is exact.
const MAX_NUMBER: f64 = 1_000.0;

/// The shortest decimal that reads as the 32-bit float nearest to a number: 0.7 for 0.699999988079071. For numbers that
/// are known to be 32-bit floats, such as those of the datatype FP32.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the caller says that it is a 32-bit float")]
pub fn shortest_decimal(number: f64) -> f64 {
    (number as f32).to_string().parse().unwrap_or(number)
}

/// The decimal that was widened, if a number is visibly a widened 32-bit float; any other number as it is.
///
/// A number is visibly widened if it has more than 8 decimals and is exactly a 32-bit float, and a decimal of at most 6
/// reads as that float. So 0.699999988079071 is 0.7, while 0.69999999, 0.375 and 0.6999999880790712 stay. One 64-bit
/// number in 500 million is exactly a 32-bit float by chance.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "what is lost is what is asked for")]
pub fn without_widening(number: f64) -> f64 {
    let float = number as f32;
    let is_float = f64::from(float).to_bits() == number.to_bits() && number.abs() < MAX_NUMBER;
    if !is_float || rounded(number, SCALES[MAX_DECIMALS]).to_bits() == number.to_bits() {
        return number;
    }
    let mut shorter = SCALES[..=MAX_FLOAT32_DECIMALS].iter().map(|scale| rounded(number, *scale));
    shorter.find(|short| (*short as f32).to_bits() == float.to_bits()).unwrap_or(number)
}

/// The decimal nearest to a number whose places are those of `scale`, as it reads in 64 bits: both sides of the division
/// are whole numbers below 2^53, so its result is the nearest there is.
fn rounded(number: f64, scale: f64) -> f64 {
    libm::round(number * scale) / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_widened_number_is_the_decimal_that_was_widened() {
        let check = |number: f64, expected: f64| {
            assert_eq!(without_widening(number).to_bits(), expected.to_bits(), "{number}");
        };
        check(0.699_999_988_079_071, 0.7);
        check(f64::from(61.1_f32), 61.1);
        check(f64::from(43.1709_f32), 43.1709);
        check(f64::from(0.000_1_f32), 0.0001);
        check(-f64::from(0.7_f32), -0.7);
        for unchanged in [
            0.0,
            -0.0,
            0.7,
            0.375,
            61.5,
            0.699_999_99,
            0.699_999_988,
            0.699_999_988_079_071_2,
            0.300_000_000_000_000_04,
            // Floats that no short decimal reads as.
            f64::from(0.123_456_79_f32),
            f64::from(f32::MIN_POSITIVE),
            1e300,
            f64::MIN_POSITIVE,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ] {
            check(unchanged, unchanged);
        }
    }

    #[test]
    fn every_decimal_of_up_to_four_places_survives_widening() {
        for whole in 1..=1_000_000_u32 {
            let decimal = f64::from(whole) / 10_000.0;
            assert_eq!(without_widening(decimal).to_bits(), decimal.to_bits());
            let widened = f64::from(decimal.to_string().parse::<f32>().unwrap());
            assert_eq!(without_widening(widened).to_bits(), decimal.to_bits(), "{widened}");
        }
    }

    #[test]
    fn the_shortest_decimal_reads_as_the_same_float() {
        for (number, expected) in [
            (0.699_999_988_079_071, 0.7),
            (0.699_999_988, 0.7),
            (61.5, 61.5),
            (1e300, f64::INFINITY),
        ] {
            assert_eq!(shortest_decimal(number).to_bits(), f64::to_bits(expected), "{number}");
        }
    }
}
