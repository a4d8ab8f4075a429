//! Measures how small a model is, compared with XGBoost's own files, and what quantised leaves cost in accuracy.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use inference::blob::{self, Model};
use inference::form::Trees;
use inference::{Form, Link, Metrics};

use crate::dataset::{Dataset, Stone};
use crate::programs::{CHAMPION, DATA, read};
use crate::reference::{self, Reference, compact, per_node};
use crate::report::{Goal, Report, Table, grouped};

const QUANTISED: &str = "Loupe, quantised leaves";
const EXACT: &str = "Loupe, exact leaves";
/// Goals for both, in bytes per node.
const MOST_QUANTISED: f64 = 1.1;
const MOST_EXACT: f64 = 3.0;
/// By what share quantised leaves may make the error larger.
const MOST_MAE_CHANGE: f64 = 0.001;

/// A model in one coding.
struct Coded {
    model: &'static str,
    coding: &'static str,
    bytes: u64,
    nodes: usize,
}

impl Coded {
    fn bytes_per_node(&self) -> f64 {
        per_node(self.bytes, self.nodes)
    }
}

pub(crate) fn measure() -> Result<Report> {
    let dataset = Dataset::read(DATA)?;
    let champion_blob = read(CHAMPION)?;
    let champion = blob::decode(&champion_blob).context(CHAMPION)?;
    let Form::Trees(champion_trees) = &champion.form else { bail!("the champion has no trees") };
    let reference = Reference::of(&dataset.stones)?;
    let exact = reference.trees()?;
    let nodes = exact.nodes().len();
    let quantised = compact(&exact, &dataset.stones)?;
    let ours = |trees| -> Result<u64> {
        // With the champion's header, which has every part that a header can have.
        let model = Model { header: champion.header.clone(), form: Form::Trees(trees) };
        Ok(blob::encode(&model)?.len() as u64)
    };
    let (json, ubjson) = (&reference.json, &reference.ubjson);
    eprintln!("compressing");
    let codings = [
        (QUANTISED, ours(quantised)?),
        (EXACT, ours(exact)?),
        ("XGBoost UBJSON, xz -9", compressed("xz", ubjson)?),
        ("XGBoost JSON, xz -9", compressed("xz", json)?),
        ("XGBoost UBJSON, gzip -9", compressed("gzip", ubjson)?),
        ("XGBoost JSON, gzip -9", compressed("gzip", json)?),
        ("XGBoost UBJSON", ubjson.metadata()?.len()),
        ("XGBoost JSON", json.metadata()?.len()),
    ];
    let codings = codings.map(|(coding, bytes)| Coded { model: "reference", coding, bytes, nodes });
    // XGBoost's own files of the champion are not kept after training, so it has no other codings.
    let (coding, most) = match champion_trees.is_whole() {
        true => (QUANTISED, MOST_QUANTISED),
        false => (EXACT, MOST_EXACT),
    };
    let (bytes, champion_nodes) = (champion_blob.len() as u64, champion_trees.nodes().len());
    let champion = Coded { model: "champion", coding, bytes, nodes: champion_nodes };

    let (train, holdout) = dataset.split();
    let exact = Reference::of(train)?.trees()?;
    let quantised_usd = mae_usd(&compact(&exact, train)?, holdout)?;
    let exact_usd = mae_usd(&exact, holdout)?;
    let a_node = |name: &str, coded: &Coded, most| {
        Goal::at_most(format!("{name}, bytes per node"), coded.bytes_per_node(), most)
    };
    let change = quantised_usd / exact_usd - 1.0;
    let goals = [
        a_node("reference, quantised leaves", &codings[0], MOST_QUANTISED),
        a_node("reference, exact leaves", &codings[1], MOST_EXACT),
        a_node("champion", &champion, most),
        Goal::at_most("by what share quantised leaves raise the error", change, MOST_MAE_CHANGE),
    ];
    let about = format!(
        "Reference: {}, {} nodes; champion: {} trees, {} nodes. Everything counts: the header, the thresholds, and what \
         explanations need. The errors are those of trees that four fifths of the stones trained, on the others",
        reference::describe(),
        grouped(&nodes.to_string()),
        champion_trees.roots().len(),
        grouped(&champion_nodes.to_string()),
    );
    let codings = Table::new(
        "codings",
        codings.into_iter().chain([champion]),
        &[
            ("model", "model", &|coded| coded.model.into()),
            ("coding", "coding", &|coded| coded.coding.into()),
            ("bytes", "bytes", &|coded| coded.bytes.into()),
            ("bytes_per_node", "bytes per node", &|coded| coded.bytes_per_node().into()),
        ],
    );
    let errors = Table::new(
        "holdout",
        [()],
        &[
            ("stones", "held-out stones", &|()| holdout.len().into()),
            ("mae_usd", "mean absolute error, $", &|()| exact_usd.into()),
            ("mae_quantised_usd", "with quantised leaves, $", &|()| quantised_usd.into()),
        ],
    );
    Ok(Report::new(about, [codings, errors, Table::of_goals("goal", goals)]))
}

/// The mean absolute error in dollars on the fifth of the rows that did not train.
fn mae_usd(trees: &Trees, stones: &[Stone]) -> Result<f64> {
    let predicted: Vec<f64> =
        stones.iter().map(|stone| Link::Log.price_usd(trees.margin(&stone.features()))).collect();
    let actual: Vec<f64> = stones.iter().map(|stone| stone.price_usd).collect();
    Ok(Metrics::of(&predicted, &actual).context("there is no row to measure on")?.mae)
}

/// The bytes of a file after the compressor at its highest level.
pub(crate) fn compressed(program: &str, file: &Path) -> Result<u64> {
    let output = Command::new(program)
        .args(["-9", "--stdout"])
        .stdin(File::open(file).with_context(|| format!("{} cannot be read", file.display()))?)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{program} cannot be started; install gzip and xz-utils"))?;
    ensure!(output.status.success(), "{program} failed on {}", file.display());
    Ok(output.stdout.len() as u64)
}
