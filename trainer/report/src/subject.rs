//! A model and the rows that a report measures it on.

use inference::Predictor;
use serde_json::{Value, json};

use data::DataError;
use data::dataset::Dataset;
use data::split::Split;
use data::stone::{Stone, hex};
use learning::evaluate;
use learning::number::count;
use registry::Entry;

/// The seed of the split by which a model is measured that names none: the one that `train` uses by itself.
const USUAL_SEED: u64 = 42;

/// A model with rows that did not train it.
pub struct Subject<'a> {
    /// The registered model.
    pub entry: Entry,
    /// The decoded model.
    pub predictor: Predictor,
    /// Whether it is the champion.
    pub is_champion: bool,
    /// The rows that trained it, as far as they are there; none where the rows are a file of their own.
    pub train: Vec<&'a Stone>,
    /// The rows that the model is measured on.
    pub holdout: Vec<&'a Stone>,
    /// The model's price of each held-out row, in dollars.
    pub prices_usd: Vec<f64>,
    /// The seed of the split.
    pub seed: u64,
    /// Which rows these are, in words.
    pub rows: String,
    /// Whether they are the very rows by which the registry's figures were measured.
    pub(crate) is_own_holdout: bool,
}

impl<'a> Subject<'a> {
    /// A model and the rows of its own split: of the same rows that the seed holds out, whatever was added since.
    ///
    /// # Errors
    ///
    /// [`DataError`] where too few rows are there.
    pub fn of_split(
        entry: Entry,
        predictor: Predictor,
        dataset: &'a Dataset,
    ) -> Result<Subject<'a>, DataError> {
        let seed = seed(&entry);
        let split = Split::seeded(dataset, seed)?;
        let sha256 = hex(&split.sha256);
        let is_own_holdout = entry.split_sha256.as_deref() == Some(sha256.as_str());
        let n = count(split.holdout.len());
        let rows = if is_own_holdout {
            format!(
                "the {n} rows that its training held out (seed {seed}); none of them taught it anything"
            )
        } else if entry.split_sha256.is_none() {
            format!(
                "{n} rows of {}: a fifth by seed {seed}. The model was trained elsewhere, so it may know some of them, and \
                 then looks better here than it is",
                dataset.source
            )
        } else {
            format!(
                "the {n} rows of {} that seed {seed} holds out. They are not quite those by which the model was measured \
                 when it was trained: rows were added or taken away since, or its held-out rows were a file of their own, \
                 and then it may know some of these",
                dataset.source
            )
        };
        let subject = Subject::new(entry, predictor, split.holdout, rows);
        Ok(Subject { train: split.train, is_own_holdout, ..subject })
    }

    /// A model and all rows of a file.
    ///
    /// # Errors
    ///
    /// [`DataError::TooFew`] without a row.
    pub fn of_file(
        entry: Entry,
        predictor: Predictor,
        dataset: &'a Dataset,
    ) -> Result<Subject<'a>, DataError> {
        let (stones, _) = dataset.usable();
        if stones.is_empty() {
            return Err(DataError::TooFew {
                what: "rows to measure on",
                source_name: dataset.source.clone(),
                found: 0,
                wanted: 1,
            });
        }
        let rows = format!(
            "the {} rows of {}; whether the model learnt from some of them is not known here",
            count(stones.len()),
            dataset.source
        );
        Ok(Subject::new(entry, predictor, stones, rows))
    }

    fn new(
        entry: Entry,
        predictor: Predictor,
        holdout: Vec<&'a Stone>,
        rows: String,
    ) -> Subject<'a> {
        let price = |stone: &&Stone| predictor.estimate(&stone.diamond).price_usd;
        Subject {
            is_champion: false,
            train: Vec::new(),
            prices_usd: holdout.iter().map(price).collect(),
            seed: seed(&entry),
            is_own_holdout: false,
            entry,
            predictor,
            holdout,
            rows,
        }
    }

    /// The held-out stones, each with the model's price of it.
    pub fn priced(&self) -> impl Iterator<Item = (&'a Stone, f64)> + '_ {
        self.holdout.iter().copied().zip(self.prices_usd.iter().copied())
    }

    /// The mean absolute error in dollars on the held-out rows.
    pub fn mae_usd(&self) -> f64 {
        evaluate::metrics(&self.prices_usd, &self.holdout).map_or(f64::NAN, |metrics| metrics.mae)
    }

    /// The JSON document that `--json` prints.
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.entry.id,
            "family": self.entry.family,
            "name": self.entry.name,
            "champion": self.is_champion,
            "created_at": self.entry.created_at,
            "prices_in": self.predictor.header().prices_in,
            "price_lists": self.predictor.price_lists(),
            "measured_on": {
                "rows": self.holdout.len(),
                "which": self.rows,
                "same_as_registered": self.is_own_holdout,
            },
        })
    }
}

fn seed(entry: &Entry) -> u64 {
    entry.seed.map_or(USUAL_SEED, i64::cast_unsigned)
}
