//! `trainer train`: models of every family, and the champion.

use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use inference::ModelId;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Context, Failure, metric, table};
use crate::cli::{TrainArgs, TrainingArgs};
use crate::data::dataset::{self, Dataset};
use crate::data::delivery::Delivery;
use crate::data::sample::Draw;
use crate::data::split::Split;
use crate::data::stone::hex;
use crate::data::store;
use crate::database::Database;
use crate::gate::{self, Verdict};
use crate::learn::{LEARNERS, Lesson};
use crate::progress::Progress;
use crate::registry::{Registry, RegistryError, Run};
use crate::train::{Candidate, train};

pub(super) async fn run(context: &Context, args: &TrainArgs) -> Result<()> {
    let progress = Context::progress();
    // Files first: where one is no data, nothing has been made or migrated yet.
    let file = args.data.as_deref().map(|file| read(file, &progress)).transpose()?;
    let file = file.map(|dataset| draw(dataset, args)).transpose()?;
    let holdout = args.holdout.as_deref().map(|file| read(file, &progress)).transpose()?;
    let database = Database::open_or_make(&context.place).await?;
    let dataset = match file {
        Some(dataset) => dataset,
        None => {
            let source = format!("the database {}", database.place());
            load(&database, source, args).await?
        }
    };
    let order = Order {
        dataset: &dataset,
        holdout: holdout.as_ref(),
        training: &args.training,
        no_promote: args.no_promote,
        arguments: arguments(args),
    };
    let outcome = train_and_promote(&database, &order, &progress).await?;
    progress.finish();
    context.print(&report(&outcome, &dataset), || describe(&outcome))
}

/// What is to be trained.
pub(super) struct Order<'a> {
    pub(super) dataset: &'a Dataset,
    /// The rows to measure on, where they are not a part of the data set.
    pub(super) holdout: Option<&'a Dataset>,
    pub(super) training: &'a TrainingArgs,
    pub(super) no_promote: bool,
    /// What the command was asked, for the registry.
    pub(super) arguments: Value,
}

/// What became of it.
pub(super) struct Outcome {
    pub(super) run: Run,
    pub(super) candidates: Vec<Candidate>,
    /// The families that gave no model, with the reason.
    pub(super) failures: Vec<Value>,
    pub(super) verdict: Verdict,
}

/// Trains every family, lets the gate decide and keeps the run with all of it.
///
/// # Errors
///
/// Anything; where one is returned the registry is as it was.
pub(super) async fn train_and_promote(
    database: &Database,
    order: &Order<'_>,
    progress: &Progress,
) -> Result<Outcome> {
    let (dataset, training) = (order.dataset, order.training);
    let split = match order.holdout {
        Some(holdout) => Split::by_file(dataset, holdout)?,
        None => Split::seeded(dataset, training.seed)?,
    };
    if let Some(sentence) = split.dropped.to_sentence() {
        progress.say(&sentence);
    }
    progress.say(&format!(
        "training on {} rows, measuring on {}",
        split.train.len(),
        split.holdout.len()
    ));

    let started_at = Registry::new(database.connect().await?).now().await?;
    let (candidates, failures) = train_all(training, dataset, &split, progress)?;

    // A connection of its own: a remote one would not have outlived the training.
    let registry = Registry::new(database.connect().await?);
    let run = Run {
        id: run_id(&started_at),
        started_at,
        arguments: order.arguments.clone(),
        dataset_rows: dataset.len(),
        dataset_sha256: hex(&dataset.sha256()),
        split_sha256: hex(&split.sha256),
        split: split_json(&split, dataset),
        seed: training.seed,
    };
    let verdict = record(&registry, &run, &candidates, &split, order.no_promote).await?;
    Ok(Outcome { run, candidates, failures, verdict })
}

/// The rows of the database, or those of them that are drawn.
async fn load(database: &Database, source: String, args: &TrainArgs) -> Result<Dataset> {
    let connection = database.connect().await?;
    let rows = store::count(&connection).await?;
    Ok(match Draw::of(args.sample, args.training.seed, rows, &source)? {
        None => store::load(&connection, source).await?,
        Some(draw) => store::load_drawn(&connection, source, draw).await?,
    })
}

/// Those of a file's rows that are drawn.
fn draw(dataset: Dataset, args: &TrainArgs) -> Result<Dataset> {
    let rows = dataset.len() as u64;
    let draw = Draw::of(args.sample, args.training.seed, rows, &dataset.source)?;
    Ok(dataset.drawn(draw))
}

/// The rows of a file; each one that is left out is said.
fn read(file: &Path, progress: &Progress) -> Result<Dataset> {
    let dataset = Dataset::from_delivery(Delivery::read(file)?);
    for row in &dataset.rejected {
        for error in &row.errors {
            progress.say(&format!("{}:{}: left out: {error}", file.display(), row.line));
        }
    }
    Ok(dataset)
}

fn train_all(
    args: &TrainingArgs,
    dataset: &Dataset,
    split: &Split<'_>,
    progress: &Progress,
) -> Result<(Vec<Candidate>, Vec<Value>)> {
    let lesson = Lesson {
        stones: &split.train,
        seed: args.seed,
        folds: usize::from(args.folds),
        trials: usize::from(args.trials),
        deadline: args.timeout.and_then(|timeout| Instant::now().checked_add(timeout)),
        progress,
    };
    let (mut candidates, mut failures) = (Vec::new(), Vec::new());
    for learner in LEARNERS.iter().filter(|learner| args.families.iter().any(|f| f == learner.name))
    {
        // One family that cannot bear the data takes no other with it.
        let candidate = match train(learner, &lesson, dataset, split, args.exact_leaves) {
            Ok(candidate) => candidate,
            Err(error) => {
                progress.say(&format!("{}: not trained: {error}", learner.name));
                failures.push(json!({ "family": learner.name, "reason": error.to_string() }));
                continue;
            }
        };
        progress.say(&format!(
            "{}: holdout MAE {:.2} after {:.1} s",
            learner.name, candidate.holdout_mae, candidate.registration.seconds
        ));
        candidates.push(candidate);
    }
    if candidates.is_empty() {
        return Err(Failure::Failed(String::from(
            "no family could be trained; each says why above",
        ))
        .into());
    }
    Ok((candidates, failures))
}

/// The split, and the sample that it divides.
fn split_json(split: &Split<'_>, dataset: &Dataset) -> Value {
    let mut document = split.to_json();
    if let Some(draw) = dataset.draw {
        document["sample"] = draw.to_json();
    }
    document
}

/// Keeps the run. Where another command changed the champion meanwhile, the comparison is made again with the
/// new one: training took its time and is not thrown away.
async fn record(
    registry: &Registry,
    run: &Run,
    candidates: &[Candidate],
    split: &Split<'_>,
    no_promote: bool,
) -> Result<Verdict> {
    let registrations: Vec<_> =
        candidates.iter().map(|candidate| candidate.registration.clone()).collect();
    loop {
        let verdict = gate::judge(registry, candidates, split, no_promote).await?;
        let decision = verdict.decision.as_ref();
        match registry.record(run, &registrations, decision, &verdict.reason).await {
            Err(RegistryError::Overtaken { .. }) => {}
            result => return Ok(result.map(|()| verdict)?),
        }
    }
}

fn arguments(args: &TrainArgs) -> Value {
    json!({
        "data": args.data,
        "holdout": args.holdout,
        "sample": args.sample.map(|sample| sample.to_string()),
        "families": args.training.families,
        "trials": args.training.trials,
        "timeout_seconds": args.training.timeout.map(|timeout| timeout.as_secs()),
        "seed": args.training.seed,
        "folds": args.training.folds,
        "no_promote": args.no_promote,
    })
}

/// The start as digits, so that ids sort by time, and six more that no two runs share.
fn run_id(started_at: &str) -> String {
    let digits: String = started_at.chars().filter(char::is_ascii_digit).take(14).collect();
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let process = std::process::id();
    let unique = Sha256::digest(format!("{started_at} {clock} {process}"));
    format!("{digits}-{}", &hex(&unique)[..6])
}

fn report(outcome: &Outcome, dataset: &Dataset) -> Value {
    let Outcome { run, candidates, failures, verdict } = outcome;
    let mut summary = dataset::summary(dataset.len(), &dataset.sha256());
    summary["source"] = json!(dataset.source);
    summary["rejected"] = json!(dataset.rejected.len());
    json!({
        "run_id": run.id,
        "dataset": summary,
        "split": run.split,
        "models": candidates.iter().map(model).collect::<Vec<_>>(),
        "champion": {
            "id": verdict.champion,
            "promoted": verdict.decision.is_some(),
            "reason": verdict.reason,
        },
        "failed": failures,
    })
}

#[expect(clippy::cast_precision_loss, reason = "blobs are far below 2^53 bytes")]
fn model(candidate: &Candidate) -> Value {
    let registration = &candidate.registration;
    json!({
        "id": ModelId::of(&registration.blob).as_str(),
        "family": registration.family,
        "params": registration.params,
        "metrics": registration.metrics,
        "blob": {
            "bytes": registration.blob.len(),
            "sha256": registration.blob_sha256,
            "nodes": registration.nodes,
            "bytes_per_node": registration.blob.len() as f64 / registration.nodes.max(1) as f64,
        },
        "seconds": registration.seconds,
    })
}

fn describe(outcome: &Outcome) -> String {
    let Outcome { candidates, verdict, .. } = outcome;
    let mut table = table(&[
        "family",
        "id",
        "holdout MAE",
        "RMSE",
        "R²",
        "MAPE",
        "within 10 %",
        "cv MAE",
        "train MAE",
        "nodes",
        "bytes",
        "seconds",
    ]);
    for Candidate { registration, .. } in candidates {
        let metrics = &registration.metrics;
        table.add_row(vec![
            registration.family.clone(),
            ModelId::of(&registration.blob).to_string(),
            metric(metrics, "holdout", "mae", 2),
            metric(metrics, "holdout", "rmse", 2),
            metric(metrics, "holdout", "r2", 4),
            metric(metrics, "holdout", "mape", 4),
            metric(metrics, "holdout", "within_10_percent", 4),
            metric(metrics, "cv", "mae", 2),
            metric(metrics, "train", "mae", 2),
            registration.nodes.to_string(),
            registration.blob.len().to_string(),
            format!("{:.1}", registration.seconds),
        ]);
    }
    let champion = verdict.champion.as_deref().unwrap_or("none");
    let verb = if verdict.decision.is_some() { "promoted" } else { "stays" };
    format!("{table}\nchampion {champion} {verb}: {}", verdict.reason)
}
