//! Model families. A learner turns rows into a serving form; a new family is one file here and one row in
//! [`LEARNERS`].

mod linear;

mod log_linear;

mod elastic_net;

mod xgboost;

mod forust;

mod design;

mod shown;

pub(crate) mod measures;

use std::time::Instant;

use inference::{Encoder, Form, FormError, Link, MeasureImputer};
use serde_json::Value;

use crate::data::stone::Stone;
use crate::progress::Progress;
use crate::tune::{Interruption, Logbook};

/// Every family, in the order they are trained.
pub(crate) const LEARNERS: &[Learner] = &[
    linear::LEARNER,
    log_linear::LEARNER,
    elastic_net::LEARNER,
    xgboost::LEARNER,
    forust::LEARNER,
];

/// One model family.
pub(crate) struct Learner {
    /// Its name on the command line, in the registry and in the blob.
    pub(crate) name: &'static str,
    /// What it is, in one line.
    pub(crate) about: &'static str,
    /// What its margin is: the price or its logarithm.
    pub(crate) link: Link,
    /// How it sees stones whose measures follow this law where nobody took them.
    pub(crate) encoder: fn(MeasureImputer) -> Encoder,
    /// Finds the settings that do best on the rows of a lesson.
    pub(crate) tune: fn(&Lesson<'_>) -> Result<Box<dyn Recipe>, LearnError>,
    /// The recipe of a model that was fitted before, by the settings that the registry keeps of it and its seed; `None`
    /// where they do not say all of it, or something else wrote them.
    pub(crate) recall: fn(&Value, u64) -> Option<Box<dyn Recipe>>,
}

impl Learner {
    /// The family of this name.
    pub(crate) fn of(name: &str) -> Option<&'static Learner> {
        LEARNERS.iter().find(|learner| learner.name == name)
    }
}

/// What there is to learn from, and how much effort to spend on it.
pub(crate) struct Lesson<'a> {
    /// The training rows; every measure of theirs is known.
    pub(crate) stones: &'a [&'a Stone],
    /// The seed of everything random.
    pub(crate) seed: u64,
    /// How many parts cross-validation has.
    pub(crate) folds: usize,
    /// How many settings a search tries.
    pub(crate) trials: usize,
    /// When a search must stop.
    pub(crate) deadline: Option<Instant>,
    /// Whether somebody wants no model any more.
    pub(crate) interruption: &'a Interruption,
    /// Where searches keep their trials.
    pub(crate) logbook: &'a dyn Logbook,
    pub(crate) progress: &'a Progress,
}

impl Lesson<'_> {
    /// Whether to go on with what comes after a search.
    ///
    /// # Errors
    ///
    /// [`LearnError::Interrupted`]
    pub(crate) fn go_on(&self) -> Result<(), LearnError> {
        if self.interruption.is_asked() { Err(LearnError::Interrupted) } else { Ok(()) }
    }
}

/// A family with its settings decided: gives the same form for the same rows, every time.
pub(crate) trait Recipe: Sync {
    /// The settings, for the registry.
    fn params(&self) -> Value;

    /// Fits the rows as the family's encoder shows them. `law` says how the measures of stones like these follow from their
    /// four Cs.
    ///
    /// # Errors
    ///
    /// [`LearnError`]
    fn fit(&self, stones: &[&Stone], imputer: &MeasureImputer) -> Result<Form, LearnError>;
}

/// Why a family learnt nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LearnError {
    #[error(
        "least squares has no single solution on {rows} rows ({source}); give rows that differ more"
    )]
    LeastSquares { rows: usize, source: linfa_linear::LinearError<f64> },
    #[error("elastic net failed on {rows} rows: {source}; give rows that differ more")]
    ElasticNet { rows: usize, source: linfa_elasticnet::ElasticNetError },
    #[error("XGBoost failed: {0}")]
    XgBoost(#[from] xgboost_rs::XGBError),
    #[error("XGBoost's own model cannot be read: {0}")]
    XgBoostModel(#[from] xgboost_model::ImportError),
    #[error("Forust failed: {0}")]
    Forust(#[from] forust_ml::errors::ForustError),
    #[error("the search for settings failed: {0}")]
    Search(#[from] optimizer::Error),
    #[error("two settings of one search, {one} and {other}, have the same range; let them differ")]
    Alike { one: &'static str, other: &'static str },
    #[error("the settings of a trial cannot be read: {0}")]
    Settings(serde_json::Error),
    #[error(
        "trial {number} of {family} tried {found}, and this build would try {asked}; resume a run with the build that began it, or begin another"
    )]
    NotTheSameTrial { family: &'static str, number: usize, found: String, asked: String },
    #[error("interrupted")]
    Interrupted,
    #[error(
        "the fitted model is broken: {0}; the data has values that no model of this family can bear"
    )]
    Form(#[from] FormError),
}
