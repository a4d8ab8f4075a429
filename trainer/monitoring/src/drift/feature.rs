//! Compares one feature of the requested stones with the training stones.

use super::histogram::{Bin, EmpiricalHistogram};
use super::kolmogorov_smirnov::KolmogorovSmirnov;
use super::{DriftLevel, FEWEST};
use crate::{chance, psi};

/// Below the first a PSI is not called a shift, above the second it is: the limits that the index has been used
/// with since it was made for scorecards (N. Siddiqi, "Credit Risk Scorecards", 2006).
const LIMITS: [f64; 2] = [0.1, 0.25];

/// How far a feature's values are from the training stones'.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureDrift {
    /// The name of the feature.
    pub name: &'static str,
    /// How many of the stones came with it.
    pub given: u64,
    /// The population stability index.
    pub psi: f64,
    /// Above the first it is shifted, above the second drifted.
    pub limits: [f64; 2],
    /// How far it has drifted.
    pub verdict: DriftLevel,
    /// What was counted.
    pub values: Values,
}

/// What the values are like.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// A number, counted in bins.
    Numbers {
        /// The bins.
        bins: Vec<Bin>,
        /// The two-sample test; none where no request gave the number.
        kolmogorov_smirnov: Option<KolmogorovSmirnov>,
        /// The mean of the training stones.
        training_mean: Option<f64>,
        /// The mean of the requests.
        requests_mean: Option<f64>,
    },
    /// Training stones and requests of each grade, in the order of the histogram.
    Grades(Vec<(&'static str, [u64; 2])>),
}

impl FeatureDrift {
    pub(super) fn of_numbers(name: &'static str, histogram: &EmpiricalHistogram) -> FeatureDrift {
        let bins = histogram.bins();
        let (training, requests): (Vec<u64>, Vec<u64>) =
            bins.iter().map(|bin| (bin.training, bin.requests)).unzip();
        let given = histogram.asked().count;
        let values = Values::Numbers {
            bins,
            kolmogorov_smirnov: (given > 0).then(|| histogram.kolmogorov_smirnov()),
            training_mean: histogram.trained().mean(),
            requests_mean: histogram.asked().mean(),
        };
        FeatureDrift::new(name, &training, &requests, values)
    }

    pub(super) fn of_grades(
        name: &'static str,
        grades: &'static [&'static str],
        training: &[u64],
        requests: &[u64],
    ) -> FeatureDrift {
        let counts = training.iter().zip(requests).map(|(trained, asked)| [*trained, *asked]);
        let values = Values::Grades(grades.iter().copied().zip(counts).collect());
        FeatureDrift::new(name, training, requests, values)
    }

    fn new(name: &'static str, training: &[u64], requests: &[u64], values: Values) -> FeatureDrift {
        let [trained, given] = [training, requests].map(|counts| counts.iter().sum());
        let psi = psi::psi(training, requests);
        let by_chance = chance::psi(psi::bins(training, requests), given, trained);
        let limits = LIMITS.map(|limit| limit.max(by_chance));
        let verdict = if given < FEWEST { DriftLevel::TooFew } else { DriftLevel::of(psi, limits) };
        FeatureDrift { name, given, psi, limits, verdict, values }
    }
}
