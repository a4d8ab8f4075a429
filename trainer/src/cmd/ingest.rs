//! `trainer ingest`: adds files of diamonds to the database.

use std::path::Display;

use anyhow::{Result, bail, ensure};
use connection::{Connection, Transaction};
use inference::{FieldError, PricesIn};
use serde_json::{Value, json};

use super::{Context, Failure};
use crate::cli::IngestArgs;
use data::dataset::{self, Dataset};
use data::delivery::{Delivery, InputFile};
use data::sample::{Draw, SampleSize};
use monitoring::inspection::existing_rows::ExistingRows;
use monitoring::inspection::price_reference::PriceReference;
use monitoring::inspection::{Inspection, Limits};
use registry::Registry;
use registry::database::{self, Database, Place};
use registry::ingest::{self, IngestResult};
use registry::store;

/// How many rejections people are shown; `--json` lists all.
const SHOWN_REJECTIONS: usize = 20;

/// How many rows of a file are compared with the rows so far.
const COMPARED_ROWS: usize = 50_000;

/// With how many of the rows so far they are compared.
const COMPARED_WITH: u64 = 500_000;

/// How many reasons people are given not to trust a file.
const SHOWN_REASONS: usize = 2;

/// Why a file is probably not what it seems.
struct Doubt {
    file: String,
    sentence: String,
}

pub(super) async fn run(context: &Context, args: &IngestArgs) -> Result<()> {
    // Every file is looked at before anything is written: one that is no table of diamonds stops them all.
    let open_file = |file| InputFile::open(file, &args.columns.map);
    let files = args.files.iter().map(|file| Ok(open_file(file)?.with_lists(args.lists.rule())));
    let files = files.collect::<Result<Vec<_>>>()?;
    let progress = Context::progress();
    for file in &files {
        if let Some(sentence) = file.columns.ignored_sentence() {
            progress.say(&format!("{}: {sentence}", file.file.display()));
        }
    }
    let database = open(context, args.dry_run).await?;
    let mut doubts = implausible(&database, &files).await?;
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
        results.push(ingest::take_in(&transaction, file, args.lists.prices_in).await?);
    }
    for delivery in deliveries {
        results.push(send(&transaction, delivery, args.lists.prices_in).await?);
    }
    doubts.extend(results.iter().filter_map(rejected));
    for Doubt { file, sentence } in &doubts {
        progress.say(&format!("{file}: {sentence}"));
    }
    let (rows, sha256) = store::summary(&transaction).await?;
    let is_refused = args.strict && !doubts.is_empty();
    if args.dry_run || is_refused {
        transaction.rollback().await?;
    } else {
        transaction.commit().await?;
    }
    if is_new {
        database::keep_log(&connection).await?;
    } else if results.iter().any(|result| result.is_large) {
        ingest::shorten_log(&connection).await;
    }
    ensure!(
        !is_refused,
        Failure::BadInput(String::from(
            "--strict: nothing was changed, because of what is said above of the files"
        ))
    );
    let document = report(&results, &doubts, dataset::summary(rows, &sha256), args.dry_run);
    context.print(&document, || describe(&results, &document, args.dry_run))?;
    let is_empty = results.iter().all(|result| result.tally.added == 0);
    let rejected: usize = results.iter().map(|result| result.rejected.len()).sum();
    if is_empty && rejected > 0 {
        let rows = if rejected == 1 { "row was" } else { "rows were" };
        bail!(Failure::BadInput(format!("nothing was added, and {rejected} {rows} rejected")));
    }
    Ok(())
}

/// What `watch` would refuse of the files, where there are rows to compare them with. How many rows are bad is known later.
async fn implausible(database: &Database, files: &[InputFile]) -> Result<Vec<Doubt>> {
    let connection = database.connect().await?;
    let count = store::count(&connection).await?;
    if count == 0 {
        return Ok(Vec::new());
    }
    let existing = ExistingRows::of(&rows_so_far(&connection, count).await?);
    let reference = PriceReference::of(&Registry::new(connection)).await?;
    let mut doubts = Vec::new();
    for file in files {
        let delivery = Delivery::start_of(file, COMPARED_ROWS)?;
        let inspection =
            Inspection::of(&delivery, false, &existing, &reference, &Limits::default());
        let refusals = inspection.refusals().filter(|finding| finding.field != "row");
        let reasons: Vec<&str> = refusals.map(|finding| finding.sentence.as_str()).collect();
        if !reasons.is_empty() {
            let shown = reasons[..reasons.len().min(SHOWN_REASONS)].join("; ");
            let rest = reasons.len().saturating_sub(SHOWN_REASONS);
            let more = if rest > 0 { format!("; and {rest} more") } else { String::new() };
            doubts.push(Doubt {
                file: file.file.display().to_string(),
                sentence: format!("is not plausible: {shown}{more}"),
            });
        }
    }
    Ok(doubts)
}

/// All rows of the database, or a part of very many.
async fn rows_so_far(connection: &Connection, count: u64) -> Result<Dataset> {
    let source = String::from("the database");
    let draw = Draw::of(Some(SampleSize::Rows(COMPARED_WITH)), 0, count, &source)?;
    Ok(match draw {
        Some(draw) => store::load_drawn(connection, source, draw).await?,
        None => store::load(connection, source).await?,
    })
}

/// A file of which a tenth or more is rejected.
fn rejected(result: &IngestResult) -> Option<Doubt> {
    let (rejected, read) = (result.rejected.len(), result.read);
    (rejected > 0 && rejected * 10 >= read).then(|| Doubt {
        file: result.file.display().to_string(),
        sentence: format!("is not plausible: {rejected} of {read} rows are rejected"),
    })
}

/// Sends a file's rows to a server, many with each statement.
async fn send(
    transaction: &Transaction,
    delivery: Delivery,
    prices_in: Option<PricesIn>,
) -> Result<IngestResult> {
    let tally = store::ingest(transaction, &delivery, prices_in).await?;
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

fn report(results: &[IngestResult], doubts: &[Doubt], dataset: Value, dry_run: bool) -> Value {
    let doubts = doubts.iter().map(|it| json!({ "file": it.file, "reason": it.sentence }));
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
        "known_under_another_list": known_under_another_list(results),
        "rejected": results.iter().map(|result| result.rejected.len()).sum::<usize>(),
        "rejections": rejections.collect::<Vec<_>>(),
        "doubts": doubts.collect::<Vec<_>>(),
        "dataset": dataset,
        "dry_run": dry_run,
    })
}

fn known_under_another_list(results: &[IngestResult]) -> u64 {
    results.iter().map(|result| result.tally.known_under_another_list).sum()
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
    let known = known_under_another_list(results);
    if known > 0 {
        let what = if known == 1 { "added row is a stone" } else { "added rows are stones" };
        lines.push(format!("{known} {what} already known under another price list"));
    }
    lines.join("\n")
}
