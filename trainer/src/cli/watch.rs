//! The command line of `trainer watch`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{ListArgs, TrainingArgs, seconds};

#[derive(Debug, Args)]
#[command(after_help = WHAT_HAPPENS)]
pub(crate) struct WatchArgs {
    /// The folder into which files are delivered; each is moved to done/ or rejected/ in it, with a report
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,

    /// How often to look, such as 30s, 1m or 1h
    #[arg(long, value_parser = duration, value_name = "TIME", default_value = "1m")]
    pub(crate) every: Duration,

    /// Look once and end: for cron
    #[arg(long, conflicts_with = "every")]
    pub(crate) once: bool,

    /// A file counts as complete when it has not changed for this long
    #[arg(long, value_parser = pause, value_name = "TIME", default_value = "5s")]
    pub(crate) settle: Duration,

    /// Refuse a file with more than this share of bad rows; otherwise its good rows are added
    #[arg(long, value_parser = share, value_name = "SHARE", default_value_t = 0.1)]
    pub(crate) max_rejected: f64,

    /// Refuse a file in which a field has a larger population stability index than this against the data so far. Raise it
    /// if deliveries are sorted, for instance by weight
    #[arg(long, value_parser = limit, value_name = "PSI", default_value_t = 0.25)]
    pub(crate) max_shift: f64,

    /// Refuse a file whose prices lie by more than this share above or below those of the champion
    #[arg(long, value_parser = limit, value_name = "SHARE", default_value_t = 0.15)]
    pub(crate) max_price_shift: f64,

    /// Also train when the last seven days' requests have drifted from the champion's training data, once for the same rows
    #[arg(long)]
    pub(crate) on_drift: bool,

    #[command(flatten)]
    pub(crate) lists: ListArgs,

    #[command(flatten)]
    pub(crate) training: TrainingArgs,
}

const WHAT_HAPPENS: &str = "A file named .part, .tmp or the like is not looked at: write under such a name and rename the file when it is whole. \
Rows are added before a file is moved, and no row is added twice, so a watcher that is killed does no harm. Of several \
watchers on one database one works at a time; with --once the others end with exit code 1. A rejected file is no failure. \
With --json, a document a round; without --once, one a line.";

fn duration(text: &str) -> Result<Duration, String> {
    seconds(text).map(Duration::from_secs)
}

fn pause(text: &str) -> Result<Duration, String> {
    match text {
        "0" | "0s" => Ok(Duration::ZERO),
        _ => duration(text),
    }
}

fn share(text: &str) -> Result<f64, String> {
    limit(text)
        .ok()
        .filter(|share| *share <= 1.0)
        .ok_or_else(|| String::from("give a share from 0 to 1 such as 0.1"))
}

fn limit(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|limit: &f64| *limit >= 0.0 && limit.is_finite())
        .ok_or_else(|| String::from("give a number from 0 such as 0.25"))
}
