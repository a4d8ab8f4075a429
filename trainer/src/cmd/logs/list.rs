//! `trainer logs list`: shows the latest requests, and new ones with `--follow`.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};
use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::journal;
use crate::cli::LogsListArgs;
use crate::cmd::Context;
use monitoring::journal::{Filter, Journal, Moment, Record, to_json};

/// How often a followed journal is looked at.
const PACE: Duration = Duration::from_millis(500);

/// A row is committed some time after it got its key, so what comes in may lie before what was shown already.
const LATEST_COMMIT_SECONDS: u32 = 30;

/// How many rows that came at once are read at a time.
const PAGE: u32 = 500;

pub(in crate::cmd) async fn run(context: &Context, args: &LogsListArgs) -> Result<()> {
    let journal = journal(context).await?;
    let filter = Filter {
        behind: args.since.map(Moment::key),
        before: None,
        status: args.status,
        route: args.route.clone(),
    };
    let began = Moment::now();
    let rows = journal.latest(&filter, args.limit).await?;
    if context.json && !args.follow {
        let document = json!({ "requests": rows.iter().map(to_json).collect::<Vec<_>>() });
        return context.print(&document, String::new);
    }
    let mut lines = Vec::new();
    if !context.json {
        lines.push(header());
        if rows.is_empty() && !args.follow {
            lines = vec![String::from("no requests")];
        }
    }
    lines.extend(rows.iter().map(|row| line(context, row)));
    if !say(&lines)? || !args.follow {
        return Ok(());
    }
    follow(context, &journal, filter, began, rows).await
}

/// Shows what comes in, until the reader closes the output.
async fn follow(
    context: &Context,
    journal: &Journal,
    filter: Filter,
    began: Moment,
    shown: Vec<Record>,
) -> Result<()> {
    // What was there before is not shown, even if there was more than the limit.
    let oldest_shown = shown.first().map(|row| row.id.clone());
    let floor = oldest_shown.unwrap_or_else(|| began.seconds_before(LATEST_COMMIT_SECONDS).key());
    let mut seen: BTreeSet<String> = shown.into_iter().map(|row| row.id).collect();
    loop {
        tokio::time::sleep(PACE).await;
        let horizon = Moment::now().seconds_before(LATEST_COMMIT_SECONDS).key();
        let mut behind = horizon.clone().max(floor.clone());
        seen = seen.split_off(&horizon);
        loop {
            let page = Filter { behind: Some(behind), ..filter.clone() };
            let rows = journal.page(&page, PAGE).await?;
            let new = rows.iter().filter(|row| !seen.contains(&row.id));
            let lines: Vec<String> = new.map(|row| line(context, row)).collect();
            if !say(&lines)? {
                return Ok(());
            }
            let is_last = rows.len() < PAGE as usize;
            let last = rows.last().map(|row| row.id.clone());
            seen.extend(rows.into_iter().map(|row| row.id));
            match last {
                Some(last) if !is_last => behind = last,
                _ => break,
            }
        }
    }
}

fn header() -> String {
    columns("received", "method", "status", "ms", "model", "id", "path")
}

fn line(context: &Context, row: &Record) -> String {
    if context.json {
        return to_json(row).to_string();
    }
    let path = match &row.query {
        Some(query) => format!("{}?{query}", row.path),
        None => row.path.clone(),
    };
    let ms = format!("{}.{:03}", row.latency_us / 1000, row.latency_us % 1000);
    let model = row.model_id.as_deref().unwrap_or("-");
    columns(&row.received_at, &row.method, &row.status.to_string(), &ms, model, &row.id, &path)
}

/// One line; what a caller wrote cannot steer the terminal.
fn columns(
    received: &str,
    method: &str,
    status: &str,
    ms: &str,
    model: &str,
    id: &str,
    path: &str,
) -> String {
    format!("{received:<24}  {status:>6}  {ms:>9}  {id:<36}  {model:<12}  {method:<7}  {path}")
        .replace(char::is_control, "\u{fffd}")
}

/// Whether the output is still open.
fn say(lines: &[String]) -> Result<bool> {
    let mut stdout = std::io::stdout().lock();
    for line in lines {
        match writeln!(stdout, "{line}") {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(false),
            result => result?,
        }
    }
    match stdout.flush() {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        result => Ok(result.map(|()| true)?),
    }
}
