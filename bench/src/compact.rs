//! Whole leaves for the reference ensemble, by the trainer's rule.

use anyhow::Result;
use inference::form::Trees;
use inference::{Features, Link};

use crate::table::Stone;

/// The same as in trainer/src/compact.rs, which says why.
const UNITS_A_RESIDUAL: f64 = 64.0;

/// The trees with leaves that are whole numbers of a unit: the typical error on the stones they learnt from, over 64.
#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
pub(crate) fn compact(exact: &Trees, stones: &[Stone]) -> Result<Trees> {
    let rows: Vec<Features> = stones.iter().map(Stone::features).collect();
    let squares = stones.iter().zip(&rows).map(|(stone, row)| {
        let error = Link::Log.margin(stone.price_usd) - exact.margin(row);
        error * error
    });
    let residual = (squares.sum::<f64>() / stones.len() as f64).sqrt();
    Ok(exact.quantised(residual / UNITS_A_RESIDUAL, &rows)?)
}
