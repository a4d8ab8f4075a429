//! Measures drift: whether requests are still like the rows the champion learnt from.
//!
//! Each figure is held against two limits, a fixed one and the one that chance passes once in a thousand times with so
//! few stones, whichever is higher: without drift a hundred stones have a PSI of 0.1 by chance alone.

mod kolmogorov_smirnov;

mod histogram;

mod feature;

mod out_of_domain;

mod price_level;

mod monitor;

mod document;

use inference::{BlobError, Predictor};
use libsql::Connection;
use serde_json::Value;

pub use self::feature::{FeatureDrift, Values};
use self::monitor::DriftMonitor;
pub use self::out_of_domain::OutOfDomainRate;
pub use self::price_level::PriceLevel;
use crate::journal::{Journal, JournalError};
use crate::traffic::{Tally, Traffic, Window};
use data::DataError;
use data::dataset::Dataset;
use data::stone::hex;
use registry::database::{Database, DatabaseError};
use registry::store::{self, StoreError};
use registry::{Entry, Registry, RegistryError};

/// Fewer stones say nothing: chance alone gives them any distribution.
pub const FEWEST: u64 = 100;

/// What a window's requests were like, compared with what the champion learnt from.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// The window of requests.
    pub window: Window,
    /// The id of the champion.
    pub champion_id: String,
    /// The training rows that requests are compared with.
    pub training: Training,
    /// How many requests were read, and how many stones they priced.
    pub tally: Tally,
    /// The drift of each feature.
    pub features: Vec<FeatureDrift>,
    /// The rate of stones outside the training domain.
    pub out_of_domain: OutOfDomainRate,
    /// The price level of stones of the same weight.
    pub price_level: PriceLevel,
}

/// The stones that requests are held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Training {
    /// How many stones.
    pub stones: usize,
    /// SHA-256 of the rows.
    pub sha256: [u8; 32],
    /// Whether they are the very rows that the champion learnt from, or those that the table holds now.
    pub is_champions: bool,
}

/// How far something is from what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum DriftLevel {
    /// Too few stones to say.
    #[default]
    TooFew,
    /// Nothing that chance does not do.
    Calm,
    /// Something changed; worth a look.
    Shifted,
    /// It is no longer what it was.
    Drifted,
}

/// Why drift cannot be looked for.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum DriftError {
    #[error("{0}")]
    Registry(#[source] RegistryError),
    #[error("{0}")]
    Stones(#[source] StoreError),
    #[error("{0}")]
    Journal(#[source] JournalError),
    #[error("{0}")]
    Database(#[source] DatabaseError),
    #[error("the registry's blob of {id} cannot be used: {source}; promote another model")]
    Blob { id: String, source: BlobError },
    #[error("{0}")]
    Data(#[source] DataError),
}

/// Looks through the requests of a window.
///
/// # Errors
///
/// [`DriftError`], also where there is no champion or no row to hold requests against.
pub async fn check(database: &Database, window: Window) -> Result<Drift, DriftError> {
    let (champion, predictor) = champion(database).await?;
    let dataset = training_rows(database).await?;
    let (stones, _) = dataset.usable();
    if stones.is_empty() {
        return Err(DriftError::Data(DataError::TooFew {
            what: "training rows",
            source_name: dataset.source.clone(),
            found: 0,
            wanted: 1,
        }));
    }
    let sha256 = dataset.sha256();
    let is_champions = champion.dataset_sha256.as_deref() == Some(&*hex(&sha256));
    let training = Training { stones: stones.len(), sha256, is_champions };
    let mut monitor = DriftMonitor::new(&stones, &predictor);
    let journal = Journal::new(connect(database).await?);
    let mut traffic = Traffic::open(&journal, window, None).await.map_err(DriftError::Journal)?;
    while let Some(requests) = traffic.page().await.map_err(DriftError::Journal)? {
        for stone in requests.iter().flat_map(|request| &request.stones) {
            monitor.see(&stone.diamond);
        }
    }
    let (features, out_of_domain, price_level) = monitor.conclude();
    let (champion_id, tally) = (champion.id, traffic.tally());
    Ok(Drift { window, champion_id, training, tally, features, out_of_domain, price_level })
}

async fn champion(database: &Database) -> Result<(Entry, Predictor), DriftError> {
    let registry = Registry::new(connect(database).await?);
    let champion = registry.find("champion").await.map_err(DriftError::Registry)?;
    let blob = registry.blob(&champion.id).await.map_err(DriftError::Registry)?;
    match Predictor::from_blob(&blob) {
        Ok(predictor) => Ok((champion, predictor)),
        Err(source) => Err(DriftError::Blob { id: champion.id, source }),
    }
}

/// The rows that the table holds now, whatever the champion learnt from.
async fn training_rows(database: &Database) -> Result<Dataset, DriftError> {
    let source = database.place().to_string();
    store::load(&connect(database).await?, source).await.map_err(DriftError::Stones)
}

async fn connect(database: &Database) -> Result<Connection, DriftError> {
    database.connect().await.map_err(DriftError::Database)
}

impl Drift {
    /// The worst of all verdicts.
    pub fn verdict(&self) -> DriftLevel {
        let features = self.features.iter().map(|feature| feature.verdict);
        let all = features.chain([self.out_of_domain.verdict, self.price_level.verdict]);
        all.max().filter(|_| self.tally.stones >= FEWEST).unwrap_or_default()
    }

    /// Whether requests are no longer like the training data: time to train anew.
    pub fn has_drifted(&self) -> bool {
        self.verdict() == DriftLevel::Drifted
    }

    /// The whole of it, with the counts behind every figure.
    pub fn to_json(&self) -> Value {
        document::of(self)
    }

    /// What was found, in one sentence.
    pub fn sentence(&self) -> String {
        document::sentence(self)
    }
}

impl DriftLevel {
    /// How far a figure is, by the limits that it must pass to count.
    fn of(figure: f64, [shifted, drifted]: [f64; 2]) -> DriftLevel {
        if figure > drifted {
            DriftLevel::Drifted
        } else if figure > shifted {
            DriftLevel::Shifted
        } else {
            DriftLevel::Calm
        }
    }

    /// The name in `--json`.
    pub fn name(self) -> &'static str {
        match self {
            DriftLevel::TooFew => "too_few",
            DriftLevel::Calm => "calm",
            DriftLevel::Shifted => "shifted",
            DriftLevel::Drifted => "drifted",
        }
    }
}

#[cfg(test)]
mod tests;
