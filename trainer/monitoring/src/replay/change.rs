//! Summarises how prices changed over many stones.

use serde::Serialize;

use learning::statistics::{mean, median, share};

/// A summary of changes, from the price before to the one after.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Change {
    /// How many stones were compared.
    pub stones: u64,
    /// Whose price is another, were it by a cent.
    pub changed: u64,
    /// The share of stones whose price changed by more than 5 percent, either way; 0 of nothing.
    pub by_more_than_5_percent: f64,
    /// The same by more than 10 percent.
    pub by_more_than_10_percent: f64,
    /// All `None` without a stone. Percentages leave out stones that were priced at nothing.
    pub mean_usd: Option<f64>,
    /// The median difference, in dollars.
    pub median_usd: Option<f64>,
    /// The mean difference, in percent.
    pub mean_percent: Option<f64>,
    /// The median difference, in percent.
    pub median_percent: Option<f64>,
}

impl Change {
    /// Sums up changes in dollars and in percent; the latter is infinite from a price of nothing.
    pub(super) fn of(changes: impl Iterator<Item = [f32; 2]>) -> Change {
        let (usd, mut percent): (Vec<f64>, Vec<f64>) =
            changes.map(|[usd, percent]| (f64::from(usd), f64::from(percent))).unzip();
        let by_more = |limit: f64| {
            share(percent.iter().filter(|percent| percent.abs() > limit).count(), percent.len())
        };
        let [by_more_than_5_percent, by_more_than_10_percent] = [5.0, 10.0].map(by_more);
        percent.retain(|percent| percent.is_finite());
        Change {
            stones: usd.len() as u64,
            changed: usd.iter().filter(|usd| **usd != 0.0).count() as u64,
            by_more_than_5_percent,
            by_more_than_10_percent,
            mean_usd: mean(&usd),
            median_usd: median(usd),
            mean_percent: mean(&percent),
            median_percent: median(percent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_what_it_is_by_hand() {
        let check = |changes: &[[f32; 2]], expected: Change| {
            assert_eq!(Change::of(changes.iter().copied()), expected);
        };
        check(&[], Change::default());
        check(
            &[[0.0, 0.0], [-100.0, -5.0], [50.0, 5.5], [10.0, 12.0]],
            Change {
                stones: 4,
                changed: 3,
                by_more_than_5_percent: 0.5,
                by_more_than_10_percent: 0.25,
                mean_usd: Some(-10.0),
                median_usd: Some(5.0),
                mean_percent: Some(3.125),
                median_percent: Some(2.75),
            },
        );
        // From nothing to something is a change, and no percentage.
        check(
            &[[7.0, f32::INFINITY]],
            Change {
                stones: 1,
                changed: 1,
                by_more_than_5_percent: 1.0,
                by_more_than_10_percent: 1.0,
                mean_usd: Some(7.0),
                median_usd: Some(7.0),
                ..Change::default()
            },
        );
    }
}
