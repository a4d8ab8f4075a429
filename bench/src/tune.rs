//! Measures how good a trained model is and how long training takes, compared with the notebook's recipe and the usual boosters.

mod split;
mod contestants;

use std::path::Path;

use anyhow::Result;
use data::dataset::Dataset;
use serde_json::json;

use self::contestants::{Contestant, Errors, Score, Sight};
use self::split::{Files, Rule};
use crate::programs::{DATA, cached};
use crate::report::{Goal, Report, Table, grouped};
use crate::rounds::{self, Contender, Series};

/// As many rows as the store's export has after cleaning.
const EXPORT_ROWS: usize = 4_989;

/// The seeds of the splits of each data set.
const EXPORT_SEEDS: &[u64] = &[42, 43, 44, 45, 46];
const FULL_SEEDS: &[u64] = &[42, 43, 44];

/// The first of each is ours.
const ON_EXPORT: &[Contestant] = &[Contestant::Search, Contestant::Peer("notebook", Sight::Raw)];
const ON_FULL: &[Contestant] = &[
    Contestant::Pipeline,
    Contestant::Peer("lightgbm", Sight::Raw),
    Contestant::Peer("catboost", Sight::Raw),
    Contestant::Peer("lightgbm", Sight::Symmetric),
    Contestant::Peer("catboost", Sight::Symmetric),
];

/// What the error may be of the best booster's: with the price list, of those that see x and y as they stand, which tell it;
/// without it, of those that see the symmetric features alone.
const MOST_WITH_LIST: f64 = 0.97;
const MOST_WITHOUT_LIST: f64 = 0.98;

/// What the contestants came to, one after the other.
struct Contest {
    contestants: &'static [Contestant],
    series: Vec<Series<Score>>,
}

/// A row of a table: a contestant, as far as it was told the price lists.
struct Line<'a> {
    name: String,
    series: &'a Series<Score>,
    errors: fn(&Score) -> Errors,
}

/// Measures. Without a store's export, as many rows of the full data set are used in its place. A `quick` measurement only
/// shows that everything runs: one split of a part of the data set.
pub(crate) fn measure(export: Option<&Path>, quick: bool) -> Result<Report> {
    let full_rows = split::read(DATA.as_ref())?;
    let (export_rows, source) = match export {
        Some(file) => (split::read(file)?, file.display().to_string()),
        None => (split::some(&full_rows, EXPORT_ROWS), format!("{EXPORT_ROWS} rows of {DATA}")),
    };
    let (full_rows, seeds) = match quick {
        true => (split::some(&full_rows, EXPORT_ROWS), &FULL_SEEDS[..1]),
        false => (full_rows, FULL_SEEDS),
    };
    let export = match quick {
        true => None,
        false => Some(Contest::of(&export_rows, Rule::ByStone, ON_EXPORT, EXPORT_SEEDS, "export")?),
    };
    let full = Contest::of(&full_rows, Rule::ByStone, ON_FULL, seeds, "full")?;
    let random = Contest::of(&full_rows, Rule::AtRandom, ON_FULL, seeds, "random")?;
    let mut goals = full.goals();
    if let Some(export) = &export {
        let notebook = |figure: fn(&Score) -> f64| {
            mean(&export.series[0], figure) / mean(&export.series[1], figure)
        };
        let (mae, seconds) = (notebook(|score| score.errors.mae_usd), notebook(|it| it.seconds));
        goals.push(Goal::at_most("export: MAE, of the notebook's", mae, 0.94));
        goals.push(Goal::at_most("export: seconds, of the notebook's", seconds, 0.5));
    }
    let about = format!(
        "Means of {} splits of {source}, {} rows, and of {} of {DATA}, {} rows; four fifths train. Listings of a stone stay on one side, \
         but for the random splits, where a stone's other listing may train. Ours is told the price list of each stone, which the order \
         of x and y tells the peers, or is not told it; it is one model. Seconds of one run each on the same machine. The notebook's \
         recipe is XGBoost on the price with Optuna's 100 trials and its search space; LightGBM and CatBoost are fitted to the logarithm \
         of the price",
        EXPORT_SEEDS.len(),
        grouped(&export_rows.usable().0.len().to_string()),
        seeds.len(),
        grouped(&full_rows.usable().0.len().to_string()),
    );
    let export = export.map(|export| export.to_table("export", "a store's export"));
    let full = full.to_table("full", "the full data set, by stone");
    let random = random.to_table("random", "the full data set, at random");
    let tables = export.into_iter().chain([full, random, Table::of_goals("goal", goals)]);
    Ok(Report::new(about, tables.collect::<Vec<_>>()))
}

/// The name of a measure of errors, and the measure.
type Metric = (&'static str, fn(Errors) -> f64);

impl Contest {
    /// A round is a split, on which one contestant after the other trains alone on the machine.
    fn of(
        rows: &Dataset,
        rule: Rule,
        contestants: &'static [Contestant],
        seeds: &[u64],
        name: &str,
    ) -> Result<Contest> {
        let files = seeds.iter().map(|seed| {
            split::write(rows, rule, *seed, &cached(&format!("tune/{name}/split-{seed}")))
        });
        let files = files.collect::<Result<Vec<Files>>>()?;
        let contenders = contestants.iter().map(|contestant| {
            let files = &files;
            Contender::new(contestant.name(), move |split: usize| {
                let score = contestant.train(&files[split])?;
                eprintln!("{name}, split {split}: {}: {score:?}", contestant.name());
                Ok(score)
            })
        });
        let series = rounds::run(contenders.collect(), 0, files.len())?;
        Ok(Contest { contestants, series })
    }

    /// Shares of the errors of the best booster that sees as much, and the seconds of training.
    fn goals(&self) -> Vec<Goal> {
        let known: fn(&Score) -> Errors = |score| score.errors;
        let views = [
            ("price list known", known, Sight::Raw, MOST_WITH_LIST),
            ("price list not known", without_list, Sight::Symmetric, MOST_WITHOUT_LIST),
        ];
        let metrics: [Metric; 2] =
            [("MAE", |errors| errors.mae_usd), ("RMSE", |errors| errors.rmse_usd)];
        let mut goals = Vec::new();
        for (view, errors, sight, most) in views {
            for (name, metric) in metrics {
                let ours = mean(&self.series[0], |score| metric(errors(score)));
                let best = self.best(sight, |score| metric(score.errors));
                let name = format!("by stone, {view}: {name}, of the best booster's");
                goals.push(Goal::at_most(name, ours / best, most));
            }
        }
        let seconds = mean(&self.series[0], |score| score.seconds);
        goals.push(Goal::at_most("seconds from CSV to promoted blob", seconds, 120.0));
        goals
    }

    /// The lowest figure among the peers that see as much.
    fn best(&self, sight: Sight, figure: impl Fn(&Score) -> f64) -> f64 {
        let peers = self.contestants.iter().zip(&self.series);
        let peers = peers.filter(|(of, _)| matches!(of, Contestant::Peer(_, saw) if *saw == sight));
        peers.map(|(_, series)| mean(series, &figure)).fold(f64::INFINITY, f64::min)
    }

    fn to_table(&self, name: &str, title: &str) -> Table {
        let lines = self.series.iter().flat_map(|series| {
            let known = Line { name: series.name.clone(), series, errors: |score| score.errors };
            let knows_lists = series.turns.iter().any(|score| score.without_list.is_some());
            let without = knows_lists.then(|| Line {
                name: format!("{}, price list not known", series.name),
                series,
                errors: without_list,
            });
            [Some(known), without].into_iter().flatten()
        });
        Table::new(
            name,
            lines,
            &[
                ("contestant", title, &|line| line.name.as_str().into()),
                ("mae_usd", "MAE, $", &|line| line.mean(|errors| errors.mae_usd).into()),
                ("rmse_usd", "RMSE, $", &|line| line.mean(|errors| errors.rmse_usd).into()),
                ("seconds", "seconds", &|line| mean(line.series, |score| score.seconds).into()),
                ("splits", "", &|line| json!(line.series.turns)),
            ],
        )
    }
}

impl Line<'_> {
    fn mean(&self, metric: fn(Errors) -> f64) -> f64 {
        mean(self.series, |score| metric((self.errors)(score)))
    }
}

fn without_list(score: &Score) -> Errors {
    score.without_list.unwrap_or(score.errors)
}

fn mean(series: &Series<Score>, figure: impl Fn(&Score) -> f64) -> f64 {
    series.turns.iter().map(figure).sum::<f64>() / series.turns.len() as f64
}
