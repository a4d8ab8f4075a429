//! Defines the settings that a search decides, each with its range.

use std::collections::HashMap;

use optimizer::param::ParamValue;
use optimizer::parameter::{FloatParam, IntParam, ParamId, Parameter};
use serde_json::{Map, Value};

use crate::error::LearnError;

/// A setting and the values it may have. Two settings of one search must differ in their values: the sampler tells
/// them apart by nothing else.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    name: &'static str,
    values: Values,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Values {
    Even(f64, f64),
    Log(f64, f64),
    Whole(i64, i64),
}

/// The settings of one search, as the sampler wants them.
pub(super) struct Space {
    dials: Vec<(Range, Dial)>,
}

enum Dial {
    Number(FloatParam),
    Whole(IntParam),
}

impl Range {
    /// Any number from `low` to `high`.
    pub(crate) const fn even(name: &'static str, low: f64, high: f64) -> Range {
        Range { name, values: Values::Even(low, high) }
    }

    /// Any number from `low`, which is above 0, to `high`; each power of ten is as likely as another.
    pub const fn log(name: &'static str, low: f64, high: f64) -> Range {
        Range { name, values: Values::Log(low, high) }
    }

    /// A whole number from `low` to `high`, both included.
    pub const fn whole(name: &'static str, low: i64, high: i64) -> Range {
        Range { name, values: Values::Whole(low, high) }
    }
}

impl Space {
    /// # Errors
    ///
    /// [`LearnError::Alike`] where two settings have the same values.
    pub(super) fn of(ranges: &[Range]) -> Result<Space, LearnError> {
        for (at, one) in ranges.iter().enumerate() {
            if let Some(other) = ranges[..at].iter().find(|other| other.values == one.values) {
                return Err(LearnError::Alike { one: one.name, other: other.name });
            }
        }
        let dial = |range: &Range| match range.values {
            Values::Even(low, high) => Dial::Number(FloatParam::new(low, high)),
            Values::Log(low, high) => Dial::Number(FloatParam::new(low, high).log_scale()),
            Values::Whole(low, high) => Dial::Whole(IntParam::new(low, high)),
        };
        Ok(Space { dials: ranges.iter().map(|range| (*range, dial(range))).collect() })
    }

    /// The settings of a trial, by name. Numbers have six digits: they read well, and what is written down is what
    /// was tried.
    pub(super) fn suggest(&self, trial: &mut optimizer::Trial) -> Result<Value, LearnError> {
        let mut settings = Map::new();
        for (range, dial) in &self.dials {
            let value = match dial {
                Dial::Number(number) => Value::from(six_digits(number.suggest(trial)?)),
                Dial::Whole(whole) => Value::from(whole.suggest(trial)?),
            };
            settings.insert(range.name.to_owned(), value);
        }
        Ok(Value::Object(settings))
    }

    /// Settings from elsewhere as the sampler takes them, each moved into its range; `None` where one is missing.
    pub(super) fn known(&self, settings: &Value) -> Option<HashMap<ParamId, ParamValue>> {
        let of = |(range, dial): &(Range, Dial)| {
            let value = &settings[range.name];
            Some(match (dial, range.values) {
                (Dial::Whole(whole), Values::Whole(low, high)) => {
                    (whole.id(), ParamValue::Int(value.as_i64()?.clamp(low, high)))
                }
                (Dial::Number(number), Values::Even(low, high) | Values::Log(low, high)) => {
                    (number.id(), ParamValue::Float(six_digits(value.as_f64()?).clamp(low, high)))
                }
                _ => return None,
            })
        };
        self.dials.iter().map(of).collect()
    }
}

fn six_digits(value: f64) -> f64 {
    // What Rust has written it reads.
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_has_six_digits_and_survives_being_written_down() {
        let check = |value: f64, expected: f64| {
            let rounded = six_digits(value);
            assert_eq!(rounded.to_bits(), expected.to_bits(), "{value}");
            let read: Value = serde_json::from_str(&json!(rounded).to_string()).unwrap();
            assert_eq!(read.as_f64().unwrap().to_bits(), rounded.to_bits(), "{value}");
        };
        check(0.712_345_678_9, 0.712_346);
        check(1.234_567_89e-6, 1.234_57e-6);
        check(123_456.7, 123_457.0);
        check(1.0, 1.0);
    }

    #[test]
    fn settings_of_one_search_differ_in_their_values() {
        let check = |ranges: &[Range], sound: bool| {
            assert_eq!(Space::of(ranges).is_ok(), sound, "{ranges:?}");
        };
        check(&[Range::even("a", 0.0, 1.0), Range::even("b", 0.0, 2.0)], true);
        check(&[Range::log("a", 0.1, 1.0), Range::even("b", 0.1, 1.0)], true);
        check(&[Range::even("a", 0.0, 1.0), Range::even("b", 0.0, 1.0)], false);
        check(
            &[Range::whole("a", 1, 2), Range::log("b", 1.0, 2.0), Range::whole("c", 1, 2)],
            false,
        );
    }

    #[test]
    fn known_settings_are_moved_into_their_ranges_and_must_be_whole() {
        let space = Space::of(&[Range::even("x", 0.0, 1.0), Range::whole("n", 6, 9)]).unwrap();
        let check = |known: Value, expected: Option<Value>| {
            let study: optimizer::Study<f64> =
                optimizer::Study::new(optimizer::Direction::Minimize);
            let found = space.known(&known).map(|known| {
                study.enqueue(known);
                space.suggest(&mut study.ask()).unwrap()
            });
            assert_eq!(found, expected, "{known}");
        };
        check(json!({ "x": 0.5, "n": 7, "eta": 1 }), Some(json!({ "x": 0.5, "n": 7 })));
        check(json!({ "x": 4, "n": 12 }), Some(json!({ "x": 1.0, "n": 9 })));
        check(json!({ "x": 0.5 }), None);
        check(json!({ "x": "much", "n": 7 }), None);
        check(Value::Null, None);
    }
}
