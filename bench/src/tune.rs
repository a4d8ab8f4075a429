//! How good a trained model is and how long it took, beside the notebook's recipe and the usual boosters.

mod contestant;
mod report;
mod split;

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::Value;

use self::contestant::{Contestant, Score};
use self::report::Contest;
use self::split::Rows;

/// As many rows as the store's export has, once it is cleaned.
const EXPORT_ROWS: usize = 4_989;

/// How many random splits each table gets.
const EXPORT_SPLITS: u64 = 5;
const FULL_SPLITS: u64 = 3;

/// Who is measured, on the export and on the full table.
const ON_EXPORT: [Contestant; 2] = [Contestant::Search, Contestant::Peer("notebook")];
const ON_FULL: [Contestant; 3] =
    [Contestant::Pipeline, Contestant::Peer("lightgbm"), Contestant::Peer("catboost")];

/// What was measured.
pub(crate) struct Tune {
    export: Contest,
    full: Contest,
}

/// What is needed beside the trainer.
pub(crate) struct Peers {
    /// The Python that has them.
    pub(crate) python: PathBuf,
    /// The script that trains one.
    pub(crate) script: PathBuf,
}

impl Tune {
    /// Measures. Without a store's export, so many rows of the full table stand in for one.
    ///
    /// # Errors
    ///
    /// Where a file cannot be read or a program fails.
    pub(crate) fn take(
        table: &Path,
        export: Option<&Path>,
        kept: &Path,
        peers: &Peers,
    ) -> Result<Tune> {
        let folder = std::path::absolute(kept)?.join("tune");
        let full = Rows::read(table)?;
        let (export, of) = match export {
            Some(file) => (Rows::read(file)?, file.display().to_string()),
            None => (full.some(EXPORT_ROWS), format!("{EXPORT_ROWS} rows of {}", table.display())),
        };
        let (of_full, on) = (table.display().to_string(), |name| folder.join(name));
        Ok(Tune {
            export: contest(&export, of, &on("export"), EXPORT_SPLITS, &ON_EXPORT, peers)?,
            full: contest(&full, of_full, &on("full"), FULL_SPLITS, &ON_FULL, peers)?,
        })
    }

    pub(crate) fn to_json(&self) -> Value {
        report::to_json(&self.export, &self.full)
    }

    pub(crate) fn to_markdown(&self) -> Result<String> {
        report::to_markdown(&self.export, &self.full)
    }
}

/// Every contestant on every split, one after the other: each has the machine for itself.
fn contest(
    rows: &Rows,
    source: String,
    folder: &Path,
    splits: u64,
    contestants: &[Contestant],
    peers: &Peers,
) -> Result<Contest> {
    let mut contest = Contest::new(source, rows.len(), contestants);
    for seed in 0..splits {
        let files = rows.split(seed, &folder.join(format!("split-{seed}")))?;
        let mut scores: Vec<Score> = Vec::with_capacity(contestants.len());
        for contestant in contestants {
            let score = contestant.train(&files, peers)?;
            eprintln!(
                "split {seed} of {}: {contestant}: MAE {:.2}, RMSE {:.2}, {:.1} s",
                contest.source(),
                score.mae_usd,
                score.rmse_usd,
                score.seconds
            );
            scores.push(score);
        }
        contest.add(scores);
    }
    Ok(contest)
}
