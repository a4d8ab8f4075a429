//! Keeps the rows of runs and restores them by their hash.

use connection::{Row, Value as Sql, params};

use super::{Registry, RegistryError};
use crate::store::{self, StoreError};
use data::dataset::Dataset;
use data::stone::hex;
use data::version::{self, Kept, Version};

/// One row of `datasets`, without the contents.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Summary {
    pub sha256: String,
    pub rows: u64,
    pub source: String,
    pub kept_at: String,
    /// Where the rows are those of the table of diamonds up to this id.
    pub last_id: Option<u64>,
    /// How large the rows are that are kept themselves.
    pub contents_bytes: Option<u64>,
    /// The currency and the year of the prices, where somebody said.
    pub prices_in: Option<String>,
    /// The models that learnt from these rows and are still there.
    pub models: u64,
}

/// Why a data set cannot be restored.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum DatasetError {
    #[error(
        "the data set with sha256 {wanted} cannot be restored: {place} gives {rows} rows with sha256 {found}"
    )]
    Other { wanted: String, place: String, rows: usize, found: String },
    #[error("the data set with sha256 {sha256} cannot be restored: {why}")]
    Damaged { sha256: String, why: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl Registry {
    /// Keeps data sets, each once. A run keeps its own when it begins, so that none ever ends without.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn keep(&self, versions: &[Version]) -> Result<(), RegistryError> {
        for version in versions {
            let (last_id, contents) = match &version.kept {
                Kept::Table { last_id } => (Sql::from(last_id.cast_signed()), Sql::Null),
                Kept::Contents(bytes) => (Sql::Null, Sql::from(bytes.clone())),
            };
            self.connection
                .execute(
                    "INSERT INTO datasets (sha256, rows, source, kept_at, last_id, contents, prices_in) VALUES (?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ'), ?, ?, ?) ON CONFLICT (sha256) DO NOTHING",
                    params![
                        version.sha256.clone(),
                        version.rows,
                        version.source.clone(),
                        last_id,
                        contents,
                        version.prices_in.map_or(Sql::Null, |it| it.to_string().into())
                    ],
                )
                .await?;
        }
        Ok(())
    }

    /// Every data set that is kept, newest first.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn datasets(&self) -> Result<Vec<Summary>, RegistryError> {
        let sql = "SELECT sha256, rows, source, kept_at, last_id, length(contents) AS contents_bytes, prices_in, \
               (SELECT count(*) FROM models WHERE dataset_sha256 = sha256) AS models \
             FROM datasets ORDER BY kept_at DESC, rowid DESC";
        Ok(self.connection.all(sql, (), Row::record).await?)
    }

    /// The data set of a hash, which had so many rows. One that was not kept may be what the table held first: stones are
    /// only ever added.
    ///
    /// # Errors
    ///
    /// [`DatasetError`] where nothing gives exactly these rows.
    pub async fn dataset(&self, sha256: &str, rows: u64) -> Result<Dataset, DatasetError> {
        let version = self.version(sha256).await?;
        let prices_in = version.as_ref().and_then(|version| version.prices_in);
        let (mut dataset, place) = match version {
            Some(Version { source, kept: Kept::Table { last_id }, .. }) => (
                store::load_up_to(&self.connection, source, last_id).await?,
                format!("the table of diamonds up to id {last_id}"),
            ),
            Some(Version { source, kept: Kept::Contents(contents), .. }) => {
                let damaged = |why| DatasetError::Damaged { sha256: sha256.to_owned(), why };
                let dataset = version::unpack(&contents, source).map_err(damaged)?;
                (dataset, String::from("what was kept of its file"))
            }
            None => (
                store::load_first(&self.connection, String::from("the database"), rows).await?,
                format!("nothing was kept of it, and the table of diamonds up to its row {rows}"),
            ),
        };
        dataset.prices_in = prices_in.or(dataset.prices_in);
        let found = hex(&dataset.sha256());
        if found == sha256 {
            return Ok(dataset);
        }
        let rows = dataset.len();
        Err(DatasetError::Other { wanted: sha256.to_owned(), place, rows, found })
    }

    async fn version(&self, sha256: &str) -> Result<Option<Version>, RegistryError> {
        let sql =
            "SELECT rows, source, last_id, contents, prices_in FROM datasets WHERE sha256 = ?";
        let version = |row: &Row| {
            let kept = match row.get::<Option<u64>>(2)? {
                Some(last_id) => Kept::Table { last_id },
                None => Kept::Contents(row.get(3)?),
            };
            let (rows, source) = (row.get(0)?, row.get(1)?);
            let prices_in = row.get::<Option<String>>(4)?.and_then(|said| said.parse().ok());
            Ok(Version { sha256: sha256.to_owned(), rows, source, kept, prices_in })
        };
        Ok(self.connection.first(sql, [sha256], version).await?)
    }
}
