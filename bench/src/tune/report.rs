//! What a contest came to: means over its splits, and how ours stands to the others.

use std::fmt::Write;

use anyhow::Result;
use serde_json::{Value, json};

use super::contestant::{Contestant, Score};
use crate::sizes::grouped;
use crate::target::Target;

/// Of the notebook's error at most this share is left, and of its time.
const OF_NOTEBOOK_MAE: Target = Target::AtMost(0.94);
const OF_NOTEBOOK_SECONDS: Target = Target::AtMost(0.5);

/// No worse than the best booster.
const OF_BEST: Target = Target::AtMost(1.0);

const PIPELINE_SECONDS: Target = Target::AtMost(120.0);

/// The scores of every contestant on every split; the first contestant is ours.
pub(super) struct Contest {
    source: String,
    rows: usize,
    contestants: Vec<Contestant>,
    /// By split, then by contestant.
    scores: Vec<Vec<Score>>,
}

impl Contest {
    pub(super) fn new(source: String, rows: usize, contestants: &[Contestant]) -> Contest {
        Contest { source, rows, contestants: contestants.to_vec(), scores: Vec::new() }
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn add(&mut self, scores: Vec<Score>) {
        self.scores.push(scores);
    }

    /// The mean of a figure over all splits, by contestant.
    fn means(&self, figure: fn(&Score) -> f64) -> Vec<f64> {
        let mean = |at: usize| {
            self.scores.iter().map(|scores| figure(&scores[at])).sum::<f64>()
                / self.scores.len() as f64
        };
        (0..self.contestants.len()).map(mean).collect()
    }

    /// Our figure over the lowest of the others.
    fn of_best(&self, figure: fn(&Score) -> f64) -> f64 {
        let means = self.means(figure);
        means[0] / means[1..].iter().copied().fold(f64::INFINITY, f64::min)
    }
}

/// A ratio or a figure with what it is to reach.
fn goals(export: &Contest, full: &Contest) -> [(&'static str, f64, Target); 5] {
    let (mae, rmse) = (|score: &Score| score.mae_usd, |score: &Score| score.rmse_usd);
    let seconds = |score: &Score| score.seconds;
    [
        ("export: MAE, of the notebook's", export.of_best(mae), OF_NOTEBOOK_MAE),
        ("export: seconds, of the notebook's", export.of_best(seconds), OF_NOTEBOOK_SECONDS),
        ("full table: MAE, of the best booster's", full.of_best(mae), OF_BEST),
        ("full table: RMSE, of the best booster's", full.of_best(rmse), OF_BEST),
        ("full table: seconds from CSV to promoted blob", full.means(seconds)[0], PIPELINE_SECONDS),
    ]
}

pub(super) fn to_markdown(export: &Contest, full: &Contest) -> Result<String> {
    let mut text = String::new();
    for contest in [export, full] {
        writeln!(
            text,
            "{}, {} rows, means of {} random splits, four fifths to train on; seconds of one run each on the same machine\n",
            contest.source,
            grouped(contest.rows),
            contest.scores.len()
        )?;
        writeln!(text, "| | MAE | RMSE | seconds |\n|---|---:|---:|---:|")?;
        let figures = [
            contest.means(|score| score.mae_usd),
            contest.means(|score| score.rmse_usd),
            contest.means(|score| score.seconds),
        ];
        for (at, contestant) in contest.contestants.iter().enumerate() {
            let [mae, rmse, seconds] = figures.each_ref().map(|means| means[at]);
            writeln!(text, "| {contestant} | ${mae:.2} | ${rmse:.2} | {seconds:.1} |")?;
        }
        writeln!(text)?;
    }
    writeln!(text, "| | | target |\n|---|---:|---|")?;
    for (name, value, target) in goals(export, full) {
        writeln!(text, "| {name} | {value:.3} | {} |", target.to_text(value))?;
    }
    Ok(text)
}

pub(super) fn to_json(export: &Contest, full: &Contest) -> Value {
    let contests = [export, full].map(|contest| {
        let splits: Vec<Value> = contest
            .scores
            .iter()
            .map(|scores| {
                let score = |(contestant, score): (&Contestant, &Score)| {
                    json!({
                        "contestant": contestant.to_string(),
                        "mae_usd": score.mae_usd,
                        "rmse_usd": score.rmse_usd,
                        "seconds": score.seconds,
                    })
                };
                contest.contestants.iter().zip(scores).map(score).collect()
            })
            .collect();
        json!({ "source": contest.source, "rows": contest.rows, "splits": splits })
    });
    let goals = goals(export, full).map(|(name, value, target)| {
        json!({
            "name": name,
            "value": value,
            "target": target.bound(),
            "reached": target.is_reached(value),
        })
    });
    json!({ "contests": contests, "ratios": goals })
}
