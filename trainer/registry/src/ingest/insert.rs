//! Inserts rows, many with each statement, while another thread prepares the next values.

use std::io;

use connection::{Connection, Value};

use crate::store::{self, StoreError, StoredRow};
use data::ahead::Ahead;

/// How many rows one statement adds: what a statement costs by itself is spread over them.
const ROWS_PER_INSERT: usize = 50;

/// How many statements' values wait for the database.
const WAITING: usize = 8;

/// The values of up to [`ROWS_PER_INSERT`] rows.
struct Filling {
    rows: usize,
    values: Vec<Value>,
}

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
    let fillings = Ahead::of(fillings(batch, rows), WAITING);
    let whole = connection.prepare(&store::insert_sql(ROWS_PER_INSERT)).await?;
    let mut added = 0;
    for filling in fillings {
        let Filling { rows, values } = filling.map_err(StoreError::Spill)?;
        added += if rows == ROWS_PER_INSERT {
            whole.execute(values).await?
        } else {
            connection.execute(&store::insert_sql(rows), values).await?
        };
    }
    Ok(added)
}

/// The values of all statements.
fn fillings(
    batch: i64,
    mut rows: impl Iterator<Item = io::Result<(StoredRow, i64)>>,
) -> impl Iterator<Item = io::Result<Filling>> {
    std::iter::from_fn(move || {
        let mut filling =
            Filling { rows: 0, values: Vec::with_capacity(store::VALUES * ROWS_PER_INSERT) };
        for row in rows.by_ref().take(ROWS_PER_INSERT) {
            match row {
                Ok((row, copy)) => filling.values.extend(row.values(batch, copy)),
                Err(error) => return Some(Err(error)),
            }
            filling.rows += 1;
        }
        (filling.rows > 0).then_some(Ok(filling))
    })
}
