//! Parses the rows of a table in several threads and returns them in the order of the file.

use std::io;
use std::thread;

use inference::FieldError;
use rayon::prelude::*;
use table::{Columns, Header, Record, Records};

use super::Row;
use super::blocks::Blocks;
use crate::ahead::Ahead;
use crate::list_rule::ListRule;
use crate::stone::Stone;

/// How many batches wait to be taken; more would only take memory.
const WAITING: usize = 1;

/// More threads than this would wait for the database.
const MOST_THREADS: usize = 4;

/// The rows of a table, those of several blocks at a time. Before the first block there were so many lines.
pub(super) fn batches(
    mut blocks: Blocks,
    mut lines: u64,
    header: Header,
    columns: Columns,
    lists: ListRule,
) -> Ahead<Vec<Row>> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let mut read = move || -> io::Result<Option<Vec<Row>>> {
        let blocks: Vec<Vec<u8>> = blocks.by_ref().take(threads).collect::<io::Result<_>>()?;
        if blocks.is_empty() {
            return Ok(None);
        }
        let parsed: Vec<(Vec<Row>, u64)> =
            blocks.par_iter().map(|block| parse(block, &header, &columns, lists)).collect();
        let mut batch = Vec::new();
        for (rows, count) in parsed {
            batch.extend(rows.into_iter().map(|row| Row { line: lines + row.line, ..row }));
            lines += count;
        }
        Ok(Some(batch))
    };
    Ahead::of(std::iter::from_fn(move || read().transpose()), WAITING)
}

/// The rows of a block and how many lines it has.
fn parse(block: &[u8], header: &Header, columns: &Columns, lists: ListRule) -> (Vec<Row>, u64) {
    let mut records = Records::of_part(block, 0, header);
    let mut rows = Vec::new();
    for record in &mut records {
        rows.push(match record {
            Ok(record) => {
                let stone = stone(&record, header, columns).map(|stone| lists.apply(stone));
                Row { line: record.line, stone }
            }
            Err(broken) => Row { line: broken.0.line, stone: Err(vec![broken.1]) },
        });
    }
    (rows, records.lines())
}

/// The stone of a row, or every field that is wrong, with its value as written.
fn stone(
    record: &Record<'_>,
    header: &Header,
    columns: &Columns,
) -> Result<Stone, Vec<FieldError>> {
    let stone = Stone::parse(|field| columns.value(record, header.separator, field));
    stone.map_err(|errors| columns.as_written(record, errors))
}
