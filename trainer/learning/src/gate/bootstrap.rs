//! Bootstraps a confidence interval of a mean difference.

use crate::parallel::in_parallel;
use crate::statistics::share;
use data::stone::Identity;

/// How often rows are drawn anew.
pub(super) const RESAMPLES: usize = 5000;

/// Which of the sorted means are the ends of the interval, from either side: 2.5 percent lie outside on each.
const TAIL: usize = RESAMPLES / 40 - 1;

/// The seed of the draws, whatever a run's own is: the same two models on the same rows give the same figures.
const SEED: u64 = 42;

/// The most groups that rows are drawn in, which bounds the work however many rows there are.
const GROUPS_MAX: usize = 1 << 16;

/// The mean of a value over some rows, and how far the choice of the rows may have moved it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// The mean.
    pub mean: f64,
    /// The ends of the two-sided interval of 95 percent.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
    /// The share of the resamples whose mean is above 0.
    pub(crate) share_above: f64,
}

/// Rows that are drawn together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Group {
    sum: f64,
    rows: f64,
}

impl Bootstrap {
    /// Of one finite value a row. The rows of a stone have to be neighbours, as they are in every data set, and are drawn
    /// together: ten copies of a stone are no more evidence than one. `None` without a row.
    pub fn of(rows: impl Iterator<Item = (Identity, f64)>) -> Option<Bootstrap> {
        let groups = gather(&stones(rows));
        if groups.is_empty() {
            return None;
        }
        let mut means = in_parallel(RESAMPLES, |number| resampled_mean(&groups, number as u64));
        means.sort_unstable_by(f64::total_cmp);
        Some(Bootstrap {
            mean: total(&groups).mean(),
            low: *means.get(TAIL)?,
            high: *means.get(RESAMPLES - 1 - TAIL)?,
            share_above: share(means.iter().filter(|mean| **mean > 0.0).count(), RESAMPLES),
        })
    }
}

impl Group {
    fn mean(self) -> f64 {
        self.sum / self.rows
    }
}

/// One group for each stone.
#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
fn stones(rows: impl Iterator<Item = (Identity, f64)>) -> Vec<Group> {
    let rows: Vec<(Identity, f64)> = rows.collect();
    let copies = rows.chunk_by(|(one, _), (other, _)| one.stone() == other.stone());
    let group = |copies: &[(Identity, f64)]| Group {
        sum: copies.iter().map(|(_, value)| value).sum(),
        rows: copies.len() as f64,
    };
    copies.map(group).collect()
}

/// At most [`GROUPS_MAX`] groups of neighbours. Data sets are sorted by hash, so neighbours have nothing in common, and the
/// spread of the groups' sums is the rows' own.
fn gather(stones: &[Group]) -> Vec<Group> {
    stones.chunks(stones.len().div_ceil(GROUPS_MAX).max(1)).map(total).collect()
}

fn total<'a>(groups: impl IntoIterator<Item = &'a Group>) -> Group {
    groups.into_iter().fold(Group::default(), |all, group| Group {
        sum: all.sum + group.sum,
        rows: all.rows + group.rows,
    })
}

/// The mean of as many groups as there are, each drawn from all of them. A resample has draws of its own, so it is the same
/// on whatever thread it is made.
fn resampled_mean(groups: &[Group], number: u64) -> f64 {
    let mut draws = SplitMix::of(SEED, number);
    total(groups.iter().filter_map(|_| groups.get(draws.below(groups.len())))).mean()
}

/// Steele, Lea and Flood's `SplitMix64`.
struct SplitMix(u64);

impl SplitMix {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

    /// The draws of a number: each number starts where the mixed numbers before it say, far from the others.
    fn of(seed: u64, number: u64) -> SplitMix {
        let mut start = SplitMix(seed.wrapping_add(number.wrapping_mul(Self::STEP)));
        SplitMix(start.next() ^ seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(Self::STEP);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below the limit, which is at most 2^32; none is likelier than another by more than the limit's share of 2^32.
    fn below(&mut self, limit: usize) -> usize {
        let draw = ((self.next() >> 32) * limit as u64) >> 32;
        usize::try_from(draw).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of these values, each a stone of its own.
    fn rows(values: &[f64]) -> Vec<(Identity, f64)> {
        let identity = |at: usize| {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&at.to_be_bytes());
            Identity(bytes)
        };
        values.iter().enumerate().map(|(at, value)| (identity(at), *value)).collect()
    }

    /// So many values with this mean in truth and a spread of 1, by the sum of twelve even draws.
    fn values(count: usize, mean: f64, seed: u64) -> Vec<f64> {
        let mut draws = SplitMix::of(seed, 0);
        let mut even = || draws.below(1 << 32) as f64 / (1_u64 << 32) as f64;
        (0..count).map(|_| (0..12).map(|_| even()).sum::<f64>() - 6.0 + mean).collect()
    }

    fn of(rows: &[(Identity, f64)]) -> Bootstrap {
        Bootstrap::of(rows.iter().copied()).unwrap()
    }

    #[test]
    fn the_interval_is_the_textbooks_and_the_same_every_time() {
        let rows = rows(&values(1000, 0.2, 1));
        let found = of(&rows);
        // Of a mean of 1,000 values with a spread of 1: 1.96 / sqrt(1000) to either side.
        assert!((found.high - found.low - 2.0 * 0.062).abs() < 0.01, "{found:?}");
        assert!((found.mean - (found.low + found.high) / 2.0).abs() < 0.005, "{found:?}");
        assert_eq!(found, of(&rows));
        assert_eq!(Bootstrap::of(std::iter::empty()), None);
    }

    #[test]
    fn a_real_difference_is_found_and_chance_is_not_95_in_100_times() {
        let found = |mean: f64, seed: u64| of(&rows(&values(200, mean, seed))).low > 0.0;
        let count = |mean: f64| (0..200).filter(|seed| found(mean, *seed)).count();
        // 0.3 is more than four deviations of the mean.
        assert!(count(0.3) >= 195, "{}", count(0.3));
        // One-sided, 2.5 percent of 200 are 5; 14 are four deviations more.
        assert!(count(0.0) <= 14, "{}", count(0.0));
    }

    #[test]
    fn copies_of_a_row_are_no_more_evidence_than_the_row() {
        let once = rows(&values(100, 0.1, 3));
        let copied: Vec<_> = once.iter().flat_map(|row| [*row; 10]).collect();
        let (once, copied) = (of(&once), of(&copied));
        assert!((once.low - copied.low).abs() < 1e-12, "{once:?} {copied:?}");
        assert!((once.high - copied.high).abs() < 1e-12, "{once:?} {copied:?}");
    }

    #[test]
    fn many_rows_are_drawn_in_groups_with_the_spread_of_the_rows() {
        let values = values(GROUPS_MAX * 2 + 1, 0.0, 4);
        let groups = gather(&stones(rows(&values).into_iter()));
        assert!(groups.len() <= GROUPS_MAX);
        let count = values.len() as f64;
        assert!((total(&groups).rows - count).abs() < 0.5);
        let spread = groups.iter().map(|group| group.sum * group.sum).sum::<f64>() / count;
        assert!((spread - 1.0).abs() < 0.03, "{spread}");
    }
}
