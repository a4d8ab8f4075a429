//! `trainer ingest`: diamond CSV files into the database.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::Context;
use crate::cli::IngestArgs;
use crate::data::dataset;
use crate::data::delivery::Delivery;
use crate::data::store::{self, Tally};
use crate::database::{self, Database, Place};

/// How many rejections people are shown; `--json` lists all.
const SHOWN_REJECTIONS: usize = 20;

pub(super) async fn run(context: &Context, args: &IngestArgs) -> Result<()> {
    // Every file is read before anything is written: one that is no diamond CSV stops them all.
    let deliveries =
        args.files.iter().map(|file| Delivery::read(file)).collect::<Result<Vec<_>, _>>()?;
    let database = open(context, args.dry_run).await?;
    let connection = database.connect().await?;
    let transaction = database::write(&connection).await?;
    let mut tally = Tally::default();
    for delivery in &deliveries {
        let Tally { added, already_present } = store::ingest(&transaction, delivery).await?;
        tally.added += added;
        tally.already_present += already_present;
    }
    let (rows, sha256) = store::summary(&transaction).await?;
    if args.dry_run {
        transaction.rollback().await?;
    } else {
        transaction.commit().await?;
    }
    let document = report(&deliveries, tally, dataset::summary(rows, &sha256), args.dry_run);
    context.print(&document, || describe(&deliveries, tally, rows, args.dry_run))
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

fn report(deliveries: &[Delivery], tally: Tally, dataset: Value, dry_run: bool) -> Value {
    let rejections: Vec<Value> = deliveries
        .iter()
        .flat_map(|delivery| {
            delivery.rejected.iter().flat_map(|row| {
                row.errors.iter().map(|error| {
                    json!({
                        "file": file(&delivery.file),
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
        "read": deliveries.iter().map(Delivery::read_count).sum::<usize>(),
        "added": tally.added,
        "already_present": tally.already_present,
        "rejected": rejected(deliveries),
        "rejections": rejections,
        "dataset": dataset,
        "dry_run": dry_run,
    })
}

fn describe(deliveries: &[Delivery], tally: Tally, rows: usize, dry_run: bool) -> String {
    let mut lines: Vec<String> = deliveries
        .iter()
        .flat_map(|delivery| {
            delivery.rejected.iter().flat_map(|row| {
                row.errors.iter().map(|error| {
                    format!("{}:{}: rejected: {error}", file(&delivery.file), row.line)
                })
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
        deliveries.iter().map(Delivery::read_count).sum::<usize>(),
        tally.added,
        tally.already_present,
        rejected(deliveries),
        if dry_run { "would hold" } else { "holds" },
    ));
    lines.join("\n")
}

fn rejected(deliveries: &[Delivery]) -> usize {
    deliveries.iter().map(|delivery| delivery.rejected.len()).sum()
}

fn file(path: &Path) -> String {
    path.display().to_string()
}
