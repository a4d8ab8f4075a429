//! Drift: whether what callers ask is still like what the champion learnt from.
//!
//! Each figure is held against two limits, a fixed one and the one that chance passes once in a thousand times with so
//! few stones, whichever is higher: without drift a hundred stones have a PSI of 0.1 by chance alone.

mod chance;

mod psi;

mod kolmogorov_smirnov;

mod scale;

mod feature;

mod unlikeness;

mod price_level;

mod lookout;

mod document;

use inference::{BlobError, Predictor};
use libsql::Connection;
use serde_json::Value;

pub(crate) use self::feature::{FeatureDrift, Values};
use self::lookout::Lookout;
pub(crate) use self::price_level::PriceLevel;
pub(crate) use self::unlikeness::Unlikeness;
use crate::data::DataError;
use crate::data::dataset::Dataset;
use crate::data::stone::hex;
use crate::data::store::{self, StoreError};
use crate::database::{Database, DatabaseError};
use crate::journal::{Journal, JournalError};
use crate::registry::{Entry, Registry, RegistryError};
use crate::traffic::{Tally, Traffic, Window};

/// Fewer stones say nothing: chance alone gives them any distribution.
pub(crate) const FEWEST: u64 = 100;

/// What a window's requests were like, beside what the champion learnt from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drift {
    pub(crate) window: Window,
    pub(crate) champion_id: String,
    pub(crate) training: Training,
    pub(crate) tally: Tally,
    pub(crate) features: Vec<FeatureDrift>,
    pub(crate) unlikeness: Unlikeness,
    pub(crate) price_level: PriceLevel,
}

/// The stones that requests are held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Training {
    pub(crate) stones: usize,
    pub(crate) sha256: [u8; 32],
    /// Whether they are the very rows that the champion learnt from, or those that the table holds now.
    pub(crate) is_champions: bool,
}

/// How far something is from what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Verdict {
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
pub(crate) enum DriftError {
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
pub(crate) async fn check(database: &Database, window: Window) -> Result<Drift, DriftError> {
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
    let mut lookout = Lookout::new(&stones, &predictor);
    let journal = Journal::new(connect(database).await?);
    let mut traffic = Traffic::open(&journal, window, None).await.map_err(DriftError::Journal)?;
    while let Some(requests) = traffic.page().await.map_err(DriftError::Journal)? {
        for stone in requests.iter().flat_map(|request| &request.stones) {
            lookout.see(&stone.diamond);
        }
    }
    let (features, unlikeness, price_level) = lookout.conclude();
    let (champion_id, tally) = (champion.id, traffic.tally());
    Ok(Drift { window, champion_id, training, tally, features, unlikeness, price_level })
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
    pub(crate) fn verdict(&self) -> Verdict {
        let features = self.features.iter().map(|feature| feature.verdict);
        let all = features.chain([self.unlikeness.verdict, self.price_level.verdict]);
        all.max().filter(|_| self.tally.stones >= FEWEST).unwrap_or_default()
    }

    /// Whether requests are no longer like the training data: time to train anew.
    pub(crate) fn has_drifted(&self) -> bool {
        self.verdict() == Verdict::Drifted
    }

    /// The whole of it, with the counts behind every figure.
    pub(crate) fn to_json(&self) -> Value {
        document::of(self)
    }

    /// What was found, in one sentence.
    pub(crate) fn sentence(&self) -> String {
        document::sentence(self)
    }
}

impl Verdict {
    /// How far a figure is, by the limits that it must pass to count.
    fn of(figure: f64, [shifted, drifted]: [f64; 2]) -> Verdict {
        if figure > drifted {
            Verdict::Drifted
        } else if figure > shifted {
            Verdict::Shifted
        } else {
            Verdict::Calm
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Verdict::TooFew => "too_few",
            Verdict::Calm => "calm",
            Verdict::Shifted => "shifted",
            Verdict::Drifted => "drifted",
        }
    }
}

#[cfg(test)]
mod tests;
