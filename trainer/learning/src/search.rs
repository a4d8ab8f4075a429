//! The search for settings: tree-structured Parzen estimators, by the `optimizer` crate, seeded.
//!
//! Trials run side by side in batches of a fixed size. The sampler is asked for a whole batch and told its results in the
//! order of their numbers, so that the seed alone decides what is tried, however many threads there are.

mod space;

mod sampler;

mod pruner;

mod observer;

use std::sync::Mutex;
use std::time::Instant;

use optimizer::{Direction, Study};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) use self::observer::FoldObserver;
use self::observer::stop_reason;
use self::pruner::MedianPruner;
use self::sampler::MixedSampler;
pub(crate) use self::space::Range;
use self::space::{check_distinct, known, suggest};
use crate::context::TrainingContext;
use crate::error::LearnError;
use crate::parallel::in_parallel;
use crate::trial::{Ended, Fold, Trial};

/// How many trials are proposed at once and run side by side. It does not depend on the processors: the settings that are
/// tried must not depend on the machine.
const BATCH: usize = 4;

/// A search for the settings with the lowest error.
pub(crate) struct Search<'a> {
    pub context: &'a TrainingContext<'a>,
    pub family: &'static str,
    /// The settings and their ranges.
    pub ranges: &'a [Range],
    /// How many trials at most.
    pub trials: usize,
    /// How many folds evaluate a trial, one after the other.
    pub folds: usize,
    /// Settings that are tried first, by name.
    pub(crate) defaults: Option<Value>,
}

/// What a search found.
#[derive(Debug, Clone)]
pub(crate) struct Best<S> {
    pub settings: S,
    /// The mean error on the folds; none where time was up before a trial had one.
    pub mae: Option<f64>,
    /// How many trials were run; fewer than asked for only where time ran out.
    pub trials: usize,
    /// How many of them were pruned.
    pub pruned: usize,
}

/// Settings that are about to be tried.
struct Proposal<S> {
    trial: optimizer::Trial,
    params: Value,
    settings: S,
}

/// How far the search is.
struct SearchProgress {
    began: Instant,
    ended: usize,
    best: Option<f64>,
}

impl Search<'_> {
    /// Runs the trials. `evaluate` fits a model with some settings without one fold and reports its error on the fold to the
    /// observer after every round, or once; the lowest is the fold's error.
    ///
    /// It tries the settings that the trial store knows first, then the defaults; it never does worse than those. Of equals the
    /// first wins. A trial that fails does not count; where a whole batch fails, the search fails.
    ///
    /// # Errors
    ///
    /// [`LearnError::Interrupted`] where an end was asked for; the objective's own.
    pub(crate) fn run<S: DeserializeOwned + Clone + Send + Sync>(
        &self,
        evaluate: impl Fn(&S, usize, &mut FoldObserver<'_>) -> Result<(), LearnError> + Sync,
    ) -> Result<Best<S>, LearnError> {
        let context = self.context;
        check_distinct(self.ranges)?;
        let sampler = MixedSampler::new(context.seed)?;
        let study: Study<f64> = Study::with_sampler(Direction::Minimize, sampler);
        for settings in context.trial_store.known(self.family).iter().chain(&self.defaults) {
            known(self.ranges, settings).into_iter().for_each(|known| study.enqueue(known));
        }
        let wanted = self.trials.max(1);
        context.progress.step(0, wanted, &format!("{}: first trials", self.family));
        let shared = Mutex::new(SearchProgress { began: Instant::now(), ended: 0, best: None });
        let mut pruner = MedianPruner::default();
        let mut best: Option<Best<S>> = None;
        let mut next = 0;
        while next < wanted && (next == 0 || context.reason_to_stop().is_none()) {
            let size = BATCH.min(wanted - next);
            let batch: Vec<Proposal<S>> =
                (0..size).map(|_| self.ask(&study)).collect::<Result<_, _>>()?;
            let results = in_parallel(size, |at| {
                let result = self.settled(next + at, &batch[at], &pruner, &evaluate);
                if let Ok(Some((trial, _))) = &result {
                    self.show(trial, &shared);
                }
                result
            });
            let mut failures = Vec::new();
            for (proposal, result) in batch.into_iter().zip(results) {
                let best = best.get_or_insert_with(|| Best {
                    settings: proposal.settings.clone(),
                    mae: None,
                    trials: 0,
                    pruned: 0,
                });
                let Some((trial, failure)) = result? else { continue };
                failures.extend(failure);
                best.trials += 1;
                best.pruned += usize::from(trial.ended == Ended::Pruned);
                if let Some(mae) = trial.score
                    && best.mae.is_none_or(|lowest| mae < lowest)
                {
                    (best.settings, best.mae) = (proposal.settings, Some(mae));
                }
                let score = match trial.ended {
                    Ended::Pruned => pruner.score_for_sampler(&trial),
                    _ => trial.score,
                };
                study.tell(proposal.trial, score.ok_or("it has no score"));
                pruner.add(trial);
            }
            if failures.len() == size
                && let Some(failure) = failures.into_iter().next()
            {
                return Err(failure);
            }
            next += size;
        }
        if context.interruption.is_asked() {
            return Err(LearnError::Interrupted);
        }
        if next < wanted {
            self.say_that_time_is_up(&shared);
        }
        best.ok_or(LearnError::Search(optimizer::Error::NoCompletedTrials))
    }

    fn ask<S: DeserializeOwned>(&self, study: &Study<f64>) -> Result<Proposal<S>, LearnError> {
        let mut trial = study.ask();
        let params = suggest(self.ranges, &mut trial)?;
        let settings = S::deserialize(&params).map_err(LearnError::Settings)?;
        Ok(Proposal { trial, params, settings })
    }

    /// A trial from the trial store, or one that is run now and saved there; none where there is no time to begin it.
    fn settled<S>(
        &self,
        number: usize,
        proposal: &Proposal<S>,
        pruner: &MedianPruner,
        evaluate: &(impl Fn(&S, usize, &mut FoldObserver<'_>) -> Result<(), LearnError> + Sync),
    ) -> Result<Option<(Trial, Option<LearnError>)>, LearnError> {
        let trial_store = self.context.trial_store;
        if let Some(past) = trial_store.past(self.family, number).filter(Trial::is_settled) {
            if past.params != proposal.params {
                let (family, found) = (self.family, past.params.to_string());
                let asked = proposal.params.to_string();
                return Err(LearnError::NotTheSameTrial { family, number, found, asked });
            }
            return Ok(Some((past, None)));
        }
        if self.context.reason_to_stop().is_some() {
            return Ok(None);
        }
        let (trial, failure) = self.run_one(number, proposal, pruner, evaluate);
        trial_store.keep(self.family, &trial);
        Ok(Some((trial, failure)))
    }

    fn run_one<S>(
        &self,
        number: usize,
        proposal: &Proposal<S>,
        pruner: &MedianPruner,
        evaluate: &(impl Fn(&S, usize, &mut FoldObserver<'_>) -> Result<(), LearnError> + Sync),
    ) -> (Trial, Option<LearnError>) {
        let began = Instant::now();
        let (mut folds, mut grown): (Vec<Fold>, usize) = (Vec::new(), 0);
        let (mut stop, mut failure) = (None, None);
        for at in 0..self.folds {
            if let Some(ended) = self.context.reason_to_stop() {
                stop = Some((ended, stop_reason(ended, at, 0)));
                break;
            }
            let mut observer = FoldObserver::new(at, pruner, self.context);
            let evaluated = evaluate(&proposal.settings, at, &mut observer);
            let (fold, rounds, stopped) = observer.outcome();
            grown += rounds;
            stop = match evaluated {
                Err(LearnError::Interrupted) => {
                    Some((Ended::Interrupted, stop_reason(Ended::Interrupted, at, rounds)))
                }
                Err(error) => {
                    let reason = error.to_string();
                    failure = Some(error);
                    Some((Ended::Failed, reason))
                }
                Ok(()) if stopped.is_none() && fold.is_none() => {
                    Some((Ended::Failed, format!("fold {} has no error", at + 1)))
                }
                Ok(()) => stopped,
            };
            folds.extend(fold);
            if stop.is_some() {
                break;
            }
        }
        let (ended, reason) = stop.unwrap_or_else(|| {
            (Ended::Finished, format!("{grown} rounds on {} folds", folds.len()))
        });
        let is_whole = folds.len() == self.folds;
        let mut trial = Trial {
            number,
            params: proposal.params.clone(),
            folds,
            score: None,
            seconds: began.elapsed().as_secs_f64(),
            ended,
            reason,
        };
        // Cut short in its last fold, it has an error on every fold, and no setting does better than it says.
        if is_whole && matches!(ended, Ended::Finished | Ended::Timeout) {
            trial.score = trial.mean();
        }
        (trial, failure)
    }

    fn show(&self, trial: &Trial, shared: &Mutex<SearchProgress>) {
        let Ok(mut shared) = shared.lock() else { return };
        shared.ended += 1;
        shared.best = shared.best.into_iter().chain(trial.score).min_by(f64::total_cmp);
        let best = shared.best.map_or_else(|| String::from("none yet"), |mae| format!("{mae:.2}"));
        let wanted = self.trials.max(1);
        let left = shared.time_left(wanted, self.context.deadline);
        let message = format!("{} trial, best MAE {best}, {left} left", self.family);
        self.context.progress.step(shared.ended, wanted, &message);
    }

    fn say_that_time_is_up(&self, shared: &Mutex<SearchProgress>) {
        let Ok(shared) = shared.lock() else { return };
        let found = match shared.best {
            Some(mae) => format!("best MAE {mae:.2}"),
            None => String::from("none was evaluated to its end: the first settings are taken"),
        };
        let (family, ended, wanted) = (self.family, shared.ended, self.trials);
        self.context
            .progress
            .say(&format!("{family}: time is up after {ended} of {wanted} trials, {found}"));
    }
}

impl SearchProgress {
    /// From the mean of the trials so far, and never more than the clock allows.
    #[expect(clippy::cast_precision_loss, reason = "trials are counted in u16")]
    fn time_left(&self, wanted: usize, deadline: Option<Instant>) -> String {
        let each = self.began.elapsed().as_secs_f64() / self.ended.max(1) as f64;
        let left = each * wanted.saturating_sub(self.ended) as f64;
        let allowed = deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()).as_secs_f64());
        let seconds = allowed.map_or(left, |allowed| left.min(allowed)).round();
        format!("{}:{:02}", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

impl<S> Best<S> {
    /// For the settings of the model that is registered.
    pub(crate) fn to_json(&self) -> Value {
        json!({ "trials": self.trials, "pruned": self.pruned, "mae": self.mae })
    }
}

#[cfg(test)]
mod tests;
