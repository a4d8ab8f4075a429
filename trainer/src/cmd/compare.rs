//! `trainer compare`: compares two models.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use anyhow::Result;
use comfy_table::Table;
use inference::Predictor;
use serde_json::{Value, json};

use super::models::summary;
use super::table::ERRORS;
use super::{Context, Piece, metric, table};
use crate::cli::CompareArgs;
use learning::gate::{Comparison, Objection};
use registry::gate::Rows;
use registry::lineage::Lineage;
use registry::{Entry, Registry};

/// The metrics of the contract, with how many digits people want.
fn metrics() -> impl Iterator<Item = (&'static str, usize)> {
    ERRORS.into_iter().chain([("n", 0)])
}

pub(super) async fn run(context: &Context, args: &CompareArgs) -> Result<()> {
    let registry = context.registry().await?;
    let (one, other) = (registry.find(&args.one).await?, registry.find(&args.other).await?);
    let champion = registry.champion().await?;
    let is_champion = |entry: &Entry| champion.as_deref() == Some(entry.id.as_str());
    let same_holdout = one.split_sha256.is_some() && one.split_sha256 == other.split_sha256;
    let measured = measure(&registry, &one, &other).await?;
    let gate = match &measured {
        Ok((comparison, _)) => {
            let mut evidence = comparison.to_json();
            evidence["would_promote_b"] = json!(comparison.objection().is_none());
            evidence
        }
        Err(why) => json!({ "unknown": why }),
    };
    let of_gate = measured.as_ref().ok().map(|(gate, _)| gate.challenger_mae - gate.champion_mae);
    let mae = subtract(&one, &other, "mae").filter(|_| same_holdout).or(of_gate);
    // The one with the lower error, where both were measured on the same rows and differ.
    let better = match mae.and_then(|mae| mae.partial_cmp(&0.0)) {
        Some(Ordering::Less) => Some(other.id.as_str()),
        Some(Ordering::Greater) => Some(one.id.as_str()),
        Some(Ordering::Equal) | None => None,
    };
    let document = json!({
        "a": summary(&one, is_champion(&one)),
        "b": summary(&other, is_champion(&other)),
        "same_holdout": same_holdout,
        "difference": difference(&one, &other),
        "better": better,
        "gate": gate,
    });
    context.print_pieces(args.layout, &document, || {
        let table = figures(&one, &other);
        let verdict = verdict(better, same_holdout, measured.is_ok());
        let gate = match &measured {
            Ok((comparison, note)) => found(&one, &other, comparison, note),
            Err(why) => format!("the gate cannot compare them: {why}"),
        };
        vec![Piece::Table(table.into()), Piece::Line(verdict), Piece::Line(gate)]
    })
}

/// What the gate would find with a as the champion.
fn found(one: &Entry, other: &Entry, comparison: &Comparison, note: &str) -> String {
    let [of, against] = [other, one].map(|entry| format!(" of {}", entry.id));
    let sentence = comparison.sentence(&of, &against, note);
    let verdict = comparison.objection().map(Objection::verdict);
    let verdict = verdict.unwrap_or_else(|| String::from("better"));
    format!("with {} as the champion the gate finds {} {verdict}: {sentence}", one.id, other.id)
}

/// The models on the held-out rows of a that b has not trained on, with a note on these rows; in words, why there are none
/// or too few.
async fn measure(
    registry: &Registry,
    one: &Entry,
    other: &Entry,
) -> Result<Result<(Comparison, String), String>> {
    let lineage = match Lineage::of(registry, one).await {
        Ok(lineage) => lineage,
        Err(why) => return Ok(Err(why.to_string())),
    };
    let split = lineage.split()?;
    let rows = Rows::new_to(registry, other, &split).await?;
    if !rows.are_new_to_both {
        let (one, other) = (&one.id, &other.id);
        return Ok(Err(format!(
            "too few rows are known that neither {one} nor {other} has trained on"
        )));
    }
    let (first, second) = (registry.blob(&one.id).await?, registry.blob(&other.id).await?);
    let comparison = match (Predictor::from_blob(&first), Predictor::from_blob(&second)) {
        (Ok(first), Ok(second)) => {
            Comparison::of(&first, &second, &rows.stones).map_err(|why| why.to_string())
        }
        (Err(why), _) | (_, Err(why)) => Err(why.to_string()),
    };
    Ok(comparison.map(|comparison| (comparison, rows.note)))
}

/// What b has more than a, on the held-out rows.
fn difference(one: &Entry, other: &Entry) -> Value {
    let differences = metrics().map(|(name, _)| (name, subtract(one, other, name)));
    json!(differences.collect::<BTreeMap<_, _>>())
}

fn subtract(one: &Entry, other: &Entry, name: &str) -> Option<f64> {
    let of = |entry: &Entry| entry.metrics["holdout"][name].as_f64();
    Some(of(other)? - of(one)?)
}

fn figures(one: &Entry, other: &Entry) -> Table {
    let mut table = table(&["holdout", &one.id, &other.id, "difference"]);
    table.add_row(vec!["family", &one.family, &other.family, ""]);
    for (name, digits) in metrics() {
        table.add_row(vec![
            name.to_owned(),
            metric(&one.metrics, "holdout", name, digits),
            metric(&other.metrics, "holdout", name, digits),
            subtract(one, other, name)
                .map_or_else(String::new, |value| format!("{value:+.digits$}")),
        ]);
    }
    table.add_row(vec![
        String::from("bytes"),
        one.blob_bytes.to_string(),
        other.blob_bytes.to_string(),
        format!("{:+}", other.blob_bytes.cast_signed() - one.blob_bytes.cast_signed()),
    ]);
    table
}

fn verdict(better: Option<&str>, same_holdout: bool, is_measured: bool) -> String {
    match better {
        Some(id) => format!("{id} is better: its holdout MAE is lower on the same rows"),
        None if same_holdout || is_measured => {
            String::from("neither is better: their holdout MAE is the same")
        }
        None => String::from(
            "they were measured on different rows, so the figures do not tell which is better; `trainer evaluate` both on one file",
        ),
    }
}
