//! Checks that the journal has one row for every answer, and no other rows.

use std::path::Path;

use acceptance::{Connection, concurrently};
use anyhow::{Context, Result};

use super::load::Load;
use crate::database;
use crate::report::Table;
use crate::request::Request;

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

    /// Whether every answer has its row, and every other row its request.
    fn adds_up(self, rows: u64) -> bool {
        (self.answers..=self.answers + self.cut_off).contains(&rows)
    }
}

/// What was counted about the journal of a server.
pub(super) struct Journal {
    pub(super) server: &'static str,
    pub(super) tally: Tally,
    pub(super) rows: u64,
}

pub(super) fn to_table(journals: Vec<Journal>) -> Table {
    Table::new(
        "journal",
        journals,
        &[
            ("server", "journal", &|of| of.server.into()),
            ("answers", "answers that wrk counted", &|of| of.tally.answers.into()),
            ("cut_off_at_most", "more at most, cut off at the end of a turn", &|of| {
                of.tally.cut_off.into()
            }),
            ("rows", "rows", &|of| of.rows.into()),
            ("adds_up", "adds up", &|of| of.tally.adds_up(of.rows).into()),
        ],
    )
}

/// The rows of a journal.
pub(super) fn rows(database: &Path) -> Result<u64> {
    database::count(database, "SELECT count(*) FROM requests")
}

/// Has callers wait for every answer.
pub(super) fn count(address: &str, database: &Path, requests: &[Request]) -> Result<Journal> {
    let before = rows(database)?;
    let sent = concurrently(CALLERS, |caller| {
        let mut connection = Connection::open(address);
        let mut mine = requests.iter().cycle().skip(caller).take(REQUESTS);
        mine.try_for_each(|request| request.send(&mut connection).map(drop))
    });
    sent.into_iter().collect::<Result<()>>()?;
    let rows = rows(database)?.checked_sub(before).context("the journal has lost rows")?;
    let tally = Tally { answers: (CALLERS * REQUESTS) as u64, cut_off: 0 };
    Ok(Journal { server: "edge-host, 16 callers that wait for every answer", tally, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_and_too_few_rows_do_not_add_up() {
        let tally = Tally { answers: 100, cut_off: 16 };
        for (rows, adds_up) in [(99, false), (100, true), (116, true), (117, false)] {
            assert_eq!(tally.adds_up(rows), adds_up, "{rows}");
        }
    }
}
