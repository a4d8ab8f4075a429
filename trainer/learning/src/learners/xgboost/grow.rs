//! Grows boosted trees one round at a time with XGBoost.

use std::collections::HashMap;
use std::ops::ControlFlow;

use inference::features::FEATURE_COUNT;
use inference::{Features, Link, Metrics};
use xgboost_rs::{Booster, DMatrix, XGBError};

use super::super::augment::WEIGHT_POWER;
use super::{DEFAULTS, LEARNER, Settings};
use crate::error::LearnError;
use data::stone::Stone;

/// Rows with the logarithm of their price.
pub(super) struct Matrix {
    pub(super) rows: DMatrix,
    /// The margins, minus `base`.
    base: f64,
    prices_usd: Vec<f64>,
}

/// How to grow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Growth {
    pub(super) settings: Settings,
    pub(super) eta: f64,
    /// How many bins a feature has.
    pub(super) max_bin: u32,
    /// At most.
    pub(super) rounds: usize,
    /// Stop once this many rounds bring nothing on the watched rows.
    pub(super) patience: Option<usize>,
    pub(super) seed: u64,
}

/// What has grown.
pub(super) struct Grown {
    pub(super) booster: Booster,
    /// What the booster's margins are relative to.
    pub(super) base: f64,
    /// The mean absolute error in dollars on the watched rows after each round.
    pub(super) curve: Vec<f64>,
}

impl Matrix {
    /// The rows in bins. XGBoost does that when a booster first grows on them, and takes no lock for it: once it is done,
    /// many boosters may grow on the same rows side by side.
    pub(super) fn binned(self, max_bin: u32) -> Result<Matrix, LearnError> {
        let stump =
            Growth { settings: DEFAULTS, eta: 1.0, max_bin, rounds: 1, patience: None, seed: 0 };
        stump.grow(&self)?;
        Ok(self)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "XGBoost works in f32; row counts are far below 2^53"
    )]
    pub(super) fn of<'a>(
        rows: impl Iterator<Item = (&'a Stone, Features, f64)>,
    ) -> Result<Matrix, LearnError> {
        let (mut features, mut prices_usd, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for (stone, row, weight) in rows {
            features.push(row);
            prices_usd.push(stone.price.usd());
            weights.push(weight as f32);
        }
        let margins: Vec<f64> =
            prices_usd.iter().map(|price| LEARNER.link.margin(*price)).collect();
        // Trees add to the mean, so that f32 sums stay near 0 and lose nothing.
        let base = margins.iter().sum::<f64>() / margins.len() as f64;
        let labels: Vec<f32> = margins.iter().map(|margin| (margin - base) as f32).collect();
        let mut rows = matrix(&features)?;
        for (weight, margin) in weights.iter_mut().zip(&labels) {
            *weight *= libm::exp(f64::from(*margin) * WEIGHT_POWER) as f32;
        }
        rows.set_labels(&labels)?;
        rows.set_weights(&weights)?;
        Ok(Matrix { rows, base, prices_usd })
    }
}

/// Features as XGBoost takes them; NaN is missing, and 0 is not.
#[expect(clippy::cast_possible_truncation, reason = "XGBoost works in f32")]
pub(super) fn matrix(features: &[Features]) -> Result<DMatrix, XGBError> {
    const BYTES: usize = size_of::<f32>();
    let values: Vec<f32> =
        features.iter().flat_map(|row| row.values().map(|value| value as f32)).collect();
    let strides = (FEATURE_COUNT * BYTES, BYTES);
    let (rows, columns) = (features.len(), FEATURE_COUNT);
    DMatrix::from_col_major_f32(&values, strides.0, strides.1, rows, columns, 1, f32::NAN)
}

impl Growth {
    /// Grows trees on the rows.
    pub(super) fn grow(&self, rows: &Matrix) -> Result<Grown, LearnError> {
        self.grow_while(rows, None, |_| ControlFlow::Continue(()))
    }

    /// As [`Growth::grow`], and `watch` is told the error on the watched rows after each round: it may stop the growth.
    pub(super) fn grow_while(
        &self,
        rows: &Matrix,
        watched: Option<&Matrix>,
        mut watch: impl FnMut(f64) -> ControlFlow<()>,
    ) -> Result<Grown, LearnError> {
        let mut cached = vec![&rows.rows];
        cached.extend(watched.map(|watched| &watched.rows));
        let mut booster = Booster::new_with_json_config(&cached, self.config())?;
        let mut curve = Vec::new();
        for round in 0..self.rounds {
            booster.update(&rows.rows, i32::try_from(round).unwrap_or(i32::MAX))?;
            if let Some(watched) = watched {
                let mae_usd = mae(&booster, rows.base, watched)?;
                curve.push(mae_usd);
                if watch(mae_usd).is_break() || self.has_patience_run_out(&curve) {
                    break;
                }
            }
        }
        Ok(Grown { booster, base: rows.base, curve })
    }

    fn has_patience_run_out(&self, curve: &[f64]) -> bool {
        let Some(patience) = self.patience else { return false };
        let best = curve.iter().enumerate().min_by(|(_, one), (_, other)| one.total_cmp(other));
        best.is_some_and(|(round, _)| curve.len() - 1 - round >= patience)
    }

    /// One thread a booster: independent boosters run side by side, which is faster than sharing one, and sums
    /// are made in the same order on every machine.
    fn config(&self) -> HashMap<String, String> {
        let settings = &self.settings;
        [
            ("objective", String::from("reg:squarederror")),
            ("tree_method", String::from("hist")),
            ("base_score", String::from("0")),
            ("nthread", String::from("1")),
            ("verbosity", String::from("0")),
            ("seed", (self.seed % u64::from(u32::MAX)).to_string()),
            ("seed_per_iteration", String::from("true")),
            ("max_bin", self.max_bin.to_string()),
            ("eta", self.eta.to_string()),
            ("max_depth", settings.max_depth.to_string()),
            ("min_child_weight", settings.min_child_weight.to_string()),
            ("subsample", settings.subsample.to_string()),
            ("colsample_bytree", settings.colsample_bytree.to_string()),
            ("lambda", settings.lambda.to_string()),
            ("gamma", settings.gamma.to_string()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

fn mae(booster: &Booster, base: f64, watched: &Matrix) -> Result<f64, LearnError> {
    let margins = booster.predict(&watched.rows)?;
    let prices: Vec<f64> =
        margins.iter().map(|margin| Link::Log.price_usd(base + f64::from(*margin))).collect();
    Ok(Metrics::of(&prices, &watched.prices_usd).map_or(f64::INFINITY, |metrics| metrics.mae))
}
