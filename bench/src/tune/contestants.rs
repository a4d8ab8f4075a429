//! The contestants of training: our trainer as a user runs it, or a peer in Python.

use std::fmt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::split::Files;
use crate::programs::{json_of, program, trainer, utf8};

/// Where the peers are.
pub(super) struct Peers {
    /// The Python in which they are installed.
    pub(super) python: PathBuf,
    /// The script that trains one of them.
    pub(super) script: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contestant {
    /// `trainer train` with as many trials as the notebook: every family, from files to the promoted blob.
    Search,
    /// `trainer ingest` and `trainer train` with their defaults: from a CSV to the promoted blob.
    Pipeline,
    /// One of `bench/peers/tune/peer.py`.
    Peer(&'static str),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Score {
    pub(super) mae_usd: f64,
    pub(super) rmse_usd: f64,
    /// Ours: by the clock, from the start of the program to its end. Of a peer: the fitting alone.
    pub(super) seconds: f64,
}

impl fmt::Display for Contestant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Contestant::Search => "Loupe, 100 trials",
            Contestant::Pipeline => "Loupe, five families, from the CSV to the promoted blob",
            Contestant::Peer("notebook") => "the notebook's recipe, 100 trials",
            Contestant::Peer("lightgbm") => "LightGBM, 1,000 rounds",
            Contestant::Peer("catboost") => "CatBoost, 3,000 iterations of depth 8",
            Contestant::Peer(name) => name,
        })
    }
}

impl Contestant {
    pub(super) fn train(self, files: &Files, peers: &Peers) -> Result<Score> {
        match self {
            Contestant::Search => {
                ours(files, &["--data", utf8(&files.train)?, "--trials", "100"], false)
            }
            Contestant::Pipeline => ours(files, &[], true),
            Contestant::Peer(name) => {
                let mut command = Command::new(&peers.python);
                command.arg(&peers.script).arg(name).arg(&files.train).arg(&files.test);
                json_of(&mut command)
            }
        }
    }
}

/// Trains into a new database: from rows that are ingested first, or from the files of the arguments.
fn ours(files: &Files, arguments: &[&str], ingests: bool) -> Result<Score> {
    let folder = tempfile::tempdir_in(&files.folder)?;
    let database = folder.path().join("tune.db");
    let began = Instant::now();
    if ingests {
        trainer(utf8(&database)?, &["ingest", utf8(&files.train)?])?;
    }
    let mut command = program("trainer")?;
    command.arg("--db").arg(&database).arg("--json").arg("train");
    command.arg("--holdout").arg(&files.test).args(arguments);
    let found: Value = json_of(&mut command)?;
    let seconds = began.elapsed().as_secs_f64();
    let champion = &found["champion"]["id"];
    let models = found["models"].as_array().map(Vec::as_slice).unwrap_or_default();
    let model = models.iter().find(|model| &model["id"] == champion);
    let metrics = model.map_or(&Value::Null, |model| &model["metrics"]["holdout"]);
    let figure = |name: &str| metrics[name].as_f64().context("the champion was not measured");
    Ok(Score { mae_usd: figure("mae")?, rmse_usd: figure("rmse")?, seconds })
}
