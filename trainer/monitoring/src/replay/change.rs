//! Summarises how prices changed over many stones.

/// By how many percent a price must change to be told as such.
pub(crate) const PERCENTS: [f64; 2] = [5.0, 10.0];

/// A summary of changes, from the price before to the one after.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Change {
    /// How many stones were compared.
    pub stones: u64,
    /// Whose price is another, were it by a cent.
    pub changed: u64,
    /// By more than each of `PERCENTS`, either way.
    pub(crate) by_more: [u64; 2],
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
        let (mut usd, mut percent) = (Vec::new(), Vec::new());
        let mut change = Change::default();
        for [dollars, percents] in changes {
            change.stones += 1;
            change.changed += u64::from(dollars != 0.0);
            for (count, limit) in change.by_more.iter_mut().zip(PERCENTS) {
                *count += u64::from(f64::from(percents.abs()) > limit);
            }
            usd.push(dollars);
            percent.extend(Some(percents).filter(|percents| percents.is_finite()));
        }
        change.mean_usd = mean(&usd);
        change.mean_percent = mean(&percent);
        change.median_usd = median(usd);
        change.median_percent = median(percent);
        change
    }

    /// The share of stones that changed by more than 5 and by more than 10 percent; 0 of nothing.
    pub fn shares_by_more(&self) -> [f64; 2] {
        self.by_more.map(|count| count as f64 / self.stones.max(1) as f64)
    }
}

fn mean(values: &[f32]) -> Option<f64> {
    let sum: f64 = values.iter().copied().map(f64::from).sum();
    (!values.is_empty()).then(|| sum / values.len() as f64)
}

fn median(mut values: Vec<f32>) -> Option<f64> {
    values.sort_unstable_by(f32::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower =
        if values.len().is_multiple_of(2) { *values.get(values.len() / 2 - 1)? } else { upper };
    Some(f64::midpoint(f64::from(lower), f64::from(upper)))
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
                by_more: [2, 1],
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
                by_more: [1, 1],
                mean_usd: Some(7.0),
                median_usd: Some(7.0),
                mean_percent: None,
                median_percent: None,
            },
        );
    }
}
