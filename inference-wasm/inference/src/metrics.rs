//! Measures the error of predicted prices.

use serde::{Deserialize, Serialize};

/// The errors of a model on rows with known prices.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Mean absolute error in dollars.
    pub mae: f64,
    /// Root mean squared error in dollars.
    pub rmse: f64,
    /// Coefficient of determination; 1 is perfect, 0 is the mean price for every stone.
    pub r2: f64,
    /// Mean absolute error as a fraction of the true price.
    pub mape: f64,
    /// The fraction of stones priced within 10 percent of the true price.
    pub within_10_percent: f64,
    /// The number of rows.
    pub n: u64,
}

impl Metrics {
    /// Compares predicted with true prices, both in dollars and in the same order. Sums are f64, in the order of the rows.
    /// `None` without rows.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
    pub fn of(predicted: &[f64], actual: &[f64]) -> Option<Metrics> {
        let n = predicted.len().min(actual.len());
        if n == 0 {
            return None;
        }
        let count = n as f64;
        let mean = actual.iter().take(n).sum::<f64>() / count;
        let (mut absolute, mut squared, mut relative, mut close, mut around_mean) =
            (0.0, 0.0, 0.0, 0.0, 0.0);
        for (predicted, actual) in predicted.iter().zip(actual) {
            let error = predicted - actual;
            absolute += error.abs();
            squared += error * error;
            relative += error.abs() / actual;
            close += f64::from(u8::from(error.abs() <= 0.1 * actual));
            around_mean += (actual - mean) * (actual - mean);
        }
        Some(Metrics {
            mae: absolute / count,
            rmse: libm::sqrt(squared / count),
            r2: 1.0 - squared / around_mean,
            mape: relative / count,
            within_10_percent: close / count,
            n: n as u64,
        })
    }

    pub(crate) fn is_finite(&self) -> bool {
        let Metrics { mae, rmse, r2, mape, within_10_percent, n: _ } = self;
        [mae, rmse, r2, mape, within_10_percent].into_iter().all(|figure| figure.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metrics_follow_their_textbook_definitions() {
        let metrics = Metrics::of(&[110.0, 180.0, 300.0], &[100.0, 200.0, 300.0]).unwrap();
        let check =
            |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{metrics:?}");
        check(metrics.mae, 10.0);
        check(metrics.rmse, (500.0_f64 / 3.0).sqrt());
        check(metrics.r2, 1.0 - 500.0 / 20_000.0);
        check(metrics.mape, 0.2 / 3.0);
        check(metrics.within_10_percent, 1.0);
        assert_eq!(metrics.n, 3);
        assert_eq!(Metrics::of(&[], &[]), None);
    }
}
