//! The contestants of training: our trainer as a user runs it, or a peer in Python.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::split::Files;
use crate::programs::{json_of, run, trainer};

/// The Python of the peers, and the script that trains one of them.
const PYTHON: &str = "target/tools/tune/bin/python";
const SCRIPT: &str = "bench/peers/tune/peer.py";

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

impl Contestant {
    pub(super) fn name(self) -> &'static str {
        match self {
            Contestant::Search => "Loupe, 100 trials",
            Contestant::Pipeline => "Loupe, five families, from the CSV to the promoted blob",
            Contestant::Peer("notebook") => "the notebook's recipe, 100 trials",
            Contestant::Peer("lightgbm") => "LightGBM, 1,000 rounds",
            Contestant::Peer("catboost") => "CatBoost, 3,000 iterations of depth 8",
            Contestant::Peer(name) => name,
        }
    }

    pub(super) fn train(self, files: &Files) -> Result<Score> {
        if let Contestant::Peer(name) = self {
            let mut command = Command::new(PYTHON);
            return json_of(command.args([SCRIPT, name]).arg(&files.train).arg(&files.test));
        }
        let folder = tempfile::tempdir_in(&files.folder)?;
        let trainer = || trainer(folder.path().join("tune.db"));
        let mut train = trainer()?;
        train.args(["--json", "train", "--holdout"]).arg(&files.test);
        let began = Instant::now();
        if self == Contestant::Search {
            train.arg("--data").arg(&files.train).args(["--trials", "100"]);
        } else {
            run(trainer()?.arg("ingest").arg(&files.train))?;
        }
        let found: Value = json_of(&mut train)?;
        let seconds = began.elapsed().as_secs_f64();
        let champion = &found["champion"]["id"];
        let mut models = found["models"].as_array().into_iter().flatten();
        let model = models.find(|model| &model["id"] == champion);
        let metrics = model.map_or(&Value::Null, |model| &model["metrics"]["holdout"]);
        let figure = |name: &str| metrics[name].as_f64().context("the champion was not measured");
        Ok(Score { mae_usd: figure("mae")?, rmse_usd: figure("rmse")?, seconds })
    }
}
