//! Measures how small a model is, compared with XGBoost's own files, and what quantised leaves cost in accuracy.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use inference::blob::{self, Model};
use inference::form::Trees;
use inference::{Form, Link, Metrics};
use serde_json::{Value, json};

use crate::dataset::{Dataset, Stone};
use crate::reference::{self, Reference, compact, per_node};
use crate::report::{Goal, Report, Table, Target, grouped};

const QUANTISED: &str = "Loupe, quantised leaves";
const EXACT: &str = "Loupe, exact leaves";
/// Goals for both, in bytes per node.
const MOST_QUANTISED: Target = Target::AtMost(1.1);
const MOST_EXACT: Target = Target::AtMost(3.0);
/// By what share quantised leaves may make the error larger.
const MOST_MAE_CHANGE: Target = Target::AtMost(0.001);

pub(crate) fn measure(dataset: &Dataset, cache: &Path, champion: &Path) -> Result<Report> {
    let champion_blob =
        fs::read(champion).with_context(|| format!("{} cannot be read", champion.display()))?;
    let champion = blob::decode(&champion_blob).with_context(|| champion.display().to_string())?;
    let reference = Reference::of(&dataset.stones, cache)?;
    let exact = reference.trees()?;
    let nodes = exact.nodes().len();
    let quantised = compact(&exact, &dataset.stones)?;
    let ours = |trees| -> Result<usize> {
        // With the champion's header, which has every part that a header can have.
        let model = Model { header: champion.header.clone(), form: Form::Trees(trees) };
        Ok(blob::encode(&model)?.len())
    };
    let bytes = |file: &Path| -> Result<usize> { Ok(usize::try_from(file.metadata()?.len())?) };
    let (json, ubjson) = (&reference.json, &reference.ubjson);
    eprintln!("compressing");
    let codings = [
        (QUANTISED, ours(quantised)?),
        (EXACT, ours(exact)?),
        ("XGBoost UBJSON, xz -9", compressed("xz", ubjson)?),
        ("XGBoost JSON, xz -9", compressed("xz", json)?),
        ("XGBoost UBJSON, gzip -9", compressed("gzip", ubjson)?),
        ("XGBoost JSON, gzip -9", compressed("gzip", json)?),
        ("XGBoost UBJSON", bytes(ubjson)?),
        ("XGBoost JSON", bytes(json)?),
    ];
    // XGBoost's own files of the champion are not kept after training, so it has no other codings.
    let Form::Trees(champion_trees) = &champion.form else {
        anyhow::bail!("the champion has no trees")
    };
    let champion_coding = if champion_trees.is_whole() { QUANTISED } else { EXACT };
    let champion_nodes = champion_trees.nodes().len();
    let row = |model: &str, coding: &str, bytes: usize, nodes: usize| {
        json!({
            "model": model,
            "coding": coding,
            "bytes": bytes,
            "bytes_per_node": per_node(bytes, nodes),
        })
    };
    let rows = codings.iter().map(|(name, bytes)| row("reference", name, *bytes, nodes));
    let rows: Vec<Value> = rows
        .chain([row("champion", champion_coding, champion_blob.len(), champion_nodes)])
        .collect();
    let errors = Errors::of(dataset, cache)?;
    let change = errors.quantised_usd / errors.exact_usd - 1.0;
    let a_node = |row: &Value| row["bytes_per_node"].as_f64().unwrap_or(f64::NAN);
    let champion_target = if champion_coding == QUANTISED { MOST_QUANTISED } else { MOST_EXACT };
    let goals = [
        Goal::new("reference, quantised leaves, bytes per node", a_node(&rows[0]), MOST_QUANTISED),
        Goal::new("reference, exact leaves, bytes per node", a_node(&rows[1]), MOST_EXACT),
        Goal::new("champion, bytes per node", a_node(&rows[codings.len()]), champion_target),
        Goal::new("by what share quantised leaves raise the error", change, MOST_MAE_CHANGE),
    ];
    let about = format!(
        "Reference: {}, {} nodes; champion: {} trees, {} nodes. Everything counts: the header, the thresholds, and what \
         explanations need. The errors are those of trees that four fifths of the stones trained, on the others",
        reference::describe(),
        grouped(&nodes.to_string()),
        champion_trees.roots().len(),
        grouped(&champion_nodes.to_string()),
    );
    let columns = [
        ("model", "model"),
        ("coding", "coding"),
        ("bytes", "bytes"),
        ("bytes_per_node", "bytes per node"),
    ];
    let error_columns = [
        ("stones", "held-out stones"),
        ("mae_usd", "mean absolute error, $"),
        ("mae_quantised_usd", "with quantised leaves, $"),
    ];
    let errors = json!({
        "stones": errors.stones,
        "mae_usd": errors.exact_usd,
        "mae_quantised_usd": errors.quantised_usd,
    });
    Ok(Report::new(
        about,
        [
            Table::new("codings", &columns, rows),
            Table::new("holdout", &error_columns, [errors]),
            Table::of_goals("goal", goals),
        ],
    ))
}

/// Mean absolute errors in dollars on the fifth of the rows that did not train.
struct Errors {
    stones: usize,
    exact_usd: f64,
    quantised_usd: f64,
}

impl Errors {
    fn of(dataset: &Dataset, cache: &Path) -> Result<Errors> {
        let (train, holdout) = dataset.split();
        let exact = Reference::of(train, cache)?.trees()?;
        let quantised = compact(&exact, train)?;
        Ok(Errors {
            stones: holdout.len(),
            exact_usd: mae_usd(&exact, holdout)?,
            quantised_usd: mae_usd(&quantised, holdout)?,
        })
    }
}

fn mae_usd(trees: &Trees, stones: &[Stone]) -> Result<f64> {
    let predicted: Vec<f64> =
        stones.iter().map(|stone| Link::Log.price_usd(trees.margin(&stone.features()))).collect();
    let actual: Vec<f64> = stones.iter().map(|stone| stone.price_usd).collect();
    Ok(Metrics::of(&predicted, &actual).context("there is no row to measure on")?.mae)
}

/// The bytes of a file after the compressor at its highest level.
pub(crate) fn compressed(program: &str, file: &Path) -> Result<usize> {
    let output = Command::new(program)
        .args(["-9", "--stdout"])
        .stdin(File::open(file).with_context(|| format!("{} cannot be read", file.display()))?)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{program} cannot be started; install gzip and xz-utils"))?;
    ensure!(output.status.success(), "{program} failed on {}", file.display());
    Ok(output.stdout.len())
}
