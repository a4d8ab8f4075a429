//! The registry: every trained model, every run, every promotion. The only SQL that knows them.

pub(crate) mod rows;

mod id_prefix;

mod images;

mod datasets;

mod promotions;

mod pruning;

mod runs;

mod trials;

use libsql::Connection;
use serde_json::Value;

pub use self::datasets::DatasetError;
use self::id_prefix::{LISTED, PrefixMatch};
pub use self::promotions::{Decision, Rollback};
pub use self::pruning::Pruning;
pub use self::rows::Origin;
use self::rows::{
    champion, entry, finish_run, ids, insert_model, insert_promotion, insert_run, join_run,
    promotions,
};
pub use self::runs::RunEntry;
pub use self::trials::TrialEntry;
pub use learning::train::Registration;

use crate::database::{self, DatabaseError};

/// The registry of one database.
pub struct Registry {
    connection: Connection,
}

/// One row of `models`, without its blob.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The id.
    pub id: String,
    /// The model family.
    pub family: String,
    /// What its owner calls it.
    pub name: Option<String>,
    /// When it was registered.
    pub created_at: String,
    /// The settings.
    pub params: Value,
    /// The metrics by part: train, holdout and cv.
    pub metrics: Value,
    /// SHA-256 of the rows.
    pub dataset_sha256: Option<String>,
    /// SHA-256 of the held-out rows.
    pub split_sha256: Option<String>,
    /// The seed.
    pub seed: Option<i64>,
    /// SHA-256 of the blob.
    pub blob_sha256: String,
    /// The size of the blob.
    pub blob_bytes: u64,
    /// How many nodes the trees have; how many terms a linear model has.
    pub nodes: u64,
    /// How long it took.
    pub seconds: f64,
}

/// What a run was asked and what it found.
#[derive(Debug, Clone)]
pub struct Run {
    /// The id.
    pub id: String,
    /// When the run began.
    pub started_at: String,
    /// The arguments of `trainer train`.
    pub arguments: Value,
    /// How many rows the data set had.
    pub dataset_rows: usize,
    /// SHA-256 of the rows.
    pub dataset_sha256: String,
    /// SHA-256 of the held-out rows.
    pub split_sha256: String,
    /// How the rows were divided.
    pub split: Value,
    /// The seed.
    pub seed: u64,
}

/// One row of `promotions`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Promotion {
    pub(crate) seq: i64,
    /// The id of the model.
    pub model_id: String,
    /// When it was promoted.
    pub promoted_at: String,
    /// Why, in words.
    pub reason: String,
    /// Whether it takes the promotion before it back.
    pub rolls_back: bool,
    /// What the gate measured; none where no gate decided.
    pub evidence: Option<Value>,
}

/// Why the registry cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum RegistryError {
    #[error("no model {asked:?}; {}", candidates(known))]
    NoSuchModel { asked: String, known: Vec<String> },
    #[error("{asked:?} is the start of more than one model: {}; give more digits", found.join(", "))]
    Ambiguous { asked: String, found: Vec<String> },
    #[error("no run {asked:?}; {}", runs(known))]
    NoSuchRun { asked: String, known: Vec<String> },
    #[error("{asked:?} is the start of more than one run: {}; give more digits", found.join(", "))]
    AmbiguousRun { asked: String, found: Vec<String> },
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
    Refused(#[from] libsql::Error),
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

impl Registry {
    /// The registry behind a connection.
    pub fn new(connection: Connection) -> Registry {
        Registry { connection }
    }

    /// Every model, newest first.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn models(&self) -> Result<Vec<Entry>, RegistryError> {
        let sql = format!("SELECT {COLUMNS} FROM models ORDER BY created_at DESC, rowid DESC");
        let mut rows = self.connection.query(&sql, ()).await?;
        let mut models = Vec::new();
        while let Some(row) = rows.next().await? {
            models.push(entry(&row)?);
        }
        Ok(models)
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
            "challenger" => self.challenger().await,
            _ => self.by_prefix(asked).await,
        }
    }

    async fn by_prefix(&self, asked: &str) -> Result<Entry, RegistryError> {
        let known = self.ids().await?;
        let found = match PrefixMatch::by(&asked.to_ascii_lowercase(), &known) {
            PrefixMatch::One(id) => self.by_id(&id).await?,
            PrefixMatch::Several(found) => {
                return Err(RegistryError::Ambiguous { asked: asked.to_owned(), found });
            }
            PrefixMatch::Nothing => None,
        };
        let known = known.into_iter().take(LISTED).collect();
        found.ok_or(RegistryError::NoSuchModel { asked: asked.to_owned(), known })
    }

    /// The ids of every model, newest first.
    async fn ids(&self) -> Result<Vec<String>, RegistryError> {
        let sql = "SELECT id FROM models ORDER BY created_at DESC, rowid DESC";
        Ok(ids(&self.connection, sql).await?)
    }

    async fn by_id(&self, id: &str) -> Result<Option<Entry>, RegistryError> {
        let sql = format!("SELECT {COLUMNS} FROM models WHERE id = ?");
        let mut rows = self.connection.query(&sql, [id]).await?;
        Ok(rows.next().await?.map(|row| entry(&row)).transpose()?)
    }

    /// The best model other than the champion: of the latest run by held-out error, else the latest registered.
    async fn challenger(&self) -> Result<Entry, RegistryError> {
        let champion = self.champion().await?.unwrap_or_default();
        let sql = "SELECT m.id FROM models m \
             LEFT JOIN run_models rm ON rm.model_id = m.id \
               AND rm.run_id = (SELECT id FROM runs WHERE finished_at IS NOT NULL ORDER BY started_at DESC, rowid DESC LIMIT 1) \
             WHERE m.id <> ? \
             ORDER BY rm.run_id IS NULL, \
               CASE WHEN rm.run_id IS NULL THEN 0 ELSE json_extract(m.metrics, '$.holdout.mae') END, \
               m.created_at DESC, m.rowid DESC \
             LIMIT 1";
        let mut rows = self.connection.query(sql, [champion]).await?;
        let row = rows.next().await?.ok_or(RegistryError::NoChallenger)?;
        let id: String = row.get(0)?;
        self.by_id(&id).await?.ok_or(RegistryError::NoChallenger)
    }

    /// The blob of a model, as it was stored.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NoSuchModel`]; the database's own.
    pub async fn blob(&self, id: &str) -> Result<Vec<u8>, RegistryError> {
        let mut rows = self.connection.query("SELECT blob FROM models WHERE id = ?", [id]).await?;
        match rows.next().await? {
            Some(row) => Ok(row.get(0)?),
            None => Err(RegistryError::NoSuchModel { asked: id.to_owned(), known: Vec::new() }),
        }
    }

    /// The blob of a model with its leaves as they were fitted; `None` where the blob itself has them so, or where they
    /// were not kept.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn exact_blob(&self, id: &str) -> Result<Option<Vec<u8>>, RegistryError> {
        let mut rows =
            self.connection.query("SELECT exact_blob FROM models WHERE id = ?", [id]).await?;
        Ok(rows.next().await?.map(|row| row.get(0)).transpose()?.flatten())
    }

    /// The id of the champion: the model that was promoted last.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn champion(&self) -> Result<Option<String>, RegistryError> {
        Ok(champion(&self.connection).await?)
    }

    /// Every promotion, oldest first.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn promotions(&self) -> Result<Vec<Promotion>, RegistryError> {
        Ok(promotions(&self.connection).await?)
    }

    /// The runs that gave a model, oldest first.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn runs_of(&self, id: &str) -> Result<Vec<Value>, RegistryError> {
        let mut rows = self
            .connection
            .query(
                "SELECT r.id, r.started_at, r.finished_at, r.outcome, (SELECT count(*) FROM trials t JOIN models m ON m.family = t.family WHERE t.run_id = r.id AND m.id = rm.model_id) FROM runs r JOIN run_models rm ON rm.run_id = r.id WHERE rm.model_id = ? ORDER BY r.started_at, r.rowid",
                [id],
            )
            .await?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next().await? {
            runs.push(serde_json::json!({
                "id": row.get::<String>(0)?,
                "started_at": row.get::<String>(1)?,
                "finished_at": row.get::<Option<String>>(2)?,
                "outcome": row.get::<Option<String>>(3)?,
                "trials": row.get::<u64>(4)?,
            }));
        }
        Ok(runs)
    }

    /// The database's clock, so that every time in it is told by one.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn now(&self) -> Result<String, RegistryError> {
        let mut rows = self.connection.query("SELECT strftime('%Y-%m-%dT%H:%M:%fZ')", ()).await?;
        match rows.next().await? {
            Some(row) => Ok(row.get(0)?),
            None => Ok(String::new()),
        }
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
        let transaction = database::write(&self.connection).await?;
        insert_run(&transaction, run).await?;
        finish_run(&transaction, &run.id, outcome).await?;
        for model in models {
            insert_model(&transaction, model).await?;
            join_run(&transaction, &run.id, model).await?;
        }
        if let Some(decision) = promote {
            let found = champion(&transaction).await?;
            if found != decision.against {
                return Err(RegistryError::Overtaken {
                    expected: decision.against.clone().unwrap_or_else(|| String::from("none")),
                    found: found.unwrap_or_else(|| String::from("none")),
                });
            }
            let evidence = Some(&decision.evidence);
            insert_promotion(&transaction, &decision.id, &decision.reason, evidence).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Keeps a model that no run gave; whether it was not there before. One that was keeps its row and its name.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn add(&self, model: &Registration) -> Result<bool, RegistryError> {
        let transaction = database::write(&self.connection).await?;
        let is_new = insert_model(&transaction, model).await?;
        transaction.commit().await?;
        Ok(is_new)
    }
}

#[cfg(test)]
mod tests;
