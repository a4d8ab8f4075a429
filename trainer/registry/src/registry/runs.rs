//! Records runs: once when a run begins, so that its trials can refer to it, and once when it ends.

use libsql::{Row, params};
use serde_json::Value;

use super::id_prefix::{LISTED, PrefixMatch};
use super::rows::{document, finish_run, ids, insert_run};
use super::{Registry, RegistryError, Run};

/// A run as the registry has it.
#[derive(Debug, Clone)]
pub struct RunEntry {
    /// The run.
    pub run: Run,
    /// None while it runs, and for ever where it was interrupted.
    pub finished_at: Option<String>,
    /// How it ended; none while it goes on.
    pub outcome: Option<String>,
}

const COLUMNS: &str = "id, started_at, arguments, dataset_rows, dataset_sha256, split_sha256, split, seed, finished_at, outcome";

impl Registry {
    /// Writes down that a run begins. One that was interrupted and goes on is there already, and stays as it is.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn begin(&self, run: &Run) -> Result<(), RegistryError> {
        Ok(insert_run(&self.connection, run).await?)
    }

    /// Ends a run that gave no model.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn end(&self, run_id: &str, outcome: &str) -> Result<(), RegistryError> {
        Ok(finish_run(&self.connection, run_id, outcome).await?)
    }

    /// The run of an id or any unique start of one.
    ///
    /// # Errors
    ///
    /// [`RegistryError`] with the candidates where it names none or several.
    pub async fn find_run(&self, asked: &str) -> Result<RunEntry, RegistryError> {
        let known =
            ids(&self.connection, "SELECT id FROM runs ORDER BY started_at DESC, rowid DESC")
                .await?;
        let found = match PrefixMatch::by(asked, &known) {
            PrefixMatch::One(id) => self.run(&id).await?,
            PrefixMatch::Several(found) => {
                return Err(RegistryError::AmbiguousRun { asked: asked.to_owned(), found });
            }
            PrefixMatch::Nothing => None,
        };
        let known = known.into_iter().take(LISTED).collect();
        found.ok_or(RegistryError::NoSuchRun { asked: asked.to_owned(), known })
    }

    async fn run(&self, id: &str) -> Result<Option<RunEntry>, RegistryError> {
        let sql = format!("SELECT {COLUMNS} FROM runs WHERE id = ?");
        let mut rows = self.connection.query(&sql, [id]).await?;
        Ok(rows.next().await?.map(|row| run_entry(&row)).transpose()?)
    }

    /// The settings of the last champion of a family that learnt from other rows than these, with its id. Whoever
    /// trains on the same rows again gets the same settings to begin with.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn last_settings(
        &self,
        family: &str,
        dataset_sha256: &str,
    ) -> Result<Option<(String, Value)>, RegistryError> {
        let mut rows = self
            .connection
            .query(
                "SELECT m.id, m.params FROM promotions p JOIN models m ON m.id = p.model_id WHERE m.family = ? AND m.dataset_sha256 <> ? ORDER BY p.seq DESC LIMIT 1",
                params![family, dataset_sha256],
            )
            .await?;
        let Some(row) = rows.next().await? else { return Ok(None) };
        Ok(Some((row.get(0)?, document(&row, 1)?)))
    }
}

fn run_entry(row: &Row) -> Result<RunEntry, libsql::Error> {
    let run = Run {
        id: row.get(0)?,
        started_at: row.get(1)?,
        arguments: document(row, 2)?,
        dataset_rows: usize::try_from(row.get::<u64>(3)?).unwrap_or(usize::MAX),
        dataset_sha256: row.get(4)?,
        split_sha256: row.get(5)?,
        split: document(row, 6)?,
        seed: row.get::<i64>(7)?.cast_unsigned(),
    };
    Ok(RunEntry { run, finished_at: row.get(8)?, outcome: row.get(9)? })
}
