//! Prunes a trial that falls behind the median of earlier trials.

use crate::statistics::lower_median;
use crate::trial::Trial;

/// After every so many rounds a trial is compared with those before it.
pub(super) const MARK_ROUNDS: usize = 25;

/// The first marks say little: the errors of all settings are far from their lowest.
const WARM_UP_MARKS: usize = 2;

/// Fewer trials than this have no meaningful median.
const FEWEST_TRIALS: usize = 5;

/// The errors of the trials of all earlier batches. A batch is compared only with earlier ones, so that no decision
/// depends on which trial of a batch was faster.
#[derive(Debug, Default)]
pub(super) struct MedianPruner {
    trials: Vec<Trial>,
}

impl MedianPruner {
    pub(super) fn add(&mut self, trial: Trial) {
        self.trials.push(trial);
    }

    /// Why a trial that has this error at a mark, counted from 0, is pruned; `None` where it goes on.
    pub(super) fn prune_reason(&self, fold: usize, mark: usize, mae: f64) -> Option<String> {
        if mark < WARM_UP_MARKS {
            return None;
        }
        let others: Vec<f64> =
            self.trials.iter().filter_map(|trial| reached(trial, fold, mark)).collect();
        if others.len() < FEWEST_TRIALS {
            return None;
        }
        let median = lower_median(others.clone())?;
        (mae > median).then(|| {
            format!(
                "MAE {mae:.2} on fold {} after {} rounds, behind {median:.2}, the median of {} trials before",
                fold + 1,
                (mark + 1) * MARK_ROUNDS,
                others.len()
            )
        })
    }

    /// The score that the sampler gets for a pruned trial: no better than the median of those that were not pruned.
    pub(super) fn score_for_sampler(&self, trial: &Trial) -> Option<f64> {
        let scores: Vec<f64> = self.trials.iter().filter_map(|trial| trial.score).collect();
        trial.mean().into_iter().chain(lower_median(scores)).max_by(f64::total_cmp)
    }
}

/// The lowest error of a trial up to a mark; none where it was pruned before. A fold that ended before the mark counts with
/// its lowest error.
fn reached(trial: &Trial, fold: usize, mark: usize) -> Option<f64> {
    let is_complete = trial.score.is_some() || fold + 1 < trial.folds.len();
    let fold = trial.folds.get(fold)?;
    fold.curve.get(mark).copied().or_else(|| is_complete.then_some(fold.mae))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::trial::{Ended, Fold};

    /// Trials with this lowest error on one fold and the curve up to it; without an error they were given up.
    fn pruner(curves: &[(&[f64], Option<f64>)]) -> MedianPruner {
        let mut pruner = MedianPruner::default();
        for (number, (curve, score)) in curves.iter().enumerate() {
            let mae = score.or(curve.last().copied()).unwrap();
            let fold = Fold { mae, rounds: 1, curve: curve.to_vec() };
            pruner.add(Trial {
                number,
                params: json!({}),
                folds: vec![fold],
                score: *score,
                seconds: 0.0,
                ended: if score.is_some() { Ended::Finished } else { Ended::Pruned },
                reason: String::new(),
            });
        }
        pruner
    }

    #[test]
    fn a_trial_behind_the_median_of_enough_others_is_given_up() {
        let check =
            |curves: &[(&[f64], Option<f64>)], mark: usize, mae: f64, prune_reason: bool| {
                let found = pruner(curves).prune_reason(0, mark, mae);
                assert_eq!(found.is_some(), prune_reason, "{curves:?}, {mae} at {mark}: {found:?}");
            };
        let curve: [f64; 4] = [900.0, 500.0, 300.0, 200.0];
        let even: Vec<(&[f64], Option<f64>)> = vec![(&curve, Some(190.0)); 5];
        check(&even, 2, 300.1, true);
        check(&even, 2, 300.0, false);
        check(&even[..4], 2, 900.0, false);
        check(&even, 1, 5000.0, false);
        // All five had ended before the tenth mark, with 190.
        check(&even, 9, 190.1, true);
        check(&even, 9, 190.0, false);
        // Of those that were given up, it is unknown how far they would have come.
        let given_up: Vec<(&[f64], Option<f64>)> = vec![(&curve, None); 5];
        check(&given_up, 2, 300.1, true);
        check(&given_up, 9, 300.1, false);
        let mixed = [&even[..3], &given_up[..4]].concat();
        check(&mixed, 9, 300.1, false);
        // Another fold has no trials.
        assert_eq!(pruner(&even).prune_reason(1, 2, 5000.0), None);
    }

    #[test]
    fn a_trial_that_was_given_up_is_never_told_as_a_good_one() {
        let all =
            pruner(&[(&[], Some(10.0)), (&[], Some(20.0)), (&[], Some(30.0)), (&[40.0], None)]);
        assert_eq!(all.score_for_sampler(&all.trials[3]), Some(40.0));
        let early = pruner(&[(&[], Some(10.0)), (&[], Some(20.0)), (&[15.0], None)]);
        assert_eq!(early.score_for_sampler(&early.trials[2]), Some(15.0));
        let lucky = pruner(&[(&[], Some(30.0)), (&[15.0], None)]);
        assert_eq!(lucky.score_for_sampler(&lucky.trials[1]), Some(30.0));
    }
}
