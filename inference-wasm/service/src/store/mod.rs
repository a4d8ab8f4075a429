//! The service's questions to the database: the one place with SQL.

mod samples;
mod models;
mod journal;
mod requests;
mod totals;
mod secrets;

use std::cell::Cell;

use crate::database::{Database, DatabaseError, Value};
use crate::settings::Durability;

pub(crate) use models::{ModelRow, Resolved, Stored};
pub(crate) use requests::{Filter, Group, Order, Page, RequestRow, RouteFilter};
pub(crate) use totals::{BEYOND, LATENCY_LIMITS_US, Total};

/// How long a commit waits for another process's lock, in milliseconds.
const LOCK_TIMEOUT_MS: u32 = 2_000;

/// The same once a lock outlasted [`LOCK_TIMEOUT_MS`], until a commit goes through again.
const SHORT_LOCK_TIMEOUT_MS: u32 = 50;

/// How many pages the write-ahead log has when a commit copies it into the database, which every other commit waits for.
/// SQLite's own 1000 made the slowest answers half as slow again, and no more of them.
const LOG_PAGES: u32 = 500;

/// The name of requests without a route, in statistics and filters.
pub(crate) const NO_ROUTE: &str = "none";

/// The service's questions to a database.
///
/// What reads and what writes goes by connections of its own: a commit that waits for another process's write does not
/// hold up a question.
#[derive(Debug)]
pub(crate) struct Store<D> {
    reader: D,
    writer: D,
    durability: Durability,
    /// What the writer's present connection is; `None` before it was prepared.
    prepared: Cell<Option<Prepared>>,
    /// How long the next commit waits for a lock.
    lock_timeout_ms: Cell<u32>,
    /// Whether the last commit went through; `None` before the first.
    commits: Cell<Option<bool>>,
    failures: totals::Failures,
}

/// What a connection turned out to be when it was prepared.
#[derive(Debug, Clone, Copy)]
enum Prepared {
    /// A file, on which a commit waits this long for a lock.
    File { lock_timeout_ms: u32 },
    /// A server, which keeps its own counsel about locks and disks.
    Server,
}

impl<D: Database> Store<D> {
    pub(crate) fn new(reader: D, writer: D, durability: Durability) -> Store<D> {
        let lock_timeout_ms = Cell::new(LOCK_TIMEOUT_MS);
        let (prepared, commits, failures) = Default::default();
        Store { reader, writer, durability, prepared, lock_timeout_ms, commits, failures }
    }

    /// Drops the connections, so that the next commit opens a new one. The reader's goes too: SQLite lets no
    /// connection write to a file that another one of the process found read-only.
    pub(crate) fn reopen(&self) {
        self.reopen_reader();
        self.writer.reopen();
        self.prepared.set(None);
    }

    /// Drops the reader's connection, so that the next question sees the file that is there now, and not one that was
    /// removed or replaced while it was open. A server's connections need no such thing.
    pub(crate) fn reopen_reader(&self) {
        if self.is_file() {
            self.reader.reopen();
        }
    }

    /// Whether the database is a file, as far as the writer's connection knows.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.prepared.get(), Some(Prepared::File { .. }))
    }

    /// Whether a new connection finds a record of the journal.
    pub(crate) async fn finds(&self, id: &str) -> Result<bool, DatabaseError> {
        self.reader.reopen();
        let sql = "SELECT 1 FROM requests WHERE id = ?";
        let rows = self.reader.query(sql, vec![Value::Text(id.into())]).await?;
        Ok(!rows.is_empty())
    }

    /// Whether the last commit went through; `None` where this instance has not written yet.
    pub(crate) fn commits(&self) -> Option<bool> {
        self.commits.get()
    }

    /// Whether the journal can be written: the last commit went through, and a statement that writes, but changes no
    /// row, is not refused. `None` where this instance has not written yet and another process holds the lock.
    ///
    /// It goes by a new connection of the reader's: it must not wait for a lock as long as a commit may, nor make a
    /// commit that runs meanwhile give up earlier.
    pub(crate) async fn journal(&self) -> Option<bool> {
        self.reader.reopen();
        if self.reader.keeps_connections() {
            let wait = format!("PRAGMA busy_timeout = {SHORT_LOCK_TIMEOUT_MS}");
            let _ = self.reader.query(&wait, Vec::new()).await;
        }
        let sql = "DELETE FROM requests WHERE id = ''";
        let outcome = self.reader.query(sql, Vec::new()).await;
        self.reader.reopen();
        match (self.commits(), outcome) {
            (Some(false), _) => Some(false),
            (_, Ok(_)) => Some(true),
            (commits, Err(error)) if error.is_lock() => commits,
            (_, Err(_)) => Some(false),
        }
    }

    /// Learns from a commit how long the next one should wait for a lock: while another process holds on to the
    /// database, only the first commit waits long.
    pub(crate) fn record_outcome(&self, outcome: &Result<(), DatabaseError>) {
        self.commits.set(Some(outcome.is_ok()));
        match outcome {
            Ok(()) => self.lock_timeout_ms.set(LOCK_TIMEOUT_MS),
            Err(error) if error.is_lock() => self.lock_timeout_ms.set(SHORT_LOCK_TIMEOUT_MS),
            Err(_) => {}
        }
    }

    /// Prepares the writer's connection: its commits wait for a lock as long as they should, not for readers, and
    /// survive a killed process (`NORMAL`) or a power cut (`FULL`). A server refuses the first of these statements;
    /// that is no reason not to write.
    async fn prepare(&self) {
        if !self.writer.keeps_connections() {
            self.prepared.set(Some(Prepared::Server));
            return;
        }
        let wanted_ms = self.lock_timeout_ms.get();
        let is_new = match self.prepared.get() {
            Some(Prepared::File { lock_timeout_ms }) if lock_timeout_ms == wanted_ms => return,
            Some(Prepared::Server) => return,
            Some(Prepared::File { .. }) => false,
            None => true,
        };
        let wait = format!("PRAGMA busy_timeout = {wanted_ms}");
        if self.writer.query(&wait, Vec::new()).await.is_err() {
            self.prepared.set(Some(Prepared::Server));
            return;
        }
        self.prepared.set(Some(Prepared::File { lock_timeout_ms: wanted_ms }));
        if is_new {
            let synchronous = match self.durability {
                Durability::Normal => "PRAGMA synchronous = NORMAL",
                Durability::Full => "PRAGMA synchronous = FULL",
            };
            let checkpoints = format!("PRAGMA wal_autocheckpoint = {LOG_PAGES}");
            for pragma in ["PRAGMA journal_mode = WAL", synchronous, &checkpoints] {
                let _ = self.writer.query(pragma, Vec::new()).await;
            }
        }
    }
}

#[cfg(test)]
mod plan {
    use connection::{Connection, Parameters};

    /// An empty database in memory with the schema.
    pub(super) async fn empty_database() -> Connection {
        let connection = Connection::to_file(":memory:").await.unwrap();
        migrations::apply(&connection).await.unwrap();
        connection
    }

    /// The steps of a statement as SQLite plans them.
    pub(super) async fn steps(
        connection: &Connection,
        sql: &str,
        parameters: impl Parameters,
    ) -> Vec<String> {
        let plan = format!("EXPLAIN QUERY PLAN {sql}");
        let steps = connection.all(&plan, parameters, |row| row.get(3)).await;
        steps.unwrap()
    }
}
