//! The command line.

mod data;

mod lists;

mod logs;

mod train;

mod traffic;
mod watch;

use std::path::PathBuf;

use ::data::delivery::Rename;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use self::data::{DataCommand, DataExportArgs, DataListingsArgs, DataPart};
pub(crate) use self::lists::{ListArgs, ListRuleArgs};
pub(crate) use self::logs::{
    LogFormat, LogsArgs, LogsCommand, LogsExportArgs, LogsListArgs, LogsPruneArgs, LogsRecoverArgs,
};
pub(crate) use self::traffic::{DriftArgs, ReplayArgs};
pub(crate) use self::train::{TrainArgs, TrainingArgs, TrialsArgs};
pub(crate) use self::watch::WatchArgs;
use monitoring::journal::Moment;

/// Fits diamond-pricing models, keeps their history and picks the champion.
#[derive(Debug, Parser)]
#[command(name = "trainer", version, about, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// The database: a file, or the http://, https:// or libsql:// address of a server, whose token is in
    /// `TRAINER_DB_TOKEN`
    #[arg(
        long,
        global = true,
        env = "TRAINER_DB",
        hide_env_values = true,
        default_value = ".spin/sqlite_db.db",
        value_name = "PATH|URL"
    )]
    pub(crate) db: String,

    /// The libsql server's token
    #[arg(
        long = "db-token",
        global = true,
        env = "TRAINER_DB_TOKEN",
        hide = true,
        hide_env_values = true
    )]
    pub(crate) db_token: Option<String>,

    /// Print the result as one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 bad input data, nothing changed; \
4 no such model or run; 5 not promoted or not imported though asked to; 6 drift found.\n\
An ID is a model's id, any unique start of one, `champion` (the one promoted last), or `challenger` (the best \
of the latest run other than the champion, else the latest registered).";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add the rows of diamond CSV or Parquet files to the database
    Ingest(IngestArgs),
    /// Train models and promote the best if it beats the champion
    Train(TrainArgs),
    /// Show every setting that a run's searches tried
    Trials(TrialsArgs),
    /// List the registered models
    List(LayoutArgs),
    /// Show everything known about a model
    Show {
        /// The model
        id: String,

        #[command(flatten)]
        layout: LayoutArgs,
    },
    /// Compare two models
    Compare(CompareArgs),
    /// Make a model the champion
    Promote(PromoteArgs),
    /// Make the champion's predecessor the champion again
    Rollback,
    /// Remove models that are no longer needed; runs, trials and promotions stay
    Prune {
        /// Keep the champions of this many last promotions, besides the champion and the challenger
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
        keep: u32,

        /// Report what would be removed and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// List or export the rows that models were trained on
    #[command(subcommand)]
    Data(DataCommand),
    /// Write a model's blob to a file
    Export(ExportArgs),
    /// Register a model that XGBoost saved, JSON or UBJSON
    Import(ImportArgs),
    /// Show what a blob holds
    Inspect {
        /// A blob file, or a model of the registry
        #[arg(value_name = "FILE|ID")]
        model: String,
    },
    /// Check a blob: envelope, checksum, contents and, from the registry, its hash
    Verify {
        /// A blob file, or a model of the registry
        #[arg(value_name = "FILE|ID")]
        model: String,
    },
    /// Measure a model on the rows of a file
    Evaluate {
        /// A blob file, or a model of the registry
        #[arg(value_name = "ID|BLOB")]
        model: String,

        /// Rows with known prices, in a file of any kind that `ingest` reads
        #[arg(long, value_name = "FILE")]
        data: PathBuf,

        #[command(flatten)]
        columns: ColumnArgs,

        #[command(flatten)]
        lists: ListRuleArgs,
    },
    /// Price the rows of a file or of standard input
    Predict(PredictArgs),
    /// Watch a folder: check what is delivered to it, add its rows and train
    Watch(WatchArgs),
    /// Measure a model and write the results as one HTML page of plots
    Report(ReportArgs),
    /// Print a model card in Markdown: what a model is, how good, and what it is not for
    Card {
        /// The model
        id: String,
    },
    /// Show, export, prune or repair the request journal
    Logs(LogsArgs),
    /// Check that requests still resemble the champion's training data; exit code 6 if not
    Drift(DriftArgs),
    /// Price past requests with another model and show what would have changed
    Replay(ReplayArgs),
    /// Bring the database's schema up to date
    Migrate,
    /// Check that everything is in order, and say what to do if it is not
    Doctor,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, or write one for every command
    Man {
        /// The folder to write the pages of all commands to, such as /usr/local/share/man/man1
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct IngestArgs {
    /// Tables of diamonds: CSV, CSV in gzip, a workbook or Parquet, told apart by their content, not by their names
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) columns: ColumnArgs,

    #[command(flatten)]
    pub(crate) lists: ListArgs,

    /// Change nothing if a file is not plausible
    #[arg(long)]
    pub(crate) strict: bool,

    /// Report what would happen and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// The columns that have other names.
#[derive(Debug, Args)]
pub(crate) struct ColumnArgs {
    /// Read the column of this name as one of carat, cut, color, clarity, depth, table, price, x, y, z, `price_list`
    #[arg(long, value_name = "NAME=COLUMN", value_parser = Rename::parse)]
    pub(crate) map: Vec<Rename>,
}

/// How tables are printed.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct LayoutArgs {
    /// Print the table as CSV
    #[arg(long, conflicts_with = "md")]
    pub(crate) csv: bool,

    /// Print tables as Markdown
    #[arg(long)]
    pub(crate) md: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// One model
    #[arg(value_name = "A")]
    pub(crate) one: String,

    /// The other model
    #[arg(value_name = "B")]
    pub(crate) other: String,

    #[command(flatten)]
    pub(crate) layout: LayoutArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The model
    pub(crate) id: String,

    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,

    /// The model with its leaves as they were fitted, before they were quantised; it is a model of its own, with an id
    /// of its own
    #[arg(long)]
    pub(crate) exact: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PromoteArgs {
    /// The model
    pub(crate) id: String,

    /// Why, for the history
    #[arg(long, default_value = "promoted by hand")]
    pub(crate) reason: String,

    /// Promote it even if it prices the database's stones wrongly; the history says so
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// What `save_model` of XGBoost 1.x to 3.x wrote. Its columns are carat, cut, color, clarity, depth, table, x, y, z in
    /// this order, or any of them by name; grades are codes from worst to best, color from D = 0
    pub(crate) file: PathBuf,

    /// A name for the model in the history
    #[arg(long)]
    pub(crate) name: Option<String>,

    /// What the model was trained to predict
    #[arg(long, value_enum, default_value_t = ImportTarget::LogPrice)]
    pub(crate) target: ImportTarget,

    /// Register it even if it prices the database's stones wrongly; what is kept of it says so
    #[arg(long)]
    pub(crate) force: bool,
}

/// What a model was trained to predict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportTarget {
    /// The natural logarithm of the price in dollars
    LogPrice,
    /// The price in dollars
    Price,
}

#[derive(Debug, Args)]
pub(crate) struct PredictArgs {
    /// A blob file, or a model of the registry
    #[arg(value_name = "ID|BLOB")]
    pub(crate) model: String,

    /// Stones to price, with at least carat, cut, color and clarity, and the price list of each in a column `price_list` where
    /// it is to be priced by one: a file of any kind that `ingest` reads, or one JSON
    /// object per line; `-` is standard input
    #[arg(long, value_name = "FILE|-")]
    pub(crate) input: PathBuf,

    #[command(flatten)]
    pub(crate) columns: ColumnArgs,

    /// How to write priced rows; like the input, if not given
    #[arg(long)]
    pub(crate) format: Option<RowFormat>,
}

/// How priced rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// A header and one row per line
    Csv,
    /// One JSON object per line
    Ndjson,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The model
    #[arg(value_name = "ID", default_value = "champion")]
    pub(crate) id: String,

    /// The folder that report.html is written to
    #[arg(short, long, value_name = "DIR", default_value = "loupe-report")]
    pub(crate) output: PathBuf,

    /// Measure on the rows of this diamond CSV instead of the database's held-out rows
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) lists: ListRuleArgs,

    /// Look for drift in the champion's requests since a time, in RFC 3339 or as an age such as 12h
    #[arg(long, value_parser = Moment::parse, value_name = "TIME", default_value = "7d")]
    pub(crate) since: Moment,
}

/// Reads `90s`, `10m`, `1h`, or seconds without a unit.
fn seconds(text: &str) -> Result<u64, String> {
    let (digits, unit_seconds) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(digits) if text.ends_with('m') => (digits, 60),
        Some(digits) if text.ends_with('h') => (digits, 3600),
        Some(digits) => (digits, 1),
        None => (text, 1),
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|count| count.checked_mul(unit_seconds))
        .filter(|seconds| *seconds > 0)
        .ok_or_else(|| String::from("give a time above 0 such as 90s, 10m or 1h"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_time_is_a_number_with_a_unit() {
        let check = |text: &str, expected: Option<u64>| {
            assert_eq!(seconds(text).ok(), expected, "{text}");
        };
        check("90", Some(90));
        check("90s", Some(90));
        check("10m", Some(600));
        check("2h", Some(7200));
        check("0m", None);
        check("m", None);
        check("-1s", None);
        check("1d", None);
        check("99999999999999999999h", None);
    }
}
