//! The result of a statement: its columns, its rows and its outcome.

use std::task::{Context, Poll, ready};

use futures::future::BoxFuture;
use libsql::Value;
use tokio::sync::mpsc;

use super::error::SqlError;

/// Rows that are buffered for the guest before the statement waits. Spin's limit is as low.
pub(super) const BUFFERED_ROWS: usize = 4;

/// The largest row, and the largest result of a synchronous call.
const MAX_RESULT_BYTES: usize = 128 << 20;

/// The values of one row.
pub(super) type Row = Vec<Value>;

/// A statement that has started and may have ended.
pub(super) struct Execution {
    /// The names of the columns; empty for a statement that returns no rows.
    pub(super) columns: Vec<String>,
    pub(super) rows: Rows,
    /// Resolves when the statement has ended.
    pub(super) outcome: BoxFuture<'static, Result<(), SqlError>>,
}

/// The rows of a statement.
pub(super) struct Rows(pub(super) mpsc::Receiver<Row>);

impl Rows {
    /// The rows of a statement that has ended.
    pub(super) fn ready(rows: Vec<Row>) -> Self {
        let (sender, receiver) = mpsc::channel(rows.len().max(1));
        for row in rows {
            sender.try_send(row).expect("the channel has room for all rows");
        }
        Self(receiver)
    }

    /// Returns up to `limit` rows as soon as there is one, and none at the end.
    pub(super) fn poll_rows(&mut self, context: &mut Context<'_>, limit: usize) -> Poll<Vec<Row>> {
        let mut rows = Vec::new();
        ready!(self.0.poll_recv_many(context, &mut rows, limit));
        Poll::Ready(rows)
    }

    /// Whether it is known that there are no more rows.
    pub(super) fn is_finished(&self) -> bool {
        self.0.is_closed() && self.0.is_empty()
    }

    /// Reads all rows that are left.
    pub(super) async fn read_all(&mut self) -> Result<Vec<Row>, SqlError> {
        let mut rows = Vec::new();
        let mut bytes = 0;
        while let Some(row) = self.0.recv().await {
            add_row(&mut rows, row, &mut bytes)?;
        }
        Ok(rows)
    }
}

/// Copies the values of a row.
pub(super) fn read_row(row: &libsql::Row, columns: i32) -> Result<Row, SqlError> {
    let row = (0..columns).map(|column| row.get_value(column)).collect::<Result<Row, _>>()?;
    check_size(row_bytes(&row))?;
    Ok(row)
}

/// Adds a row to a result whose size is counted in `bytes`.
pub(super) fn add_row(rows: &mut Vec<Row>, row: Row, bytes: &mut usize) -> Result<(), SqlError> {
    *bytes += row_bytes(&row);
    check_size(*bytes)?;
    rows.push(row);
    Ok(())
}

/// The heap memory of texts and blobs.
pub(super) fn heap_bytes(values: &[Value]) -> usize {
    let heap = values.iter().map(|value| match value {
        Value::Text(text) => text.len(),
        Value::Blob(blob) => blob.len(),
        Value::Null | Value::Integer(_) | Value::Real(_) => 0,
    });
    heap.sum()
}

fn row_bytes(row: &Row) -> usize {
    heap_bytes(row) + size_of::<Value>() * row.len()
}

fn check_size(bytes: usize) -> Result<(), SqlError> {
    let message = || format!("query result exceeds limit of {MAX_RESULT_BYTES} bytes");
    if bytes > MAX_RESULT_BYTES { Err(SqlError::new(message())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    fn row(number: i64) -> Row {
        vec![Value::Integer(number)]
    }

    /// Reads up to `limit` rows at a time; returns the numbers of each read.
    async fn reads(mut rows: Rows, limit: usize) -> Vec<Vec<i64>> {
        let mut reads = Vec::new();
        loop {
            let read = poll_fn(|context| rows.poll_rows(context, limit)).await;
            if read.is_empty() {
                assert!(rows.is_finished());
                return reads;
            }
            reads.push(read.iter().map(|row| *row[0].as_integer().unwrap()).collect());
        }
    }

    #[tokio::test]
    async fn rows_are_read_in_order_up_to_the_limit() {
        let ready = Rows::ready((1..=5).map(row).collect());
        assert_eq!(reads(ready, 2).await, [vec![1, 2], vec![3, 4], vec![5]]);

        let (sender, receiver) = mpsc::channel(4);
        for number in 1..=3 {
            sender.send(row(number)).await.unwrap();
        }
        drop(sender);
        assert_eq!(reads(Rows(receiver), 2).await, [vec![1, 2], vec![3]]);
        assert_eq!(reads(Rows::ready(Vec::new()), 2).await, [[0; 0]; 0]);
    }
}
