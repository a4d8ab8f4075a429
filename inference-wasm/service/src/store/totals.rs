//! The counts of the whole journal, and of the records that the database refused.

use std::cell::Cell;

use super::Store;
use crate::database::{Cells, Database, DatabaseError, Value};

/// The upper bounds of the buckets that the database's trigger sorts latencies into, in microseconds. Beyond the last
/// one it writes [`BEYOND`].
pub(crate) const LATENCY_LIMITS_US: [i64; 14] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    5_000_000, 10_000_000,
];

/// The bound of the last bucket, which has none.
pub(crate) const BEYOND: i64 = -1;

/// How many requests of one route, status and bucket of latency there ever were.
#[derive(Debug)]
pub(crate) struct Total {
    /// `None` where a path led nowhere.
    pub(crate) route: Option<String>,
    pub(crate) status: i64,
    /// One of [`LATENCY_LIMITS_US`], or [`BEYOND`].
    pub(crate) latency_limit_us: i64,
    pub(crate) requests: i64,
    /// The sum of their latencies, in microseconds.
    pub(crate) latency_us: i64,
}

/// How many records went to standard error because the database refused them. An instance that ends before the database
/// takes a group again takes its count along; the lines on standard error are what really is there.
#[derive(Debug, Default)]
pub(super) struct Failures {
    /// Those of this instance that are not in the database's count.
    unwritten: Cell<u64>,
    /// The database's count, when it was last read.
    written: Cell<u64>,
}

impl<D: Database> Store<D> {
    /// Every count, in the order of route and status.
    pub(crate) async fn totals(&self) -> Result<Vec<Total>, DatabaseError> {
        let rows = self.reader.query(TOTALS, Vec::new()).await?;
        rows.into_iter().map(|row| total(row.into())).collect()
    }

    /// Counts records that went to standard error.
    pub(crate) fn add_failures(&self, records: usize) {
        let unwritten = &self.failures.unwritten;
        unwritten.set(unwritten.get().saturating_add(records as u64));
    }

    /// Adds what this instance counted since to the database's count, if anything. What is not taken now is taken next
    /// time.
    pub(crate) async fn write_failures(&self) {
        let Failures { unwritten, .. } = &self.failures;
        let records = unwritten.get();
        let Some(count) = i64::try_from(records).ok().filter(|count| *count > 0) else { return };
        if self.writer.query(ADD_FAILURES, vec![Value::Integer(count)]).await.is_ok() {
            unwritten.set(unwritten.get().saturating_sub(records));
        }
    }

    /// Reads the database's count, which all instances there ever were have added to.
    pub(crate) async fn read_failures(&self) -> Result<(), DatabaseError> {
        let rows = self.reader.query(FAILURES, Vec::new()).await?;
        let count = rows.into_iter().next().map(|row| Cells::from(row).integer()).transpose()?;
        self.failures.written.set(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0));
        Ok(())
    }

    /// How many records went to standard error, as far as this instance knows.
    pub(crate) fn known_failures(&self) -> u64 {
        self.failures.written.get().saturating_add(self.failures.unwritten.get())
    }
}

const TOTALS: &str = "
SELECT route, status, latency_limit_us, requests, latency_us FROM request_totals
ORDER BY route, status, latency_limit_us";

const ADD_FAILURES: &str = "
INSERT INTO counters (name, count) VALUES ('journal_failures', ?)
ON CONFLICT (name) DO UPDATE SET count = count + excluded.count";

const FAILURES: &str = "SELECT count FROM counters WHERE name = 'journal_failures'";

fn total(mut row: Cells) -> Result<Total, DatabaseError> {
    Ok(Total {
        route: Some(row.text()?).filter(|route| !route.is_empty()),
        status: row.integer()?,
        latency_limit_us: row.integer()?,
        requests: row.integer()?,
        latency_us: row.integer()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buckets_are_those_of_the_trigger() {
        let sql = migrations::MIGRATIONS
            .iter()
            .map(|migration| migration.sql)
            .rfind(|sql| sql.contains("CREATE TRIGGER requests_are_counted"))
            .unwrap();
        let expected: Vec<String> = LATENCY_LIMITS_US
            .iter()
            .map(|limit| format!("WHEN NEW.latency_us <= {limit} THEN {limit}"))
            .chain([format!("ELSE {BEYOND}")])
            .collect();
        let found: Vec<&str> = sql
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("WHEN NEW.latency_us") || line.starts_with("ELSE"))
            .collect();
        assert_eq!(found, expected);
        assert!(LATENCY_LIMITS_US.is_sorted());
    }
}
