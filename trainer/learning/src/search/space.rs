//! Defines the settings that a search decides, each with its range.

use std::collections::HashMap;

use optimizer::distribution::Distribution;
use optimizer::param::ParamValue;
use optimizer::parameter::{FloatParam, IntParam, ParamId, Parameter};
use serde_json::{Map, Value};

use crate::error::LearnError;

/// A setting and the values it may have.
#[derive(Debug)]
pub(crate) struct Range {
    name: &'static str,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Number(FloatParam),
    Whole(IntParam),
}

impl Range {
    /// Any number from `low` to `high`.
    pub(crate) fn even(name: &'static str, low: f64, high: f64) -> Range {
        Range { name, values: Values::Number(FloatParam::new(low, high)) }
    }

    /// Any number from `low`, which is above 0, to `high`; each power of ten is as likely as another.
    pub(crate) fn log(name: &'static str, low: f64, high: f64) -> Range {
        Range { name, values: Values::Number(FloatParam::new(low, high).log_scale()) }
    }

    /// A whole number from `low` to `high`, both included.
    pub(crate) fn whole(name: &'static str, low: i64, high: i64) -> Range {
        Range { name, values: Values::Whole(IntParam::new(low, high)) }
    }

    fn param(&self) -> (ParamId, Distribution) {
        match &self.values {
            Values::Number(number) => (number.id(), number.distribution()),
            Values::Whole(whole) => (whole.id(), whole.distribution()),
        }
    }
}

/// Checks that the settings of one search differ in their values: the sampler tells them apart by nothing else.
pub(super) fn check_distinct(ranges: &[Range]) -> Result<(), LearnError> {
    for (at, one) in ranges.iter().enumerate() {
        if let Some(other) = ranges[..at].iter().find(|other| other.param().1 == one.param().1) {
            return Err(LearnError::Alike { one: one.name, other: other.name });
        }
    }
    Ok(())
}

/// The settings of a trial, by name. Numbers have six digits: they read well, and what is written down is what was tried.
pub(super) fn suggest(ranges: &[Range], trial: &mut optimizer::Trial) -> Result<Value, LearnError> {
    let mut settings = Map::new();
    for range in ranges {
        let value = match &range.values {
            Values::Number(number) => Value::from(six_digits(number.suggest(trial)?)),
            Values::Whole(whole) => Value::from(whole.suggest(trial)?),
        };
        settings.insert(range.name.to_owned(), value);
    }
    Ok(Value::Object(settings))
}

/// Settings from elsewhere as the sampler takes them, each moved into its range; `None` where one is missing.
pub(super) fn known(ranges: &[Range], settings: &Value) -> Option<HashMap<ParamId, ParamValue>> {
    let of = |range: &Range| {
        let (value, (id, distribution)) = (&settings[range.name], range.param());
        let value = match distribution {
            Distribution::Int(all) => ParamValue::Int(value.as_i64()?.clamp(all.low, all.high)),
            Distribution::Float(all) => {
                ParamValue::Float(six_digits(value.as_f64()?).clamp(all.low, all.high))
            }
            Distribution::Categorical(_) => return None,
        };
        Some((id, value))
    };
    ranges.iter().map(of).collect()
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
            assert_eq!(check_distinct(ranges).is_ok(), sound, "{ranges:?}");
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
        let ranges = [Range::even("x", 0.0, 1.0), Range::whole("n", 6, 9)];
        let check = |settings: Value, expected: Option<Value>| {
            let study: optimizer::Study<f64> =
                optimizer::Study::new(optimizer::Direction::Minimize);
            let found = known(&ranges, &settings).map(|known| {
                study.enqueue(known);
                suggest(&ranges, &mut study.ask()).unwrap()
            });
            assert_eq!(found, expected, "{settings}");
        };
        check(json!({ "x": 0.5, "n": 7, "eta": 1 }), Some(json!({ "x": 0.5, "n": 7 })));
        check(json!({ "x": 4, "n": 12 }), Some(json!({ "x": 1.0, "n": 9 })));
        check(json!({ "x": 0.5 }), None);
        check(json!({ "x": "much", "n": 7 }), None);
        check(Value::Null, None);
    }
}
