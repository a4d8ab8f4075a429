//! Counts the training stones first, then every stone of the requests as it passes.

use inference::features::{FEATURE_COUNT, FEATURE_NAMES};
use inference::{Diamond, Estimate, Features, Predictor, Warning};

use super::FeatureDrift;
use super::histogram::EmpiricalHistogram;
use super::out_of_domain::{Count, OutOfDomainRate};
use super::price_level::{FIFTHS, LogHistogram, PriceLevel, WeightPower};
use data::stone::{Stone, grades};

/// What is counted; memory grows with the training stones and with nothing else.
pub(super) struct DriftMonitor<'a> {
    predictor: &'a Predictor,
    features: Vec<FeatureCounts>,
    weights: Weights,
    training: StoneCounts,
    requests: StoneCounts,
}

/// What the training stones say of weights.
#[derive(Debug, Clone, Copy)]
struct Weights {
    /// The weights that all fifths but the last end at.
    fifths_end: [f64; FIFTHS - 1],
    power_law: WeightPower,
}

/// A feature.
enum FeatureCounts {
    Number(EmpiricalHistogram),
    Grade { names: &'static [&'static str], training: Vec<u64>, requests: Vec<u64> },
}

/// What is counted of training stones and requests alike.
struct StoneCounts {
    out_of_domain: Count,
    prices: Vec<LogHistogram>,
}

impl<'a> DriftMonitor<'a> {
    /// Looks at the training stones, of which there is at least one.
    pub(super) fn new(stones: &[&Stone], predictor: &'a Predictor) -> DriftMonitor<'a> {
        let described: Vec<[f64; FEATURE_COUNT]> =
            stones.iter().map(|stone| *stone.features().values()).collect();
        let column = |at: usize| {
            described.iter().map(move |values| values[at]).filter(|value| !value.is_nan())
        };
        let watched = |(at, name): (usize, &str)| match grades(name) {
            None => FeatureCounts::Number(EmpiricalHistogram::new(column(at).collect())),
            Some(names) => {
                let mut training = vec![0; names.len()];
                column(at).for_each(|grade| count_grade(&mut training, grade));
                FeatureCounts::Grade { names, training, requests: vec![0; names.len()] }
            }
        };
        let features = FEATURE_NAMES.into_iter().enumerate().map(watched).collect();
        let estimates: Vec<Estimate> =
            stones.iter().map(|stone| predictor.estimate(&stone.diamond)).collect();
        let carats = stones.iter().map(|stone| stone.diamond.carat.carats());
        let prices: Vec<(f64, f64)> = carats
            .zip(estimates.iter().map(|estimate| estimate.price_usd))
            .filter(|(_, price_usd)| price_usd.is_finite())
            .collect();
        let mut carats: Vec<f64> = column(0).collect();
        carats.sort_unstable_by(f64::total_cmp);
        let fifths_end = std::array::from_fn(|at| {
            let last = ((at + 1) * carats.len()).div_ceil(FIFTHS).saturating_sub(1);
            carats.get(last).copied().unwrap_or_default()
        });
        let weights = Weights { fifths_end, power_law: WeightPower::fit(&prices) };
        let mut training = StoneCounts::new();
        for (stone, estimate) in stones.iter().zip(&estimates) {
            training.see(weights, &stone.diamond, estimate);
        }
        DriftMonitor { predictor, features, weights, training, requests: StoneCounts::new() }
    }

    /// Looks at a stone of a request.
    pub(super) fn see(&mut self, diamond: &Diamond) {
        for (feature, value) in self.features.iter_mut().zip(Features::of(diamond).values()) {
            match feature {
                _ if value.is_nan() => {}
                FeatureCounts::Number(histogram) => histogram.see(*value),
                FeatureCounts::Grade { requests, .. } => count_grade(requests, *value),
            }
        }
        self.requests.see(self.weights, diamond, &self.predictor.estimate(diamond));
    }

    /// What it comes to.
    pub(super) fn conclude(self) -> (Vec<FeatureDrift>, OutOfDomainRate, PriceLevel) {
        let features = FEATURE_NAMES.into_iter().zip(&self.features);
        let features = features.map(|(name, feature)| match feature {
            FeatureCounts::Number(histogram) => FeatureDrift::of_numbers(name, histogram),
            FeatureCounts::Grade { names, training, requests } => {
                FeatureDrift::of_grades(name, names, training, requests)
            }
        });
        (
            features.collect(),
            OutOfDomainRate::of(self.training.out_of_domain, self.requests.out_of_domain),
            PriceLevel::of(self.weights.fifths_end, &self.training.prices, &self.requests.prices),
        )
    }
}

impl StoneCounts {
    fn new() -> StoneCounts {
        StoneCounts { out_of_domain: Count::default(), prices: vec![LogHistogram::new(); FIFTHS] }
    }

    fn see(&mut self, weights: Weights, diamond: &Diamond, estimate: &Estimate) {
        self.out_of_domain.see(estimate.warnings.iter().any(says_out_of_domain));
        let carat = diamond.carat.carats();
        let fifth = weights.fifths_end.partition_point(|end| *end < carat);
        // A price that is not finite is not counted.
        let price_usd = Some(estimate.price_usd).filter(|price_usd| price_usd.is_finite());
        if let Some((histogram, price_usd)) = self.prices.get_mut(fifth).zip(price_usd) {
            histogram.see(weights.power_law.at_one_carat(carat, price_usd));
        }
    }
}

/// Whether a warning says that a stone is unlike the training stones.
fn says_out_of_domain(warning: &Warning) -> bool {
    use Warning::{Outside, PriceOutside, RareGrades, Side, Volume};
    matches!(
        warning,
        Outside { .. } | RareGrades { .. } | Volume { .. } | Side { .. } | PriceOutside { .. }
    )
}

/// Counts a grade by its ordinal.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a u8 made it")]
fn count_grade(counts: &mut [u64], ordinal: f64) {
    if let Some(count) = counts.get_mut(ordinal as usize) {
        *count += 1;
    }
}
