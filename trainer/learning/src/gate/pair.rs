//! The errors of two models on one row.

use data::stone::Stone;

/// The absolute errors of both models on one row, in dollars.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) stone: &'a Stone,
    pub(super) champion_usd: f64,
    pub(super) challenger_usd: f64,
}

impl Pair<'_> {
    /// How much lower the challenger's error is.
    pub(super) fn lower_usd(&self) -> f64 {
        self.champion_usd - self.challenger_usd
    }
}
