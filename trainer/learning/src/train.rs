//! Trains one model family: from rows to an encoded model with its scores.

use std::time::Instant;

use inference::blob::{Origin, Scores};
use inference::{BlobError, Form, Header, Metrics, Model, Predictor, blob};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::calibrate::calibrate;
use crate::compact::compact;
use crate::context::TrainingContext;
use crate::coverage;
use crate::domain;
use crate::error::LearnError;
use crate::evaluate::{self, View};
use crate::family::Learner;
use crate::measures;
use data::dataset::Dataset;
use data::split::Split;
use data::stone::{Stone, hex};

/// Why a family gave no model.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum TrainError {
    #[error("{family}: {source}")]
    Learn { family: &'static str, source: LearnError },
    #[error("{family}: the fitted model is not one that can be served: {source}")]
    Blob { family: &'static str, source: BlobError },
}

/// A model to be registered.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The model family.
    pub family: String,
    /// What its owner calls it.
    pub name: Option<String>,
    /// The settings.
    pub params: Value,
    /// The metrics by part.
    pub metrics: Value,
    /// Which rows it learnt from, which were held out, and the seed; none for a model that was trained elsewhere.
    pub dataset_sha256: Option<String>,
    /// SHA-256 of the held-out rows.
    pub split_sha256: Option<String>,
    /// The seed of everything random.
    pub seed: Option<u64>,
    /// The encoded model.
    pub blob: Vec<u8>,
    /// The same model with its leaves as they were fitted, where the blob's are not.
    pub exact_blob: Option<Vec<u8>>,
    /// SHA-256 of the blob.
    pub blob_sha256: String,
    /// How many nodes the trees have; how many terms a linear model has.
    pub nodes: usize,
    /// How long it took.
    pub seconds: f64,
}

/// A fitted model with its scores, ready to be registered.
pub struct Candidate {
    /// What the registry is given.
    pub registration: Registration,
    /// The mean absolute error in dollars on the held-out rows.
    pub holdout_mae: f64,
}

/// Trains one family: settings, cross-validation, the final fit on all training rows, its interval and scores. With
/// `exact_leaves` the leaves of trees are served as they were fitted.
///
/// # Errors
///
/// [`TrainError`]
pub fn train(
    learner: &'static Learner,
    context: &TrainingContext<'_>,
    dataset: &Dataset,
    split: &Split<'_>,
    exact_leaves: bool,
) -> Result<Candidate, TrainError> {
    let failed = |source| TrainError::Learn { family: learner.name, source };
    let started = Instant::now();
    let tuned = (learner.tune)(context).map_err(failed)?;
    context.check_interruption().map_err(failed)?;
    context.progress.step(0, 1, &format!("{}: cross-validation", learner.name));
    let out_of_fold = evaluate::cross_validate(tuned.as_ref(), learner, context).map_err(failed)?;
    context.check_interruption().map_err(failed)?;
    context.progress.step(0, 1, &format!("{}: final fit", learner.name));
    let imputer = measures::learn(&split.train);
    let encoder = (learner.encoder)(imputer);
    let fitted = tuned.fit(&split.train, &imputer).map_err(failed)?;
    context.check_interruption().map_err(failed)?;
    let compacted = if exact_leaves {
        None
    } else {
        compact(&fitted, learner.link, &encoder, &split.train)
            .map_err(|error| failed(error.into()))?
    };
    // What is served, and what was fitted where that is another form.
    let (form, exact) = match compacted {
        Some(form) => (form, Some(fitted)),
        None => (fitted, None),
    };
    let origin =
        Origin { dataset_sha256: dataset.sha256(), split_sha256: split.sha256, seed: context.seed };
    let mut header = Header {
        family: learner.name.to_owned(),
        features: Header::feature_names(),
        encoder,
        link: learner.link,
        interval: calibrate(learner.link, &out_of_fold, &split.train),
        domain: domain::learn(&split.train),
        scores: Scores::default(),
        origin,
    };
    let score = |stones: &[&Stone]| {
        let predicted =
            evaluate::predict(&form, learner.link, &header.encoder, stones, View::Measured);
        evaluate::metrics(&predicted, stones)
    };
    let scores = Scores {
        train: score(&split.train),
        holdout: score(&split.holdout),
        cv: evaluate::metrics(&out_of_fold.measured, &split.train),
    };
    header.scores = scores;
    let seconds = started.elapsed().as_secs_f64();
    seal(header, form, exact, tuned.params(), split, seconds)
        .map_err(|source| TrainError::Blob { family: learner.name, source })
}

/// Encodes a model and gathers what the registry wants to know of it.
fn seal(
    header: Header,
    form: Form,
    exact: Option<Form>,
    params: Value,
    split: &Split<'_>,
    seconds: f64,
) -> Result<Candidate, BlobError> {
    let exact =
        exact.map(|form| blob::encode(&Model { header: header.clone(), form })).transpose()?;
    let model = Model { header, form };
    let bytes = blob::encode(&model)?;
    let (origin, scores) = (model.header.origin, model.header.scores);
    let predictor = Predictor::new(model);
    let holdout_mae = scores.holdout.map_or(f64::INFINITY, |metrics| metrics.mae);
    let metrics = json!({
        "train": metrics_json(scores.train),
        "holdout": metrics_json(scores.holdout),
        "cv": metrics_json(scores.cv),
        "interval": coverage::report(&predictor, &split.holdout, "holdout_coverage"),
    });
    let registration = Registration {
        family: predictor.header().family.clone(),
        name: None,
        params,
        metrics,
        dataset_sha256: Some(hex(&origin.dataset_sha256)),
        split_sha256: Some(hex(&origin.split_sha256)),
        seed: Some(origin.seed),
        blob_sha256: hex(&Sha256::digest(&bytes)),
        blob: bytes,
        exact_blob: exact,
        nodes: predictor.nodes(),
        seconds,
    };
    Ok(Candidate { registration, holdout_mae })
}

/// Metrics with the names of the contract; `null` where there are none.
pub fn metrics_json(metrics: Option<Metrics>) -> Value {
    metrics.map_or(Value::Null, |metrics| {
        json!({
            "mae": metrics.mae,
            "rmse": metrics.rmse,
            "r2": metrics.r2,
            "mape": metrics.mape,
            "within_10_percent": metrics.within_10_percent,
            "n": metrics.n,
        })
    })
}
