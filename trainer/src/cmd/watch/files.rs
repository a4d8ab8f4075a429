//! Reads, inspects, adds or refuses the files of a round, and moves them.

use anyhow::{Result, ensure};
use serde_json::json;

use super::Watch;
use super::round::Round;
use crate::cmd::load;
use data::DataError;
use data::delivery::{Delivery, InputFile};
use learning::progress::Progress;
use monitoring::inbox::{Arrival, InboxError, Shelf};
use monitoring::inspection::Inspection;
use monitoring::inspection::existing_rows::ExistingRows;
use monitoring::inspection::price_reference::PriceReference;
use monitoring::inspection::report::{Contents, FileVerdict, Report};
use registry::Registry;
use registry::database::Database;
use registry::lease;
use registry::store;

/// Takes in the files, one after the other. What is wrong with one is kept and stops no other.
pub(super) async fn take_in(
    watch: &Watch<'_>,
    database: &Database,
    ready: Vec<Arrival>,
    progress: &Progress,
    round: &mut Round,
) -> Result<()> {
    if ready.is_empty() {
        return Ok(());
    }
    let connection = database.connect().await?;
    store::check_prices_in(&connection, &watch.args.folder, watch.args.lists.prices_in).await?;
    let mut existing = ExistingRows::of(&load(database).await?);
    let reference = PriceReference::of(&Registry::new(database.connect().await?)).await?;
    for arrival in ready {
        if watch.stop.interruption.is_asked() {
            break;
        }
        progress.say(&format!("{}: is read", arrival.name()));
        let report = report(watch, database, &arrival, &mut existing, &reference, round).await?;
        let report = match report {
            Ok(report) => report,
            Err(trouble) => {
                trouble_with(&arrival, &trouble, progress, round);
                continue;
            }
        };
        let shelf = if report.verdict.is_rejected() { Shelf::Rejected } else { Shelf::Done };
        let mut document = report.to_json();
        let json = format!("{document:#}\n");
        match watch.inbox.put(&arrival, shelf, &report.to_text(), &json) {
            Ok(place) => {
                progress.say(&format!("{}: {}", arrival.name(), report.sentence()));
                document["moved_to"] = json!(place.display().to_string());
                round.files.push(document);
            }
            Err(error) => trouble_with(&arrival, &error.to_string(), progress, round),
        }
    }
    Ok(())
}

fn trouble_with(arrival: &Arrival, trouble: &str, progress: &Progress, round: &mut Round) {
    progress.say(&format!("{}: stays where it is: {trouble}", arrival.name()));
    round.troubles.push(json!({ "file": arrival.name(), "reason": trouble }));
}

/// Reads, judges and adds a file; in words what keeps it from being read at all.
async fn report(
    watch: &Watch<'_>,
    database: &Database,
    arrival: &Arrival,
    existing: &mut ExistingRows,
    reference: &PriceReference,
    round: &Round,
) -> Result<Result<Report, String>> {
    let report = |verdict, contents| Report {
        file: arrival.name(),
        inspected_at: round.began_at.clone(),
        verdict,
        contents,
    };
    let input = InputFile::open(arrival.path(), &[]);
    let input = input.map(|input| input.with_lists(watch.args.lists.rule()));
    let delivery = match input.and_then(|input| Delivery::of(&input)) {
        Ok(delivery) => delivery,
        Err(error @ DataError::Unreadable { .. }) => return Ok(Err(error.to_string())),
        Err(error) => {
            let reasons = vec![error.to_string()];
            return Ok(Ok(report(FileVerdict::Rejected { reasons }, None)));
        }
    };
    if !arrival.is_unchanged() {
        let file = arrival.path().to_owned();
        return Ok(Err(InboxError::Changed { file }.to_string()));
    }
    let cut = arrival.ends_abruptly();
    let inspection = Inspection::of(&delivery, cut, existing, reference, &watch.limits);
    let verdict = if inspection.is_refused() {
        let reasons = inspection.refusals().map(|finding| finding.sentence.clone()).collect();
        FileVerdict::Rejected { reasons }
    } else if inspection.fresh == 0 {
        let connection = database.connect().await?;
        FileVerdict::NothingNew { before: store::came_before(&connection, &delivery.sha256).await? }
    } else {
        let added = add(watch, database, &delivery).await?;
        existing.absorb(&delivery.stones);
        FileVerdict::Accepted { added }
    };
    Ok(Ok(report(verdict, Some(Contents { delivery, inspection }))))
}

/// Adds a file's good rows, all or none, and only while the lease is ours.
async fn add(watch: &Watch<'_>, database: &Database, delivery: &Delivery) -> Result<u64> {
    let connection = database.connect().await?;
    let transaction = connection.transaction().await?;
    let is_ours = lease::is_ours(&transaction, &watch.holder).await?;
    ensure!(is_ours, "another watcher took the lease while this one stood still; it goes on");
    let tally = store::ingest(&transaction, delivery, watch.args.lists.prices_in).await?;
    transaction.commit().await?;
    Ok(tally.added)
}
