//! What a run was asked, as the registry keeps it: enough to go on with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cli::{ListArgs, TrainArgs, TrainingArgs, WatchArgs};
use data::sample::SampleSize;
use learning::learners::LEARNERS;
use registry::{Registry, RegistryError, RunEntry};

/// What a run was asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Arguments {
    pub(super) data: Option<PathBuf>,
    pub(super) holdout: Option<PathBuf>,
    /// What the rows of the files do not say themselves.
    #[serde(flatten)]
    pub(super) lists: ListArgs,
    /// How many rows were wanted, as it was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    sample: Option<String>,
    #[serde(flatten)]
    pub(super) training: TrainingArgs,
    /// The folder whose deliveries asked for the training.
    #[serde(skip_serializing_if = "Option::is_none")]
    watch: Option<PathBuf>,
    /// Whether it was asked for because requests had drifted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    on_drift: bool,
    pub(super) warm_start: WarmStarts,
}

/// What searches begin with, by family.
pub(super) type WarmStarts = BTreeMap<String, WarmStart>;

/// The settings of a model that learnt from other rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct WarmStart {
    model: String,
    pub(super) settings: Value,
}

impl Arguments {
    /// What the command line asks. Files are named from the root, so that a run can be resumed from elsewhere.
    pub(super) fn of(args: &TrainArgs) -> Arguments {
        let from_root = |file: &Path| std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        Arguments {
            data: args.data.as_deref().map(from_root),
            holdout: args.holdout.as_deref().map(from_root),
            lists: args.lists,
            sample: args.sample.map(|sample| sample.to_string()),
            training: args.training.clone(),
            ..Arguments::default()
        }
    }

    /// What a watcher asks.
    pub(in crate::cmd) fn of_watch(args: &WatchArgs, on_drift: bool) -> Arguments {
        Arguments {
            training: args.training.clone(),
            watch: Some(args.folder.clone()),
            on_drift,
            ..Arguments::default()
        }
    }

    /// What a run was asked that was interrupted; the time limit and the threads may be other ones than at first. A run
    /// that has finished is refused, and one that this build cannot go on with.
    pub(super) fn of_run(entry: &RunEntry, now: &TrainingArgs) -> Result<Arguments> {
        let id = &entry.run.id;
        if let Some(finished_at) = &entry.finished_at {
            let outcome = entry.outcome.as_deref().unwrap_or("no outcome");
            bail!("run {id} finished at {finished_at}: {outcome}; `trainer train` begins another");
        }
        let foreign = |why: String| {
            anyhow!(
                "run {id} cannot be resumed by this build: {why}; `trainer train` begins another"
            )
        };
        let mut arguments: Arguments = serde_json::from_value(entry.run.arguments.clone())
            .map_err(|error| foreign(format!("its arguments cannot be read: {error}")))?;
        let training = &mut arguments.training;
        let unknown = |family: &&String| !LEARNERS.iter().any(|known| known.name == **family);
        if let Some(family) = training.families.iter().find(unknown) {
            return Err(foreign(format!("it has no family {family:?}")));
        }
        training.timeout_seconds = now.timeout_seconds.or(training.timeout_seconds);
        training.threads = now.threads;
        Ok(arguments)
    }

    pub(super) fn sample(&self) -> Result<Option<SampleSize>> {
        self.sample.as_deref().map(str::parse).transpose().map_err(anyhow::Error::msg)
    }
}

/// What searches of these families may begin with: the settings of each one's last champion that learnt from other rows.
pub(super) async fn warm_starts(
    registry: &Registry,
    families: &[String],
    dataset_sha256: &str,
) -> Result<WarmStarts, RegistryError> {
    let mut starts = WarmStarts::new();
    for family in families {
        if let Some((model, settings)) = registry.last_settings(family, dataset_sha256).await? {
            starts.insert(family.clone(), WarmStart { model, settings });
        }
    }
    Ok(starts)
}
