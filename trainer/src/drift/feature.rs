//! A feature of the stones that callers ask for, beside that of the training stones.

use super::kolmogorov_smirnov::KolmogorovSmirnov;
use super::scale::{Bin, Scale};
use super::{FEWEST, Verdict, chance, psi};

/// Below the first nobody calls a PSI a shift, above the second everybody does: the limits that the index has been used
/// with since it was made for scorecards (N. Siddiqi, "Credit Risk Scorecards", 2006).
const LIMITS: [f64; 2] = [0.1, 0.25];

/// How far a feature's values are from the training stones'.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FeatureDrift {
    pub(crate) name: &'static str,
    /// How many of the stones came with it.
    pub(crate) given: u64,
    pub(crate) psi: f64,
    /// Above the first it is shifted, above the second drifted.
    pub(crate) limits: [f64; 2],
    pub(crate) verdict: Verdict,
    pub(crate) values: Values,
}

/// What the values are like.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    Numbers {
        bins: Vec<Bin>,
        kolmogorov_smirnov: Option<KolmogorovSmirnov>,
        training_mean: Option<f64>,
        requests_mean: Option<f64>,
    },
    /// Training stones and requests of each grade, in the order of the scale.
    Grades(Vec<(&'static str, [u64; 2])>),
}

impl FeatureDrift {
    pub(super) fn of_numbers(name: &'static str, scale: &Scale) -> FeatureDrift {
        let bins = scale.bins();
        let (training, requests): (Vec<u64>, Vec<u64>) =
            bins.iter().map(|bin| (bin.training, bin.requests)).unzip();
        let given = scale.asked().count;
        let values = Values::Numbers {
            bins,
            kolmogorov_smirnov: (given > 0).then(|| scale.kolmogorov_smirnov()),
            training_mean: scale.trained().mean(),
            requests_mean: scale.asked().mean(),
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
        let verdict = if given < FEWEST { Verdict::TooFew } else { Verdict::of(psi, limits) };
        FeatureDrift { name, given, psi, limits, verdict, values }
    }
}
