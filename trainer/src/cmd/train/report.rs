//! Describes a run for the output of `trainer train`.

use inference::ModelId;
use serde_json::{Value, json};

use super::super::trials;
use super::{Candidate, Outcome, metric, table};
use data::dataset::{self, Dataset};

pub(in crate::cmd) fn report(outcome: &Outcome, dataset: &Dataset) -> Value {
    let Outcome { run, candidates, failures, verdict, trials } = outcome;
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
            "gate": verdict.gate,
        },
        "failed": failures,
        "trials": trials::summary(trials),
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

pub(in crate::cmd) fn describe(outcome: &Outcome) -> String {
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
