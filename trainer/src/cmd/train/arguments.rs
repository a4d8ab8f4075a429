//! What a run was asked, as the registry keeps it: enough to go on with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Failure;
use crate::cli::{TrainArgs, TrainingArgs};
use data::sample::SampleSize;
use learning::learners::LEARNERS;
use registry::{Registry, RegistryError, RunEntry};

/// What a run was asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Arguments {
    pub(super) data: Option<PathBuf>,
    pub(super) holdout: Option<PathBuf>,
    /// How many rows were wanted, as it was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sample: Option<String>,
    families: Vec<String>,
    trials: u16,
    timeout_seconds: Option<u64>,
    seed: u64,
    folds: u16,
    pub(super) no_promote: bool,
    exact_leaves: bool,
    /// The folder whose deliveries asked for the training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    watch: Option<PathBuf>,
    /// Whether it was asked for because requests had drifted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    on_drift: bool,
    /// What the searches began with, by family.
    #[serde(default)]
    pub(super) warm_start: BTreeMap<String, WarmStart>,
}

/// The settings of a model that learnt from other rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct WarmStart {
    model: String,
    pub(super) settings: Value,
}

impl Arguments {
    /// What the command line asks. Files are named from the root, so that a run can be resumed from elsewhere.
    pub(in crate::cmd) fn of(args: &TrainArgs) -> Arguments {
        let from_root = |file: &Path| std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let training = &args.training;
        Arguments {
            data: args.data.as_deref().map(from_root),
            holdout: args.holdout.as_deref().map(from_root),
            sample: args.sample.map(|sample| sample.to_string()),
            families: training.families.clone(),
            trials: training.trials,
            timeout_seconds: training.timeout.map(|timeout| timeout.as_secs()),
            seed: training.seed,
            folds: training.folds,
            no_promote: args.no_promote,
            exact_leaves: training.exact_leaves,
            watch: None,
            on_drift: false,
            warm_start: BTreeMap::new(),
        }
    }

    /// The same, asked for by a watcher of a folder.
    pub(in crate::cmd) fn by_a_watcher_of(self, folder: &Path, on_drift: bool) -> Arguments {
        Arguments { watch: Some(folder.to_owned()), on_drift, ..self }
    }

    /// What a run was asked that was interrupted.
    ///
    /// # Errors
    ///
    /// [`Failure::Failed`] where it has finished, or where this build cannot do what it was asked.
    pub(super) fn of_run(entry: &RunEntry) -> Result<Arguments> {
        let id = &entry.run.id;
        if let Some(finished_at) = &entry.finished_at {
            let outcome = entry.outcome.as_deref().unwrap_or("no outcome");
            return Err(Failure::Failed(format!(
                "run {id} finished at {finished_at}: {outcome}; `trainer train` begins another"
            ))
            .into());
        }
        let foreign = |why: String| {
            Failure::Failed(format!(
                "run {id} cannot be resumed by this build: {why}; `trainer train` begins another"
            ))
        };
        let arguments: Arguments = serde_json::from_value(entry.run.arguments.clone())
            .map_err(|error| foreign(format!("its arguments cannot be read: {error}")))?;
        let unknown = |family: &&String| !LEARNERS.iter().any(|known| known.name == **family);
        match arguments.families.iter().find(unknown) {
            Some(family) => Err(foreign(format!("it has no family {family:?}")).into()),
            None => Ok(arguments),
        }
    }

    /// # Errors
    ///
    /// [`Failure::Failed`] where something else wrote what was kept.
    pub(super) fn sample(&self) -> Result<Option<SampleSize>> {
        let sample = self.sample.as_deref().map(str::parse).transpose();
        Ok(sample.map_err(Failure::Failed)?)
    }

    /// How to train; a time limit and the threads may be other ones than at first.
    pub(super) fn training(&self, now: &TrainingArgs) -> TrainingArgs {
        TrainingArgs {
            families: self.families.clone(),
            trials: self.trials,
            timeout: now.timeout.or(self.timeout_seconds.map(Duration::from_secs)),
            seed: self.seed,
            folds: self.folds,
            exact_leaves: self.exact_leaves,
            cold: true,
            threads: now.threads,
        }
    }

    pub(super) fn to_json(&self) -> Value {
        json!(self)
    }
}

/// What searches of these families may begin with: the settings of each one's last champion that learnt from other rows.
///
/// # Errors
///
/// The registry's own.
pub(super) async fn warm_start(
    registry: &Registry,
    families: &[String],
    dataset_sha256: &str,
) -> Result<BTreeMap<String, WarmStart>, RegistryError> {
    let mut starts = BTreeMap::new();
    for family in families {
        if let Some((model, settings)) = registry.last_settings(family, dataset_sha256).await? {
            starts.insert(family.clone(), WarmStart { model, settings });
        }
    }
    Ok(starts)
}
