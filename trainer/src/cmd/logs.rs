//! `trainer logs`: the journal, one verb a file.

mod list;

mod export;

mod prune;

mod recover;

mod rotate_client_key;

use anyhow::Result;

use super::Context;
use crate::cli::{LogsArgs, LogsCommand};
use monitoring::journal::Journal;
use registry::database::{Database, DatabaseError};

pub(super) async fn run(context: &Context, args: &LogsArgs) -> Result<()> {
    match &args.command {
        LogsCommand::List(args) => list::run(context, args).await,
        LogsCommand::Export(args) => export::run(context, args).await,
        LogsCommand::Prune(args) => prune::run(context, args).await,
        LogsCommand::Recover(args) => recover::run(context, args).await,
        LogsCommand::RotateClientKey => rotate_client_key::run(context).await,
    }
}

async fn journal(context: &Context) -> Result<Journal, DatabaseError> {
    Ok(Journal::new(Database::open(&context.place).await?.connect().await?))
}
