//! Remembers how long statements took, to decide where they run.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;

/// A statement that took less than this the last time runs on the current thread. Waking another thread would add about
/// a tenth of it, twice.
const QUICK: Duration = Duration::from_micros(500);

/// Beyond this many texts all timings are dropped. A guest with a new text for every statement gains nothing from them.
const MAX_TEXTS: usize = 512;

/// The last duration of each statement of a database, by its text.
#[derive(Debug, Default)]
pub(super) struct StatementTimings(Mutex<HashMap<String, Duration>>);

impl StatementTimings {
    /// Whether a statement is known and quick.
    pub(super) fn is_quick(&self, sql: &str) -> bool {
        self.0.lock().get(sql).is_some_and(|duration| *duration < QUICK)
    }

    /// Records the duration of a statement.
    pub(super) fn record(&self, sql: &str, duration: Duration) {
        let mut timings = self.0.lock();
        if let Some(last) = timings.get_mut(sql) {
            *last = duration;
            return;
        }
        if timings.len() == MAX_TEXTS {
            timings.clear();
        }
        timings.insert(sql.to_owned(), duration);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_quick_if_its_last_run_was_quick() {
        let timings = StatementTimings::default();
        assert!(!timings.is_quick("SELECT 1"));
        timings.record("SELECT 1", QUICK / 2);
        assert!(timings.is_quick("SELECT 1"));
        timings.record("SELECT 1", QUICK);
        assert!(!timings.is_quick("SELECT 1"));
    }

    #[test]
    fn the_number_of_remembered_texts_is_bounded() {
        let timings = StatementTimings::default();
        for number in 0..2 * MAX_TEXTS {
            timings.record(&format!("SELECT {number}"), Duration::ZERO);
        }
        assert!(timings.0.lock().len() <= MAX_TEXTS);
    }
}
