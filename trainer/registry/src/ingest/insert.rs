//! Inserts rows, many with each statement, while another thread prepares the next values.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use libsql::{Connection, Value};

use crate::store::{self, StoreError, StoredRow};

/// How many rows one statement adds: what a statement costs by itself is spread over them.
const ROWS_PER_INSERT: usize = 50;

/// How many statements' values wait for the database.
const WAITING: usize = 8;

/// The values of up to [`ROWS_PER_INSERT`] rows.
struct Filling {
    rows: usize,
    values: Vec<Value>,
}

/// What the writing thread sends; the end, so that a thread that died is not taken for it.
type Sent = io::Result<Option<Filling>>;

/// Adds rows, each with the copy of its content that it is; how many were not there before.
///
/// # Errors
///
/// The database's own; [`StoreError::Spill`] where the rows cannot be read back.
pub(super) async fn insert(
    connection: &Connection,
    batch: i64,
    rows: impl Iterator<Item = io::Result<(StoredRow, i64)>> + Send + 'static,
) -> Result<u64, StoreError> {
    let fillings = fill(batch, rows);
    let whole = connection.prepare(&store::insert_sql(ROWS_PER_INSERT)).await?;
    let mut added = 0;
    loop {
        let died = || Err(io::Error::other("the thread that reads them ended early"));
        let sent = fillings.recv().unwrap_or_else(|_| died());
        let Some(Filling { rows, values }) = sent.map_err(StoreError::Spill)? else { break };
        added += if rows == ROWS_PER_INSERT {
            let added = whole.execute(values).await;
            whole.reset();
            added? as u64
        } else {
            connection.execute(&store::insert_sql(rows), values).await?
        };
    }
    Ok(added)
}

/// Starts the writing thread, which ends when its values are no longer received.
fn fill(
    batch: i64,
    rows: impl Iterator<Item = io::Result<(StoredRow, i64)>> + Send + 'static,
) -> Receiver<Sent> {
    let (sender, receiver) = sync_channel(WAITING);
    thread::spawn(move || {
        // An error of sending says that it is not received.
        let _ = send_all(batch, rows, &sender);
    });
    receiver
}

fn send_all(
    batch: i64,
    rows: impl Iterator<Item = io::Result<(StoredRow, i64)>>,
    sender: &SyncSender<Sent>,
) -> Result<(), std::sync::mpsc::SendError<Sent>> {
    let empty = || Filling { rows: 0, values: Vec::with_capacity(13 * ROWS_PER_INSERT) };
    let mut filling = empty();
    for row in rows {
        let (row, copy) = match row {
            Ok(row) => row,
            Err(error) => return sender.send(Err(error)),
        };
        filling.values.extend(row.values(batch, copy));
        filling.rows += 1;
        if filling.rows == ROWS_PER_INSERT {
            sender.send(Ok(Some(std::mem::replace(&mut filling, empty()))))?;
        }
    }
    if filling.rows > 0 {
        sender.send(Ok(Some(filling)))?;
    }
    sender.send(Ok(None))
}
