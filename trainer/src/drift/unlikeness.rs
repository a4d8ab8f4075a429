//! How many stones the champion calls unlike those it learnt from.

use super::{FEWEST, Verdict, chance};

/// By how much, in shares, more stones than in training must be unlike them to be a shift and a drift.
const LIMITS: [f64; 2] = [0.02, 0.05];

/// The shares of stones that come with a warning that they are unlike the training stones, by one and the same model: of
/// the training stones themselves every hundredth or so is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Unlikeness {
    pub(crate) training: f64,
    pub(crate) requests: f64,
    /// Above the first it is shifted, above the second drifted.
    pub(crate) limits: [f64; 2],
    pub(crate) verdict: Verdict,
}

/// Stones, and how many of them are unlike the training stones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Count {
    stones: u64,
    unlike: u64,
}

impl Count {
    pub(super) fn see(&mut self, is_unlike: bool) {
        self.stones += 1;
        self.unlike += u64::from(is_unlike);
    }

    fn share(self) -> f64 {
        if self.stones == 0 { 0.0 } else { self.unlike as f64 / self.stones as f64 }
    }
}

impl Unlikeness {
    pub(super) fn of(training: Count, requests: Count) -> Unlikeness {
        // One more of either kind: that no training stone was does not make it impossible.
        let expected = (training.unlike + 1) as f64 / (training.stones + 2) as f64;
        let by_chance = chance::share(expected, requests.stones.max(1));
        let limits = LIMITS.map(|more| (training.share() + more).max(by_chance).min(1.0));
        let share = requests.share();
        let verdict =
            if requests.stones < FEWEST { Verdict::TooFew } else { Verdict::of(share, limits) };
        Unlikeness { training: training.share(), requests: share, limits, verdict }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_chance_and_more_than_a_few_in_a_hundred_is_drift() {
        let check = |training: [u64; 2], requests: [u64; 2], expected: Verdict| {
            let [training, requests] =
                [training, requests].map(|[stones, unlike]| Count { stones, unlike });
            let found = Unlikeness::of(training, requests);
            assert_eq!(found.verdict, expected, "{found:?}");
        };
        check([50_000, 400], [99, 99], Verdict::TooFew);
        check([50_000, 400], [100, 5], Verdict::Calm);
        check([50_000, 400], [100, 7], Verdict::Drifted);
        check([50_000, 400], [10_000, 100], Verdict::Calm);
        check([50_000, 400], [10_000, 300], Verdict::Shifted);
        check([50_000, 400], [10_000, 600], Verdict::Drifted);
        check([50_000, 0], [100, 1], Verdict::Calm);
        check([10, 10], [1_000, 1_000], Verdict::Calm);
        check([50_000, 400], [10_000, 0], Verdict::Calm);
    }
}
