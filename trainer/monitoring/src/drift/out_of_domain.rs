//! Measures the rate of stones outside the domain of the training stones.

use super::{DriftLevel, FEWEST};
use crate::chance;

/// By how much the rate must exceed that of training to be a shift and a drift.
const LIMITS: [f64; 2] = [0.02, 0.05];

/// The rates of stones that the champion warns are outside the domain of its training stones. About one in a hundred of the
/// training stones themselves is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutOfDomainRate {
    /// The rate among training stones.
    pub training: f64,
    /// The rate among requests.
    pub requests: f64,
    /// Above the first it is shifted, above the second drifted.
    pub limits: [f64; 2],
    /// How far it has drifted.
    pub verdict: DriftLevel,
}

/// Stones, and how many of them are out of the domain of the training stones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Count {
    stones: u64,
    out_of_domain: u64,
}

impl Count {
    pub(super) fn see(&mut self, is_unlike: bool) {
        self.stones += 1;
        self.out_of_domain += u64::from(is_unlike);
    }

    fn share(self) -> f64 {
        if self.stones == 0 { 0.0 } else { self.out_of_domain as f64 / self.stones as f64 }
    }
}

impl OutOfDomainRate {
    pub(super) fn of(training: Count, requests: Count) -> OutOfDomainRate {
        // One more of either kind: that no training stone was does not make it impossible.
        let expected = (training.out_of_domain + 1) as f64 / (training.stones + 2) as f64;
        let by_chance = chance::share(expected, requests.stones.max(1));
        let limits = LIMITS.map(|more| (training.share() + more).max(by_chance).min(1.0));
        let share = requests.share();
        let verdict = if requests.stones < FEWEST {
            DriftLevel::TooFew
        } else {
            DriftLevel::of(share, limits)
        };
        OutOfDomainRate { training: training.share(), requests: share, limits, verdict }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_chance_and_more_than_a_few_in_a_hundred_is_drift() {
        let check = |training: [u64; 2], requests: [u64; 2], expected: DriftLevel| {
            let [training, requests] =
                [training, requests].map(|[stones, out_of_domain]| Count { stones, out_of_domain });
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
