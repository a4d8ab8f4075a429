//! Prepared statements of one connection, kept for the next use.

use libsql::{Connection, Statement, Value};

/// The least recently used statement is dropped beyond this many.
const CAPACITY: usize = 64;

/// A statement keeps what was bound to it; one with more than this is not kept.
const KEPT_PARAMETER_BYTES: usize = 16 << 10;

/// Idle prepared statements, the most recently used last.
#[derive(Default)]
pub(super) struct Statements(Vec<(String, Statement)>);

impl Statements {
    /// Takes the statement of `sql`, prepared now if it is not kept. One in use is not shared: it is put back by
    /// [`Self::keep`].
    pub(super) async fn take(
        &mut self,
        connection: &Connection,
        sql: &str,
    ) -> libsql::Result<Statement> {
        match self.0.iter().rposition(|(kept, _)| kept == sql) {
            Some(position) => Ok(self.0.remove(position).1),
            None => connection.prepare(sql).await,
        }
    }

    /// Ends what `statement` was doing and keeps it.
    pub(super) fn keep(&mut self, sql: String, statement: Statement, parameter_bytes: usize) {
        statement.reset();
        if parameter_bytes > KEPT_PARAMETER_BYTES {
            return;
        }
        if self.0.len() == CAPACITY {
            self.0.remove(0);
        }
        self.0.push((sql, statement));
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
