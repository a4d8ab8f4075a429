//! Checks that the journal has one row for every answer, and no other rows.

use std::path::Path;
use std::thread;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::load::Load;
use crate::client::Client;
use crate::database;
use crate::request::Request;

const ROWS: &str = "SELECT count(*) FROM requests";
/// How many callers there are, and how many requests each sends.
const CALLERS: usize = 16;
const REQUESTS: usize = 100;

/// Counts of answers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    /// Answers that wrk received; the journal must have a row of each.
    answers: u64,
    /// At most so many requests were under way when a turn ended: one a connection.
    cut_off: u64,
}

impl Tally {
    /// Adds a turn at a route that is journaled.
    pub(super) fn add(&mut self, load: &Load, connections: u16) {
        self.answers += load.answers;
        // A connection that failed was replaced by another, and may have had a request under way itself.
        self.cut_off += u64::from(connections) + load.failures;
    }

    /// Compares with the rows, once the server has stopped.
    pub(super) fn to_json(self, server: &str, journal: &Path) -> Result<Value> {
        let rows = database::count(journal, ROWS)?;
        Ok(json!({
            "server": server,
            "answers": self.answers,
            "cut_off_at_most": self.cut_off,
            "rows": rows,
            "adds_up": self.adds_up(rows),
        }))
    }

    /// Whether every answer has its row, and every other row its request.
    fn adds_up(self, rows: u64) -> bool {
        (self.answers..=self.answers + self.cut_off).contains(&rows)
    }
}

/// Has callers wait for every answer. Returns the number of answers and of new rows.
pub(super) fn answers_and_rows(
    address: &str,
    journal: &Path,
    requests: &[Request],
) -> Result<(u64, u64)> {
    let before = database::count(journal, ROWS)?;
    thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                scope.spawn(move || -> Result<()> {
                    let mut client = Client::connect(address)?;
                    let mine = requests.iter().cycle().skip(caller);
                    mine.take(REQUESTS).try_for_each(|request| client.send(request).map(drop))
                })
            })
            .collect();
        for caller in callers {
            caller.join().ok().context("a caller panicked")??;
        }
        anyhow::Ok(())
    })?;
    let after = database::count(journal, ROWS)?;
    ensure!(after >= before, "the journal has lost rows");
    Ok(((CALLERS * REQUESTS) as u64, after - before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_and_too_few_rows_do_not_add_up() {
        let check = |rows, adds_up| {
            let tally = Tally { answers: 100, cut_off: 16 };
            assert_eq!(tally.adds_up(rows), adds_up, "{rows}");
        };
        check(99, false);
        check(100, true);
        check(116, true);
        check(117, false);
    }
}
