//! The trials before a trial, and whether it falls behind them: median pruning.

use super::Trial;

/// After every so many rounds a trial is compared with those before it.
pub(super) const MARK_ROUNDS: usize = 25;

/// The first marks say little: the errors of all settings are far from their lowest.
const WARM_UP_MARKS: usize = 2;

/// Fewer rivals than this have no median worth the name.
const FEWEST_RIVALS: usize = 5;

/// What the trials of all earlier batches reached. A batch is compared with those before it alone, so that no decision
/// depends on which trial of a batch was faster.
#[derive(Debug, Default)]
pub(super) struct Rivals {
    trials: Vec<Trial>,
}

impl Rivals {
    pub(super) fn add(&mut self, trial: Trial) {
        self.trials.push(trial);
    }

    /// Why a trial that has this error at a mark, counted from 0, is given up; `None` where it goes on.
    pub(super) fn outrun(&self, fold: usize, mark: usize, mae: f64) -> Option<String> {
        if mark < WARM_UP_MARKS {
            return None;
        }
        let mut others: Vec<f64> =
            self.trials.iter().filter_map(|trial| reached(trial, fold, mark)).collect();
        if others.len() < FEWEST_RIVALS {
            return None;
        }
        let median = median(&mut others)?;
        (mae > median).then(|| {
            format!(
                "MAE {mae:.2} on fold {} after {} rounds, behind {median:.2}, the median of {} trials before",
                fold + 1,
                (mark + 1) * MARK_ROUNDS,
                others.len()
            )
        })
    }

    /// What the sampler is told of a trial that was given up: it is none of the good ones, so it is no better than the
    /// median of those that were not.
    pub(super) fn stand_in(&self, trial: &Trial) -> Option<f64> {
        let mut scores: Vec<f64> = self.trials.iter().filter_map(|trial| trial.score).collect();
        trial.mean().into_iter().chain(median(&mut scores)).max_by(f64::total_cmp)
    }
}

/// The lowest error of a trial up to a mark; none where it was given up before. A fold that grew to its end before the
/// mark stands with its lowest.
fn reached(trial: &Trial, fold: usize, mark: usize) -> Option<f64> {
    let grew_to_its_end = trial.score.is_some() || fold + 1 < trial.folds.len();
    let fold = trial.folds.get(fold)?;
    fold.curve.get(mark).copied().or_else(|| grew_to_its_end.then_some(fold.mae))
}

/// The lower of the two in the middle where there is no single one.
fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Ended, Fold};
    use super::*;

    /// Trials with this lowest error on one fold and the curve up to it; without an error they were given up.
    fn rivals(curves: &[(&[f64], Option<f64>)]) -> Rivals {
        let mut rivals = Rivals::default();
        for (number, (curve, score)) in curves.iter().enumerate() {
            let mae = score.or(curve.last().copied()).unwrap();
            let fold = Fold { mae, rounds: 1, curve: curve.to_vec() };
            rivals.add(Trial {
                number,
                params: json!({}),
                folds: vec![fold],
                score: *score,
                seconds: 0.0,
                ended: if score.is_some() { Ended::Finished } else { Ended::Pruned },
                reason: String::new(),
            });
        }
        rivals
    }

    #[test]
    fn a_trial_behind_the_median_of_enough_others_is_given_up() {
        let check = |curves: &[(&[f64], Option<f64>)], mark: usize, mae: f64, outrun: bool| {
            let found = rivals(curves).outrun(0, mark, mae);
            assert_eq!(found.is_some(), outrun, "{curves:?}, {mae} at {mark}: {found:?}");
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
        // Of those that were given up, nobody knows how far they would have come.
        let given_up: Vec<(&[f64], Option<f64>)> = vec![(&curve, None); 5];
        check(&given_up, 2, 300.1, true);
        check(&given_up, 9, 300.1, false);
        let mixed = [&even[..3], &given_up[..4]].concat();
        check(&mixed, 9, 300.1, false);
        // Another fold has no rivals.
        assert_eq!(rivals(&even).outrun(1, 2, 5000.0), None);
    }

    #[test]
    fn a_trial_that_was_given_up_is_never_told_as_a_good_one() {
        let all =
            rivals(&[(&[], Some(10.0)), (&[], Some(20.0)), (&[], Some(30.0)), (&[40.0], None)]);
        assert_eq!(all.stand_in(&all.trials[3]), Some(40.0));
        let early = rivals(&[(&[], Some(10.0)), (&[], Some(20.0)), (&[15.0], None)]);
        assert_eq!(early.stand_in(&early.trials[2]), Some(15.0));
        let lucky = rivals(&[(&[], Some(30.0)), (&[15.0], None)]);
        assert_eq!(lucky.stand_in(&lucky.trials[1]), Some(30.0));
    }
}
