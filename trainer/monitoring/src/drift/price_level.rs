//! Compares the prices of stones of the same weight in requests and in the training data.

use std::f64::consts::FRAC_PI_2;

use serde::Serialize;

use super::{DriftLevel, Limits};
use crate::chance;
use learning::statistics::mean;

/// How wide a step of a histogram is, in the logarithm: a median is right to half a percent.
const STEP: f64 = 0.005;

/// Steps from a dollar to a billion, which no price passes.
const STEPS: usize = 4_146;

/// Prices that differ by so much, in the logarithm, are a shift and a drift: 10 and 25 percent.
const LIMITS: [f64; 2] = [0.095_310_179_804_324_87, 0.223_143_551_314_209_76];

/// The distance of the quartiles of a normal distribution, in standard deviations.
const QUARTILES_APART: f64 = 1.349;

/// How many groups of weights there are, of about as many training stones each.
pub(super) const FIFTHS: usize = 5;

/// How many times as much the champion asks for the stones of requests as for training stones of the same weight.
///
/// Both are its own prices, for a model that is off by a tenth is so on both sides. Each is first brought to one carat by
/// the champion's own power law of weight, and then compared within fifths of the weights, where what that power law is off by is the
/// same on both sides: callers who ask for larger stones are a drift of the weight, which is told where it belongs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PriceLevel {
    /// Prices in requests over those in the training data.
    pub ratio: f64,
    /// How far the ratio must be from 1, either way.
    #[serde(flatten)]
    pub limits: Limits,
    /// How far it has drifted.
    pub verdict: DriftLevel,
    /// The stones by fifths of the weight.
    #[serde(rename = "carat_fifths")]
    pub fifths: Vec<Fifth>,
}

/// Stones of a fifth of the weights.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fifth {
    /// The largest weight in it; `None` for the last.
    up_to_carat: Option<f64>,
    training: u64,
    requests: u64,
    training_median_at_one_carat_usd: Option<f64>,
    requests_median_at_one_carat_usd: Option<f64>,
}

/// Prices, counted by steps of half a percent.
#[derive(Debug, Clone)]
pub(super) struct LogHistogram {
    counts: Vec<u64>,
    all: u64,
}

/// The power of the weight that prices grow with, fitted to weights in carats and prices by least squares in their logarithms.
/// A price below a dollar counts as one.
pub(super) fn power_of_weight(prices: &[(f64, f64)]) -> f64 {
    let (weights, prices): (Vec<f64>, Vec<f64>) =
        prices.iter().map(|(carat, usd)| (libm::log(*carat), libm::log(usd.max(1.0)))).unzip();
    let [mean_x, mean_y] = [&weights, &prices].map(|logs| mean(logs).unwrap_or_default());
    let (mut variance, mut covariance) = (0.0, 0.0);
    for (x, y) in weights.iter().zip(&prices) {
        let (x, y) = (x - mean_x, y - mean_y);
        variance += x * x;
        covariance += x * y;
    }
    // Stones of one weight have no power law.
    if variance > 0.0 { covariance / variance } else { 0.0 }
}

/// What a stone would cost if it were of one carat.
pub(super) fn at_one_carat(power: f64, carat: f64, price_usd: f64) -> f64 {
    price_usd / libm::pow(carat, power)
}

impl LogHistogram {
    pub(super) fn new() -> LogHistogram {
        LogHistogram { counts: vec![0; STEPS], all: 0 }
    }

    /// Counts a price; what is below a dollar counts as one.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped")]
    pub(super) fn see(&mut self, price_usd: f64) {
        let step = (libm::log(price_usd.max(1.0)) / STEP).clamp(0.0, (STEPS - 1) as f64);
        self.counts[step as usize] += 1;
        self.all += 1;
    }

    /// The logarithm of the price that a share of the prices is below; `None` of nothing.
    fn quantile(&self, share: f64) -> Option<f64> {
        let wanted = share * self.all as f64;
        let mut below = 0;
        let at = self.counts.iter().position(|count| {
            below += count;
            below > 0 && below as f64 >= wanted
        })?;
        Some((at as f64 + 0.5) * STEP)
    }

    fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }

    /// The variance of a median of so many prices, if their logarithms are about normal.
    fn variance_of_median(&self, count: u64) -> f64 {
        let apart = self.quantile(0.75).zip(self.quantile(0.25));
        let deviation = apart.map_or(0.0, |(upper, lower)| (upper - lower) / QUARTILES_APART);
        FRAC_PI_2 * deviation * deviation / count.max(1) as f64
    }
}

impl PriceLevel {
    /// Takes the weights that the fifths end at and the prices in each, of training stones and of requests.
    pub(super) fn of(
        ends: [f64; FIFTHS - 1],
        training: &[LogHistogram],
        requests: &[LogHistogram],
    ) -> PriceLevel {
        let all = requests.iter().map(|histogram| histogram.all).sum::<u64>();
        let (mut level, mut variance) = (0.0, 0.0);
        for (trained, asked) in training.iter().zip(requests) {
            if let (Some(before), Some(now)) = (trained.median(), asked.median()) {
                let share = asked.all as f64 / all as f64;
                level += share * (now - before);
                let variances = [trained.all, asked.all].map(|all| trained.variance_of_median(all));
                variance += share * share * variances.iter().sum::<f64>();
            }
        }
        let limits = Limits::of(LIMITS, chance::normal(variance));
        let verdict = limits.verdict(level.abs(), all);
        let ends = ends.into_iter().map(Some).chain([None]);
        let fifth = |(up_to_carat, (trained, asked)): (_, (&LogHistogram, &LogHistogram))| Fifth {
            up_to_carat,
            training: trained.all,
            requests: asked.all,
            training_median_at_one_carat_usd: trained.median().map(libm::exp),
            requests_median_at_one_carat_usd: asked.median().map(libm::exp),
        };
        PriceLevel {
            ratio: libm::exp(level),
            limits: Limits {
                shifted_above: libm::exp(limits.shifted_above) - 1.0,
                drifted_above: libm::exp(limits.drifted_above) - 1.0,
            },
            verdict,
            fifths: ends.zip(training.iter().zip(requests)).map(fifth).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(prices: impl IntoIterator<Item = f64>) -> LogHistogram {
        let mut histogram = LogHistogram::new();
        prices.into_iter().for_each(|price| histogram.see(price));
        histogram
    }

    #[test]
    fn a_law_of_weight_is_found_and_taken_off() {
        let price = |carat: f64| 4_000.0 * carat.powf(1.7);
        let stones: Vec<(f64, f64)> =
            (2..50).map(|at| f64::from(at) / 10.0).map(|carat| (carat, price(carat))).collect();
        let power = power_of_weight(&stones);
        assert!((power - 1.7).abs() < 1e-12, "{power:?}");
        assert!((at_one_carat(power, 9.0, price(9.0)) - 4_000.0).abs() < 1e-6);
        assert!(power_of_weight(&[(1.0, 5.0), (1.0, 7.0)]).abs() <= 0.0);
    }

    #[test]
    fn a_median_is_right_to_half_a_percent() {
        let check = |prices: &[f64], expected: Option<f64>| {
            let found = histogram(prices.iter().copied()).median().map(libm::exp);
            let is_right = match (found, expected) {
                (Some(found), Some(expected)) => (found / expected - 1.0).abs() < 0.005,
                (found, expected) => found == expected,
            };
            assert!(is_right, "{found:?} {expected:?}");
        };
        check(&[], None);
        check(&[500.0], Some(500.0));
        check(&[326.0, 2_401.0, 18_823.0], Some(2_401.0));
        check(&[0.0, -3.0, 1.0], Some(1.0));
        check(&[1e9; 3], Some(1e9));
    }

    #[test]
    fn a_level_is_compared_among_stones_of_the_same_weight() {
        let prices =
            |from: f64, times: f64| (0..1_000).map(move |at| times * (from + f64::from(at)));
        let training: Vec<LogHistogram> = [300.0, 700.0, 1_500.0, 3_500.0, 8_000.0]
            .map(|from| histogram(prices(from, 1.0)))
            .into();
        let check = |counts: [usize; 5], times: f64, verdict: DriftLevel| {
            let froms = [300.0, 700.0, 1_500.0, 3_500.0, 8_000.0];
            let requests: Vec<LogHistogram> = froms
                .iter()
                .zip(counts)
                .map(|(from, count)| {
                    histogram(prices(*from, times).step_by(1_000 / count.max(1)).take(count))
                })
                .collect();
            let found = PriceLevel::of([0.4, 0.6, 0.9, 1.2], &training, &requests);
            assert_eq!(found.verdict, verdict, "{found:?}");
            if verdict != DriftLevel::TooFew {
                assert!((found.ratio / times - 1.0).abs() < 0.02, "{found:?}");
            }
        };
        check([10; 5], 3.0, DriftLevel::TooFew);
        check([500; 5], 1.0, DriftLevel::Calm);
        // All of the heaviest: they cost more, and no more than such stones do.
        check([0, 0, 0, 0, 500], 1.0, DriftLevel::Calm);
        check([500; 5], 1.15, DriftLevel::Shifted);
        check([500; 5], 1.4, DriftLevel::Drifted);
        check([500; 5], 0.7, DriftLevel::Drifted);
    }
}
