//! The training rows, the seed and the limits that every learner is given.

use std::time::Instant;

use data::stone::Stone;
use inference::{Encoder, PriceLists};

use crate::error::LearnError;
use crate::family::Learner;
use crate::measures;
use crate::progress::Progress;
use crate::stop::Interruption;
use crate::trial::Ended;
use crate::trial_store::TrialStore;

/// The training rows, and how much effort to spend on them.
pub struct TrainingContext<'a> {
    /// The training rows; all their measures are known.
    pub stones: &'a [&'a Stone],
    /// The price lists that models learn.
    pub price_lists: PriceLists,
    /// The seed of everything random.
    pub seed: u64,
    /// How many parts cross-validation has.
    pub folds: usize,
    /// How many settings a search tries.
    pub trials: usize,
    /// When a search must stop.
    pub deadline: Option<Instant>,
    /// Whether an end was asked for.
    pub interruption: &'a Interruption,
    /// Where searches keep their trials.
    pub trial_store: &'a dyn TrialStore,
    /// Where progress is reported.
    pub progress: &'a Progress,
}

impl TrainingContext<'_> {
    /// Stops the training where an end was asked for, with [`LearnError::Interrupted`].
    pub(crate) fn check_interruption(&self) -> Result<(), LearnError> {
        if self.interruption.is_asked() { Err(LearnError::Interrupted) } else { Ok(()) }
    }

    /// How models of a family that are fitted on these stones encode a stone.
    pub fn encoder(&self, learner: &Learner, stones: &[&Stone]) -> Encoder {
        (learner.encoder)(measures::learn(stones), self.price_lists)
    }

    /// Why a search is to stop now, if there is a reason.
    pub(crate) fn reason_to_stop(&self) -> Option<Ended> {
        if self.interruption.is_asked() {
            return Some(Ended::Interrupted);
        }
        self.deadline.filter(|deadline| Instant::now() >= *deadline).map(|_| Ended::Timeout)
    }
}
