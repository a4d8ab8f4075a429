//! `trainer logs recover`: adds records that the service wrote to standard error to the journal.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::journal;
use crate::cli::LogsRecoverArgs;
use crate::cmd::{Context, Failure};
use monitoring::journal::{DeadLetter, DeadLetters, Journal, Record};

/// How many records one transaction takes.
const GROUP: usize = 64;

/// What became of a log's records.
#[derive(Default)]
struct Tally {
    read: u64,
    recovered: u64,
    already_present: u64,
    unreadable: Vec<(u64, String)>,
}

pub(in crate::cmd) async fn run(context: &Context, args: &LogsRecoverArgs) -> Result<()> {
    let log = open(&args.log)?;
    let journal = journal(context).await?;
    let name = args.log.display();
    let tally = recover(&journal, BufReader::new(log), &name.to_string()).await?;
    let unreadable: Vec<Value> =
        tally.unreadable.iter().map(|(line, why)| json!({ "line": line, "why": why })).collect();
    let document = json!({
        "read": tally.read,
        "recovered": tally.recovered,
        "already_present": tally.already_present,
        "unreadable": unreadable,
    });
    context.print(&document, || {
        let mut lines: Vec<String> =
            tally.unreadable.iter().map(|(line, why)| format!("{name}:{line}: {why}")).collect();
        lines.push(format!(
            "read {} records, recovered {}, already present {}, unreadable {}",
            tally.read,
            tally.recovered,
            tally.already_present,
            tally.unreadable.len()
        ));
        lines.join("\n")
    })
}

fn open(log: &Path) -> Result<Box<dyn Read>> {
    if log == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    let file = File::open(log)
        .map_err(|error| Failure::BadInput(format!("{}: {error}", log.display())))?;
    Ok(Box::new(file))
}

/// Reads the log to its end. What cannot be read is told, and keeps nothing else from being recovered.
async fn recover(journal: &Journal, log: BufReader<Box<dyn Read>>, name: &str) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut group = Vec::new();
    for dead_letter in DeadLetters::new(log) {
        let DeadLetter { line, record } =
            dead_letter.with_context(|| format!("{name}: cannot be read"))?;
        tally.read += 1;
        match record {
            Ok(record) => group.push(*record),
            Err(why) => tally.unreadable.push((line, why)),
        }
        if group.len() == GROUP {
            add(journal, &mut tally, std::mem::take(&mut group)).await?;
        }
    }
    if !group.is_empty() {
        add(journal, &mut tally, group).await?;
    }
    Ok(tally)
}

async fn add(journal: &Journal, tally: &mut Tally, records: Vec<Record>) -> Result<()> {
    let added = journal.add(&records).await?;
    tally.recovered += added;
    tally.already_present += records.len() as u64 - added;
    Ok(())
}
