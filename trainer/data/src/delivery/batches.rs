//! Parses the rows of a CSV in several threads and returns them in the order of the file.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use inference::FieldError;

use super::blocks::Blocks;
use super::lines::Lines;
use super::records::{Record, Records, RowError};
use super::{Columns, Row};

/// How many blocks wait between two threads; more would only take memory.
const WAITING: usize = 2;

/// More threads than this would wait for the database.
const MOST_THREADS: usize = 4;

/// Rows, a block of the file at a time.
pub(crate) struct Batches {
    /// Where the blocks come from, each thread in its turn.
    threads: Vec<Receiver<io::Result<Option<Batch>>>>,
    turn: usize,
    /// How many lines the blocks had that were handed on.
    lines: u64,
}

/// What a block holds.
struct Batch {
    rows: Vec<Row>,
    lines: u64,
}

/// What a thread is given to read; the last is given the end, so that a thread that died is not taken for it.
enum Part {
    Block { bytes: Vec<u8>, is_first: bool },
    Failed(io::Error),
    End,
}

impl Batches {
    /// Starts reading.
    pub(super) fn of(
        source: impl Read + Send + 'static,
        names: Vec<String>,
        columns: Columns,
    ) -> Batches {
        let count = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let header = Arc::new((names, columns));
        let (mut parts, mut threads) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let (part, given) = sync_channel(WAITING);
            let (batch, taken) = sync_channel(WAITING);
            let header = Arc::clone(&header);
            thread::spawn(move || read(&given, &batch, &header));
            parts.push(part);
            threads.push(taken);
        }
        thread::spawn(move || deal(source, &parts));
        Batches { threads, turn: 0, lines: 0 }
    }

    fn take(&mut self) -> io::Result<Option<Batch>> {
        let died = || io::Error::other("a thread that read it ended early");
        let thread = self.threads.get(self.turn).ok_or_else(died)?;
        self.turn = (self.turn + 1) % self.threads.len();
        thread.recv().unwrap_or_else(|_| Err(died()))
    }
}

impl Iterator for Batches {
    type Item = io::Result<Vec<Row>>;

    fn next(&mut self) -> Option<io::Result<Vec<Row>>> {
        match self.take() {
            Ok(Some(mut batch)) => {
                batch.rows.iter_mut().for_each(|row| row.line += self.lines);
                self.lines += batch.lines;
                Some(Ok(batch.rows))
            }
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// Gives each thread a block in its turn. Where no one takes one the reader has stopped, and so does this.
fn deal(source: impl Read, threads: &[SyncSender<Part>]) {
    let mut is_first = true;
    let blocks = Blocks::of(source).map(|block| match block {
        Ok(bytes) => Part::Block { bytes, is_first: std::mem::take(&mut is_first) },
        Err(error) => Part::Failed(error),
    });
    for (part, thread) in blocks.chain([Part::End]).zip(threads.iter().cycle()) {
        let is_last = matches!(part, Part::Failed(_));
        if thread.send(part).is_err() || is_last {
            return;
        }
    }
}

fn read(
    parts: &Receiver<Part>,
    batches: &SyncSender<io::Result<Option<Batch>>>,
    (names, columns): &(Vec<String>, Columns),
) {
    for part in parts {
        let batch = match part {
            Part::Block { bytes, is_first } => parse(&bytes, is_first, names, columns).map(Some),
            Part::Failed(error) => Err(error),
            Part::End => Ok(None),
        };
        if batches.send(batch).is_err() {
            return;
        }
    }
}

fn parse(bytes: &[u8], is_first: bool, names: &[String], columns: &Columns) -> io::Result<Batch> {
    let mut records = if is_first {
        // The header was read before, without an error.
        Records::open(Lines::of(bytes)).map_err(|_| io::Error::other("its header has changed"))?
    } else {
        Records::of_part(Lines::of_part(bytes), names.to_vec())
    };
    let mut rows = Vec::new();
    for record in &mut records {
        let record = record?;
        rows.push(Row { line: record.line, stone: stone(record, columns) });
    }
    Ok(Batch { rows, lines: records.line_count() })
}

fn stone(record: Record, columns: &Columns) -> Result<super::Stone, Vec<FieldError>> {
    match record.error {
        Some(RowError::Misfit(error) | RowError::Broken(error)) => Err(vec![error]),
        None => columns.parse(&record.fields),
    }
}
