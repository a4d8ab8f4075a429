//! The registry: every trained model, every run, every promotion. The only SQL that knows them.

mod images;

mod datasets;

mod promotions;

mod pruning;

mod runs;

mod trials;

use connection::{Connection, Row, Transaction, params};
use inference::{ModelId, image};
use serde_json::Value;

pub use self::datasets::DatasetError;
pub use self::promotions::{Decision, Promotion, Rollback};
pub use self::pruning::Pruning;
pub(crate) use self::runs::origin;
pub use self::runs::{Origin, Run, RunEntry};
pub use self::trials::TrialEntry;
pub use learning::train::Registration;

use crate::database::DatabaseError;
use crate::query::json;

/// The registry of one database.
pub struct Registry {
    connection: Connection,
}

/// One row of `models`, without its blob.
#[derive(Debug, Clone, serde::Deserialize)]
#[expect(missing_docs, reason = "the columns' names say what most fields are")]
pub struct Entry {
    pub id: String,
    pub family: String,
    /// What its owner calls it.
    pub name: Option<String>,
    pub created_at: String,
    #[serde(deserialize_with = "json")]
    pub params: Value,
    /// By part: train, holdout and cv.
    #[serde(deserialize_with = "json")]
    pub metrics: Value,
    pub dataset_sha256: Option<String>,
    /// Of the held-out rows.
    pub split_sha256: Option<String>,
    pub seed: Option<i64>,
    pub blob_sha256: String,
    pub blob_bytes: u64,
    /// How many nodes the trees have; how many terms a linear model has.
    pub nodes: u64,
    /// How long it took.
    pub seconds: f64,
}

/// Why the registry cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum RegistryError {
    #[error("no model {asked:?}; {}", candidates(known))]
    NoSuchModel { asked: String, known: Vec<String> },
    #[error("no run {asked:?}; {}", runs(known))]
    NoSuchRun { asked: String, known: Vec<String> },
    #[error("{asked:?} is the start of more than one {kind}: {}; give more digits", found.join(", "))]
    Ambiguous { kind: &'static str, asked: String, found: Vec<String> },
    #[error("there is no champion yet; `trainer train` or `trainer promote ID` makes one")]
    NoChampion,
    #[error(
        "there is no challenger: no model other than the champion is registered; `trainer train` registers some"
    )]
    NoChallenger,
    #[error("{id} is the champion already; nothing was changed")]
    ChampionAlready { id: String },
    #[error("there is no earlier champion to go back to; nothing was changed")]
    NothingBefore,
    #[error(
        "every earlier champion was removed by `trainer prune` ({}); nothing was changed; `trainer promote ID` chooses another",
        removed.join(", ")
    )]
    NothingLeft { removed: Vec<String> },
    #[error(
        "the champion changed from {expected} to {found} while this command ran; nothing was promoted; run it again"
    )]
    Overtaken { expected: String, found: String },
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("the database refused: {0}")]
    Refused(#[from] connection::Error),
}

fn candidates(known: &[String]) -> String {
    if known.is_empty() {
        return String::from("the registry is empty; `trainer train` registers models");
    }
    format!("registered are {}; `trainer list` says more", known.join(", "))
}

fn runs(known: &[String]) -> String {
    if known.is_empty() {
        return String::from("there are none; `trainer train` begins one");
    }
    format!("the last were {}", known.join(", "))
}

const COLUMNS: &str = "id, family, name, created_at, params, metrics, dataset_sha256, split_sha256, seed, blob_sha256, blob_bytes, nodes, seconds";

/// How many of the ids that there are an error lists.
const LISTED: usize = 20;

impl Registry {
    /// The registry behind a connection.
    pub fn new(connection: Connection) -> Registry {
        Registry { connection }
    }

    /// A transaction, and the registry within it.
    async fn write(&self) -> Result<(Transaction, Registry), RegistryError> {
        let transaction = self.connection.transaction().await?;
        let registry = Registry::new(Connection::clone(&transaction));
        Ok((transaction, registry))
    }

    /// Every model, newest first.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn models(&self) -> Result<Vec<Entry>, RegistryError> {
        let sql = format!("SELECT {COLUMNS} FROM models ORDER BY created_at DESC, rowid DESC");
        Ok(self.connection.all(&sql, (), Row::record).await?)
    }

    /// The model of an id, any unique start of one, `champion` or `challenger`.
    ///
    /// # Errors
    ///
    /// [`RegistryError`] with the candidates where it names none or several.
    pub async fn find(&self, asked: &str) -> Result<Entry, RegistryError> {
        match asked {
            "champion" => {
                let id = self.champion().await?.ok_or(RegistryError::NoChampion)?;
                self.by_id(&id).await?.ok_or(RegistryError::NoChampion)
            }
            "challenger" => self.challenger().await?.ok_or(RegistryError::NoChallenger),
            _ => self.by_start(asked).await,
        }
    }

    async fn by_start(&self, asked: &str) -> Result<Entry, RegistryError> {
        let mut known = self.ids().await?;
        if let Some(id) = only("model", asked, &known)?
            && let Some(entry) = self.by_id(&id).await?
        {
            return Ok(entry);
        }
        known.truncate(LISTED);
        Err(RegistryError::NoSuchModel { asked: asked.to_owned(), known })
    }

    /// The ids of every model, newest first.
    async fn ids(&self) -> Result<Vec<String>, connection::Error> {
        let sql = "SELECT id FROM models ORDER BY created_at DESC, rowid DESC";
        self.connection.all(sql, (), |row| row.get(0)).await
    }

    async fn by_id(&self, id: &str) -> Result<Option<Entry>, connection::Error> {
        let sql = format!("SELECT {COLUMNS} FROM models WHERE id = ?");
        self.connection.first(&sql, [id], Row::record).await
    }

    /// The best model other than the champion: of the latest run by held-out error, else the latest registered.
    async fn challenger(&self) -> Result<Option<Entry>, RegistryError> {
        let champion = self.champion().await?.unwrap_or_default();
        let sql = format!(
            "SELECT {COLUMNS} FROM models m \
             LEFT JOIN run_models rm ON rm.model_id = m.id \
               AND rm.run_id = (SELECT id FROM runs WHERE finished_at IS NOT NULL ORDER BY started_at DESC, rowid DESC LIMIT 1) \
             WHERE m.id <> ? \
             ORDER BY rm.run_id IS NULL, \
               CASE WHEN rm.run_id IS NULL THEN 0 ELSE json_extract(m.metrics, '$.holdout.mae') END, \
               m.created_at DESC, m.rowid DESC \
             LIMIT 1"
        );
        Ok(self.connection.first(&sql, [champion], Row::record).await?)
    }

    /// The blob of a model, as it was stored.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NoSuchModel`]; the database's own.
    pub async fn blob(&self, id: &str) -> Result<Vec<u8>, RegistryError> {
        let sql = "SELECT blob FROM models WHERE id = ?";
        self.connection.first(sql, [id], |row| row.get(0)).await?.ok_or_else(|| missing(id))
    }

    /// The blob of a model with its leaves as they were fitted; `None` where the blob itself has them so, or where they
    /// were not kept.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn exact_blob(&self, id: &str) -> Result<Option<Vec<u8>>, RegistryError> {
        let sql = "SELECT exact_blob FROM models WHERE id = ?";
        Ok(self.connection.first(sql, [id], |row| row.get(0)).await?.flatten())
    }

    /// The database's clock, so that every time in it is told by one.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn now(&self) -> Result<String, RegistryError> {
        let sql = "SELECT strftime('%Y-%m-%dT%H:%M:%fZ')";
        Ok(self.connection.first(sql, (), |row| row.get(0)).await?.unwrap_or_default())
    }

    /// Ends a run, keeps it with its models and, with `promote`, makes one of them the champion; all of it or nothing.
    /// A model whose blob is registered already keeps its row and joins the run.
    ///
    /// # Errors
    ///
    /// [`RegistryError::Overtaken`] if the champion is no longer the one that `promote` was decided against.
    pub async fn record(
        &self,
        run: &Run,
        models: &[Registration],
        promote: Option<&Decision>,
        outcome: &str,
    ) -> Result<(), RegistryError> {
        let (transaction, registry) = self.write().await?;
        registry.begin(run).await?;
        registry.end(&run.id, outcome).await?;
        for model in models {
            registry.add(model).await?;
            let id = ModelId::of(&model.blob);
            let sql =
                "INSERT INTO run_models (run_id, model_id) VALUES (?, ?) ON CONFLICT DO NOTHING";
            transaction.execute(sql, [run.id.as_str(), id.as_str()]).await?;
        }
        if let Some(Decision { id, against, reason, evidence }) = promote {
            let found = registry.champion().await?;
            if found != *against {
                let name = |id: Option<String>| id.unwrap_or_else(|| String::from("none"));
                let (expected, found) = (name(against.clone()), name(found));
                return Err(RegistryError::Overtaken { expected, found });
            }
            registry.insert_promotion(id, reason, false, Some(evidence)).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Keeps a model with its image; whether it was not there before. One that was keeps its row and its name.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn add(&self, model: &Registration) -> Result<bool, RegistryError> {
        let id = ModelId::of(&model.blob);
        let added = self
            .connection
            .execute(
                "INSERT INTO models (id, family, name, created_at, params, metrics, dataset_sha256, split_sha256, seed, blob, exact_blob, blob_sha256, blob_bytes, nodes, seconds, image) VALUES (?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ'), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                params![
                    id.as_str(),
                    model.family.clone(),
                    model.name.clone(),
                    model.params.to_string(),
                    model.metrics.to_string(),
                    model.dataset_sha256.clone(),
                    model.split_sha256.clone(),
                    model.seed.map(u64::cast_signed),
                    model.blob.clone(),
                    model.exact_blob.clone(),
                    model.blob_sha256.clone(),
                    model.blob.len() as u64,
                    model.nodes as u64,
                    model.seconds,
                    // What is no model has none.
                    image::encode(&model.blob).ok()
                ],
            )
            .await?;
        Ok(added > 0)
    }
}

/// The only id with this start; `None` where there is none.
fn only(
    kind: &'static str,
    asked: &str,
    known: &[String],
) -> Result<Option<String>, RegistryError> {
    let lower = asked.to_ascii_lowercase();
    let is_meant = |id: &str| id.starts_with(asked) || id.starts_with(&lower);
    let mut found: Vec<String> =
        known.iter().filter(|id| !asked.is_empty() && is_meant(id)).cloned().collect();
    if found.len() > 1 {
        return Err(RegistryError::Ambiguous { kind, asked: asked.to_owned(), found });
    }
    Ok(found.pop())
}

/// The error of a model that was removed meanwhile.
fn missing(id: &str) -> RegistryError {
    RegistryError::NoSuchModel { asked: id.to_owned(), known: Vec::new() }
}

#[cfg(test)]
mod tests;
