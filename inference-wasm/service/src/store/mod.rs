//! What the service keeps in the database: the one place that knows SQL.

mod samples;
mod models;
mod journal;

use std::cell::Cell;

use crate::database::Database;
use crate::settings::Sync;

pub(crate) use models::{ModelRow, Resolved};
pub(crate) use samples::Sample;

/// The questions the service asks of a database.
///
/// What reads and what writes goes by connections of its own: a commit that waits for another process's write does not
/// hold up a question.
#[derive(Debug)]
pub(crate) struct Store<D> {
    reader: D,
    writer: D,
    sync: Sync,
    /// Whether the writer's present connection was prepared.
    is_prepared: Cell<bool>,
}

impl<D: Database> Store<D> {
    pub(crate) fn new(reader: D, writer: D, sync: Sync) -> Store<D> {
        Store { reader, writer, sync, is_prepared: Cell::new(false) }
    }

    /// Drops the writer's connection, so that the next commit opens a new one.
    pub(crate) fn reopen(&self) {
        self.writer.reopen();
        self.is_prepared.set(false);
    }

    /// Prepares the writer's connection: its commits do not wait for readers, and survive a killed process
    /// (`NORMAL`) or a power cut (`FULL`). A server that keeps its own counsel about both refuses these
    /// statements; that is no reason not to write.
    async fn prepare(&self) {
        if !self.writer.keeps_connections() || self.is_prepared.replace(true) {
            return;
        }
        let synchronous = match self.sync {
            Sync::Normal => "PRAGMA synchronous = NORMAL",
            Sync::Full => "PRAGMA synchronous = FULL",
        };
        for pragma in ["PRAGMA journal_mode = WAL", synchronous] {
            let _ = self.writer.query(pragma, Vec::new()).await;
        }
    }
}
