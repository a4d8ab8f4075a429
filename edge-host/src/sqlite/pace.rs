//! Which statements are quick enough to be run where they are asked for.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A statement that took less than this the last time is run at once. Another thread would take about a tenth of it only
/// to wake up, and twice.
const QUICK: Duration = Duration::from_micros(500);

/// Beyond this many texts everything is forgotten: a guest that makes up a text for every statement gains nothing.
const MOST_TEXTS: usize = 512;

/// How long each statement of a database took the last time, by its text.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<HashMap<String, Duration>>);

impl Pace {
    /// Whether a statement is known and quick.
    pub(super) fn is_quick(&self, sql: &str) -> bool {
        let took = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        took.get(sql).is_some_and(|took| *took < QUICK)
    }

    /// Remembers how long a statement took.
    pub(super) fn note(&self, sql: &str, took: Duration) {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = texts.get_mut(sql) {
            *last = took;
            return;
        }
        if texts.len() == MOST_TEXTS {
            texts.clear();
        }
        texts.insert(sql.to_owned(), took);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_quick_if_it_was_so_the_last_time() {
        let pace = Pace::default();
        assert!(!pace.is_quick("SELECT 1"));
        pace.note("SELECT 1", QUICK / 2);
        assert!(pace.is_quick("SELECT 1"));
        pace.note("SELECT 1", QUICK);
        assert!(!pace.is_quick("SELECT 1"));
    }

    #[test]
    fn texts_without_end_take_no_memory_without_end() {
        let pace = Pace::default();
        for number in 0..2 * MOST_TEXTS {
            pace.note(&format!("SELECT {number}"), Duration::ZERO);
        }
        assert!(pace.0.lock().unwrap().len() <= MOST_TEXTS);
    }
}
