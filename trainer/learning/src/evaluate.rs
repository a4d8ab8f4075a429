//! Measures the errors of a model on given rows, and by cross-validation.

use inference::{Diamond, Encoder, Form, Link, Measures, Metrics, Predictor};

use crate::context::TrainingContext;
use crate::error::LearnError;
use crate::family::{Learner, TunedModel};
use crate::measures;
use crate::parallel::in_parallel;
use data::split::fold_of;
use data::stone::Stone;

/// How much of a stone a caller knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Everything.
    Measured,
    /// The four Cs alone.
    FourCs,
}

impl View {
    /// The stone as a caller who knows this much describes it.
    pub fn of(self, diamond: &Diamond) -> Diamond {
        match self {
            View::Measured => *diamond,
            View::FourCs => Diamond { measures: Measures::default(), ..*diamond },
        }
    }
}

/// The prices a form gives, in dollars.
pub fn predict(
    form: &Form,
    link: Link,
    encoder: &Encoder,
    stones: &[&Stone],
    view: View,
) -> Vec<f64> {
    stones
        .iter()
        .map(|stone| link.price_usd(form.margin(&encoder.encode(&view.of(&stone.diamond)))))
        .collect()
}

/// Prices of rows by what is known of them, in dollars and in the order of the rows.
pub(crate) struct ViewPrices {
    pub measured: Vec<f64>,
    pub four_cs: Vec<f64>,
}

/// The errors of prices in dollars against the true ones; `None` without a row.
pub fn metrics(predicted_usd: &[f64], stones: &[&Stone]) -> Option<Metrics> {
    let actual: Vec<f64> = stones.iter().map(|stone| stone.price.usd()).collect();
    Metrics::of(predicted_usd, &actual)
}

/// The errors of a finished model that is told this much about each stone.
pub fn metrics_of(predictor: &Predictor, stones: &[&Stone], view: View) -> Option<Metrics> {
    let price_usd = |stone: &&Stone| predictor.price_usd(&view.of(&stone.diamond));
    let predicted: Vec<f64> = stones.iter().map(price_usd).collect();
    metrics(&predicted, stones)
}

/// The prices of each row by a model that was fitted without the row's fold.
pub(crate) fn cross_validate(
    tuned: &dyn TunedModel,
    learner: &Learner,
    context: &TrainingContext<'_>,
) -> Result<ViewPrices, LearnError> {
    let fold_of_row = fold_of_rows(context);
    let folds =
        in_parallel(context.folds, |fold| price_fold(tuned, learner, context, &fold_of_row, fold));
    let folds = folds.into_iter().collect::<Result<Vec<ViewPrices>, _>>()?;
    let in_order = |view: fn(&ViewPrices) -> &[f64]| {
        let mut folds: Vec<_> = folds.iter().map(|fold| view(fold).iter()).collect();
        fold_of_row.iter().filter_map(|fold| folds[*fold].next().copied()).collect()
    };
    Ok(ViewPrices {
        measured: in_order(|fold| &fold.measured),
        four_cs: in_order(|fold| &fold.four_cs),
    })
}

/// The mean absolute error on the first fold of a model fitted on the others: a cheap judgement of settings.
pub(crate) fn first_fold_mae(
    tuned: &dyn TunedModel,
    learner: &Learner,
    context: &TrainingContext<'_>,
) -> Result<f64, LearnError> {
    let fold_of_row = fold_of_rows(context);
    let predicted = price_fold(tuned, learner, context, &fold_of_row, 0)?;
    let (_, held_out) = fold(context.stones, &fold_of_row, 0);
    Ok(metrics(&predicted.measured, &held_out).map_or(f64::INFINITY, |metrics| metrics.mae))
}

/// The fold of each row.
pub(crate) fn fold_of_rows(context: &TrainingContext<'_>) -> Vec<usize> {
    context.stones.iter().map(|stone| fold_of(stone, context.seed, context.folds)).collect()
}

/// The rows outside and the rows inside a fold.
pub fn fold<'a>(
    stones: &[&'a Stone],
    fold_of_row: &[usize],
    fold: usize,
) -> (Vec<&'a Stone>, Vec<&'a Stone>) {
    let rows = || stones.iter().zip(fold_of_row);
    let outside = rows().filter(|(_, of)| **of != fold).map(|(stone, _)| *stone).collect();
    let inside = rows().filter(|(_, of)| **of == fold).map(|(stone, _)| *stone).collect();
    (outside, inside)
}

fn price_fold(
    tuned: &dyn TunedModel,
    learner: &Learner,
    context: &TrainingContext<'_>,
    fold_of_row: &[usize],
    at: usize,
) -> Result<ViewPrices, LearnError> {
    context.check_interruption()?;
    let (train, held_out) = fold(context.stones, fold_of_row, at);
    let imputer = measures::learn(&train);
    let form = tuned.fit(&train, &imputer)?;
    let encoder = (learner.encoder)(imputer);
    let prices = |view| predict(&form, learner.link, &encoder, &held_out, view);
    Ok(ViewPrices { measured: prices(View::Measured), four_cs: prices(View::FourCs) })
}
