//! The command line of `trainer data`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

/// What to do with the data sets of runs.
#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// List the data sets that runs had
    List,
    /// Write the exact rows that a model was trained or measured on
    Export(DataExportArgs),
    /// Write the stones of the database in a few bytes each, for the browser's search for similar ones
    Samples {
        /// The file to write
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Find stones that are listed more than once, and compare the prices of their listings
    Listings(DataListingsArgs),
}

#[derive(Debug, Args)]
pub(crate) struct DataListingsArgs {
    /// A file of diamonds instead of the database's rows
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,

    /// Also say what this model makes of stones that are turned, and of a stone's other listing
    #[arg(long, value_name = "ID|BLOB")]
    pub(crate) model: Option<String>,
}

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

/// Which of a model's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DataPart {
    /// Those it was trained on
    Train,
    /// Those it was measured on
    Holdout,
    /// Its data set, with what training dropped; without the rows of a --holdout file
    All,
}
