//! How good a model is: errors on rows, cross-validation, and the interval that follows from it.

use std::sync::atomic::{AtomicUsize, Ordering};

use inference::{Diamond, Encoder, Form, Interval, Link, Measures, Metrics, Predictor, Spread};

use crate::data::split::fold_of;
use crate::data::stone::Stone;
use crate::learn::{LearnError, Lesson, Recipe, measures};

/// The share of prices that an interval is to hold.
pub(crate) const CONFIDENCE: f64 = 0.9;

/// How much of a stone a caller knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Everything.
    Measured,
    /// The four Cs alone.
    FourCs,
}

impl View {
    pub(crate) fn of(self, diamond: &Diamond) -> Diamond {
        match self {
            View::Measured => *diamond,
            View::FourCs => Diamond { measures: Measures::default(), ..*diamond },
        }
    }
}

/// The prices a form gives, in dollars.
pub(crate) fn predict(
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

/// Prices of rows by models that did not see them, in dollars and in the order of the rows.
pub(crate) struct OutOfFold {
    pub(crate) measured: Vec<f64>,
    pub(crate) four_cs: Vec<f64>,
}

/// The errors of prices in dollars against the true ones; `None` without a row.
pub(crate) fn metrics(predicted_usd: &[f64], stones: &[&Stone]) -> Option<Metrics> {
    let actual: Vec<f64> = stones.iter().map(|stone| stone.price.usd()).collect();
    Metrics::of(predicted_usd, &actual)
}

/// The errors of a finished model.
pub(crate) fn metrics_of(predictor: &Predictor, stones: &[&Stone]) -> Option<Metrics> {
    let predicted: Vec<f64> =
        stones.iter().map(|stone| predictor.price_usd(&stone.diamond)).collect();
    metrics(&predicted, stones)
}

/// The share of stones whose true price lies in the range the model gives, as far as a view shows them.
#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
pub(crate) fn coverage(predictor: &Predictor, stones: &[&Stone], view: View) -> Option<f64> {
    predictor.header().interval?;
    let within = stones.iter().filter(|stone| {
        let range = predictor.estimate(&view.of(&stone.diamond)).range;
        range.is_some_and(|range| (range.low_usd..=range.high_usd).contains(&stone.price.usd()))
    });
    (!stones.is_empty()).then(|| within.count() as f64 / stones.len() as f64)
}

/// The price of each row by a model that was fitted without the row's fold.
///
/// # Errors
///
/// The first fit that fails.
pub(crate) fn cross_validate(
    recipe: &dyn Recipe,
    link: Link,
    lesson: &Lesson<'_>,
) -> Result<OutOfFold, LearnError> {
    let fold_of_row = fold_of_rows(lesson);
    let folds =
        in_parallel(lesson.folds, |fold| price_fold(recipe, link, lesson, &fold_of_row, fold));
    let nothing = || vec![f64::NAN; lesson.stones.len()];
    let mut prices = OutOfFold { measured: nothing(), four_cs: nothing() };
    for (fold, predicted) in folds.into_iter().enumerate() {
        let predicted = predicted?;
        let rows = (0..lesson.stones.len()).filter(|row| fold_of_row[*row] == fold);
        for (at, row) in rows.enumerate() {
            prices.measured[row] = predicted.measured[at];
            prices.four_cs[row] = predicted.four_cs[at];
        }
    }
    Ok(prices)
}

/// The mean absolute error on the first fold of a model fitted on the others: a cheap judgement of settings.
///
/// # Errors
///
/// Where the fit fails.
pub(crate) fn first_fold_mae(
    recipe: &dyn Recipe,
    link: Link,
    lesson: &Lesson<'_>,
) -> Result<f64, LearnError> {
    let fold_of_row = fold_of_rows(lesson);
    let predicted = price_fold(recipe, link, lesson, &fold_of_row, 0)?;
    let (_, held_out) = fold(lesson.stones, &fold_of_row, 0);
    Ok(metrics(&predicted.measured, &held_out).map_or(f64::INFINITY, |metrics| metrics.mae))
}

/// The fold of each row.
pub(crate) fn fold_of_rows(lesson: &Lesson<'_>) -> Vec<usize> {
    lesson.stones.iter().map(|stone| fold_of(stone, lesson.seed, lesson.folds)).collect()
}

/// The rows outside and the rows inside a fold.
pub(crate) fn fold<'a>(
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
    recipe: &dyn Recipe,
    link: Link,
    lesson: &Lesson<'_>,
    fold_of_row: &[usize],
    at: usize,
) -> Result<OutOfFold, LearnError> {
    let (train, held_out) = fold(lesson.stones, fold_of_row, at);
    let law = measures::learn(&train);
    let form = recipe.fit(&train, &law)?;
    let prices = |view| predict(&form, link, &Encoder::Estimate(law), &held_out, view);
    Ok(OutOfFold { measured: prices(View::Measured), four_cs: prices(View::FourCs) })
}

/// The interval by split conformal prediction: as wide as nine in ten of the errors on rows that the model did
/// not see, on the scale on which they are even; once for stones that were measured and once for those of which
/// only the four Cs are known.
pub(crate) fn calibrate(link: Link, prices: &OutOfFold, stones: &[&Stone]) -> Option<Interval> {
    Some(Interval {
        confidence: CONFIDENCE,
        measured: spread(link, &prices.measured, stones)?,
        unmeasured: spread(link, &prices.four_cs, stones)?,
    })
}

fn spread(link: Link, predicted_usd: &[f64], stones: &[&Stone]) -> Option<Spread> {
    let actual = stones.iter().map(|stone| stone.price.usd());
    let misses: Vec<f64> = predicted_usd
        .iter()
        .zip(actual)
        .map(|(predicted, actual)| (link.margin(*predicted) - link.margin(actual)).abs())
        .collect();
    let reach = conformal_quantile(misses, CONFIDENCE)?;
    Some(match link {
        Link::Identity => Spread::Dollars(reach),
        Link::Log => Spread::Factor(libm::exp(reach)),
    })
}

/// The `ceil((n + 1) * share)`-th smallest of n values: the smallest reach that covers the share of unseen rows
/// in expectation. `None` if n is too small for that, or where a value is no number.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "row counts are far below 2^53 and never negative"
)]
fn conformal_quantile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let rank = ((values.len() as f64 + 1.0) * share).ceil() as usize;
    values.get(rank.checked_sub(1)?).copied().filter(|value| value.is_finite())
}

/// Does independent work on as many threads as there are processors; results are in order, and none depends on
/// how many threads there were.
pub(crate) fn in_parallel<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(count.max(1));
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return done;
            }
            done.push((at, work(at)));
        }
    };
    let mut done: Vec<(usize, T)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .flat_map(|worker| match worker.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_conformal_quantile_counts_one_row_more_than_there_are() {
        let check = |count: u32, expected: Option<f64>| {
            let values = (1..=count).rev().map(f64::from).collect();
            assert_eq!(conformal_quantile(values, 0.9), expected, "{count}");
        };
        check(0, None);
        check(8, None);
        check(9, Some(9.0));
        check(19, Some(18.0));
        check(99, Some(90.0));
        assert_eq!(conformal_quantile(vec![f64::NAN; 20], 0.9), None);
    }

    #[test]
    fn parallel_work_comes_back_in_order() {
        assert_eq!(in_parallel(100, |at| at * at), (0..100).map(|at| at * at).collect::<Vec<_>>());
        assert!(in_parallel(0, |at| at).is_empty());
    }
}
