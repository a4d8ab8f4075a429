//! Measures how good a trained model is and how long training takes, compared with the notebook's recipe and the usual boosters.

mod split;
mod contestants;

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use self::contestants::{Contestant, Score};
use self::split::{Files, Rows};
use crate::programs::{DATA, cached};
use crate::report::{Goal, Report, Table, grouped};
use crate::rounds::{self, Contender, Series};

/// As many rows as the store's export has after cleaning.
const EXPORT_ROWS: usize = 4_989;

/// How many random splits each data set gets.
const EXPORT_SPLITS: u64 = 5;
const FULL_SPLITS: u64 = 3;

/// The first of each is ours.
const ON_EXPORT: [Contestant; 2] = [Contestant::Search, Contestant::Peer("notebook")];
const ON_FULL: [Contestant; 3] =
    [Contestant::Pipeline, Contestant::Peer("lightgbm"), Contestant::Peer("catboost")];

/// Measures. Without a store's export, as many rows of the full data set are used in its place.
pub(crate) fn measure(export: Option<&Path>) -> Result<Report> {
    let full_rows = Rows::read(DATA.as_ref())?;
    let (export_rows, source) = match export {
        Some(file) => (Rows::read(file)?, file.display().to_string()),
        None => (full_rows.some(EXPORT_ROWS), format!("{EXPORT_ROWS} rows of {DATA}")),
    };
    let export = contest(&export_rows, &ON_EXPORT, EXPORT_SPLITS, "export")?;
    let full = contest(&full_rows, &ON_FULL, FULL_SPLITS, "full")?;
    let (mae, rmse) = (|score: &Score| score.mae_usd, |score: &Score| score.rmse_usd);
    let seconds = |score: &Score| score.seconds;
    let pipeline_seconds = mean(&full[0], seconds);
    // Shares of the notebook's error and time, and of the best booster's error.
    let goals = [
        Goal::at_most("export: MAE, of the notebook's", of_best(&export, mae), 0.94),
        Goal::at_most("export: seconds, of the notebook's", of_best(&export, seconds), 0.5),
        Goal::at_most("full data set: MAE, of the best booster's", of_best(&full, mae), 1.0),
        Goal::at_most("full data set: RMSE, of the best booster's", of_best(&full, rmse), 1.0),
        Goal::at_most("full data set: seconds from CSV to promoted blob", pipeline_seconds, 120.0),
    ];
    let about = format!(
        "Means of {EXPORT_SPLITS} random splits of {source}, {} rows, and of {FULL_SPLITS} of {DATA}, {} rows; four fifths train. Seconds of one \
         run each on the same machine. The notebook's recipe is XGBoost on the price with Optuna's 100 trials and its search space; \
         LightGBM and CatBoost are fitted to the logarithm of the price",
        grouped(&export_rows.len().to_string()),
        grouped(&full_rows.len().to_string()),
    );
    let export = to_table("export", "a store's export", &export);
    let full = to_table("full", "the full data set", &full);
    Ok(Report::new(about, [export, full, Table::of_goals("goal", goals)]))
}

/// A round is a split, on which one contestant after the other trains alone on the machine.
fn contest(
    rows: &Rows,
    contestants: &[Contestant],
    splits: u64,
    name: &str,
) -> Result<Vec<Series<Score>>> {
    let files =
        (0..splits).map(|seed| rows.split(seed, &cached(&format!("tune/{name}/split-{seed}"))));
    let files = files.collect::<Result<Vec<Files>>>()?;
    let contenders = contestants.iter().map(|contestant| {
        let files = &files;
        Contender::new(contestant.name(), move |split: usize| {
            let score = contestant.train(&files[split])?;
            eprintln!("split {split}: {}: {score:?}", contestant.name());
            Ok(score)
        })
    });
    rounds::run(contenders.collect(), 0, files.len())
}

fn mean(series: &Series<Score>, figure: fn(&Score) -> f64) -> f64 {
    series.turns.iter().map(figure).sum::<f64>() / series.turns.len() as f64
}

/// The first one's figure over the lowest of the others.
fn of_best(contest: &[Series<Score>], figure: fn(&Score) -> f64) -> f64 {
    let others = contest[1..].iter().map(|series| mean(series, figure));
    mean(&contest[0], figure) / others.fold(f64::INFINITY, f64::min)
}

fn to_table(name: &str, title: &str, contest: &[Series<Score>]) -> Table {
    Table::new(
        name,
        contest,
        &[
            ("contestant", title, &|series| series.name.as_str().into()),
            ("mae_usd", "MAE, $", &|series| mean(series, |score| score.mae_usd).into()),
            ("rmse_usd", "RMSE, $", &|series| mean(series, |score| score.rmse_usd).into()),
            ("seconds", "seconds", &|series| mean(series, |score| score.seconds).into()),
            ("splits", "", &|series| json!(series.turns)),
        ],
    )
}
