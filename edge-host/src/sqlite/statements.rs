//! Caches the prepared statements of one connection.

use libsql::{Connection, Statement};

/// Beyond this many statements the least recently used one is dropped.
const CAPACITY: usize = 64;

/// A cached statement keeps its bound parameters. Beyond this many bytes of them, the least recently used statements are
/// dropped.
const MAX_PARAMETER_BYTES: usize = 1 << 20;

/// Prepared statements that are not in use, the most recently used last.
#[derive(Default)]
pub(super) struct Statements {
    idle: Vec<Prepared>,
    parameter_bytes: usize,
}

/// A prepared statement.
pub(super) struct Prepared {
    sql: String,
    pub(super) statement: Statement,
    /// The names of its columns.
    pub(super) columns: Vec<String>,
    /// The heap memory of its bound parameters.
    parameter_bytes: usize,
}

impl Statements {
    /// Takes the statement of `sql` out of the cache, or prepares it. [`Self::put`] returns it.
    pub(super) async fn take(
        &mut self,
        connection: &Connection,
        sql: &str,
    ) -> libsql::Result<Prepared> {
        if let Some(position) = self.idle.iter().rposition(|prepared| prepared.sql == sql) {
            return Ok(self.remove(position));
        }
        let statement = connection.prepare(sql).await?;
        let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        Ok(Prepared { sql: sql.to_owned(), statement, columns, parameter_bytes: 0 })
    }

    /// Resets a statement and puts it into the cache.
    pub(super) fn put(&mut self, mut prepared: Prepared, parameter_bytes: usize) {
        prepared.statement.reset();
        prepared.parameter_bytes = parameter_bytes;
        self.parameter_bytes += parameter_bytes;
        self.idle.push(prepared);
        while self.idle.len() > CAPACITY || self.parameter_bytes > MAX_PARAMETER_BYTES {
            self.remove(0);
        }
    }

    fn remove(&mut self, position: usize) -> Prepared {
        let prepared = self.idle.remove(position);
        self.parameter_bytes -= prepared.parameter_bytes;
        prepared
    }
}
