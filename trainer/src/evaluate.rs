//! How good a model is: errors on rows, and on rows that it did not see.

use std::sync::atomic::{AtomicUsize, Ordering};

use inference::{Diamond, Encoder, Form, Link, Measures, Metrics, Predictor};

use crate::data::split::fold_of;
use crate::data::stone::Stone;
use crate::learn::{LearnError, Learner, Lesson, Recipe, measures};

/// How much of a stone a caller knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Everything.
    Measured,
    /// The four Cs alone.
    FourCs,
}

impl View {
    /// The stone as somebody describes it who knows so much.
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

/// The price of each row by a model that was fitted without the row's fold.
///
/// # Errors
///
/// The first fit that fails.
pub(crate) fn cross_validate(
    recipe: &dyn Recipe,
    learner: &Learner,
    lesson: &Lesson<'_>,
) -> Result<OutOfFold, LearnError> {
    let fold_of_row = fold_of_rows(lesson);
    let folds =
        in_parallel(lesson.folds, |fold| price_fold(recipe, learner, lesson, &fold_of_row, fold));
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
    learner: &Learner,
    lesson: &Lesson<'_>,
) -> Result<f64, LearnError> {
    let fold_of_row = fold_of_rows(lesson);
    let predicted = price_fold(recipe, learner, lesson, &fold_of_row, 0)?;
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
    learner: &Learner,
    lesson: &Lesson<'_>,
    fold_of_row: &[usize],
    at: usize,
) -> Result<OutOfFold, LearnError> {
    lesson.go_on()?;
    let (train, held_out) = fold(lesson.stones, fold_of_row, at);
    let imputer = measures::learn(&train);
    let form = recipe.fit(&train, &imputer)?;
    let encoder = (learner.encoder)(imputer);
    let prices = |view| predict(&form, learner.link, &encoder, &held_out, view);
    Ok(OutOfFold { measured: prices(View::Measured), four_cs: prices(View::FourCs) })
}

/// How many threads work side by side at most; 0 is as many as there are processors.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// Has [`in_parallel`] take this many threads at most from now on. No result depends on it.
pub(crate) fn use_threads(threads: usize) {
    THREADS.store(threads, Ordering::Relaxed);
}

/// Does independent work on as many threads as there are processors or [`use_threads`] says; results are in order,
/// and none depends on how many threads there were.
pub(crate) fn in_parallel<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = match THREADS.load(Ordering::Relaxed) {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let threads = threads.min(count.max(1));
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
    fn parallel_work_comes_back_in_order() {
        assert_eq!(in_parallel(100, |at| at * at), (0..100).map(|at| at * at).collect::<Vec<_>>());
        assert!(in_parallel(0, |at| at).is_empty());
    }
}
