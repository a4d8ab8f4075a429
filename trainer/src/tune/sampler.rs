//! Which settings are tried next: the `optimizer` crate's estimators, and some draws from everywhere.

use optimizer::distribution::Distribution;
use optimizer::param::ParamValue;
use optimizer::sampler::tpe::TpeSampler;
use optimizer::sampler::{CompletedTrial, Sampler};

use crate::learn::LearnError;

/// How many trials are drawn at random before the estimators have something to go by.
const RANDOM_TRIALS: usize = 8;

/// How many draws from the estimator of the good trials are weighed before one is tried. The crate weighs 24 and takes the
/// one that is likeliest good and least likely bad, which with few trials is at the edge of a narrow estimator: on a bowl,
/// 30 trials then end five times as far above its lowest point as those that try what is drawn, and farther than chance.
const CANDIDATES: usize = 1;

/// One trial in this many is drawn at random for ever: two good trials that lie close narrow the estimators down so far
/// that they would never look elsewhere again.
const RANDOM_EVERY: u64 = 4;

pub(super) struct Wandering(TpeSampler);

impl Wandering {
    pub(super) fn new(seed: u64) -> Result<Wandering, LearnError> {
        let sampler = TpeSampler::builder()
            .seed(seed)
            .n_startup_trials(RANDOM_TRIALS)
            .n_ei_candidates(CANDIDATES)
            .build()?;
        Ok(Wandering(sampler))
    }
}

impl Sampler for Wandering {
    fn sample(
        &self,
        distribution: &Distribution,
        trial_id: u64,
        history: &[CompletedTrial],
    ) -> ParamValue {
        // Without a history the estimators draw at random.
        let wanders = trial_id % RANDOM_EVERY == RANDOM_EVERY - 1;
        self.0.sample(distribution, trial_id, if wanders { &[] } else { history })
    }
}
