//! Describes a run for the output of `trainer train`.

use inference::ModelId;
use serde_json::{Value, json};

use super::{Candidate, Outcome, columns, errors, metric};
use crate::cmd::{blob_json, trials};
use data::dataset::{self, Dataset};
use registry::gate::GateVerdict;

pub(in crate::cmd) fn report(outcome: &Outcome, dataset: &Dataset) -> Value {
    let Outcome { run, candidates, failures, verdict, trials } = outcome;
    let mut summary = dataset::summary(dataset.len(), &dataset.sha256());
    summary["source"] = json!(dataset.source);
    summary["rejected"] = json!(dataset.rejected.len());
    summary["prices_in"] = json!(dataset.prices_in);
    let lists = dataset.list_counts().into_iter();
    let lists = lists.map(|(list, rows)| json!({ "name": list, "rows": rows }));
    summary["price_lists"] = lists.collect();
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

fn model(candidate: &Candidate) -> Value {
    let registration = &candidate.registration;
    let (bytes, nodes) = (registration.blob.len() as u64, registration.nodes as u64);
    json!({
        "id": ModelId::of(&registration.blob).as_str(),
        "family": registration.family,
        "params": registration.params,
        "metrics": registration.metrics,
        "blob": blob_json(bytes, &registration.blob_sha256, nodes),
        "seconds": registration.seconds,
    })
}

pub(in crate::cmd) fn describe(outcome: &Outcome) -> String {
    let Outcome { candidates, verdict, .. } = outcome;
    let mut table = columns(
        "family | id | holdout MAE | RMSE | R² | MAPE | within 10 % | cv MAE | train MAE | nodes | bytes | seconds",
    );
    for Candidate { registration, .. } in candidates {
        let metrics = &registration.metrics;
        let id = ModelId::of(&registration.blob).to_string();
        let mut row = vec![registration.family.clone(), id];
        row.extend(errors(metrics, "holdout"));
        row.extend([
            metric(metrics, "cv", "mae", 2),
            metric(metrics, "train", "mae", 2),
            registration.nodes.to_string(),
            registration.blob.len().to_string(),
            format!("{:.1}", registration.seconds),
        ]);
        table.add_row(row);
    }
    format!("{table}\n{}", decision(verdict))
}

/// Who the champion is after a run, and why.
pub(in crate::cmd) fn decision(verdict: &GateVerdict) -> String {
    let champion = verdict.champion.as_deref().unwrap_or("none");
    let verb = if verdict.decision.is_some() { "promoted" } else { "stays" };
    format!("champion {champion} {verb}: {}", verdict.reason)
}
