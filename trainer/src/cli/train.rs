//! The command line of `trainer train` and `trainer trials`.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::{LayoutArgs, ListArgs, seconds};
use data::sample::SampleSize;
use learning::learners::LEARNERS;

#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    /// Train on the rows of this diamond CSV instead of the database's
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,

    /// Measure on the rows of this diamond CSV instead of a fifth of the data
    #[arg(long, value_name = "FILE")]
    pub(crate) holdout: Option<PathBuf>,

    /// Train on a seeded sample of about this many rows, such as 500000, or of a share of them, such as 5%
    #[arg(long, value_name = "ROWS|SHARE")]
    pub(crate) sample: Option<SampleSize>,

    #[command(flatten)]
    pub(crate) lists: ListArgs,

    #[command(flatten)]
    pub(crate) training: TrainingArgs,

    /// Resume an interrupted run with its own arguments: from the same rows it gives the same models as a run without a
    /// break
    #[arg(
        long,
        value_name = "RUN",
        conflicts_with_all = ["data", "holdout", "sample", "price_list", "price_list_by", "prices_in", "families", "trials", "seed", "folds", "exact_leaves", "cold", "no_promote"]
    )]
    pub(crate) resume: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct TrialsArgs {
    /// A run, or a model for the last run that produced it
    #[arg(value_name = "RUN|ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) layout: LayoutArgs,
}

/// How to train, whatever the rows. The registry keeps it with the run, but for what changes nothing when a run is resumed.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
pub(crate) struct TrainingArgs {
    /// Families to train, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = family, default_values_t = families())]
    pub(crate) families: Vec<String>,

    /// How many settings a search tries
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) trials: u16,

    /// Stop searching after this long, in the middle of a trial if need be, such as 90s, 10m or 1h. What was found so far
    /// is then fitted, which takes its own time; the seed alone no longer decides the result
    #[arg(long = "timeout", value_parser = seconds, value_name = "TIME")]
    pub(crate) timeout_seconds: Option<u64>,

    /// The seed of the split, the folds and every search
    #[arg(long, default_value_t = 42, value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub(crate) seed: u64,

    /// How many folds cross-validation has
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(2..=20))]
    pub(crate) folds: u16,

    /// Serve leaves as they were fitted, without quantising them: about three times the bytes
    #[arg(long)]
    pub(crate) exact_leaves: bool,

    /// Search without the settings of the last champion that was trained on other rows; if there is one, they are tried
    /// first otherwise
    #[arg(long)]
    #[serde(skip)]
    pub(crate) cold: bool,

    /// How many threads to use, all processors if not given; the models are the same for any number
    #[arg(long, env = "TRAINER_THREADS", value_parser = clap::value_parser!(u16).range(1..), value_name = "N")]
    #[serde(skip)]
    pub(crate) threads: Option<u16>,

    /// Register the models and leave the champion as it is
    #[arg(long)]
    pub(crate) no_promote: bool,
}

fn families() -> Vec<String> {
    LEARNERS.iter().map(|learner| learner.name.to_owned()).collect()
}

fn family(name: &str) -> Result<String, String> {
    if LEARNERS.iter().any(|learner| learner.name == name) {
        return Ok(name.to_owned());
    }
    let known: Vec<String> =
        LEARNERS.iter().map(|learner| format!("{} ({})", learner.name, learner.about)).collect();
    Err(format!("no such family; there are: {}", known.join("; ")))
}
