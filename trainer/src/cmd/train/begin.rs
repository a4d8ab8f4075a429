//! Begins a run, or resumes an interrupted one.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::Order;
use super::arguments::{WarmStarts, warm_starts};
use crate::cmd::Failure;
use data::split::Split;
use data::stone::hex;
use registry::{Registry, Run, TrialEntry};

/// Writes down that a run begins, or checks that one which was interrupted still has its rows and gathers what it tried.
pub(super) async fn begin(
    registry: &Registry,
    order: &Order<'_>,
    split: &Split<'_>,
) -> Result<(Run, WarmStarts, Vec<TrialEntry>)> {
    let Order { dataset, arguments, resumed, .. } = order;
    let (dataset_sha256, split_sha256) = (hex(&dataset.sha256()), hex(&split.sha256));
    if let Some(run) = resumed {
        check_rows(run, order, &dataset_sha256, &split_sha256)?;
        let past = registry.trials(&run.id).await?;
        return Ok((run.clone(), arguments.warm_start.clone(), past));
    }
    let mut arguments = arguments.clone();
    let training = &arguments.training;
    if !training.cold {
        arguments.warm_start = warm_starts(registry, &training.families, &dataset_sha256).await?;
    }
    // The split, and the sample that it divides.
    let mut split = split.to_json();
    if let Some(draw) = dataset.draw {
        split["sample"] = draw.to_json();
    }
    let started_at = registry.now().await?;
    let run = Run {
        id: run_id(&started_at),
        started_at,
        arguments: json!(arguments),
        dataset_rows: dataset.len(),
        dataset_sha256,
        split_sha256,
        split,
        seed: arguments.training.seed,
    };
    registry.begin(&run).await?;
    Ok((run, arguments.warm_start, Vec::new()))
}

/// Checks that a run had these rows.
fn check_rows(
    run: &Run,
    order: &Order<'_>,
    dataset_sha256: &str,
    split_sha256: &str,
) -> Result<()> {
    let id = &run.id;
    let own_rows_only = "a run goes on with its own rows only, `trainer train` begins another";
    if run.dataset_sha256 != dataset_sha256 {
        bail!(Failure::BadInput(format!(
            "run {id} had {} rows with the hash {}; {} now gives {} with {dataset_sha256}; {own_rows_only}",
            run.dataset_rows,
            run.dataset_sha256,
            order.dataset.source,
            order.dataset.len()
        )));
    }
    if run.split_sha256 != split_sha256 {
        bail!(Failure::BadInput(format!(
            "run {id} held out rows with the hash {}, and now they would have {split_sha256}; {own_rows_only}",
            run.split_sha256
        )));
    }
    Ok(())
}

/// The start as digits, so that ids sort by time, and six more that no two runs share.
fn run_id(started_at: &str) -> String {
    let digits: String = started_at.chars().filter(char::is_ascii_digit).take(14).collect();
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let process = std::process::id();
    let unique = Sha256::digest(format!("{started_at} {clock} {process}"));
    format!("{digits}-{}", &hex(&unique)[..6])
}
