//! Measures how good a trained model is and how long training takes, compared with the notebook's recipe and the usual boosters.

mod split;
mod contestants;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use self::contestants::{Contestant, Peers, Score};
use self::split::{Files, Rows};
use crate::report::{Goal, Report, Table, Target, grouped};
use crate::rounds::{self, Contender, Series};

/// As many rows as the store's export has after cleaning.
const EXPORT_ROWS: usize = 4_989;

/// How many random splits each data set gets.
const EXPORT_SPLITS: usize = 5;
const FULL_SPLITS: usize = 3;

/// The first of each is ours.
const ON_EXPORT: [Contestant; 2] = [Contestant::Search, Contestant::Peer("notebook")];
const ON_FULL: [Contestant; 3] =
    [Contestant::Pipeline, Contestant::Peer("lightgbm"), Contestant::Peer("catboost")];

/// Goals as shares of the notebook's error and time, and of the best booster's error.
const OF_NOTEBOOK_MAE: Target = Target::AtMost(0.94);
const OF_NOTEBOOK_SECONDS: Target = Target::AtMost(0.5);
const OF_BEST: Target = Target::AtMost(1.0);
const PIPELINE_SECONDS: Target = Target::AtMost(120.0);

/// Measures. Without a store's export, as many rows of the full data set are used in its place.
pub(crate) fn measure(
    data: &Path,
    export: Option<&Path>,
    cache: &Path,
    python: &Path,
    script: &Path,
) -> Result<Report> {
    let folder = std::path::absolute(cache)?.join("tune");
    let peers = Peers { python: python.to_owned(), script: script.to_owned() };
    let full_rows = Rows::read(data)?;
    let (export_rows, source) = match export {
        Some(file) => (Rows::read(file)?, file.display().to_string()),
        None => (full_rows.some(EXPORT_ROWS), format!("{EXPORT_ROWS} rows of {}", data.display())),
    };
    let on = |rows, contestants, splits, name| {
        contest(rows, contestants, splits, &folder.join(name), &peers)
    };
    let export = on(&export_rows, &ON_EXPORT, EXPORT_SPLITS, "export")?;
    let full = on(&full_rows, &ON_FULL, FULL_SPLITS, "full")?;
    let (mae, rmse) = (|score: &Score| score.mae_usd, |score: &Score| score.rmse_usd);
    let seconds = |score: &Score| score.seconds;
    let goals = [
        Goal::new("export: MAE, of the notebook's", of_best(&export, mae), OF_NOTEBOOK_MAE),
        Goal::new(
            "export: seconds, of the notebook's",
            of_best(&export, seconds),
            OF_NOTEBOOK_SECONDS,
        ),
        Goal::new("full data set: MAE, of the best booster's", of_best(&full, mae), OF_BEST),
        Goal::new("full data set: RMSE, of the best booster's", of_best(&full, rmse), OF_BEST),
        Goal::new(
            "full data set: seconds from CSV to promoted blob",
            mean(&full[0], seconds),
            PIPELINE_SECONDS,
        ),
    ];
    let about = format!(
        "Means of {EXPORT_SPLITS} random splits of {source}, {} rows, and of {FULL_SPLITS} of {}, {} rows; four fifths train. Seconds of one \
         run each on the same machine. The notebook's recipe is XGBoost on the price with Optuna's 100 trials and its search space; \
         LightGBM and CatBoost are fitted to the logarithm of the price",
        grouped(&export_rows.len().to_string()),
        data.display(),
        grouped(&full_rows.len().to_string()),
    );
    Ok(Report::new(
        about,
        [to_table("export", &export), to_table("full", &full), Table::of_goals("goal", goals)],
    ))
}

/// A round is a split, on which one contestant after the other trains alone on the machine.
fn contest(
    rows: &Rows,
    contestants: &[Contestant],
    splits: usize,
    folder: &Path,
    peers: &Peers,
) -> Result<Vec<Series<Score>>> {
    let files = (0..splits).map(|seed| rows.split(seed as u64, &split_folder(folder, seed)));
    let files = files.collect::<Result<Vec<Files>>>()?;
    let contenders = contestants.iter().map(|contestant| {
        let files = &files;
        Contender::new(contestant.to_string(), move |split: usize| {
            let files = files.get(split).context("there is no such split")?;
            let score = contestant.train(files, peers)?;
            eprintln!("split {split}: {contestant}: {score:?}");
            Ok(score)
        })
    });
    rounds::run(contenders.collect(), 0, splits)
}

fn split_folder(folder: &Path, seed: usize) -> PathBuf {
    folder.join(format!("split-{seed}"))
}

fn mean(series: &Series<Score>, figure: fn(&Score) -> f64) -> f64 {
    series.turns.iter().map(figure).sum::<f64>() / series.turns.len() as f64
}

/// The first one's figure over the lowest of the others.
fn of_best(contest: &[Series<Score>], figure: fn(&Score) -> f64) -> f64 {
    let others = contest[1..].iter().map(|series| mean(series, figure));
    mean(&contest[0], figure) / others.fold(f64::INFINITY, f64::min)
}

fn to_table(name: &str, contest: &[Series<Score>]) -> Table {
    let rows = contest.iter().map(|series| -> Value {
        json!({
            "contestant": series.name,
            "mae_usd": mean(series, |score| score.mae_usd),
            "rmse_usd": mean(series, |score| score.rmse_usd),
            "seconds": mean(series, |score| score.seconds),
            "splits": series.turns,
        })
    });
    let columns = [
        ("contestant", if name == "export" { "a store's export" } else { "the full data set" }),
        ("mae_usd", "MAE, $"),
        ("rmse_usd", "RMSE, $"),
        ("seconds", "seconds"),
    ];
    Table::new(name, &columns, rows)
}
