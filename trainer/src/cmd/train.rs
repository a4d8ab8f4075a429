//! `trainer train`: models of every family, and the champion.

use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use inference::{ModelId, Predictor};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Context, Failure, metric, table};
use crate::cli::TrainArgs;
use crate::data::dataset::{self, Dataset};
use crate::data::delivery::Delivery;
use crate::data::split::Split;
use crate::data::stone::hex;
use crate::data::store;
use crate::database::Database;
use crate::evaluate;
use crate::learn::{LEARNERS, Lesson};
use crate::progress::Progress;
use crate::registry::{Decision, Registry, RegistryError, Run};
use crate::train::{Candidate, train};

pub(super) async fn run(context: &Context, args: &TrainArgs) -> Result<()> {
    let progress = Context::progress();
    // Files first: where one is no data, nothing has been made or migrated yet.
    let file = args.data.as_deref().map(|file| read(file, &progress)).transpose()?;
    let holdout = args.holdout.as_deref().map(|file| read(file, &progress)).transpose()?;
    let database = Database::open_or_make(&context.place).await?;
    let dataset = match file {
        Some(dataset) => dataset,
        None => {
            let source = format!("the database {}", database.place());
            store::load(&database.connect().await?, source).await?
        }
    };
    let split = match &holdout {
        Some(holdout) => Split::by_file(&dataset, holdout)?,
        None => Split::seeded(&dataset, args.seed)?,
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
    let (candidates, failures) = train_all(args, &dataset, &split, &progress)?;

    // A connection of its own: a remote one would not have outlived the training.
    let registry = Registry::new(database.connect().await?);
    let run = Run {
        id: run_id(&started_at),
        started_at,
        arguments: arguments(args),
        dataset_rows: dataset.len(),
        dataset_sha256: hex(&dataset.sha256()),
        split_sha256: hex(&split.sha256),
        split: split.to_json(),
        seed: args.seed,
    };
    let verdict = record(&registry, &run, &candidates, &split, args.no_promote).await?;
    progress.finish();
    let mut document = report(&run, &dataset, &candidates, &verdict);
    document["failed"] = failures.into();
    context.print(&document, || describe(&candidates, &verdict))
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
    args: &TrainArgs,
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
        let verdict = judge(registry, candidates, split, no_promote).await?;
        let decision = verdict.decision.as_ref();
        match registry.record(run, &registrations, decision, &verdict.reason).await {
            Err(RegistryError::Overtaken { .. }) => {}
            result => return Ok(result.map(|()| verdict)?),
        }
    }
}

/// Who is to be champion after a run, and why.
struct Verdict {
    champion: Option<String>,
    decision: Option<Decision>,
    reason: String,
}

/// Compares the best new model with the champion, both on the held-out rows of this run.
async fn judge(
    registry: &Registry,
    candidates: &[Candidate],
    split: &Split<'_>,
    no_promote: bool,
) -> Result<Verdict> {
    let against = registry.champion().await?;
    let stays = |reason: String| Verdict { champion: against.clone(), decision: None, reason };
    if no_promote {
        return Ok(stays(String::from("not promoted: --no-promote was given")));
    }
    let best = candidates.iter().min_by(|one, other| one.holdout_mae.total_cmp(&other.holdout_mae));
    let Some(best) = best else { return Ok(stays(String::from("no model was trained"))) };
    let id = ModelId::of(&best.registration.blob).to_string();
    let rows = split.holdout.len();
    let promoted = |reason: String| Verdict {
        champion: Some(id.clone()),
        decision: Some(Decision {
            id: id.clone(),
            against: against.clone(),
            reason: reason.clone(),
        }),
        reason,
    };
    let Some(champion) = &against else {
        return Ok(promoted(format!(
            "the first champion: holdout MAE {:.2} on {rows} rows",
            best.holdout_mae
        )));
    };
    if *champion == id {
        return Ok(stays(String::from("the best model is the champion already")));
    }
    let predictor = match Predictor::from_blob(&registry.blob(champion).await?) {
        Ok(predictor) => predictor,
        Err(error) => {
            return Ok(promoted(format!(
                "holdout MAE {:.2} on {rows} rows; the champion {champion} cannot be read: {error}",
                best.holdout_mae
            )));
        }
    };
    let champion_mae =
        evaluate::metrics_of(&predictor, &split.holdout).map_or(f64::INFINITY, |m| m.mae);
    // A champion of another split may have trained on some of these rows, which only makes it harder to beat.
    let caveat = if predictor.header().origin.split_sha256 == split.sha256 {
        ""
    } else {
        ", some of which it may have trained on"
    };
    let comparison = format!(
        "holdout MAE {:.2} against {champion_mae:.2} of the champion {champion} on the same {rows} rows{caveat}",
        best.holdout_mae
    );
    Ok(if best.holdout_mae < champion_mae {
        promoted(comparison)
    } else {
        stays(format!("not better: {comparison}"))
    })
}

fn arguments(args: &TrainArgs) -> Value {
    json!({
        "data": args.data,
        "holdout": args.holdout,
        "families": args.families,
        "trials": args.trials,
        "timeout_seconds": args.timeout.map(|timeout| timeout.as_secs()),
        "seed": args.seed,
        "folds": args.folds,
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

fn report(run: &Run, dataset: &Dataset, candidates: &[Candidate], verdict: &Verdict) -> Value {
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

fn describe(candidates: &[Candidate], verdict: &Verdict) -> String {
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
