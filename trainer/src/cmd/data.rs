//! `trainer data`: lists and exports the rows of runs and of the table, one verb a file.

mod list;

mod export;

mod samples;

use anyhow::Result;

use super::Context;
use crate::cli::{DataArgs, DataCommand};

pub(super) async fn run(context: &Context, args: &DataArgs) -> Result<()> {
    match &args.command {
        DataCommand::List => list::run(context).await,
        DataCommand::Export(args) => export::run(context, args).await,
        DataCommand::Samples(args) => samples::run(context, args).await,
    }
}
