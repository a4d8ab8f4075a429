//! Removes models that are no longer needed; runs, trials and promotions stay.

use connection::{Row, params};
use serde_json::{Value, json};

use super::{Registry, RegistryError};

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

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PrunedModel {
    pub id: String,
    pub family: String,
    pub created_at: String,
    /// Of its blob, the one with exact leaves and the image.
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
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
        let (transaction, registry) = self.write().await?;
        let models = registry.remove_models(keep).await?;
        let datasets = registry.remove_datasets().await?;
        let kept = registry.number("SELECT count(*) FROM models").await?;
        if dry_run {
            transaction.rollback().await?;
        } else {
            transaction.commit().await?;
        }
        let reusable_bytes = self.reusable_bytes().await.ok();
        Ok(Pruning { models, datasets, kept, reusable_bytes })
    }

    async fn remove_models(&self, keep: u32) -> Result<Vec<PrunedModel>, RegistryError> {
        // Before the first promotion it is unknown which of them will be asked for.
        if self.champion().await?.is_none() {
            return Ok(Vec::new());
        }
        let challenger = self.challenger().await?.map_or_else(String::new, |entry| entry.id);
        let sql = format!(
            "SELECT id, family, created_at, length(blob) + coalesce(length(exact_blob), 0) + coalesce(length(image), 0) AS bytes \
             FROM models WHERE id NOT IN ({STAYING}) ORDER BY created_at, rowid"
        );
        let parameters = || params![keep, challenger.as_str()];
        let models = self.connection.all(&sql, parameters(), Row::record).await?;
        for doomed in ["run_models WHERE model_id", "models WHERE id"] {
            let sql = format!("DELETE FROM {doomed} NOT IN ({STAYING})");
            self.connection.execute(&sql, parameters()).await?;
        }
        Ok(models)
    }

    /// Rows of the table cost nothing to know of, so only files' rows are removed.
    async fn remove_datasets(&self) -> Result<Vec<PrunedDataset>, connection::Error> {
        let doomed = format!("datasets WHERE contents IS NOT NULL AND sha256 NOT IN ({NEEDED})");
        let sql = format!(
            "SELECT sha256, rows, source, length(contents) AS bytes FROM {doomed} ORDER BY kept_at, rowid"
        );
        let datasets = self.connection.all(&sql, (), Row::record).await?;
        self.connection.execute(&format!("DELETE FROM {doomed}"), ()).await?;
        Ok(datasets)
    }

    async fn reusable_bytes(&self) -> Result<u64, connection::Error> {
        let pages = self.number("PRAGMA freelist_count").await?;
        Ok(pages * self.number("PRAGMA page_size").await?)
    }

    async fn number(&self, sql: &str) -> Result<u64, connection::Error> {
        let number = self.connection.first(sql, (), |row| row.get(0)).await?;
        number.ok_or(connection::Error::NoRow)
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
