//! The commands, one verb a file, and what they share: where the database is and how a result is shown.

mod ingest;

mod train;

mod trials;

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

mod watch;

mod report;

mod card;

mod logs;

mod drift;

mod replay;

mod migrate;

mod doctor;

mod completions;

mod man;

mod model;

mod output;

mod table;

use std::io::{ErrorKind, Write};

use anyhow::Result;
use serde_json::Value;

use self::table::{Piece, table};
use crate::cli::{Cli, Command, LayoutArgs};
use ::data::DataError;
use learning::progress::Progress;
use registry::database::{Database, DatabaseError, Place};
use registry::store::StoreError;
use registry::{Entry, Registry, RegistryError};

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
    /// Somebody asked for an end; nothing is wrong.
    #[error("{0}")]
    Interrupted(String),
    #[error("{0}")]
    NotPromoted(String),
    #[error("{0}")]
    Drifted(String),
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
        Command::Trials(args) => trials::run(&context, &args).await,
        Command::List(layout) => list::run(&context, layout).await,
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
        Command::Watch(args) => watch::run(&context, &args).await,
        Command::Report(args) => report::run(&context, &args).await,
        Command::Card(args) => card::run(&context, &args).await,
        Command::Logs(args) => logs::run(&context, &args).await,
        Command::Drift(args) => drift::run(&context, &args).await,
        Command::Replay(args) => replay::run(&context, &args).await,
        Command::Migrate => migrate::run(&context).await,
        Command::Doctor => doctor::run(&context).await,
        Command::Completions(args) => completions::run(&context, &args),
        Command::Man(args) => man::run(&context, &args),
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
            Some(Failure::Drifted(_)) => return 6,
            Some(Failure::Failed(_) | Failure::Interrupted(_)) | None => {}
        }
        if let Some(DatabaseError::Unaddressed { .. }) = cause.downcast_ref() {
            return 2;
        }
        match cause.downcast_ref() {
            Some(
                RegistryError::NoSuchModel { .. }
                | RegistryError::Ambiguous { .. }
                | RegistryError::NoSuchRun { .. }
                | RegistryError::AmbiguousRun { .. }
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
        Context::write(&if self.json { format!("{document:#}") } else { text() })
    }

    /// Prints one result of many: the document in one line, or what people want to read of it.
    fn print_one(&self, document: &Value, text: impl FnOnce() -> String) -> Result<()> {
        Context::write(&if self.json { document.to_string() } else { text() })
    }

    fn write(text: &str) -> Result<()> {
        match writeln!(std::io::stdout().lock(), "{text}") {
            // The reader closed the output.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            result => Ok(result?),
        }
    }

    /// Prints a result that people may want as CSV or as Markdown too.
    fn print_pieces(
        &self,
        layout: LayoutArgs,
        document: &Value,
        pieces: impl FnOnce() -> Vec<Piece>,
    ) -> Result<()> {
        self.print(document, || table::written(layout, &pieces()))
    }

    fn progress() -> Progress {
        Progress::new()
    }
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
