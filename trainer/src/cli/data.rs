//! The command line of `trainer data`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Arguments of `data`.
#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    #[command(subcommand)]
    pub(crate) command: DataCommand,
}

/// What to do with the data sets of runs.
#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// List the data sets that runs had
    List,
    /// Write the very rows that a model came from
    Export(DataExportArgs),
    /// Write the stones of the database in a few bytes each, for the browser's search for similar ones
    Samples(DataSamplesArgs),
}

/// Arguments of `data export`.
#[derive(Debug, Args)]
pub(crate) struct DataExportArgs {
    /// The model
    #[arg(long, value_name = "ID")]
    pub(crate) model: String,

    /// The diamond CSV to write; `-` is standard output
    #[arg(short, long, value_name = "FILE|-", default_value = "-")]
    pub(crate) output: PathBuf,

    /// Which of its rows
    #[arg(long, value_enum, default_value_t = DataPart::All)]
    pub(crate) part: DataPart,
}

/// Arguments of `data samples`.
#[derive(Debug, Args)]
pub(crate) struct DataSamplesArgs {
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

/// Which of a model's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataPart {
    /// Those it was trained on
    Train,
    /// Those it was measured on
    Holdout,
    /// Its data set, with what training dropped; without the rows of a --holdout file
    All,
}

impl DataPart {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            DataPart::Train => "train",
            DataPart::Holdout => "holdout",
            DataPart::All => "all",
        }
    }
}
