//! Why a model cannot be trained.

use inference::{BlobError, FormError};

/// Why a family learnt nothing.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum LearnError {
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
    #[error("the fitted model is not one that can be served: {0}")]
    Blob(#[from] BlobError),
    #[error("interrupted")]
    Interrupted,
    #[error(
        "the fitted model is broken: {0}; the data has values that no model of this family can bear"
    )]
    Form(#[from] FormError),
}
