//! An axis of a plot: its range and the round values at its ticks.

use learning::number::{percent, plain, signed_percent, usd};

/// An axis; places on it are f64, of a logarithmic one too.
#[derive(Debug, Clone, Default)]
pub(super) struct Axis {
    pub(super) title: String,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) ticks: Vec<(f64, String)>,
    is_log: bool,
    /// Whether lines across the plot mark the ticks.
    pub(super) has_grid: bool,
    /// Whether an upright one grows downwards, as names are read.
    pub(super) is_downward: bool,
}

/// There are no more intervals between ticks than this, give or take the ends.
const INTERVALS: f64 = 6.0;

impl Axis {
    /// Dollars between round values around these.
    pub(super) fn usd(title: &str, low: f64, high: f64) -> Axis {
        Axis::linear(title, low, high, usd)
    }

    /// Dollars, each step a factor.
    pub(super) fn log_usd(title: &str, low: f64, high: f64) -> Axis {
        Axis::logarithmic(title, low, high, usd)
    }

    /// Counts, each step a factor.
    pub(super) fn log_count(title: &str, low: f64, high: f64) -> Axis {
        Axis::logarithmic(title, low, high, |value| usd(value).replace('$', ""))
    }

    fn logarithmic(title: &str, low: f64, high: f64, written: fn(f64) -> String) -> Axis {
        let ticks = decades(low, high).map(|value| (libm::log10(value), written(value))).collect();
        let (low, high) = (libm::log10(low.max(f64::MIN_POSITIVE)), libm::log10(high));
        let high = if high > low { high } else { low + 1.0 };
        Axis {
            title: title.to_owned(),
            low,
            high,
            ticks,
            is_log: true,
            has_grid: true,
            ..Axis::default()
        }
    }

    /// Shares in percent; with their sign where some are below 0.
    pub(super) fn percent(title: &str, low: f64, high: f64) -> Axis {
        let digits = usize::from((high - low) < 0.04);
        Axis::linear(title, low, high, |share| {
            let is_signed = low < 0.0 && share != 0.0;
            if is_signed { signed_percent(share, digits) } else { percent(share, digits) }
        })
    }

    /// Numbers with so many digits after the point.
    pub(super) fn number(title: &str, low: f64, high: f64, digits: usize) -> Axis {
        Axis::linear(title, low, high, |value| plain(value, digits))
    }

    /// Names, each in the middle of its place: the first one from 0 to 1.
    pub(super) fn names(title: &str, names: Vec<String>) -> Axis {
        let high = names.len() as f64;
        Axis {
            title: title.to_owned(),
            high,
            ticks: middles().zip(names).collect(),
            ..Axis::default()
        }
    }

    fn linear(title: &str, low: f64, high: f64, written: impl Fn(f64) -> String) -> Axis {
        let high = if high > low { high } else { low + 1.0 };
        let step = round_step((high - low) / INTERVALS);
        let (first, last) = ((low / step).floor(), (high / step - 1e-9).ceil());
        let places = (0..20).map(|at| first + f64::from(at)).take_while(|at| *at <= last);
        let ticks = places.map(|at| (at * step, written(at * step))).collect();
        let (low, high) = (first * step, last * step);
        Axis { title: title.to_owned(), low, high, ticks, has_grid: true, ..Axis::default() }
    }

    /// Where a value lies.
    pub(super) fn place(&self, value: f64) -> f64 {
        let place = if self.is_log { libm::log10(value.max(f64::MIN_POSITIVE)) } else { value };
        place.clamp(self.low, self.high)
    }

    /// The ends as they are drawn: from the left to the right, from the bottom to the top.
    pub(super) fn ends(&self) -> (f64, f64) {
        if self.is_downward { (self.high, self.low) } else { (self.low, self.high) }
    }
}

/// The middles of the places on an axis of names.
pub(super) fn middles() -> impl Iterator<Item = f64> {
    (0_u32..).map(|at| f64::from(at) + 0.5)
}

/// The round number that is next to a step from above: 1, 2 or 5 times a power of ten.
fn round_step(step: f64) -> f64 {
    let power = libm::pow(10.0, libm::log10(step).floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|round| *round >= step * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// 1, 2 and 5 times the powers of ten in a range; without 2 and 5 where the range is long.
fn decades(low: f64, high: f64) -> impl Iterator<Item = f64> {
    let digits: &[f64] = if high / low > 2000.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let values =
        move |power: i32| digits.iter().map(move |digit| digit * libm::pow(10.0, f64::from(power)));
    (-3..12).flat_map(values).filter(move |value| (low..=high).contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_around_the_values() {
        let check = |axis: Axis, expected: &[&str]| {
            let ticks: Vec<&str> = axis.ticks.iter().map(|(_, text)| text.as_str()).collect();
            assert_eq!(ticks, expected);
        };
        check(Axis::usd("", 0.0, 913.0), &["$0", "$200", "$400", "$600", "$800", "$1,000"]);
        check(
            Axis::log_usd("", 326.0, 18_823.0),
            &["$500", "$1,000", "$2,000", "$5,000", "$10,000"],
        );
        check(
            Axis::percent("", -0.05, 0.05),
            &[
                "\u{2212}6\u{a0}%",
                "\u{2212}4\u{a0}%",
                "\u{2212}2\u{a0}%",
                "0\u{a0}%",
                "+2\u{a0}%",
                "+4\u{a0}%",
                "+6\u{a0}%",
            ],
        );
        check(Axis::number("", 0.2, 0.2, 1), &["0.2", "0.4", "0.6", "0.8", "1.0", "1.2"]);
    }
}
