//! How many records went to standard error because the database refused them.

use std::cell::Cell;

/// The failures of this instance that are not yet in the database, and how many the database knew of last.
///
/// An instance that ends before the database takes a group again takes its count along; the lines on standard error are
/// what really is there.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    unwritten: Cell<u64>,
    written: Cell<u64>,
}

impl Failures {
    /// Counts records that went to standard error.
    pub(crate) fn add(&self, records: usize) {
        self.unwritten.set(self.unwritten.get().saturating_add(records as u64));
    }

    /// How many of this instance the database does not know of.
    pub(crate) fn unwritten(&self) -> u64 {
        self.unwritten.get()
    }

    /// The database knows of so many more.
    pub(crate) fn wrote(&self, records: u64) {
        self.unwritten.set(self.unwritten.get().saturating_sub(records));
    }

    /// The database knows of so many in all.
    pub(crate) fn read(&self, records: u64) {
        self.written.set(records);
    }

    /// All that this instance knows of.
    pub(crate) fn total(&self) -> u64 {
        self.written.get().saturating_add(self.unwritten.get())
    }
}
