//! Why data cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use inference::PricesIn;
use table::{ColumnsError, HeaderError, Rename};

/// Why data cannot be used. Nothing has changed when one of these is returned.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum DataError {
    #[error("{}: cannot be read: {source}; give the path of a diamond CSV", file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    #[error("{}: {error}", file.display())]
    Header { file: PathBuf, error: HeaderError },
    #[error(
        "{}: cannot be read as Parquet, which its first bytes say it is: {source}; write it again, or as CSV", file.display()
    )]
    Parquet { file: PathBuf, source: parquet::errors::ParquetError },
    #[error(
        "{}: its pages are compressed by {codec}, which is not read; write it with snappy, gzip, brotli, lz4, zstd or none", file.display()
    )]
    Codec { file: PathBuf, codec: &'static str },
    #[error(
        "{}: cannot be read as a workbook, which its first bytes say it is: {problem}; save the sheet as \"CSV UTF-8\"", file.display()
    )]
    Workbook { file: PathBuf, problem: String },
    #[error("{}: is not a table of diamonds: {error}{}", file.display(), map(error))]
    Columns { file: PathBuf, error: ColumnsError },
    #[error("the {what} of {source_name} all have the same price; give rows that differ")]
    OnePrice { what: &'static str, source_name: String },
    #[error(
        "only {found} different {what} remain of {source_name}; at least {wanted} are needed; add rows with `trainer ingest` or give a larger file"
    )]
    TooFew { what: &'static str, source_name: String, found: usize, wanted: usize },
    #[error(
        "{rows} rows of {source_name} would take about {gib} GiB to train on, and no more than {most_gib} are taken; train on a part of them by --sample {most} or less, or train with XGBoost elsewhere and `trainer import` its model"
    )]
    TooMany { source_name: String, rows: u64, gib: u64, most: u64, most_gib: u64 },
    #[error(
        "{}: its prices are said to be in {said}, and those of the database are in {known}; a data set has one currency and one year: give the file a database of its own, or convert its prices", file.display()
    )]
    PricesIn { file: PathBuf, said: PricesIn, known: PricesIn },
    #[error(
        "the database's diamond {id} is not a valid stone ({field}: {reason}); something other than `trainer ingest` wrote it; correct or delete the row"
    )]
    BadStored { id: i64, field: String, reason: String },
}

impl DataError {
    /// For `map_err`: the error of a file that cannot be read.
    pub(crate) fn unreadable(file: &Path) -> impl Fn(io::Error) -> DataError {
        |source| DataError::Unreadable { file: file.to_owned(), source }
    }
}

/// How to name the columns that are probably meant.
fn map(error: &ColumnsError) -> String {
    let option = |Rename { from, to }: Rename| format!(" --map {:?}", format!("{from}={to}"));
    let options: String = error.proposals().map(option).collect();
    if options.is_empty() { options } else { format!("; if they are meant, give{options}") }
}
