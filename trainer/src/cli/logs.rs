//! The command line of `trainer logs`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use monitoring::journal::{Moment, RouteFilter, StatusFilter};

/// Arguments of `logs`.
#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    #[command(subcommand)]
    pub(crate) command: LogsCommand,
}

/// What to do with the journal.
#[derive(Debug, Subcommand)]
pub(crate) enum LogsCommand {
    /// Show the latest requests, the newest last
    List(LogsListArgs),
    /// Write requests to a file or to standard output, in full and in the order they arrived
    Export(LogsExportArgs),
    /// Remove old requests, a few at a time; the counts of /metrics stay
    Prune(LogsPruneArgs),
    /// Add the requests to the journal that the service had to write to standard error
    Recover(LogsRecoverArgs),
    /// Make a new key to hash callers' addresses with: from then on, callers can no longer be matched with earlier requests
    RotateClientKey,
}

/// Arguments of `logs list`.
#[derive(Debug, Args)]
pub(crate) struct LogsListArgs {
    /// How many requests at most
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,

    /// Only those of a status such as 404, or of a class such as 4xx
    #[arg(long, value_parser = status, value_name = "STATUS")]
    pub(crate) status: Option<StatusFilter>,

    /// Only those of a route such as /v1/predict; `none` for requests that matched no route
    #[arg(long, value_parser = route, value_name = "ROUTE")]
    pub(crate) route: Option<RouteFilter>,

    /// Only those received since a time, in RFC 3339 or as an age such as 10m
    #[arg(long, value_parser = Moment::parse, value_name = "TIME")]
    pub(crate) since: Option<Moment>,

    /// Keep printing new requests until Ctrl-C; with --json, one object per line
    #[arg(long)]
    pub(crate) follow: bool,
}

/// Arguments of `logs export`.
#[derive(Debug, Args)]
pub(crate) struct LogsExportArgs {
    /// How requests are written
    #[arg(long, value_enum, default_value_t = LogFormat::Ndjson)]
    pub(crate) format: LogFormat,

    /// The file to write; standard output, if not given
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Only those received since a time, in RFC 3339 or as an age such as 7d
    #[arg(long, value_parser = Moment::parse, value_name = "TIME")]
    pub(crate) since: Option<Moment>,

    /// Only those received before a time
    #[arg(long, value_parser = Moment::parse, value_name = "TIME")]
    pub(crate) until: Option<Moment>,
}

/// How requests are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// One JSON object per line; a body is null, {"text": …} or {"hexadecimal": …}
    Ndjson,
    /// A header and one row per line; columns next to the bodies say whether they are text or hexadecimal
    Csv,
}

/// Arguments of `logs prune`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("age").required(true))]
pub(crate) struct LogsPruneArgs {
    /// Remove requests received before a time, in RFC 3339 or as an age such as 90d
    #[arg(long, group = "age", value_parser = Moment::parse, value_name = "TIME")]
    pub(crate) before: Option<Moment>,

    /// Remove requests older than this many days
    #[arg(long, group = "age", value_name = "N")]
    pub(crate) keep_days: Option<u32>,

    /// Report how many there are and remove none
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// How many to remove at a time; a service that is writing waits for one such batch at most
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000), value_name = "N")]
    pub(crate) batch: u32,
}

/// Arguments of `logs recover`.
#[derive(Debug, Args)]
pub(crate) struct LogsRecoverArgs {
    /// A log that contains the service's standard error, whatever else is in it; `-` is standard input
    #[arg(value_name = "FILE|-")]
    pub(crate) log: PathBuf,
}

fn status(text: &str) -> Result<StatusFilter, &'static str> {
    StatusFilter::parse(text).ok_or("give 100 to 599, or 1xx, 2xx, 3xx, 4xx or 5xx")
}

fn route(text: &str) -> Result<RouteFilter, String> {
    match text {
        "none" => Ok(RouteFilter::Nowhere),
        pattern if pattern.starts_with('/') => Ok(RouteFilter::Pattern(pattern.to_owned())),
        _ => Err(String::from("give the pattern of a route such as /v1/models/{id}, or none")),
    }
}
