//! Trains one model family: from rows to an encoded model with its scores.

use std::time::Instant;

use inference::blob::{Origin, Scores};
use inference::{Encoder, Form, FormError, Header, Link, Model, Predictor, blob};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::calibrate::calibrate;
use crate::context::TrainingContext;
use crate::coverage;
use crate::domain;
use crate::error::LearnError;
use crate::evaluate::{self, View};
use crate::family::Learner;
use data::dataset::Dataset;
use data::split::Split;
use data::stone::{Stone, hex};

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
/// [`LearnError`]
pub fn train(
    learner: &'static Learner,
    context: &TrainingContext<'_>,
    dataset: &Dataset,
    split: &Split<'_>,
    exact_leaves: bool,
) -> Result<Candidate, LearnError> {
    let started = Instant::now();
    let step = |what: &str| context.progress.step(0, 1, &format!("{}: {what}", learner.name));
    let tuned = (learner.tune)(context)?;
    context.check_interruption()?;
    step("cross-validation");
    let out_of_fold = evaluate::cross_validate(tuned.as_ref(), learner, context)?;
    context.check_interruption()?;
    step("final fit");
    let encoder = context.encoder(learner, &split.train);
    let fitted = tuned.fit(&split.train, &encoder)?;
    context.check_interruption()?;
    let compacted = match exact_leaves {
        true => None,
        false => compact(&fitted, learner.link, &encoder, &split.train)?,
    };
    // What is served, and what was fitted where that is another form.
    let (form, exact) = match compacted {
        Some(form) => (form, Some(fitted)),
        None => (fitted, None),
    };
    let score = |stones: &[&Stone]| {
        let predicted = evaluate::predict(&form, learner.link, &encoder, stones, View::Measured);
        evaluate::metrics(&predicted, stones)
    };
    let scores = Scores {
        train: score(&split.train),
        holdout: score(&split.holdout),
        cv: out_of_fold
            .get(View::Measured)
            .and_then(|prices| evaluate::metrics(prices, &split.train)),
    };
    let (dataset_sha256, split_sha256) = (dataset.sha256(), split.sha256);
    let header = Header {
        interval: calibrate(learner.link, &out_of_fold, &split.train),
        domain: domain::learn(&split.train),
        prices_in: dataset.prices_in,
        scores,
        origin: Origin { dataset_sha256, split_sha256, seed: context.seed },
        ..Header::new(learner.name, encoder, learner.link)
    };
    let seconds = started.elapsed().as_secs_f64();
    let exact =
        exact.map(|form| blob::encode(&Model { header: header.clone(), form })).transpose()?;
    let model = Model { header, form };
    let blob = blob::encode(&model)?;
    let predictor = Predictor::new(model);
    let mut metrics = json!(scores);
    metrics["interval"] = coverage::report(&predictor, &split.holdout, "holdout_coverage");
    let registration = Registration {
        family: learner.name.to_owned(),
        name: None,
        params: tuned.params(),
        metrics,
        dataset_sha256: Some(hex(&dataset_sha256)),
        split_sha256: Some(hex(&split_sha256)),
        seed: Some(context.seed),
        blob_sha256: hex(&Sha256::digest(&blob)),
        blob,
        exact_blob: exact,
        nodes: predictor.nodes(),
        seconds,
    };
    let holdout_mae = scores.holdout.map_or(f64::INFINITY, |metrics| metrics.mae);
    Ok(Candidate { registration, holdout_mae })
}

/// Trees with short thresholds and whole leaves, such that the training rows come out as before in every view; `None`
/// for a form without leaves, which is served as it is.
fn compact(
    form: &Form,
    link: Link,
    encoder: &Encoder,
    stones: &[&Stone],
) -> Result<Option<Form>, FormError> {
    let Form::Trees(trees) = form else { return Ok(None) };
    let rows =
        |view: View| stones.iter().map(move |stone| encoder.encode(&view.of(&stone.diamond)));
    let margins = || stones.iter().map(|stone| link.margin(stone.price.usd()));
    let views = View::of_model(encoder);
    let rows: Vec<_> = views.iter().flat_map(|view| rows(*view)).collect();
    let margins: Vec<_> = views.iter().flat_map(|_| margins()).collect();
    Ok(Some(Form::Trees(trees.compact(&rows, &margins)?)))
}
