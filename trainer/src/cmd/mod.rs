//! The commands, one verb a file, and what they share: where the database is and how a result is shown.

mod ingest;

mod train;

mod trials;

mod models;

mod compare;

mod promote;

mod data;

mod import;

mod inspect;

mod listings;

mod evaluate;

mod predict;

mod watch;

mod report;

mod logs;

mod drift;

mod replay;

mod doctor;

mod man;

mod model;

mod output;

mod stop;

mod table;

use std::error::Error;
use std::io::{ErrorKind, Write};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use self::table::{Piece, columns, errors, figure, metric, table};
use crate::cli::{Cli, Command, LayoutArgs};
use ::data::DataError;
use ::data::dataset::Dataset;
use learning::progress::Progress;
use registry::database::{Database, DatabaseError, Place};
use registry::store::{self, StoreError};
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
    Usage(String),
    #[error("{0}")]
    BadInput(String),
    #[error("{0}")]
    NotImported(String),
    #[error("{0}")]
    NotPromoted(String),
    #[error("{0}")]
    Drifted(String),
}

/// Runs one command. Of any error, [`exit_code`] gives the code.
pub(crate) async fn run(cli: Cli) -> Result<()> {
    // SQLite would give every connection an empty database of its own.
    if cli.db.trim().is_empty() || cli.db == ":memory:" {
        bail!(Failure::Usage(format!(
            "--db is {:?}; allowed: the path of a file, http://…, https://… or libsql://…",
            cli.db
        )));
    }
    let place = Place::parse(&cli.db, cli.db_token.as_deref())
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let context = Context { place, json: cli.json };
    match cli.command {
        Command::Ingest(args) => ingest::run(&context, &args).await,
        Command::Train(args) => train::run(&context, &args).await,
        Command::Trials(args) => trials::run(&context, &args).await,
        Command::List(layout) => models::list(&context, layout).await,
        Command::Show { id, layout } => models::show(&context, &id, layout).await,
        Command::Compare(args) => compare::run(&context, &args).await,
        Command::Promote(args) => promote::run(&context, &args).await,
        Command::Rollback => promote::roll_back(&context).await,
        Command::Prune { keep, dry_run } => models::prune(&context, keep, dry_run).await,
        Command::Data(command) => data::run(&context, &command).await,
        Command::Export(args) => model::export(&context, &args).await,
        Command::Import(args) => import::run(&context, &args).await,
        Command::Inspect { model } => inspect::run(&context, &model).await,
        Command::Verify { model } => model::verify(&context, &model).await,
        Command::Evaluate { model, data, columns, lists } => {
            evaluate::run(&context, &model, &data, &columns, lists).await
        }
        Command::Predict(args) => predict::run(&context, &args).await,
        Command::Watch(args) => watch::run(&context, &args).await,
        Command::Report(args) => report::run(&context, &args).await,
        Command::Card { id } => report::card(&context, &id).await,
        Command::Logs(args) => logs::run(&context, &args).await,
        Command::Drift(args) => drift::run(&context, &args).await,
        Command::Replay(args) => replay::run(&context, &args).await,
        Command::Migrate => doctor::migrate(&context).await,
        Command::Doctor => doctor::run(&context).await,
        Command::Completions { shell } => man::completions(&context, shell),
        Command::Man { output } => man::run(&context, output.as_deref()),
    }
}

/// The exit code of a failure, as the command line's help lists them.
pub(crate) fn exit_code(error: &anyhow::Error) -> u8 {
    error.chain().find_map(code_of).unwrap_or(1)
}

fn code_of(cause: &(dyn Error + 'static)) -> Option<u8> {
    if cause.is::<DataError>() || matches!(cause.downcast_ref(), Some(StoreError::Data(_))) {
        return Some(3);
    }
    if let Some(failure) = cause.downcast_ref() {
        return Some(match failure {
            Failure::Usage(_) => 2,
            Failure::BadInput(_) => 3,
            Failure::NotImported(_) | Failure::NotPromoted(_) => 5,
            Failure::Drifted(_) => 6,
        });
    }
    match cause.downcast_ref()? {
        RegistryError::NoSuchModel { .. }
        | RegistryError::Ambiguous { .. }
        | RegistryError::NoSuchRun { .. }
        | RegistryError::NoChampion
        | RegistryError::NoChallenger => Some(4),
        RegistryError::ChampionAlready { .. }
        | RegistryError::NothingBefore
        | RegistryError::NothingLeft { .. }
        | RegistryError::Overtaken { .. } => Some(5),
        RegistryError::Database(_) | RegistryError::Refused(_) => None,
    }
}

impl Context {
    /// The registry, to read from.
    async fn registry(&self) -> Result<Registry, DatabaseError> {
        Ok(Registry::new(Database::open(&self.place).await?.connect().await?))
    }

    /// Prints a result: the document, or what people want to read of it.
    fn print(&self, document: &Value, text: impl FnOnce() -> String) -> Result<()> {
        write_out(&if self.json { format!("{document:#}\n") } else { text() + "\n" })
    }

    /// Prints one result of many: the document in one line, or what people want to read of it.
    fn print_one(&self, document: &Value, text: &str) -> Result<()> {
        write_out(&if self.json { format!("{document}\n") } else { format!("{text}\n") })
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

/// Writes to standard output. A reader that closed it is no failure.
fn write_out(bytes: impl AsRef<[u8]>) -> Result<()> {
    match std::io::stdout().lock().write_all(bytes.as_ref()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

/// What went wrong with the output. The csv crate's own conversion hides the kind.
fn io_error(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => std::io::Error::other(format!("{other:?}")),
    }
}

/// Every stone of the database.
async fn load(database: &Database) -> Result<Dataset> {
    let source = format!("the database {}", database.place());
    Ok(store::load(&database.connect().await?, source).await?)
}

/// So many stones of the database, in random order.
async fn load_some(database: &Database, rows: usize) -> Result<Dataset> {
    let source = format!("the database {}", database.place());
    Ok(store::load_some(&database.connect().await?, source, rows).await?)
}

/// A model's family with its name, if it has one.
fn title(entry: &Entry) -> String {
    match &entry.name {
        Some(name) => format!("{} {name:?}", entry.family),
        None => entry.family.clone(),
    }
}

/// How large a blob is and what it hashes to.
fn blob_json(bytes: u64, sha256: &str, nodes: u64) -> Value {
    let bytes_per_node = bytes_per_node(bytes, nodes);
    json!({ "bytes": bytes, "sha256": sha256, "nodes": nodes, "bytes_per_node": bytes_per_node })
}

#[expect(clippy::cast_precision_loss, reason = "blobs are far below 2^53 bytes")]
fn bytes_per_node(bytes: u64, nodes: u64) -> f64 {
    bytes as f64 / nodes.max(1) as f64
}
