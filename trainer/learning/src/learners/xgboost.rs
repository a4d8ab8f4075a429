//! XGBoost: boosted trees on the logarithm of the price.

mod flatten;

mod grow;

use std::ops::ControlFlow;

use inference::{Encoder, Form, Link};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::grow::{Growth, Matrix};
use super::augment::{self, measured, with_unmeasured};
use crate::context::TrainingContext;
use crate::error::LearnError;
use crate::evaluate::{fold, fold_of_rows};
use crate::family::{Learner, TunedModel};
use crate::parallel::in_parallel;
use crate::search::{Best, Range, Search};
use data::stone::Stone;

pub(super) const LEARNER: Learner = Learner {
    name: "xgboost",
    about: "boosted trees on the logarithm of the price, settings found by a seeded TPE search",
    link: Link::Log,
    encoder: Encoder::Proportions,
    tune,
    recall,
};

/// Of this many rows or more two folds tell settings apart, and keep two processors busy; of fewer all folds are used.
const MANY_ROWS: usize = 20_000;
const FOLDS_OF_MANY: usize = 2;

/// How trials grow. Large steps learn fast, and show as well which settings do better; so does a quarter of the bins, in
/// two thirds of the time. No search has come near this many rounds.
const TRIAL: Growth = Growth {
    settings: DEFAULTS,
    eta: 0.08,
    max_bin: 128,
    rounds: 2000,
    patience: Some(20),
    seed: 0,
};

/// How the final model grows. Small steps are worth one or two percent of the error. With 256 bins it errs by 0.7 percent
/// more, with 1,024 by 0.2 percent.
const FINAL: Growth = Growth { eta: 0.05, max_bin: 512, patience: Some(40), ..TRIAL };

/// Fewer rounds are taken as long as the error stays within this share of the lowest: each tree is bytes that
/// every browser downloads.
const WORTH_IT: f64 = 1.001;

/// What the search tries before it knows anything.
const DEFAULTS: Settings = Settings {
    max_depth: 8,
    min_child_weight: 5.0,
    subsample: 0.9,
    colsample_bytree: 0.85,
    lambda: 1.0,
    gamma: 2e-3,
};

/// What the search decides: the shape of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Settings {
    max_depth: i64,
    min_child_weight: f64,
    subsample: f64,
    colsample_bytree: f64,
    lambda: f64,
    gamma: f64,
}

/// Settings with everything else decided too.
#[derive(Debug, Clone)]
struct TunedXgBoost {
    settings: Settings,
    rounds: usize,
    /// How many are grown, of different seeds, and averaged.
    ensembles: u64,
    seed: u64,
    /// How they were found, for the registry.
    search: Value,
}

fn tune(context: &TrainingContext<'_>) -> Result<Box<dyn TunedModel>, LearnError> {
    let best = search(context, &validation_folds(context, false)?)?;
    context.progress.step(0, 1, "xgboost: how many rounds");
    let folds = validation_folds(context, true)?;
    let (settings, seed) = (best.settings, context.seed);
    let rounds = enough_rounds(&curves(&folds, &Growth { settings, seed, ..FINAL }, context)?);
    context.check_interruption()?;
    let mut search = best.to_json();
    search["eta"] = json!(TRIAL.eta);
    search["max_bin"] = json!(TRIAL.max_bin);
    let ensembles = ensembles(context.stones.len());
    Ok(Box::new(TunedXgBoost { settings, rounds, ensembles, seed, search }))
}

/// The tuned model again, by its settings.
fn recall(params: &Value, seed: u64) -> Option<Box<dyn TunedModel>> {
    let settings = Settings::deserialize(params).ok()?;
    let rounds = usize::try_from(params["rounds"].as_u64()?).ok()?;
    let ensembles = params["ensembles"].as_u64()?;
    Some(Box::new(TunedXgBoost { settings, rounds, ensembles, seed, search: Value::Null }))
}

fn search(
    context: &TrainingContext<'_>,
    folds: &[(Matrix, Matrix)],
) -> Result<Best<Settings>, LearnError> {
    let search = Search {
        context,
        family: LEARNER.name,
        ranges: &[
            Range::whole("max_depth", 7, 9),
            Range::log("min_child_weight", 3.0, 15.0),
            Range::even("subsample", 0.7, 0.95),
            Range::even("colsample_bytree", 0.85, 1.0),
            Range::log("lambda", 0.3, 5.0),
            Range::log("gamma", 1e-3, 4e-3),
        ],
        trials: context.trials,
        folds: folds.len(),
        defaults: Some(json!(DEFAULTS)),
    };
    search.run(|settings: &Settings, fold, observer| {
        let growth = Growth { settings: *settings, seed: context.seed, ..TRIAL };
        let (train, held_out) = &folds[fold];
        growth
            .grow_while(train, Some(held_out), |mae_usd| observer.report_round(mae_usd))
            .map(|_| ())
    })
}

/// The rows outside and inside the folds on which settings are evaluated, laid out once for all trials. `final_rows` takes
/// the rows as the final model does, with some of them unmeasured; the search does without, in two thirds of the time.
fn validation_folds(
    context: &TrainingContext<'_>,
    final_rows: bool,
) -> Result<Vec<(Matrix, Matrix)>, LearnError> {
    let fold_of_row = fold_of_rows(context);
    // Equal rows share a fold, so of few different rows a fold may have none.
    let folds = (0..context.folds)
        .map(|at| fold(context.stones, &fold_of_row, at))
        .filter(|(train, held_out)| !train.is_empty() && !held_out.is_empty());
    let used = match context.stones.len() {
        MANY_ROWS.. => FOLDS_OF_MANY,
        _ => context.folds,
    };
    let folds = folds.take(used).map(|(train, held_out)| {
        let encoder = context.encoder(&LEARNER, &train);
        let train = if final_rows {
            Matrix::of(with_unmeasured(&train, &encoder))?
        } else {
            Matrix::of(measured(&train, &encoder))?.binned(TRIAL.max_bin)?
        };
        Ok((train, Matrix::of(measured(&held_out, &encoder))?))
    });
    folds.collect()
}

/// The mean absolute error in dollars on each fold after each round.
fn curves(
    folds: &[(Matrix, Matrix)],
    growth: &Growth,
    context: &TrainingContext<'_>,
) -> Result<Vec<Vec<f64>>, LearnError> {
    let watch = |_: f64| match context.interruption.is_asked() {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    in_parallel(folds.len(), |at| {
        let (train, held_out) = &folds[at];
        Ok(growth.grow_while(train, Some(held_out), watch)?.curve)
    })
    .into_iter()
    .collect()
}

impl TunedModel for TunedXgBoost {
    fn params(&self) -> Value {
        let settings = &self.settings;
        json!({
            "objective": "reg:squarederror",
            "tree_method": "hist",
            "target": "log price",
            "rounds": self.rounds,
            "eta": FINAL.eta,
            "max_depth": settings.max_depth,
            "min_child_weight": settings.min_child_weight,
            "subsample": settings.subsample,
            "colsample_bytree": settings.colsample_bytree,
            "lambda": settings.lambda,
            "gamma": settings.gamma,
            "max_bin": FINAL.max_bin,
            "rows": augment::params(),
            "ensembles": self.ensembles,
            "search": self.search,
        })
    }

    fn fit(&self, stones: &[&Stone], encoder: &Encoder) -> Result<Form, LearnError> {
        let Self { settings, rounds, .. } = *self;
        let growth = Growth { settings, rounds, patience: None, ..FINAL };
        let rows = Matrix::of(with_unmeasured(stones, encoder))?;
        // One after the other: folds are fitted side by side already.
        let grown = (0..self.ensembles)
            .map(|at| Growth { seed: self.seed.wrapping_add(at), ..growth }.grow(&rows))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Form::Trees(flatten::flatten(&grown)?))
    }
}

/// How many ensembles are averaged. Of few rows each learns other accidents: an average of three errs by one
/// percent less than one alone. Of many it gains a sixth of that, for three times the bytes.
fn ensembles(rows: usize) -> u64 {
    if rows < MANY_ROWS { 3 } else { 1 }
}

/// The mean of several curves, as long as the shortest.
#[expect(clippy::cast_precision_loss, reason = "there are a handful of folds")]
fn mean_curve(curves: &[Vec<f64>]) -> Vec<f64> {
    let rounds = curves.iter().map(Vec::len).min().unwrap_or(0);
    let mean =
        |round: usize| curves.iter().map(|curve| curve[round]).sum::<f64>() / curves.len() as f64;
    (0..rounds).map(mean).collect()
}

/// The fewest rounds whose error is as good as the lowest.
fn enough_rounds(curves: &[Vec<f64>]) -> usize {
    let curve = mean_curve(curves);
    let good = curve.iter().copied().fold(f64::INFINITY, f64::min) * WORTH_IT;
    1 + curve.iter().position(|mae| *mae <= good).unwrap_or(0)
}

#[cfg(test)]
mod tests;
