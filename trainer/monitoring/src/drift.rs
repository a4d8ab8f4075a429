//! Measures drift: whether requests are still like the rows the champion learnt from.
//!
//! Each figure is held against two limits, a fixed one and the one that chance passes once in a thousand times with so
//! few stones, whichever is higher: without drift a hundred stones have a PSI of 0.1 by chance alone.

mod kolmogorov_smirnov;

mod histogram;

mod feature;

mod rate;

mod refused;

mod price_level;

mod monitor;

mod document;

use inference::{BlobError, Predictor};
use serde::Serialize;

pub use self::feature::{FeatureDrift, Grade, Values};
use self::monitor::{DriftMonitor, Findings};
pub use self::price_level::PriceLevel;
pub use self::rate::Rate;
pub use self::refused::{Refused, RefusedField};
use crate::journal::{Journal, JournalError};
use crate::traffic::{Tally, Traffic, Window};
use data::DataError;
use data::stone::hex;
use registry::database::{Database, DatabaseError};
use registry::store::{self, StoreError};
use registry::{Registry, RegistryError};

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
    pub out_of_domain: Rate,
    /// The price level of stones of the same weight.
    pub price_level: PriceLevel,
    /// The stones that were refused.
    pub refused: Refused,
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

/// What a figure must exceed to count; infinite, in JSON null, where nothing was given.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Limits {
    /// Above this it is shifted.
    pub shifted_above: f64,
    /// Above this it is drifted.
    pub drifted_above: f64,
}

/// How far something is from what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "snake_case")]
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
    Registry(#[from] RegistryError),
    #[error("{0}")]
    Stones(#[from] StoreError),
    #[error("{0}")]
    Journal(#[from] JournalError),
    #[error("{0}")]
    Database(#[from] DatabaseError),
    #[error("the registry's blob of {id} cannot be used: {source}; promote another model")]
    Blob { id: String, source: BlobError },
    #[error("{0}")]
    Data(#[from] DataError),
}

/// Looks through the requests of a window.
///
/// # Errors
///
/// [`DriftError`], also where there is no champion or no row to hold requests against.
pub async fn check(database: &Database, window: Window) -> Result<Drift, DriftError> {
    let registry = Registry::new(database.connect().await?);
    let champion = registry.find("champion").await?;
    let predictor = Predictor::from_blob(&registry.blob(&champion.id).await?)
        .map_err(|source| DriftError::Blob { id: champion.id.clone(), source })?;
    // The rows that the table holds now, whatever the champion learnt from.
    let dataset = store::load(&database.connect().await?, database.place().to_string()).await?;
    let (stones, _) = dataset.usable();
    if stones.is_empty() {
        let source_name = dataset.source.clone();
        return Err(
            DataError::TooFew { what: "training rows", source_name, found: 0, wanted: 1 }.into()
        );
    }
    let sha256 = dataset.sha256();
    let is_champions = champion.dataset_sha256.as_deref() == Some(&*hex(&sha256));
    let training = Training { stones: stones.len(), sha256, is_champions };
    let mut monitor = DriftMonitor::new(&stones, &predictor);
    let journal = Journal::new(database.connect().await?);
    let mut traffic = Traffic::open(&journal, window, None).await?;
    while let Some(requests) = traffic.page().await? {
        requests.iter().for_each(|request| monitor.see(request));
    }
    Ok(Drift::of(window, champion.id, training, traffic.tally(), monitor.conclude()))
}

impl Drift {
    fn of(
        window: Window,
        champion_id: String,
        training: Training,
        tally: Tally,
        findings: Findings,
    ) -> Drift {
        let Findings { features, out_of_domain, price_level, refused } = findings;
        Drift {
            window,
            champion_id,
            training,
            tally,
            features,
            out_of_domain,
            price_level,
            refused,
        }
    }

    /// The worst of all verdicts. Few priced stones may still be enough refused ones.
    pub fn verdict(&self) -> DriftLevel {
        let features = self.features.iter().flat_map(|feature| {
            [Some(feature.verdict), feature.missing.map(|missing| missing.verdict)]
        });
        let fields = self.refused.fields.iter().map(|field| field.rate.verdict);
        let others =
            [self.out_of_domain.verdict, self.price_level.verdict, self.refused.rate.verdict];
        let worst = features.flatten().chain(fields).chain(others).max().unwrap_or_default();
        if self.tally.stones < FEWEST && worst == DriftLevel::Calm {
            return DriftLevel::TooFew;
        }
        worst
    }

    /// Whether requests are no longer like the training data: time to train anew.
    pub fn has_drifted(&self) -> bool {
        self.verdict() == DriftLevel::Drifted
    }
}

impl Limits {
    /// Fixed limits, or what chance gives where that is more.
    fn of(fixed: [f64; 2], by_chance: f64) -> Limits {
        let [shifted_above, drifted_above] = fixed.map(|limit| limit.max(by_chance));
        Limits { shifted_above, drifted_above }
    }

    /// How far a figure of so many stones is.
    fn verdict(self, figure: f64, stones: u64) -> DriftLevel {
        if stones < FEWEST {
            DriftLevel::TooFew
        } else if figure > self.drifted_above {
            DriftLevel::Drifted
        } else if figure > self.shifted_above {
            DriftLevel::Shifted
        } else {
            DriftLevel::Calm
        }
    }
}

impl DriftLevel {
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
