//! Sorts rows by identity in bounded memory: sorted runs in temporary files, merged at the end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use crate::store::{ROW_BYTES, StoreError, StoredRow};
use data::stone::Identity;

/// How many rows are in memory at a time: some 50 MB.
pub(super) const ROWS_PER_RUN: usize = 500_000;

/// How much of a run is read at a time.
const READ_BYTES: usize = 1 << 18;

/// Rows as they come.
pub(super) struct ExternalSort {
    rows: Vec<StoredRow>,
    /// Each sorted.
    files: Vec<File>,
    rows_per_run: usize,
}

/// The rows, once all of them are there.
pub(super) enum Sorted {
    /// In the order in which they came: they never left memory.
    Few(Vec<StoredRow>),
    /// By identity.
    Many(Merge),
}

impl Default for ExternalSort {
    fn default() -> ExternalSort {
        ExternalSort::of(ROWS_PER_RUN)
    }
}

impl ExternalSort {
    pub(super) fn of(rows_per_run: usize) -> ExternalSort {
        ExternalSort { rows: Vec::new(), files: Vec::new(), rows_per_run }
    }

    /// Takes a row.
    ///
    /// # Errors
    ///
    /// [`StoreError::Spill`]
    pub(super) fn push(&mut self, row: StoredRow) -> Result<(), StoreError> {
        if self.rows.len() >= self.rows_per_run {
            self.spill().map_err(StoreError::Spill)?;
        }
        self.rows.push(row);
        Ok(())
    }

    /// All rows.
    ///
    /// # Errors
    ///
    /// [`StoreError::Spill`]
    pub(super) fn finish(mut self) -> Result<Sorted, StoreError> {
        if self.files.is_empty() {
            return Ok(Sorted::Few(self.rows));
        }
        self.spill().map_err(StoreError::Spill)?;
        Merge::of(self.files).map(Sorted::Many).map_err(StoreError::Spill)
    }

    fn spill(&mut self) -> io::Result<()> {
        self.rows.sort_unstable_by_key(|row| row.identity);
        let mut file = BufWriter::with_capacity(READ_BYTES, tempfile::tempfile()?);
        for row in self.rows.drain(..) {
            file.write_all(&row.to_bytes())?;
        }
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        self.files.push(file);
        Ok(())
    }
}

/// The rows of all runs in their order.
pub(super) struct Merge {
    runs: Vec<BufReader<File>>,
    /// The next row of each run that has one.
    next: BinaryHeap<Reverse<Next>>,
}

struct Next {
    row: StoredRow,
    run: usize,
}

impl Merge {
    fn of(files: Vec<File>) -> io::Result<Merge> {
        let runs = files.into_iter().map(|file| BufReader::with_capacity(READ_BYTES, file));
        let mut merge = Merge { runs: runs.collect(), next: BinaryHeap::new() };
        for run in 0..merge.runs.len() {
            merge.refill(run)?;
        }
        Ok(merge)
    }

    fn refill(&mut self, run: usize) -> io::Result<()> {
        let Some(file) = self.runs.get_mut(run) else { return Ok(()) };
        let mut bytes = [0; ROW_BYTES];
        match file.read_exact(&mut bytes) {
            Ok(()) => self.next.push(Reverse(Next { row: StoredRow::from_bytes(&bytes), run })),
            // A run is whole rows, so this is its end.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

impl Iterator for Merge {
    type Item = io::Result<StoredRow>;

    fn next(&mut self) -> Option<io::Result<StoredRow>> {
        let Reverse(Next { row, run }) = self.next.pop()?;
        Some(self.refill(run).map(|()| row))
    }
}

impl Next {
    fn key(&self) -> (Identity, usize) {
        (self.row.identity, self.run)
    }
}

impl PartialEq for Next {
    fn eq(&self, other: &Next) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Next {}

impl PartialOrd for Next {
    fn partial_cmp(&self, other: &Next) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Next {
    fn cmp(&self, other: &Next) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}
