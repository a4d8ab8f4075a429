//! Compares a share of the requests with the same share of the training stones.

use serde::Serialize;

use super::{DriftLevel, Limits};
use crate::chance;

/// By how much the share of stones outside the domain must exceed that of training to be a shift and a drift.
pub(super) const OUT_OF_DOMAIN: [f64; 2] = [0.02, 0.05];

/// The same for refused stones, of which training has none.
pub(super) const REFUSED: [f64; 2] = [0.02, 0.05];

/// The same for stones without a measure. They have a price, only in a wider range.
pub(super) const MISSING: [f64; 2] = [0.1, 0.25];

/// Two shares, such as of the stones that the champion warns are outside the domain of its training stones. About one in a
/// hundred of the training stones themselves is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rate {
    /// The share of the training stones.
    pub training: f64,
    /// The share of the requests.
    pub requests: f64,
    /// What the share must exceed.
    #[serde(flatten)]
    pub limits: Limits,
    /// How far it has drifted.
    pub verdict: DriftLevel,
}

impl Rate {
    /// Takes by how much the share must exceed that of training, how many stones there are, and how many of them count.
    pub(super) fn of(more: [f64; 2], training: [u64; 2], requests: [u64; 2]) -> Rate {
        let rate = |[stones, counted]: [u64; 2]| counted as f64 / stones.max(1) as f64;
        // One more of either kind: that no training stone was does not make it impossible.
        let [trained, counted] = training;
        let expected = (counted + 1) as f64 / (trained + 2) as f64;
        let (training, stones, requests) = (rate(training), requests[0], rate(requests));
        let by_chance = chance::share(expected, stones.max(1));
        let [shifted_above, drifted_above] =
            more.map(|more| (training + more).max(by_chance).min(1.0));
        let limits = Limits { shifted_above, drifted_above };
        let verdict = limits.verdict(requests, stones);
        Rate { training, requests, limits, verdict }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_chance_and_more_than_a_few_in_a_hundred_is_drift() {
        let check = |training: [u64; 2], requests: [u64; 2], expected: DriftLevel| {
            let found = Rate::of(OUT_OF_DOMAIN, training, requests);
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
