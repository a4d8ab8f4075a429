//! A part of the rows, drawn by seed and stone: which rows they are depends on nothing else, not on their order nor on what
//! else there is. The listings of a stone are drawn together. Of two samples by one seed, the larger holds the smaller.

use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

use crate::DataError;
use crate::stone::Identity;

/// What training is let take of memory for each row, over all families. It took 134 MB with 54,000 rows and 640 MB with
/// 539,000, which is 1,050 bytes a row; where more rows make deeper trees it may be twice that.
const BYTES_A_ROW: u64 = 2_500;

/// The most memory that training may take.
const MOST_BYTES: u64 = 8 << 30;

/// How many rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SampleSize {
    /// About so many.
    Rows(u64),
    /// So many in a hundred: a row that is drawn stays drawn as the data grows.
    Percent(f64),
}

/// Which rows are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Draw {
    sample: SampleSize,
    seed: u64,
    share: f64,
    /// How many rows there are to draw from.
    rows: u64,
}

impl Draw {
    /// A draw from so many rows; `None` where all of them are to be taken.
    ///
    /// # Errors
    ///
    /// [`DataError::TooMany`] where what is to be trained on would not fit in memory.
    pub fn of(
        sample: Option<SampleSize>,
        seed: u64,
        rows: u64,
        source: &str,
    ) -> Result<Option<Draw>, DataError> {
        let share = sample.map_or(1.0, |sample| sample.share_of(rows));
        let wanted = part(rows, share);
        if wanted.saturating_mul(BYTES_A_ROW) > MOST_BYTES {
            return Err(DataError::TooMany {
                source_name: source.to_owned(),
                rows: wanted,
                gib: wanted.saturating_mul(BYTES_A_ROW) >> 30,
                most: MOST_BYTES / BYTES_A_ROW / 100_000 * 100_000,
                most_gib: MOST_BYTES >> 30,
            });
        }
        Ok(sample.map(|sample| Draw { sample, seed, share, rows }))
    }

    /// Whether a row is drawn.
    pub fn picks(&self, identity: Identity) -> bool {
        identity.is_drawn(self.seed, "sample", self.share)
    }

    /// The JSON document that `--json` prints.
    pub fn to_json(self) -> Value {
        json!({
            "asked": self.sample.to_string(),
            "seed": self.seed,
            "share": self.share,
            "of_rows": self.rows,
        })
    }
}

impl SampleSize {
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
    fn share_of(self, rows: u64) -> f64 {
        match self {
            SampleSize::Rows(wanted) => (wanted as f64 / rows.max(1) as f64).min(1.0),
            SampleSize::Percent(percent) => percent / 100.0,
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "row counts are far below 2^53, and a share is 0 to 1"
)]
fn part(rows: u64, share: f64) -> u64 {
    (rows as f64 * share) as u64
}

impl FromStr for SampleSize {
    type Err = String;

    fn from_str(text: &str) -> Result<SampleSize, String> {
        let sample = match text.strip_suffix('%') {
            Some(percent) => {
                let percent = percent.trim().parse().ok();
                percent.filter(|share| *share > 0.0 && *share <= 100.0).map(SampleSize::Percent)
            }
            None => text.parse().ok().filter(|rows| *rows > 0).map(SampleSize::Rows),
        };
        let allowed = "allowed: a number of rows, such as 500000, or a share, such as 5%";
        sample.ok_or_else(|| String::from(allowed))
    }
}

impl fmt::Display for SampleSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SampleSize::Rows(rows) => rows.fmt(f),
            SampleSize::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::dataset::Dataset;

    fn drawn(every: u64, sample: &str, seed: u64) -> HashSet<Identity> {
        let dataset = Dataset::diamonds(every);
        let rows = dataset.len() as u64;
        let draw = Draw::of(Some(sample.parse().unwrap()), seed, rows, "").unwrap();
        dataset.drawn(draw).rows().iter().map(|(_, stone)| stone.identity).collect()
    }

    #[test]
    fn a_drawn_row_stays_drawn_and_larger_samples_hold_smaller_ones() {
        let (some, all) = (drawn(10, "10%", 42), drawn(5, "10%", 42));
        assert!(some.is_subset(&all) && some.len() < all.len());
        let (small, large) = (drawn(5, "500", 42), drawn(5, "2000", 42));
        assert!(small.is_subset(&large));
        // Give or take five deviations.
        assert!((390..610).contains(&small.len()), "{}", small.len());
        assert!((1800..2200).contains(&large.len()), "{}", large.len());
        assert_ne!(small, drawn(5, "500", 43));
        assert_eq!(drawn(50, "1000000", 42), drawn(50, "100%", 42));
    }

    #[test]
    fn a_sample_is_a_number_of_rows_or_a_share() {
        let check = |text: &str, expected: Option<SampleSize>| {
            assert_eq!(text.parse::<SampleSize>().ok(), expected, "{text}");
        };
        check("500000", Some(SampleSize::Rows(500_000)));
        check("5%", Some(SampleSize::Percent(5.0)));
        check("0.5 %", Some(SampleSize::Percent(0.5)));
        for text in ["0", "-1", "0%", "101%", "nan%", "%", "many", ""] {
            check(text, None);
        }
    }

    #[test]
    fn more_rows_than_memory_bears_are_refused_with_the_way_out() {
        let error = Draw::of(None, 42, 10_000_000, "the database").unwrap_err().to_string();
        assert!(error.contains("--sample 3400000"), "{error}");
        assert!(Draw::of(Some(SampleSize::Rows(500_000)), 42, 10_000_000, "").unwrap().is_some());
        assert!(Draw::of(None, 42, 1_000_000, "").unwrap().is_none());
    }
}
