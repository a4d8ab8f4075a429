//! Prepared statements of one connection, kept for the next use.

use libsql::{Connection, Statement, Value};

/// The least recently used statement is dropped beyond this many.
const CAPACITY: usize = 64;

/// A statement keeps what was bound to it. Beyond this many bytes in all, the least recently used are dropped.
const KEPT_PARAMETER_BYTES: usize = 1 << 20;

/// Idle prepared statements, the most recently used last.
#[derive(Default)]
pub(super) struct Statements {
    idle: Vec<Prepared>,
    parameter_bytes: usize,
}

/// A statement that is ready to run.
pub(super) struct Prepared {
    sql: String,
    pub(super) statement: Statement,
    /// The names of its columns.
    pub(super) columns: Vec<String>,
    /// The heap that what was bound last takes.
    parameter_bytes: usize,
}

impl Statements {
    /// Takes the statement of `sql`, prepared now if it is not kept. One in use is not shared: it is put back by
    /// [`Self::keep`].
    pub(super) async fn take(
        &mut self,
        connection: &Connection,
        sql: &str,
    ) -> libsql::Result<Prepared> {
        if let Some(position) = self.idle.iter().rposition(|kept| kept.sql == sql) {
            return Ok(self.remove(position));
        }
        let statement = connection.prepare(sql).await?;
        let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        Ok(Prepared { sql: sql.to_owned(), statement, columns, parameter_bytes: 0 })
    }

    /// Ends what a statement was doing and keeps it.
    pub(super) fn keep(&mut self, mut prepared: Prepared, parameter_bytes: usize) {
        prepared.statement.reset();
        prepared.parameter_bytes = parameter_bytes;
        self.parameter_bytes += parameter_bytes;
        self.idle.push(prepared);
        while self.idle.len() > CAPACITY || self.parameter_bytes > KEPT_PARAMETER_BYTES {
            self.remove(0);
        }
    }

    fn remove(&mut self, position: usize) -> Prepared {
        let prepared = self.idle.remove(position);
        self.parameter_bytes -= prepared.parameter_bytes;
        prepared
    }
}

/// The heap that bound parameters take.
pub(super) fn parameter_bytes(parameters: &[Value]) -> usize {
    let heap = parameters.iter().map(|value| match value {
        Value::Text(text) => text.len(),
        Value::Blob(blob) => blob.len(),
        Value::Null | Value::Integer(_) | Value::Real(_) => 0,
    });
    heap.sum()
}
