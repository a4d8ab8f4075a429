//! The command line of `trainer drift` and `trainer replay`.

use std::path::PathBuf;

use clap::Args;

use super::LayoutArgs;
use monitoring::journal::Moment;

#[derive(Debug, Args)]
pub(crate) struct DriftArgs {
    /// Use requests since a time, in RFC 3339 or as an age such as 12h
    #[arg(long, value_parser = Moment::parse, value_name = "TIME", default_value = "7d")]
    pub(crate) since: Moment,

    /// Use requests before a time; until now, if not given
    #[arg(long, value_parser = Moment::parse, value_name = "TIME")]
    pub(crate) until: Option<Moment>,

    #[command(flatten)]
    pub(crate) layout: LayoutArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The model to try: a blob file, or a model of the registry
    #[arg(long, value_name = "ID|BLOB")]
    pub(crate) model: String,

    /// What to compare its prices with: the prices that were answered, or those of a model
    #[arg(long, value_name = "journal|ID|BLOB", default_value = "journal")]
    pub(crate) against: String,

    /// Replay requests since a time, in RFC 3339 or as an age such as 12h
    #[arg(long, value_parser = Moment::parse, value_name = "TIME", default_value = "7d")]
    pub(crate) since: Moment,

    /// Replay requests before a time; until now, if not given
    #[arg(long, value_parser = Moment::parse, value_name = "TIME")]
    pub(crate) until: Option<Moment>,

    /// Replay at most this many of the newest requests
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "N")]
    pub(crate) limit: Option<u32>,

    /// Write every stone with both prices to a CSV file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}
