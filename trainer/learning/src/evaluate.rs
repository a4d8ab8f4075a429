//! Measures the errors of a model on given rows, and by cross-validation.

use inference::{Diamond, Encoder, Form, Link, Measures, Metrics, Predictor};

use crate::context::TrainingContext;
use crate::error::LearnError;
use crate::family::{Learner, TunedModel};
use crate::parallel::in_parallel;
use data::split::fold_of;
use data::stone::Stone;

/// What a caller says of a stone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Everything.
    Measured,
    /// The four Cs and the price list.
    FourCs,
    /// Everything but the price list.
    MeasuredWithoutList,
    /// The four Cs alone.
    FourCsWithoutList,
}

impl View {
    /// Every view.
    pub const ALL: [View; 4] =
        [View::Measured, View::FourCs, View::MeasuredWithoutList, View::FourCsWithoutList];

    /// The views that differ for a model: one without price lists sees no list anyway.
    pub fn of_model(encoder: &Encoder) -> &'static [View] {
        const { &View::ALL }.split_at(if encoder.price_lists().is_empty() { 2 } else { 4 }).0
    }

    /// What the names of figures of this view end in.
    pub fn suffix(self) -> &'static str {
        match self {
            View::Measured => "",
            View::FourCs => "_four_cs",
            View::MeasuredWithoutList => "_without_list",
            View::FourCsWithoutList => "_four_cs_without_list",
        }
    }

    /// The stone as a caller who says this much describes it.
    pub fn of(self, diamond: &Diamond) -> Diamond {
        match self {
            View::Measured => *diamond,
            View::FourCs => Diamond { measures: Measures::default(), ..*diamond },
            View::MeasuredWithoutList => Diamond { price_list: None, ..*diamond },
            View::FourCsWithoutList => {
                Diamond { measures: Measures::default(), price_list: None, ..*diamond }
            }
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

/// Prices of rows by view, in dollars and in the order of the rows.
pub(crate) struct ViewPrices {
    /// In the order of [`View::ALL`]; the last two are empty for a model without price lists.
    by_view: [Vec<f64>; View::ALL.len()],
}

impl ViewPrices {
    /// Asks for the prices of each view that differs for a model.
    pub(crate) fn of(encoder: &Encoder, prices: impl Fn(View) -> Vec<f64>) -> ViewPrices {
        let mut by_view: [Vec<f64>; View::ALL.len()] = Default::default();
        for (of_view, view) in by_view.iter_mut().zip(View::of_model(encoder)) {
            *of_view = prices(*view);
        }
        ViewPrices { by_view }
    }

    /// The prices of a view; `None` for one that the model does not tell from another.
    pub(crate) fn get(&self, view: View) -> Option<&[f64]> {
        let prices = &self.by_view[view as usize];
        (!prices.is_empty()).then_some(prices)
    }
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
    let in_order = |view: usize| {
        let mut folds: Vec<_> = folds.iter().map(|fold| fold.by_view[view].iter()).collect();
        fold_of_row.iter().filter_map(|fold| folds[*fold].next().copied()).collect()
    };
    Ok(ViewPrices { by_view: std::array::from_fn(in_order) })
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
    let metrics = predicted.get(View::Measured).and_then(|prices| metrics(prices, &held_out));
    Ok(metrics.map_or(f64::INFINITY, |metrics| metrics.mae))
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
    let encoder = context.encoder(learner, &train);
    let form = tuned.fit(&train, &encoder)?;
    let prices = |view| predict(&form, learner.link, &encoder, &held_out, view);
    Ok(ViewPrices::of(&encoder, prices))
}
