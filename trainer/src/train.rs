//! From rows to a scored blob: one family at a time.

use std::time::Instant;

use inference::blob::{Origin, Scores};
use inference::{BlobError, Form, Header, Metrics, Model, Predictor, blob};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::calibrate::calibrate;
use crate::compact::compact;
use crate::coverage;
use crate::data::dataset::Dataset;
use crate::data::split::Split;
use crate::data::stone::{Stone, hex};
use crate::domain;
use crate::evaluate::{self, View};
use crate::learn::{LearnError, Learner, Lesson, measures};
use crate::registry::Registration;

/// Why a family gave no model.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrainError {
    #[error("{family}: {source}")]
    Learn { family: &'static str, source: LearnError },
    #[error("{family}: the fitted model is not one that can be served: {source}")]
    Blob { family: &'static str, source: BlobError },
}

/// A fitted model with its scores, ready to be registered.
pub(crate) struct Candidate {
    pub(crate) registration: Registration,
    /// The mean absolute error in dollars on the held-out rows.
    pub(crate) holdout_mae: f64,
}

/// Trains one family: settings, cross-validation, the final fit on all training rows, its interval and scores. With
/// `exact_leaves` the leaves of trees are served as they were fitted.
///
/// # Errors
///
/// [`TrainError`]
pub(crate) fn train(
    learner: &'static Learner,
    lesson: &Lesson<'_>,
    dataset: &Dataset,
    split: &Split<'_>,
    exact_leaves: bool,
) -> Result<Candidate, TrainError> {
    let failed = |source| TrainError::Learn { family: learner.name, source };
    let started = Instant::now();
    let recipe = (learner.tune)(lesson).map_err(failed)?;
    lesson.go_on().map_err(failed)?;
    lesson.progress.step(0, 1, &format!("{}: cross-validation", learner.name));
    let out_of_fold = evaluate::cross_validate(recipe.as_ref(), learner, lesson).map_err(failed)?;
    lesson.go_on().map_err(failed)?;
    lesson.progress.step(0, 1, &format!("{}: final fit", learner.name));
    let imputer = measures::learn(&split.train);
    let encoder = (learner.encoder)(imputer);
    let fitted = recipe.fit(&split.train, &imputer).map_err(failed)?;
    lesson.go_on().map_err(failed)?;
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
        Origin { dataset_sha256: dataset.sha256(), split_sha256: split.sha256, seed: lesson.seed };
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
    seal(header, form, exact, recipe.params(), split, seconds)
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
pub(crate) fn metrics_json(metrics: Option<Metrics>) -> Value {
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
