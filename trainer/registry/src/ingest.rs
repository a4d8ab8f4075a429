//! Adds the rows of a file to the `diamonds` table of a local database in bounded memory.
//!
//! Up to 500,000 rows are added in the order of the file. More are sorted by identity first: in that order
//! the table's unique index grows at its end, where rows in any other would touch a page each, and equal rows meet
//! without a list of all that came.

mod external_sort;

mod insert;

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;

use connection::{Connection, Transaction};
use inference::PricesIn;

use self::external_sort::{ExternalSort, Sorted};
use self::insert::insert;
use crate::store::{self, StoreError, StoredRow, Tally};
use data::delivery::{InputFile, Rejected, Row};

/// What the database may keep in memory of itself while much is added, in KiB.
const CACHE_KIB: u32 = 256 << 10;

/// The same while indexes are made. It is how much is sorted at a time, too: that should fit a processor's cache, and only
/// what is more than this is sorted by a second thread. At 256 MiB an index took 1.9 times as long.
const SORTED_KIB: u32 = 8 << 10;

/// A delivery is large where the table has at most this many times as many rows. Then its other indexes are made anew from
/// sorted rows, which is faster than to look up a place for each.
const LARGE_SHARE: u64 = 4;

/// What became of a file's rows.
#[derive(Debug)]
pub struct IngestResult {
    /// The path as it was given.
    pub file: PathBuf,
    /// How many rows the file has.
    pub read: usize,
    /// The rows that are not valid.
    pub rejected: Vec<Rejected>,
    /// What became of the valid rows.
    pub tally: Tally,
    /// Whether so much was written that the write-ahead log should be given back.
    pub is_large: bool,
}

/// Adds the rows of a file, and notes that it came, what its prices are in and what was refused of it.
///
/// # Errors
///
/// [`StoreError`]; the caller's transaction decides what is kept.
pub async fn take_in(
    transaction: &Transaction,
    input: &InputFile,
    prices_in: Option<PricesIn>,
) -> Result<IngestResult, StoreError> {
    let last_id = store::last_id(transaction).await?;
    let batch = store::record(transaction, &input.file, &input.sha256, prices_in).await?;
    let (mut runs, mut rejected, mut good) = (ExternalSort::default(), Vec::new(), 0);
    let mut has_lists = false;
    for rows in input.rows()? {
        for Row { line, stone } in rows? {
            match stone {
                Ok(stone) => {
                    good += 1;
                    has_lists |= stone.diamond.price_list.is_some();
                    runs.push(StoredRow::of(&stone))?;
                }
                Err(errors) => rejected.push(Rejected { line, errors }),
            }
        }
    }
    let (added, is_large) = match runs.finish()? {
        Sorted::Few(rows) => (add_few(transaction, batch, rows).await?, false),
        Sorted::Many(rows) => (add_many(transaction, batch, rows, good).await?, true),
    };
    let known_under_another_list =
        if has_lists { store::known_under_another_list(transaction, last_id).await? } else { 0 };
    let tally = Tally { added, already_present: good - added, known_under_another_list };
    let read = usize::try_from(good).unwrap_or(usize::MAX) + rejected.len();
    store::conclude(transaction, batch, read, &rejected, tally).await?;
    let file = input.file.clone();
    Ok(IngestResult { file, read, rejected, tally, is_large })
}

/// Gives back the write-ahead log, which is as long as all that was written. Where a process still reads it, or it cannot be
/// done, it is left to the next writer.
pub async fn shorten_log(connection: &Connection) {
    if let Ok(mut rows) = connection.query("PRAGMA wal_checkpoint(TRUNCATE)", ()).await {
        let _ = rows.next().await;
    }
}

/// Adds rows in their order.
async fn add_few(
    connection: &Connection,
    batch: i64,
    rows: Vec<StoredRow>,
) -> Result<u64, StoreError> {
    let mut copies = HashMap::new();
    let rows = rows.into_iter().map(move |row| {
        let copy = copies.entry(row.identity).and_modify(|copy| *copy += 1).or_insert(1);
        Ok((row, *copy))
    });
    insert(connection, batch, rows).await
}

/// Adds rows that come in the order of their identities.
async fn add_many(
    connection: &Connection,
    batch: i64,
    rows: impl Iterator<Item = io::Result<StoredRow>> + Send + 'static,
    count: u64,
) -> Result<u64, StoreError> {
    keep_in_memory(connection, CACHE_KIB).await?;
    let indexes = if is_large(connection, count).await? {
        store::take_indexes(connection).await?
    } else {
        Vec::new()
    };
    let (mut before, mut copy) = (None, 1);
    let rows = rows.map(move |row| {
        row.map(|row| {
            copy = if before == Some(row.identity) { copy + 1 } else { 1 };
            before = Some(row.identity);
            (row, copy)
        })
    });
    let added = insert(connection, batch, rows).await?;
    keep_in_memory(connection, SORTED_KIB).await?;
    // Sorts in threads of its own, where it was built to, while it reads on.
    connection.query("PRAGMA threads = 2", ()).await?.next().await?;
    for index in indexes {
        connection.execute(&index, ()).await?;
    }
    Ok(added)
}

/// Lets the database keep so much of itself in memory, in KiB.
async fn keep_in_memory(connection: &Connection, kib: u32) -> Result<(), StoreError> {
    connection.query(&format!("PRAGMA cache_size = -{kib}"), ()).await?.next().await?;
    Ok(())
}

async fn is_large(connection: &Connection, count: u64) -> Result<bool, StoreError> {
    Ok(store::last_id(connection).await? <= count.saturating_mul(LARGE_SHARE))
}

#[cfg(test)]
mod tests;
