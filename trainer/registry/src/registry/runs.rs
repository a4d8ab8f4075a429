//! Records runs: once when a run begins, so that its trials can refer to it, and once when it ends.

use connection::{Connection, Row, params};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{LISTED, Registry, RegistryError, only};
use crate::query::{self, document, unsigned};

/// What a run was asked and what it found.
#[derive(Debug, Clone, Deserialize)]
pub struct Run {
    /// The id.
    pub id: String,
    /// When the run began.
    pub started_at: String,
    /// The arguments of `trainer train`.
    #[serde(deserialize_with = "query::json")]
    pub arguments: Value,
    /// How many rows the data set had.
    pub dataset_rows: usize,
    /// SHA-256 of the rows.
    pub dataset_sha256: String,
    /// SHA-256 of the held-out rows.
    pub split_sha256: String,
    /// How the rows were divided.
    #[serde(deserialize_with = "query::json")]
    pub split: Value,
    /// The seed.
    #[serde(deserialize_with = "unsigned")]
    pub seed: u64,
}

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

/// What a model's run knew of its rows.
#[derive(Debug, Clone, Deserialize)]
pub struct Origin {
    /// The id of the run.
    pub run_id: String,
    /// When the run began.
    pub started_at: String,
    /// How many rows the data set had.
    pub dataset_rows: u64,
    /// How the rows were divided.
    #[serde(deserialize_with = "query::json")]
    pub split: Value,
}

impl Registry {
    /// Writes down that a run begins. One that was interrupted and goes on is there already, and stays as it is.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn begin(&self, run: &Run) -> Result<(), RegistryError> {
        self.connection
            .execute(
                "INSERT INTO runs (id, started_at, arguments, dataset_rows, dataset_sha256, split_sha256, split, seed) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                params![
                    run.id.clone(),
                    run.started_at.clone(),
                    run.arguments.to_string(),
                    run.dataset_rows as u64,
                    run.dataset_sha256.clone(),
                    run.split_sha256.clone(),
                    run.split.to_string(),
                    run.seed.cast_signed()
                ],
            )
            .await?;
        Ok(())
    }

    /// Writes down that a run has ended, and how.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn end(&self, run_id: &str, outcome: &str) -> Result<(), RegistryError> {
        let sql = "UPDATE runs SET finished_at = strftime('%Y-%m-%dT%H:%M:%fZ'), outcome = ? WHERE id = ?";
        self.connection.execute(sql, [outcome, run_id]).await?;
        Ok(())
    }

    /// The run of an id or any unique start of one.
    ///
    /// # Errors
    ///
    /// [`RegistryError`] with the candidates where it names none or several.
    pub async fn find_run(&self, asked: &str) -> Result<RunEntry, RegistryError> {
        let sql = "SELECT id FROM runs ORDER BY started_at DESC, rowid DESC";
        let mut known = self.connection.all(sql, (), |row| row.get(0)).await?;
        if let Some(id) = only("run", asked, &known)?
            && let Some(run) = self.run(&id).await?
        {
            return Ok(run);
        }
        known.truncate(LISTED);
        Err(RegistryError::NoSuchRun { asked: asked.to_owned(), known })
    }

    async fn run(&self, id: &str) -> Result<Option<RunEntry>, connection::Error> {
        let sql = "SELECT finished_at, outcome, id, started_at, arguments, dataset_rows, dataset_sha256, split_sha256, split, seed FROM runs WHERE id = ?";
        let entry = |row: &Row| {
            Ok(RunEntry { run: row.record()?, finished_at: row.get(0)?, outcome: row.get(1)? })
        };
        self.connection.first(sql, [id], entry).await
    }

    /// The runs that gave a model, oldest first.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn runs_of(&self, id: &str) -> Result<Vec<Value>, RegistryError> {
        let sql = "SELECT r.id, r.started_at, r.finished_at, r.outcome, (SELECT count(*) FROM trials t JOIN models m ON m.family = t.family WHERE t.run_id = r.id AND m.id = rm.model_id) FROM runs r JOIN run_models rm ON rm.run_id = r.id WHERE rm.model_id = ? ORDER BY r.started_at, r.rowid";
        let run = |row: &Row| {
            Ok(json!({
                "id": row.get::<String>(0)?,
                "started_at": row.get::<String>(1)?,
                "finished_at": row.get::<Option<String>>(2)?,
                "outcome": row.get::<Option<String>>(3)?,
                "trials": row.get::<u64>(4)?,
            }))
        };
        Ok(self.connection.all(sql, [id], run).await?)
    }

    /// What the latest run that gave a model knew of its rows; `None` for one that was trained elsewhere.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn origin(&self, model: &str) -> Result<Option<Origin>, RegistryError> {
        Ok(origin(&self.connection, model).await?)
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
        let sql = "SELECT m.id, m.params FROM promotions p JOIN models m ON m.id = p.model_id WHERE m.family = ? AND m.dataset_sha256 <> ? ORDER BY p.seq DESC LIMIT 1";
        let settings = |row: &Row| Ok((row.get(0)?, document(row, 1)?));
        Ok(self.connection.first(sql, [family, dataset_sha256], settings).await?)
    }
}

/// What the latest run that gave a model knew of its rows; `None` for one that was trained elsewhere.
pub(crate) async fn origin(
    connection: &Connection,
    model: &str,
) -> Result<Option<Origin>, connection::Error> {
    let sql = "SELECT r.id AS run_id, r.started_at, r.dataset_rows, r.split FROM runs r \
         JOIN run_models rm ON rm.run_id = r.id WHERE rm.model_id = ? \
         ORDER BY r.started_at DESC, r.rowid DESC LIMIT 1";
    connection.first(sql, [model], Row::record).await
}
