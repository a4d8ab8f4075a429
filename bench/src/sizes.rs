//! How small a model is, beside XGBoost's own files, and what quantised leaves cost in accuracy.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use inference::blob::{self, Header, Model};
use inference::form::Trees;
use inference::{Form, Link, Metrics};
use serde_json::{Value, json};

use crate::reference::{DEPTH, ROUNDS, Reference, compact};
use crate::squeeze::Squeeze;
use crate::table::{Stone, Table};

/// What is to be reached.
const MOST_BYTES_A_NODE: f64 = 1.1;
const MOST_EXACT_BYTES_A_NODE: f64 = 3.0;
const MOST_MAE_CHANGE: f64 = 0.001;

/// The sizes and the errors.
pub(crate) struct Sizes {
    reference: Ensemble,
    champion: Ensemble,
    errors: Errors,
}

/// One model in every coding that there is of it.
struct Ensemble {
    name: &'static str,
    trees: usize,
    nodes: usize,
    codings: Vec<Coding>,
}

struct Coding {
    name: &'static str,
    bytes: usize,
    target: Option<f64>,
}

/// Mean absolute errors in dollars on the fifth of the rows that did not train.
struct Errors {
    stones: usize,
    exact_usd: f64,
    quantised_usd: f64,
}

impl Sizes {
    pub(crate) fn take(table: &Table, kept: &Path, champion: &Path) -> Result<Sizes> {
        let champion_blob = std::fs::read(champion)
            .with_context(|| format!("{} cannot be read", champion.display()))?;
        let model = blob::decode(&champion_blob).with_context(|| champion.display().to_string())?;
        let reference = Reference::of(&table.stones, kept)?;
        eprintln!("compressing");
        Ok(Sizes {
            reference: Ensemble::of_reference(&reference, table, &model.header)?,
            champion: Ensemble::of_champion(champion_blob.len(), &model)?,
            errors: Errors::of(table, kept)?,
        })
    }

    /// The table that README carries.
    pub(crate) fn to_markdown(&self) -> Result<String> {
        let mut text = String::new();
        for Ensemble { name, trees, nodes, codings } in [&self.reference, &self.champion] {
            writeln!(
                text,
                "| {name}: {trees} trees, {} nodes | bytes | a node |",
                grouped(*nodes)
            )?;
            writeln!(text, "|---|---:|---:|")?;
            for coding in codings {
                let a_node = per_node(coding.bytes, *nodes);
                let target = match coding.target {
                    Some(most) => format!(" (at most {most}: {})", reached(a_node <= most)),
                    None => String::new(),
                };
                let bytes = grouped(coding.bytes);
                writeln!(text, "| {} | {bytes} | {a_node:.2}{target} |", coding.name)?;
            }
            writeln!(text)?;
        }
        let Errors { stones, exact_usd, quantised_usd } = self.errors;
        let change = self.errors.change();
        writeln!(
            text,
            "Trained on four fifths, on {} held-out stones: ${exact_usd:.2} mean absolute error, \
             ${quantised_usd:.2} with quantised leaves, {:+.3} percent (at most 0.1: {}).",
            grouped(stones),
            100.0 * change,
            reached(change <= MOST_MAE_CHANGE)
        )?;
        Ok(text)
    }

    pub(crate) fn to_json(&self) -> Value {
        let ensemble = |ensemble: &Ensemble| {
            let codings = ensemble.codings.iter().map(|coding| {
                let bytes_per_node = per_node(coding.bytes, ensemble.nodes);
                json!({
                    "name": coding.name,
                    "bytes": coding.bytes,
                    "bytes_per_node": bytes_per_node,
                    "target": coding.target,
                    "reached": coding.target.map(|most| bytes_per_node <= most),
                })
            });
            json!({
                "trees": ensemble.trees,
                "nodes": ensemble.nodes,
                "codings": codings.collect::<Vec<_>>(),
            })
        };
        json!({
            "reference": ensemble(&self.reference),
            "champion": ensemble(&self.champion),
            "holdout": {
                "n": self.errors.stones,
                "mae": self.errors.exact_usd,
                "mae_quantised": self.errors.quantised_usd,
                "change": self.errors.change(),
                "target": MOST_MAE_CHANGE,
                "reached": self.errors.change() <= MOST_MAE_CHANGE,
            },
        })
    }
}

impl Ensemble {
    fn of_reference(reference: &Reference, table: &Table, header: &Header) -> Result<Ensemble> {
        let exact = reference.trees()?;
        let (nodes, trees) = (exact.nodes().len(), exact.roots().len());
        let quantised = compact(&exact, &table.stones)?;
        let ours = |trees| -> Result<usize> {
            // The champion's header: as much as a header ever says.
            let model = Model { header: header.clone(), form: Form::Trees(trees) };
            Ok(blob::encode(&model)?.len())
        };
        let bytes = |file: &Path| -> Result<usize> { Ok(usize::try_from(file.metadata()?.len())?) };
        let (json, ubjson) = (&reference.json, &reference.ubjson);
        let codings = [
            ("Loupe, quantised leaves", ours(quantised)?, Some(MOST_BYTES_A_NODE)),
            ("Loupe, exact leaves", ours(exact)?, Some(MOST_EXACT_BYTES_A_NODE)),
            ("XGBoost UBJSON, xz -9", Squeeze::Xz.bytes(ubjson)?, None),
            ("XGBoost JSON, xz -9", Squeeze::Xz.bytes(json)?, None),
            ("XGBoost UBJSON, gzip -9", Squeeze::Gzip.bytes(ubjson)?, None),
            ("XGBoost JSON, gzip -9", Squeeze::Gzip.bytes(json)?, None),
            ("XGBoost UBJSON", bytes(ubjson)?, None),
            ("XGBoost JSON", bytes(json)?, None),
        ];
        let codings = codings.map(|(name, bytes, target)| Coding { name, bytes, target });
        Ok(Ensemble { name: "Reference", trees, nodes, codings: codings.into() })
    }

    /// Of the champion there is only the blob: XGBoost's own files ended with its training.
    fn of_champion(bytes: usize, model: &Model) -> Result<Ensemble> {
        let Form::Trees(trees) = &model.form else { anyhow::bail!("the champion has no trees") };
        let (name, most) = if trees.is_whole() {
            ("Loupe, quantised leaves", MOST_BYTES_A_NODE)
        } else {
            ("Loupe, exact leaves", MOST_EXACT_BYTES_A_NODE)
        };
        let codings = vec![Coding { name, bytes, target: Some(most) }];
        let (nodes, trees) = (trees.nodes().len(), trees.roots().len());
        Ok(Ensemble { name: "Champion", trees, nodes, codings })
    }
}

impl Errors {
    fn of(table: &Table, kept: &Path) -> Result<Errors> {
        let (train, holdout) = table.split();
        let exact = Reference::of(train, kept)?.trees()?;
        let quantised = compact(&exact, train)?;
        Ok(Errors {
            stones: holdout.len(),
            exact_usd: mae_usd(&exact, holdout)?,
            quantised_usd: mae_usd(&quantised, holdout)?,
        })
    }

    /// By what share quantised leaves make the error larger.
    fn change(&self) -> f64 {
        self.quantised_usd / self.exact_usd - 1.0
    }
}

fn mae_usd(trees: &Trees, stones: &[Stone]) -> Result<f64> {
    let predicted: Vec<f64> =
        stones.iter().map(|stone| Link::Log.price_usd(trees.margin(&stone.features()))).collect();
    let actual: Vec<f64> = stones.iter().map(|stone| stone.price_usd).collect();
    Ok(Metrics::of(&predicted, &actual).context("there is no row to measure on")?.mae)
}

/// What the ensemble is, for reports.
pub(crate) fn describe_reference() -> String {
    format!("{ROUNDS} trees of depth {DEPTH}, learning rate 0.05, log price")
}

#[expect(clippy::cast_precision_loss, reason = "both are far below 2^53")]
pub(crate) fn per_node(bytes: usize, nodes: usize) -> f64 {
    bytes as f64 / nodes as f64
}

pub(crate) fn reached(is_reached: bool) -> &'static str {
    if is_reached { "reached" } else { "MISSED" }
}

/// A number with commas between its thousands.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_told_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (4_510_000, "4,510,000")] {
            assert_eq!(grouped(number), text);
        }
    }
}
