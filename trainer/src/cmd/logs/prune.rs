//! `trainer logs prune`: removes old requests in small transactions.

use std::time::Instant;

use anyhow::Result;
use serde_json::json;

use super::journal;
use crate::cli::LogsPruneArgs;
use crate::cmd::Context;
use monitoring::journal::{Journal, Moment, Space};

pub(in crate::cmd) async fn run(context: &Context, args: &LogsPruneArgs) -> Result<()> {
    let journal = journal(context).await?;
    // The command line asks for exactly one of them.
    let days = args.keep_days.unwrap_or_default();
    let before = args.before.unwrap_or_else(|| Moment::now().days_before(days));
    let (pruned, batches, space) = if args.dry_run {
        (journal.count_before(&before.key()).await?, 0, None)
    } else {
        let (pruned, batches) = prune(&journal, &before.key(), args.batch).await?;
        (pruned, batches, journal.release().await?)
    };
    let document = json!({
        "before": before.to_string(),
        "pruned": pruned,
        "batches": batches,
        "space": space,
        "dry_run": args.dry_run,
    });
    context.print(&document, || describe(before, pruned, space, args.dry_run))
}

/// Between two batches the database is free for as long as a batch took, so that a service that waits to write gets its
/// turn however long this goes on.
async fn prune(journal: &Journal, key: &str, batch: u32) -> Result<(u64, u64)> {
    let (mut pruned, mut batches) = (0, 0);
    loop {
        let began = Instant::now();
        let removed = journal.prune(key, batch).await?;
        if removed > 0 {
            pruned += removed;
            batches += 1;
        }
        if removed < u64::from(batch) {
            return Ok((pruned, batches));
        }
        tokio::time::sleep(began.elapsed()).await;
    }
}

fn describe(before: Moment, pruned: u64, space: Option<Space>, dry_run: bool) -> String {
    if dry_run {
        return format!("dry run: {pruned} requests were received before {before}");
    }
    let space = match space {
        Some(Space { returned_bytes: 0, reusable_bytes }) => format!(
            "; {reusable_bytes} bytes of the file are free for new rows, and `VACUUM` would give them back to the disk"
        ),
        Some(Space { returned_bytes, reusable_bytes }) => format!(
            "; {returned_bytes} bytes were given back to the disk, {reusable_bytes} are free for new rows"
        ),
        None => String::new(),
    };
    format!(
        "removed {pruned} requests that were received before {before}{space}; their counts stay"
    )
}
