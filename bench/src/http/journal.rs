//! Whether the journal has a row for every answer, and no other.

use std::path::Path;
use std::thread;

use anyhow::{Context, Result, ensure};

use super::Request;
use super::load::Load;
use super::route::Route;
use crate::client::Client;
use crate::database;

const ROWS: &str = "SELECT count(*) FROM requests";
/// How many callers ask at once, and how often each.
const CALLERS: usize = 16;
const ASKED: usize = 100;

/// Answers beside rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    /// What wrk was answered and the journal must have.
    pub(super) answers: u64,
    /// What wrk had asked when its turns ended and was no longer there to hear: at most one request a connection.
    pub(super) unheard: u64,
    pub(super) rows: u64,
}

impl Tally {
    pub(super) fn add(&mut self, route: Route, connections: u16, load: &Load) {
        if route.is_journaled() {
            self.answers += load.answers;
            // A connection that failed was replaced by another, and may have had a request under way itself.
            self.unheard += u64::from(connections) + load.failures;
        }
    }

    /// Counts the rows, once the server has stopped.
    pub(super) fn close(&mut self, journal: &Path) -> Result<()> {
        self.rows = database::count(journal, ROWS)?;
        Ok(())
    }

    /// Whether every answer has its row, and every other row its request.
    pub(super) fn adds_up(&self) -> bool {
        (self.answers..=self.answers + self.unheard).contains(&self.rows)
    }
}

/// The same to the row: callers that hear every answer. How many answers there were, and how many rows came.
pub(super) fn to_the_row(
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
                    mine.take(ASKED).try_for_each(|request| client.ask(request).map(drop))
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
    Ok(((CALLERS * ASKED) as u64, after - before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_more_than_was_asked_and_one_less_than_was_answered_show() {
        let check = |rows, adds_up| {
            let tally = Tally { answers: 100, unheard: 16, rows };
            assert_eq!(tally.adds_up(), adds_up, "{rows}");
        };
        check(99, false);
        check(100, true);
        check(116, true);
        check(117, false);
    }
}
