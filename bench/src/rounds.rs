//! Rounds in which everybody takes a turn: what disturbs the machine for a while disturbs all of them, and the
//! median forgets it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use inference::Features;

use crate::clock::Moment;
use crate::contender::{Contender, ENTRIES, Entry};
use crate::work::Work;

/// How many rounds.
const ROUNDS: usize = 101;
/// How long a turn takes, about.
const TURN: Duration = Duration::from_millis(3);
/// On how many rows everybody must agree first.
const AGREED_ROWS: usize = 5_000;

/// The time a row took, for each round.
pub(crate) struct Times {
    pub(crate) entry: &'static Entry,
    pub(crate) ns_per_row: Vec<f64>,
}

/// Takes the time of every entry.
pub(crate) fn run(work: &Work) -> Result<Vec<Times>> {
    let rows = work.rows()?;
    ensure!(rows.len() >= AGREED_ROWS, "{} rows are too few", rows.len());
    let mut lineup = Vec::new();
    for entry in ENTRIES {
        let contender = (entry.make)(work, entry.subject).with_context(|| entry.name)?;
        lineup.push(Turn { entry, contender, rows: 0, at: 0, ns_per_row: Vec::new() });
    }
    agree(&mut lineup, &rows[..AGREED_ROWS])?;
    for turn in &mut lineup {
        turn.measure_out(&rows)?;
    }
    for round in 0..ROUNDS {
        if round % 10 == 0 {
            eprintln!("round {} of {ROUNDS}", round + 1);
        }
        // Nobody comes after the same one every time.
        for place in 0..lineup.len() {
            let at = (place * 5 + round) % lineup.len();
            lineup[at].take(&rows)?;
        }
    }
    Ok(lineup
        .into_iter()
        .map(|turn| Times { entry: turn.entry, ns_per_row: turn.ns_per_row })
        .collect())
}

struct Turn {
    entry: &'static Entry,
    contender: Box<dyn Contender>,
    /// Rows a turn.
    rows: usize,
    /// The next row.
    at: usize,
    ns_per_row: Vec<f64>,
}

impl Turn {
    /// Finds out how many rows make a turn.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between one row and all of them"
    )]
    fn measure_out(&mut self, rows: &[Features]) -> Result<()> {
        let call = self.entry.rows_a_call;
        self.rows = call.max(50);
        self.take(rows)?;
        self.take(rows)?;
        let ns = self.ns_per_row.pop().unwrap_or(1.0).max(1.0);
        let wanted = TURN.as_nanos() as f64 / ns / call as f64;
        self.rows = (wanted.ceil() as usize * call).clamp(call, AGREED_ROWS.max(call));
        self.ns_per_row.clear();
        Ok(())
    }

    /// Warms up on a quarter of the rows, then takes the time of all.
    #[expect(clippy::cast_precision_loss, reason = "both are far below 2^53")]
    fn take(&mut self, rows: &[Features]) -> Result<()> {
        if self.at + self.rows > rows.len() {
            self.at = 0;
        }
        let mut margins = vec![0.0; self.rows];
        self.contender.load(&rows[self.at..self.at + self.rows])?;
        self.at += self.rows;
        self.contender.run(&mut margins[..self.rows / 4])?;
        let began = Moment::now();
        self.contender.run(&mut margins)?;
        self.ns_per_row.push(began.elapsed().as_nanos() as f64 / self.rows as f64);
        Ok(())
    }
}

/// Makes sure that all of them do the same work.
fn agree(lineup: &mut [Turn], rows: &[Features]) -> Result<()> {
    let mut agreed: Vec<(&Entry, Vec<f64>)> = Vec::new();
    for turn in lineup {
        let mut margins = vec![f64::NAN; rows.len()];
        turn.contender.load(rows)?;
        turn.contender.run(&mut margins)?;
        let first = agreed.iter().find(|(entry, _)| entry.subject == turn.entry.subject);
        let Some((entry, expected)) = first else {
            agreed.push((turn.entry, margins));
            continue;
        };
        for ((row, margin), expected) in rows.iter().zip(&margins).zip(expected) {
            let same = margin.to_bits() == expected.to_bits();
            ensure!(
                same || (margin - expected).abs() < turn.entry.tolerance,
                "{} gives {margin} where {} gives {expected}: {row:?}",
                turn.entry.name,
                entry.name
            );
        }
    }
    Ok(())
}

/// The middle of some numbers; NaN without any.
pub(crate) fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How many times as long one takes as another, in the same rounds.
pub(crate) fn ratio(slower: &[f64], faster: &[f64]) -> f64 {
    median(slower.iter().zip(faster).map(|(slower, faster)| slower / faster))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_forgets_what_disturbed_a_round() {
        let check = |numbers: &[f64], expected: f64| {
            assert!((median(numbers.iter().copied()) - expected).abs() < 1e-12, "{numbers:?}");
        };
        check(&[3.0, 1.0, 900.0, 2.0, 2.0], 2.0);
        check(&[1.0], 1.0);
        assert!(median([]).is_nan());
        // A round in which the machine was twice as slow does not change the ratio.
        assert!((ratio(&[4.0, 8.0, 4.0], &[2.0, 4.0, 2.0]) - 2.0).abs() < 1e-12);
    }
}
