//! The commands, one verb a file, and what they share: where the database is and how a result is shown.

mod ingest;

mod train;

mod list;

mod show;

mod compare;

mod promote;

mod rollback;

mod prune;

mod data;

mod export;

mod import;

mod inspect;

mod verify;

mod evaluate;

mod predict;

mod logs;

mod migrate;

mod doctor;

mod completions;

mod model;

mod output;

use std::io::{ErrorKind, Write};

use anyhow::Result;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::Value;

use crate::cli::{Cli, Command};
use crate::data::DataError;
use crate::data::store::StoreError;
use crate::database::{Database, DatabaseError, Place};
use crate::progress::Progress;
use crate::registry::{Entry, Registry, RegistryError};

/// What every command is given.
struct Context {
    place: Place,
    json: bool,
}

/// A failure that has an exit code of its own and no error type elsewhere.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    BadInput(String),
    #[error("{0}")]
    Failed(String),
    #[error("{0}")]
    NotPromoted(String),
    #[error("{0}")]
    Usage(String),
}

/// Runs one command.
///
/// # Errors
///
/// Anything; [`exit_code`] sorts it.
pub(crate) async fn run(cli: Cli) -> Result<()> {
    // libsql would give every connection an empty database of its own.
    if cli.db.trim().is_empty() || cli.db == ":memory:" {
        let message = format!(
            "--db is {:?}; allowed: the path of a file, http://…, https://… or libsql://…",
            cli.db
        );
        return Err(Failure::Usage(message).into());
    }
    let context = Context { place: Place::parse(&cli.db, cli.db_token.as_deref()), json: cli.json };
    match cli.command {
        Command::Ingest(args) => ingest::run(&context, &args).await,
        Command::Train(args) => train::run(&context, &args).await,
        Command::List => list::run(&context).await,
        Command::Show(args) => show::run(&context, &args).await,
        Command::Compare(args) => compare::run(&context, &args).await,
        Command::Promote(args) => promote::run(&context, &args).await,
        Command::Rollback => rollback::run(&context).await,
        Command::Prune(args) => prune::run(&context, &args).await,
        Command::Data(args) => data::run(&context, &args).await,
        Command::Export(args) => export::run(&context, &args).await,
        Command::Import(args) => import::run(&context, &args).await,
        Command::Inspect(args) => inspect::run(&context, &args).await,
        Command::Verify(args) => verify::run(&context, &args).await,
        Command::Evaluate(args) => evaluate::run(&context, &args).await,
        Command::Predict(args) => predict::run(&context, &args).await,
        Command::Logs(args) => logs::run(&context, &args).await,
        Command::Migrate => migrate::run(&context).await,
        Command::Doctor => doctor::run(&context).await,
        Command::Completions(args) => completions::run(&context, &args),
    }
}

/// The exit code of a failure, as the command line's help lists them.
pub(crate) fn exit_code(error: &anyhow::Error) -> u8 {
    for cause in error.chain() {
        if cause.is::<DataError>() {
            return 3;
        }
        if let Some(StoreError::Data(_)) = cause.downcast_ref() {
            return 3;
        }
        match cause.downcast_ref() {
            Some(Failure::Usage(_)) => return 2,
            Some(Failure::BadInput(_)) => return 3,
            Some(Failure::NotPromoted(_)) => return 5,
            Some(Failure::Failed(_)) | None => {}
        }
        if let Some(DatabaseError::Unaddressed { .. }) = cause.downcast_ref() {
            return 2;
        }
        match cause.downcast_ref() {
            Some(
                RegistryError::NoSuchModel { .. }
                | RegistryError::Ambiguous { .. }
                | RegistryError::NoChampion
                | RegistryError::NoChallenger,
            ) => return 4,
            Some(
                RegistryError::ChampionAlready { .. }
                | RegistryError::NothingBefore
                | RegistryError::NothingLeft { .. }
                | RegistryError::Overtaken { .. },
            ) => return 5,
            _ => {}
        }
    }
    1
}

impl Context {
    /// The registry, to read from.
    async fn registry(&self) -> Result<Registry, DatabaseError> {
        Ok(Registry::new(Database::open(&self.place).await?.connect().await?))
    }

    /// Prints a result: the document, or what people want to read of it.
    fn print(&self, document: &Value, text: impl FnOnce() -> String) -> Result<()> {
        let text = if self.json { format!("{document:#}") } else { text() };
        match writeln!(std::io::stdout().lock(), "{text}") {
            // Whoever reads has read enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            result => Ok(result?),
        }
    }

    fn progress() -> Progress {
        Progress::new()
    }
}

/// A table for people; the first column is text, the others are aligned right.
fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A model's family with its name, if it has one.
fn title(entry: &Entry) -> String {
    match &entry.name {
        Some(name) => format!("{} {name:?}", entry.family),
        None => entry.family.clone(),
    }
}

/// A metric out of a model's metrics, `-` where there is none.
fn metric(metrics: &Value, part: &str, name: &str, digits: usize) -> String {
    metrics[part][name]
        .as_f64()
        .map_or_else(|| String::from("-"), |value| format!("{value:.digits$}"))
}
