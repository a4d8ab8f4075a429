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
    Peer(&'static str, Sight),
}

/// What a peer sees of a stone's dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// x, y and z as they stand, and so in the public data set also the price list.
    Raw,
    /// The features of our own models, which are the same when a stone is turned, without the price list.
    Symmetric,
}

/// What a contestant came to.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Score {
    /// On stones of known price list.
    #[serde(flatten)]
    pub(super) errors: Errors,
    /// Of ours: on the same stones, of which the list is not told.
    #[serde(default)]
    pub(super) without_list: Option<Errors>,
    /// Ours: by the clock, from the start of the program to its end. Of a peer: the fitting alone.
    pub(super) seconds: f64,
}

/// The errors on the held-out rows.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Errors {
    pub(super) mae_usd: f64,
    pub(super) rmse_usd: f64,
}

impl Contestant {
    pub(super) fn name(self) -> String {
        let (name, sight) = match self {
            Contestant::Search => return String::from("Loupe, 100 trials"),
            Contestant::Pipeline => {
                return String::from("Loupe, every family, from the CSV to the promoted blob");
            }
            Contestant::Peer(name, sight) => (name, sight),
        };
        let name = match name {
            "notebook" => "the notebook's recipe, 100 trials",
            "lightgbm" => "LightGBM, 1,000 rounds",
            "catboost" => "CatBoost, 3,000 iterations of depth 8",
            name => name,
        };
        match sight {
            Sight::Raw => format!("{name}, x and y as they stand"),
            Sight::Symmetric => format!("{name}, symmetric features"),
        }
    }

    pub(super) fn train(self, files: &Files) -> Result<Score> {
        if let Contestant::Peer(name, sight) = self {
            let sight = match sight {
                Sight::Raw => "raw",
                Sight::Symmetric => "symmetric",
            };
            let mut command = Command::new(PYTHON);
            return json_of(command.args([SCRIPT, name, sight]).arg(&files.train).arg(&files.test));
        }
        let folder = tempfile::tempdir_in(&files.folder)?;
        let trainer = || trainer(folder.path().join("tune.db"));
        let mut train = trainer()?;
        train.args(["--json", "train", "--holdout"]).arg(&files.unseen);
        let began = Instant::now();
        if self == Contestant::Search {
            train.arg("--data").arg(&files.train).args(["--trials", "100"]);
        } else {
            run(trainer()?.arg("ingest").arg(&files.train))?;
        }
        run(&mut train)?;
        let seconds = began.elapsed().as_secs_f64();
        let mut evaluate = trainer()?;
        evaluate.args(["--json", "evaluate", "champion", "--data"]).arg(&files.test);
        let found: Value = json_of(&mut evaluate)?;
        let errors = self::errors(&found["metrics"]).context("the champion was not measured")?;
        // A model that knows no lists gives the same prices without them.
        let without_list = Some(self::errors(&found["metrics_without_list"]).unwrap_or(errors));
        Ok(Score { errors, without_list, seconds })
    }
}

fn errors(metrics: &Value) -> Option<Errors> {
    let [mae_usd, rmse_usd] = ["mae", "rmse"].map(|name| metrics[name].as_f64());
    Some(Errors { mae_usd: mae_usd?, rmse_usd: rmse_usd? })
}
