//! The reference ensemble: XGBoost trees on the logarithm of the price, trained once and cached.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use inference::features::PRICE_LIST;
use inference::form::Trees;
use inference::{Features, Link, ModelId};
use xgboost_rs::{Booster, DMatrix};

use crate::dataset::Stone;
use crate::programs::{cached, read};

/// The number of trees.
pub(crate) const ROUNDS: u16 = 400;
/// The depth of each.
pub(crate) const DEPTH: u32 = 7;
const ETA: &str = "0.05";

/// How many columns the ensemble has: every feature but the price list, which is the last one. A model of XGBoost that is
/// imported has no column for it.
pub(crate) const COLUMNS: usize = PRICE_LIST;

/// A trained ensemble as XGBoost's own files.
pub(crate) struct Reference {
    pub(crate) json: PathBuf,
    pub(crate) ubjson: PathBuf,
}

impl Reference {
    /// The cached one of these stones, or a new one: half a minute, the same bytes every time.
    pub(crate) fn of(stones: &[Stone]) -> Result<Reference> {
        let (values, margins) = rows(stones);
        let id = id(&values, &margins);
        let file = |extension| cached(&format!("reference-{id}.{extension}"));
        let reference = Reference { json: file("json"), ubjson: file("ubj") };
        if !(reference.json.is_file() && reference.ubjson.is_file()) {
            eprintln!("training the reference ensemble on {} stones", stones.len());
            let booster = train(&values, &margins)?;
            for (file, extension) in [(&reference.json, "json"), (&reference.ubjson, "ubj")] {
                // XGBoost takes the format from the extension.
                let unfinished = cached(&format!("unfinished.{extension}"));
                booster.save(&unfinished)?;
                fs::rename(unfinished, file)?;
            }
        }
        Ok(reference)
    }

    /// The ensemble as trees, its leaves as XGBoost has them.
    pub(crate) fn trees(&self) -> Result<Trees> {
        Ok(xgboost_model::read(&read(&self.json)?)?.trees)
    }
}

/// Trees as they are served, compacted from those that were fitted to these stones.
pub(crate) fn compact(exact: &Trees, stones: &[Stone]) -> Result<Trees> {
    let rows: Vec<Features> = stones.iter().map(Stone::features).collect();
    let margins: Vec<f64> = stones.iter().map(|stone| Link::Log.margin(stone.price_usd)).collect();
    Ok(exact.compact(&rows, &margins)?)
}

/// A description for reports.
pub(crate) fn describe() -> String {
    format!("{ROUNDS} trees of depth {DEPTH}, learning rate {ETA}, log price")
}

pub(crate) fn per_node(bytes: u64, nodes: usize) -> f64 {
    bytes as f64 / nodes as f64
}

/// The stones as XGBoost sees them: values row by row, and labels.
#[expect(clippy::cast_possible_truncation, reason = "XGBoost works in f32")]
fn rows(stones: &[Stone]) -> (Vec<f32>, Vec<f32>) {
    let columns = |stone: &Stone| {
        let values = *stone.features().values();
        values.into_iter().take(COLUMNS).map(|of| of as f32)
    };
    let values = stones.iter().flat_map(columns);
    let margins = stones.iter().map(|stone| Link::Log.margin(stone.price_usd) as f32);
    (values.collect(), margins.collect())
}

/// A hash of everything that decides the result.
fn id(values: &[f32], margins: &[f32]) -> ModelId {
    let mut content = format!("{ROUNDS} {DEPTH} {ETA} ").into_bytes();
    content.extend(values.iter().chain(margins).flat_map(|value| value.to_le_bytes()));
    ModelId::of(&content)
}

/// On one thread, so that sums have one order.
fn train(values: &[f32], margins: &[f32]) -> Result<Booster> {
    let (rows, bytes) = (margins.len(), size_of::<f32>());
    let row_bytes = COLUMNS * bytes;
    let mut matrix =
        DMatrix::from_col_major_f32(values, row_bytes, bytes, rows, COLUMNS, 1, f32::NAN)?;
    matrix.set_labels(margins)?;
    let mean = margins.iter().copied().map(f64::from).sum::<f64>() / margins.len() as f64;
    let config = [
        ("objective", "reg:squarederror"),
        ("tree_method", "hist"),
        ("base_score", &format!("{mean:.6}")),
        ("max_depth", &DEPTH.to_string()),
        ("eta", ETA),
        ("nthread", "1"),
        ("verbosity", "0"),
    ];
    let config = config.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut booster = Booster::new_with_json_config(&[&matrix], config.into_iter().collect())?;
    for round in 0..i32::from(ROUNDS) {
        booster.update(&matrix, round)?;
    }
    Ok(booster)
}
