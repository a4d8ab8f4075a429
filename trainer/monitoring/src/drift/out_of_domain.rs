//! Measures the rate of stones outside the domain of the training stones.

use serde::Serialize;

use super::{DriftLevel, Limits};
use crate::chance;

/// By how much the rate must exceed that of training to be a shift and a drift.
const LIMITS: [f64; 2] = [0.02, 0.05];

/// The rates of stones that the champion warns are outside the domain of its training stones. About one in a hundred of the
/// training stones themselves is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OutOfDomainRate {
    /// The rate among training stones.
    pub training: f64,
    /// The rate among requests.
    pub requests: f64,
    /// What the rate must exceed.
    #[serde(flatten)]
    pub limits: Limits,
    /// How far it has drifted.
    pub verdict: DriftLevel,
}

impl OutOfDomainRate {
    /// Takes how many stones there are, and how many of them are outside the domain.
    pub(super) fn of(training: [u64; 2], requests: [u64; 2]) -> OutOfDomainRate {
        let rate = |[stones, outside]: [u64; 2]| outside as f64 / stones.max(1) as f64;
        // One more of either kind: that no training stone was does not make it impossible.
        let [trained, outside] = training;
        let expected = (outside + 1) as f64 / (trained + 2) as f64;
        let (training, stones, requests) = (rate(training), requests[0], rate(requests));
        let by_chance = chance::share(expected, stones.max(1));
        let [shifted_above, drifted_above] =
            LIMITS.map(|more| (training + more).max(by_chance).min(1.0));
        let limits = Limits { shifted_above, drifted_above };
        let verdict = limits.verdict(requests, stones);
        OutOfDomainRate { training, requests, limits, verdict }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_chance_and_more_than_a_few_in_a_hundred_is_drift() {
        let check = |training: [u64; 2], requests: [u64; 2], expected: DriftLevel| {
            let found = OutOfDomainRate::of(training, requests);
            assert_eq!(found.verdict, expected, "{found:?}");
        };
        check([50_000, 400], [99, 99], DriftLevel::TooFew);
        check([50_000, 400], [100, 5], DriftLevel::Calm);
        check([50_000, 400], [100, 7], DriftLevel::Drifted);
        check([50_000, 400], [10_000, 100], DriftLevel::Calm);
        check([50_000, 400], [10_000, 300], DriftLevel::Shifted);
        check([50_000, 400], [10_000, 600], DriftLevel::Drifted);
        check([50_000, 0], [100, 1], DriftLevel::Calm);
        check([10, 10], [1_000, 1_000], DriftLevel::Calm);
        check([50_000, 400], [10_000, 0], DriftLevel::Calm);
    }
}
