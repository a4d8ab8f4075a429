//! `trainer ingest`: adds diamond CSV files to the database.

use std::path::Path;

use anyhow::Result;
use libsql::Transaction;
use serde_json::{Value, json};

use super::Context;
use crate::cli::IngestArgs;
use data::dataset;
use data::delivery::{Delivery, InputFile};
use registry::database::{self, Database, Place};
use registry::ingest::{self, IngestResult};
use registry::store;

/// How many rejections people are shown; `--json` lists all.
const SHOWN_REJECTIONS: usize = 20;

pub(super) async fn run(context: &Context, args: &IngestArgs) -> Result<()> {
    // Every file is looked at before anything is written: one that is no diamond CSV stops them all.
    let files =
        args.files.iter().map(|file| InputFile::open(file)).collect::<Result<Vec<_>, _>>()?;
    let database = open(context, args.dry_run).await?;
    // A server gives up a transaction that idles for seconds: its rows are read before it begins.
    let deliveries = match database.place() {
        Place::File(_) => Vec::new(),
        Place::Server { .. } => files.iter().map(Delivery::of).collect::<Result<_, _>>()?,
    };
    let connection = database.connect().await?;
    let is_new =
        matches!(database.place(), Place::File(_)) && store::count(&connection).await? == 0;
    if is_new {
        database::leave_log(&connection).await?;
    }
    let transaction = database::write(&connection).await?;
    let mut results = Vec::with_capacity(files.len());
    match database.place() {
        Place::File(_) => {
            for file in &files {
                results.push(ingest::take_in(&transaction, file).await?);
            }
        }
        Place::Server { .. } => {
            for delivery in deliveries {
                results.push(send(&transaction, delivery).await?);
            }
        }
    }
    let (rows, sha256) = store::summary(&transaction).await?;
    if args.dry_run {
        transaction.rollback().await?;
    } else {
        transaction.commit().await?;
    }
    if is_new {
        database::keep_log(&connection).await?;
    } else if results.iter().any(|result| result.is_large) {
        ingest::shorten_log(&connection).await;
    }
    let document = report(&results, dataset::summary(rows, &sha256), args.dry_run);
    context.print(&document, || describe(&results, rows, args.dry_run))
}

/// Sends a file's rows to a server, many with each statement.
async fn send(transaction: &Transaction, delivery: Delivery) -> Result<IngestResult> {
    let tally = store::ingest(transaction, &delivery).await?;
    let read = delivery.read_count();
    Ok(IngestResult {
        file: delivery.file,
        read,
        rejected: delivery.rejected,
        tally,
        is_large: false,
    })
}

/// The database; for a dry run none is made where there is none.
async fn open(context: &Context, dry_run: bool) -> Result<Database> {
    let missing = matches!(&context.place, Place::File(path) if !path.exists());
    Ok(match (dry_run, missing) {
        (true, true) => Database::scratch().await?,
        (true, false) => Database::open(&context.place).await?,
        (false, _) => Database::open_or_make(&context.place).await?,
    })
}

fn report(results: &[IngestResult], dataset: Value, dry_run: bool) -> Value {
    let rejections: Vec<Value> = results
        .iter()
        .flat_map(|result| {
            result.rejected.iter().flat_map(|row| {
                row.errors.iter().map(|error| {
                    json!({
                        "file": file(&result.file),
                        "line": row.line,
                        "field": error.field,
                        "value": error.value,
                        "reason": error.message,
                        "allowed": error.allowed,
                    })
                })
            })
        })
        .collect();
    json!({
        "read": results.iter().map(|result| result.read).sum::<usize>(),
        "added": added(results),
        "already_present": already_present(results),
        "rejected": rejected(results),
        "rejections": rejections,
        "dataset": dataset,
        "dry_run": dry_run,
    })
}

fn describe(results: &[IngestResult], rows: usize, dry_run: bool) -> String {
    let mut lines: Vec<String> = results
        .iter()
        .flat_map(|result| {
            result.rejected.iter().flat_map(|row| {
                row.errors
                    .iter()
                    .map(|error| format!("{}:{}: rejected: {error}", file(&result.file), row.line))
            })
        })
        .collect();
    if lines.len() > SHOWN_REJECTIONS {
        let hidden = lines.len() - SHOWN_REJECTIONS;
        lines.truncate(SHOWN_REJECTIONS);
        lines.push(format!("… and {hidden} more; --json lists all"));
    }
    lines.push(format!(
        "{}read {}, added {}, already present {}, rejected {}; the database {} {rows} diamonds",
        if dry_run { "dry run: " } else { "" },
        results.iter().map(|result| result.read).sum::<usize>(),
        added(results),
        already_present(results),
        rejected(results),
        if dry_run { "would hold" } else { "holds" },
    ));
    lines.join("\n")
}

fn added(results: &[IngestResult]) -> u64 {
    results.iter().map(|result| result.tally.added).sum()
}

fn already_present(results: &[IngestResult]) -> u64 {
    results.iter().map(|result| result.tally.already_present).sum()
}

fn rejected(results: &[IngestResult]) -> usize {
    results.iter().map(|result| result.rejected.len()).sum()
}

fn file(path: &Path) -> String {
    path.display().to_string()
}
