//! Writes numbers as people do: dollars with cents, whole numbers without a fraction.

use serde::{Serialize, Serializer};

/// A number that is written as people write it: 61 rather than 61.0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number(pub f64);

impl Number {
    /// An amount in dollars, rounded to cents.
    #[must_use]
    pub fn dollars(usd: f64) -> Number {
        Number(inference::quantity::cents(usd))
    }
}

impl Serialize for Number {
    #[expect(clippy::cast_possible_truncation, reason = "only whole numbers far inside i64")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() < 1e15 {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        let check = |number: Number, expected: &str| {
            assert_eq!(serde_json::to_string(&number).unwrap(), expected);
        };
        check(Number(61.0), "61");
        check(Number(0.3), "0.3");
        check(Number(-0.0), "0");
        check(Number::dollars(2_757.006), "2757.01");
        check(Number::dollars(18_823.0), "18823");
    }
}
