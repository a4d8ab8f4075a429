//! Parses the rows of a CSV in several threads and returns them in the order of the file.

use std::io::{self, Read};
use std::thread;

use rayon::prelude::*;

use super::blocks::Blocks;
use super::lines::Lines;
use super::records::{Record, Records};
use super::{Columns, Row};
use crate::ahead::Ahead;

/// How many batches wait to be taken; more would only take memory.
const WAITING: usize = 1;

/// More threads than this would wait for the database.
const MOST_THREADS: usize = 4;

/// The rows of a file, those of several blocks at a time.
pub(super) fn batches(
    source: impl Read + Send + 'static,
    names: Vec<String>,
    columns: Columns,
) -> Ahead<Vec<Row>> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let mut blocks = Blocks::of(source);
    let mut passed = 0;
    let mut read = move || -> io::Result<Option<Vec<Row>>> {
        let blocks: Vec<Vec<u8>> = blocks.by_ref().take(threads).collect::<io::Result<_>>()?;
        if blocks.is_empty() {
            return Ok(None);
        }
        let is_start = passed == 0;
        let parsed: Vec<(Vec<Row>, u64)> = blocks
            .par_iter()
            .enumerate()
            .map(|(at, block)| parse(block, is_start && at == 0, &names, &columns))
            .collect::<io::Result<_>>()?;
        let mut batch = Vec::new();
        for (rows, lines) in parsed {
            batch.extend(rows.into_iter().map(|row| Row { line: passed + row.line, ..row }));
            passed += lines;
        }
        Ok(Some(batch))
    };
    Ahead::of(std::iter::from_fn(move || read().transpose()), WAITING)
}

/// The rows of a block and how many lines it has.
fn parse(
    block: &[u8],
    is_first: bool,
    names: &[String],
    columns: &Columns,
) -> io::Result<(Vec<Row>, u64)> {
    let mut records = if is_first {
        // The header was read before, without an error.
        Records::open(Lines::of(block)).map_err(|_| io::Error::other("its header has changed"))?
    } else {
        Records::of_part(Lines::of_part(block), names.to_vec())
    };
    let mut rows = Vec::new();
    for record in &mut records {
        let Record { line, fields, error, .. } = record?;
        let stone = error.map_or_else(|| columns.parse(&fields), |error| Err(vec![error]));
        rows.push(Row { line, stone });
    }
    Ok((rows, records.line_count()))
}
