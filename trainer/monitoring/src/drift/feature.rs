//! Compares one feature of the requested stones with the training stones.

use inference::features::{FEATURE_NAMES, PRICE_LIST};
use serde::Serialize;

use super::histogram::{Bin, Means};
use super::kolmogorov_smirnov::KolmogorovSmirnov;
use super::rate::{MISSING, Rate};
use super::{DriftLevel, Limits};
use crate::{chance, psi};

/// Below the first a PSI is not called a shift, above the second it is: the limits that the index has been used
/// with since it was made for scorecards (N. Siddiqi, "Credit Risk Scorecards", 2006).
const LIMITS: [f64; 2] = [0.1, 0.25];

/// How far a feature's values are from the training stones'.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureDrift {
    /// The name of the feature.
    #[serde(rename = "feature")]
    pub name: &'static str,
    /// How many of the stones came with it.
    pub given: u64,
    /// The share of the stones that came with it; 0 of nothing.
    pub given_share: f64,
    /// The share of stones without it. `None` for the price list: callers need not name one, and training rows may all have
    /// one.
    pub missing: Option<Rate>,
    /// The population stability index.
    pub psi: f64,
    /// What the index must exceed.
    #[serde(flatten)]
    pub limits: Limits,
    /// How far it has drifted.
    pub verdict: DriftLevel,
    /// What was counted.
    #[serde(flatten)]
    pub values: Values,
}

/// What the values are like.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Values {
    /// A number, counted in bins.
    Numbers {
        /// The bins.
        bins: Vec<Bin>,
        /// The two-sample test; none where no request gave the number.
        kolmogorov_smirnov: Option<KolmogorovSmirnov>,
        /// The means.
        mean: Means,
    },
    /// A grade, in the order of the grades, or the price list, in the order of names.
    Grades {
        /// The grades.
        grades: Vec<Grade>,
    },
}

/// How many stones have a grade, or are priced by a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say what is counted")]
pub struct Grade {
    pub grade: String,
    pub training: u64,
    pub requests: u64,
}

impl FeatureDrift {
    pub(super) fn new(
        name: &'static str,
        values: Values,
        [trained_stones, stones]: [u64; 2],
    ) -> FeatureDrift {
        let (training, requests): (Vec<u64>, Vec<u64>) = match &values {
            Values::Numbers { bins, .. } => {
                bins.iter().map(|bin| (bin.training, bin.requests)).unzip()
            }
            Values::Grades { grades } => {
                grades.iter().map(|grade| (grade.training, grade.requests)).unzip()
            }
        };
        let [training, requests] = [&training[..], &requests];
        let [trained, given] = [training, requests].map(|counts| counts.iter().sum());
        let psi = psi::psi(training, requests);
        let by_chance = chance::psi(psi::bins(training, requests), given, trained);
        let limits = Limits::of(LIMITS, by_chance);
        let given_share = given as f64 / stones.max(1) as f64;
        let verdict = limits.verdict(psi, given);
        let missing = (name != FEATURE_NAMES[PRICE_LIST]).then(|| {
            Rate::of(MISSING, [trained_stones, trained_stones - trained], [stones, stones - given])
        });
        FeatureDrift { name, given, given_share, missing, psi, limits, verdict, values }
    }
}
