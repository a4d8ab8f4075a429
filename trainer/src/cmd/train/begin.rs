//! Begins a run, or resumes an interrupted one.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::arguments::{WarmStart, warm_start};
use super::{Failure, Order};
use data::dataset::Dataset;
use data::split::Split;
use data::stone::hex;
use registry::{Registry, Run, RunEntry, TrialEntry};

/// Writes down that a run begins, or checks that one which was interrupted still has its rows and gathers what it tried.
pub(super) async fn begin(
    registry: &Registry,
    order: &Order<'_>,
    split: &Split<'_>,
) -> Result<(Run, Vec<TrialEntry>)> {
    let (dataset, training) = (order.dataset, order.training);
    let (dataset_sha256, split_sha256) = (hex(&dataset.sha256()), hex(&split.sha256));
    if let Some(RunEntry { run, .. }) = &order.resumed {
        same_rows(run, dataset, &dataset_sha256, &split_sha256)?;
        return Ok((run.clone(), registry.trials(&run.id).await?));
    }
    let mut arguments = order.arguments.clone();
    if !training.cold {
        arguments.warm_start = warm_start(registry, &training.families, &dataset_sha256).await?;
    }
    let started_at = registry.now().await?;
    let run = Run {
        id: run_id(&started_at),
        started_at,
        arguments: arguments.to_json(),
        dataset_rows: dataset.len(),
        dataset_sha256,
        split_sha256,
        split: split_json(split, dataset),
        seed: training.seed,
    };
    registry.begin(&run).await?;
    Ok((run, Vec::new()))
}

/// # Errors
///
/// [`Failure::BadInput`] where a run had other rows than these.
fn same_rows(
    run: &Run,
    dataset: &Dataset,
    dataset_sha256: &str,
    split_sha256: &str,
) -> Result<(), Failure> {
    let id = &run.id;
    if run.dataset_sha256 != dataset_sha256 {
        return Err(Failure::BadInput(format!(
            "run {id} had {} rows with the hash {}; {} now gives {} with {dataset_sha256}; a run goes on with its own rows only, `trainer train` begins another",
            run.dataset_rows,
            run.dataset_sha256,
            dataset.source,
            dataset.len()
        )));
    }
    if run.split_sha256 != split_sha256 {
        return Err(Failure::BadInput(format!(
            "run {id} held out rows with the hash {}, and now they would have {split_sha256}; a run goes on with its own rows only, `trainer train` begins another",
            run.split_sha256
        )));
    }
    Ok(())
}

/// The settings that the searches of a run begin with.
pub(super) fn known(arguments: &Value) -> BTreeMap<String, Value> {
    let starts: BTreeMap<String, WarmStart> =
        serde_json::from_value(arguments["warm_start"].clone()).unwrap_or_default();
    starts.into_iter().map(|(family, start)| (family, start.settings)).collect()
}

/// The start as digits, so that ids sort by time, and six more that no two runs share.
fn run_id(started_at: &str) -> String {
    let digits: String = started_at.chars().filter(char::is_ascii_digit).take(14).collect();
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let process = std::process::id();
    let unique = Sha256::digest(format!("{started_at} {clock} {process}"));
    format!("{digits}-{}", &hex(&unique)[..6])
}

/// The split, and the sample that it divides.
fn split_json(split: &Split<'_>, dataset: &Dataset) -> Value {
    let mut document = split.to_json();
    if let Some(draw) = dataset.draw {
        document["sample"] = draw.to_json();
    }
    document
}
