//! `trainer ingest`: adds diamond CSV files to the database.

use std::path::Display;

use anyhow::Result;
use connection::Transaction;
use inference::FieldError;
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
    let is_file = matches!(database.place(), Place::File(_));
    // A server gives up a transaction that idles for seconds: its rows are read before it begins.
    let deliveries = if is_file {
        Vec::new()
    } else {
        files.iter().map(Delivery::of).collect::<Result<_, _>>()?
    };
    let connection = database.connect().await?;
    let is_new = is_file && store::count(&connection).await? == 0;
    if is_new {
        database::leave_log(&connection).await?;
    }
    let transaction = connection.transaction().await?;
    let mut results = Vec::with_capacity(files.len());
    for file in files.iter().filter(|_| is_file) {
        results.push(ingest::take_in(&transaction, file).await?);
    }
    for delivery in deliveries {
        results.push(send(&transaction, delivery).await?);
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
    context.print(&document, || describe(&results, &document, args.dry_run))
}

/// Sends a file's rows to a server, many with each statement.
async fn send(transaction: &Transaction, delivery: Delivery) -> Result<IngestResult> {
    let tally = store::ingest(transaction, &delivery).await?;
    let read = delivery.read_count();
    let Delivery { file, rejected, .. } = delivery;
    Ok(IngestResult { file, read, rejected, tally, is_large: false })
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

/// Every error of every row that was rejected, with the file and the row.
fn rejections(results: &[IngestResult]) -> impl Iterator<Item = (Display<'_>, u64, &FieldError)> {
    let rows =
        results.iter().flat_map(|result| result.rejected.iter().map(move |row| (result, row)));
    rows.flat_map(|(result, row)| {
        row.errors.iter().map(move |error| (result.file.display(), row.line, error))
    })
}

fn report(results: &[IngestResult], dataset: Value, dry_run: bool) -> Value {
    let rejections = rejections(results).map(|(file, line, error)| {
        json!({
            "file": file.to_string(),
            "line": line,
            "field": error.field,
            "value": error.value,
            "reason": error.message,
            "allowed": error.allowed,
        })
    });
    json!({
        "read": results.iter().map(|result| result.read).sum::<usize>(),
        "added": results.iter().map(|result| result.tally.added).sum::<u64>(),
        "already_present": results.iter().map(|result| result.tally.already_present).sum::<u64>(),
        "rejected": results.iter().map(|result| result.rejected.len()).sum::<usize>(),
        "rejections": rejections.collect::<Vec<_>>(),
        "dataset": dataset,
        "dry_run": dry_run,
    })
}

fn describe(results: &[IngestResult], document: &Value, dry_run: bool) -> String {
    let mut lines: Vec<String> = rejections(results)
        .map(|(file, line, error)| format!("{file}:{line}: rejected: {error}"))
        .collect();
    if lines.len() > SHOWN_REJECTIONS {
        let hidden = lines.len() - SHOWN_REJECTIONS;
        lines.truncate(SHOWN_REJECTIONS);
        lines.push(format!("… and {hidden} more; --json lists all"));
    }
    let (what, holds) = if dry_run { ("dry run: ", "would hold") } else { ("", "holds") };
    lines.push(format!(
        "{what}read {}, added {}, already present {}, rejected {}; the database {holds} {} diamonds",
        document["read"],
        document["added"],
        document["already_present"],
        document["rejected"],
        document["dataset"]["rows"],
    ));
    lines.join("\n")
}
