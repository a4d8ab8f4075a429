//! Removes models that are no longer needed; runs, trials and promotions stay.

use libsql::{Transaction, params};
use serde_json::{Value, json};

use super::rows::champion;
use super::{Registry, RegistryError};
use crate::database;

/// What was removed, or would be.
#[derive(Debug, Clone, PartialEq)]
pub struct Pruning {
    /// The models that go.
    pub models: Vec<PrunedModel>,
    /// The data sets that go.
    pub datasets: Vec<PrunedDataset>,
    /// How many models stay.
    pub kept: u64,
    /// The room in the database's file that new rows take; unknown of a server.
    pub reusable_bytes: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PrunedModel {
    pub id: String,
    pub family: String,
    pub created_at: String,
    /// Of its blob, the one with exact leaves and the image.
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PrunedDataset {
    pub sha256: String,
    pub rows: u64,
    pub source: String,
    pub bytes: u64,
}

/// The models that stay: the champion, those of the last promotions, and the best other than the champion of the newest run.
/// The parameters are how many promotions, and the challenger.
const STAYING: &str = "SELECT model_id FROM (SELECT model_id FROM promotions ORDER BY seq DESC LIMIT max(?1, 1)) UNION SELECT ?2";

/// The rows that a remaining model or an unfinished run needs.
const NEEDED: &str = "SELECT dataset_sha256 FROM models WHERE dataset_sha256 IS NOT NULL \
    UNION SELECT json_extract(r.split, '$.holdout_dataset.sha256') FROM runs r \
      JOIN run_models rm ON rm.run_id = r.id \
      WHERE json_extract(r.split, '$.holdout_dataset.sha256') IS NOT NULL \
    UNION SELECT dataset_sha256 FROM runs WHERE finished_at IS NULL \
    UNION SELECT json_extract(split, '$.holdout_dataset.sha256') FROM runs \
      WHERE finished_at IS NULL AND json_extract(split, '$.holdout_dataset.sha256') IS NOT NULL";

impl Registry {
    /// Removes every model but the champion, the challenger and those that were champion in the last so many promotions;
    /// then the rows of files that only they needed. A dry run takes all of it back.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn prune(&self, keep: u32, dry_run: bool) -> Result<Pruning, RegistryError> {
        let transaction = database::write(&self.connection).await?;
        let challenger = match self.challenger().await {
            Ok(entry) => entry.id,
            Err(RegistryError::NoChallenger) => String::new(),
            Err(error) => return Err(error),
        };
        let models = remove_models(&transaction, keep, &challenger).await?;
        let datasets = remove_datasets(&transaction).await?;
        let kept = count(&transaction).await?;
        if dry_run {
            transaction.rollback().await?;
        } else {
            transaction.commit().await?;
        }
        let reusable_bytes = self.reusable_bytes().await.ok();
        Ok(Pruning { models, datasets, kept, reusable_bytes })
    }

    async fn reusable_bytes(&self) -> Result<u64, libsql::Error> {
        let mut bytes = 1;
        for pragma in ["PRAGMA freelist_count", "PRAGMA page_size"] {
            let mut rows = self.connection.query(pragma, ()).await?;
            let row = rows.next().await?.ok_or(libsql::Error::QueryReturnedNoRows)?;
            bytes *= row.get::<u64>(0)?;
        }
        Ok(bytes)
    }
}

impl Pruning {
    /// How many bytes that frees.
    pub fn bytes(&self) -> u64 {
        let models = self.models.iter().map(|model| model.bytes);
        models.chain(self.datasets.iter().map(|dataset| dataset.bytes)).sum()
    }

    /// The JSON document that `--json` prints.
    pub fn to_json(&self) -> Value {
        json!({
            "models": self.models,
            "datasets": self.datasets,
            "kept": self.kept,
            "bytes": self.bytes(),
            "reusable_bytes": self.reusable_bytes,
        })
    }
}

async fn remove_models(
    transaction: &Transaction,
    keep: u32,
    challenger: &str,
) -> Result<Vec<PrunedModel>, RegistryError> {
    // Before the first promotion it is unknown which of them will be asked for.
    if champion(transaction).await?.is_none() {
        return Ok(Vec::new());
    }
    let doomed = format!("id NOT IN ({STAYING})");
    let sql = format!(
        "SELECT id, family, created_at, length(blob) + coalesce(length(exact_blob), 0) + coalesce(length(image), 0) \
         FROM models WHERE {doomed} ORDER BY created_at, rowid"
    );
    let mut rows = transaction.query(&sql, params![keep, challenger]).await?;
    let mut models = Vec::new();
    while let Some(row) = rows.next().await? {
        models.push(PrunedModel {
            id: row.get(0)?,
            family: row.get(1)?,
            created_at: row.get(2)?,
            bytes: row.get(3)?,
        });
    }
    for sql in [
        format!("DELETE FROM run_models WHERE model_id NOT IN ({STAYING})"),
        format!("DELETE FROM models WHERE {doomed}"),
    ] {
        transaction.execute(&sql, params![keep, challenger]).await?;
    }
    Ok(models)
}

/// Rows of the table cost nothing to know of, so only files' rows are removed.
async fn remove_datasets(transaction: &Transaction) -> Result<Vec<PrunedDataset>, RegistryError> {
    let doomed = format!("contents IS NOT NULL AND sha256 NOT IN ({NEEDED})");
    let sql = format!(
        "SELECT sha256, rows, source, length(contents) FROM datasets WHERE {doomed} ORDER BY kept_at, rowid"
    );
    let mut rows = transaction.query(&sql, ()).await?;
    let mut datasets = Vec::new();
    while let Some(row) = rows.next().await? {
        datasets.push(PrunedDataset {
            sha256: row.get(0)?,
            rows: row.get(1)?,
            source: row.get(2)?,
            bytes: row.get(3)?,
        });
    }
    transaction.execute(&format!("DELETE FROM datasets WHERE {doomed}"), ()).await?;
    Ok(datasets)
}

async fn count(transaction: &Transaction) -> Result<u64, libsql::Error> {
    let mut rows = transaction.query("SELECT count(*) FROM models", ()).await?;
    rows.next().await?.map_or(Ok(0), |row| row.get(0))
}
