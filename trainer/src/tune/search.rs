//! The search itself: batches of trials, the sampler between them.

use std::sync::Mutex;
use std::time::Instant;

use optimizer::sampler::tpe::TpeSampler;
use optimizer::{Direction, Study};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::rivals::Rivals;
use super::space::Space;
use super::watch::{Watch, cut};
use super::{Ended, Fold, Halt, Range, Trial};
use crate::evaluate::in_parallel;
use crate::learn::{LearnError, Lesson};

/// How many trials are drawn at random before the estimators have something to go by.
const RANDOM_TRIALS: usize = 8;

/// How many trials are asked for at once and run side by side. It is no number of processors: what is tried must not
/// depend on the machine.
const BATCH: usize = 4;

/// A search for the settings with the lowest error.
pub(crate) struct Search<'a> {
    pub(crate) lesson: &'a Lesson<'a>,
    pub(crate) family: &'static str,
    /// What there is to decide.
    pub(crate) ranges: &'a [Range],
    /// How many trials at most.
    pub(crate) trials: usize,
    /// How many folds judge a trial, one after the other.
    pub(crate) folds: usize,
    /// Settings that are tried first, by name.
    pub(crate) defaults: Option<Value>,
}

/// What a search found.
#[derive(Debug, Clone)]
pub(crate) struct Best<S> {
    pub(crate) settings: S,
    /// The mean error on the folds that judged; none where time was up before a trial had one.
    pub(crate) mae: Option<f64>,
    /// How many trials were run; fewer than asked for only where time ran out.
    pub(crate) trials: usize,
    /// How many of them were given up.
    pub(crate) pruned: usize,
}

/// Settings that are about to be tried.
struct Asked<S> {
    trial: optimizer::Trial,
    params: Value,
    settings: S,
}

/// How far the search is, for whoever watches it.
struct Board {
    began: Instant,
    ended: usize,
    best: Option<f64>,
}

impl Search<'_> {
    /// Runs the trials. `judge` grows a model with some settings without one fold and tells the watch its error on the
    /// fold after every round, or once; what it told at the lowest is the fold's error.
    ///
    /// The first to be tried are the settings that the logbook knows, then the defaults; the search never does worse
    /// than those. Of equals the first wins. A trial that fails is none; where a whole batch fails, so does the search.
    ///
    /// # Errors
    ///
    /// [`LearnError::Interrupted`] where somebody asked for an end; the objective's own.
    pub(crate) fn run<S: DeserializeOwned + Clone + Send + Sync>(
        &self,
        judge: impl Fn(&S, usize, &mut Watch<'_>) -> Result<(), LearnError> + Sync,
    ) -> Result<Best<S>, LearnError> {
        let lesson = self.lesson;
        let space = Space::of(self.ranges)?;
        let sampler =
            TpeSampler::builder().seed(lesson.seed).n_startup_trials(RANDOM_TRIALS).build()?;
        let study: Study<f64> = Study::with_sampler(Direction::Minimize, sampler);
        let known = lesson.logbook.known(self.family);
        for settings in known.iter().chain(&self.defaults) {
            space.known(settings).into_iter().for_each(|known| study.enqueue(known));
        }
        lesson.progress.step(0, self.trials.max(1), &format!("{}: first trials", self.family));
        let board = Mutex::new(Board { began: Instant::now(), ended: 0, best: None });
        let mut rivals = Rivals::default();
        let mut best: Option<Best<S>> = None;
        let wanted = self.trials.max(1);
        let mut next = 0;
        while next < wanted && (next == 0 || self.halt().asked().is_none()) {
            let size = BATCH.min(wanted - next);
            let batch =
                (0..size).map(|_| ask(&study, &space)).collect::<Result<Vec<Asked<S>>, _>>()?;
            let results = in_parallel(size, |at| {
                let Asked { params, settings, .. } = &batch[at];
                let result = self.settled(next + at, params, settings, &rivals, &judge);
                if let Ok(Some((trial, _))) = &result {
                    self.show(trial, &board);
                }
                result
            });
            let mut failures = Vec::new();
            for (asked, result) in batch.into_iter().zip(results) {
                let best = best.get_or_insert_with(|| Best {
                    settings: asked.settings.clone(),
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
                    (best.settings, best.mae) = (asked.settings, Some(mae));
                }
                let told = match trial.ended {
                    Ended::Pruned => rivals.stand_in(&trial),
                    _ => trial.score,
                };
                study.tell(asked.trial, told.ok_or("it has no score"));
                rivals.add(trial);
            }
            if failures.len() == size
                && let Some(failure) = failures.into_iter().next()
            {
                return Err(failure);
            }
            next += size;
        }
        if lesson.interruption.is_asked() {
            return Err(LearnError::Interrupted);
        }
        if next < wanted {
            self.say_that_time_is_up(&board);
        }
        best.ok_or(LearnError::Search(optimizer::Error::NoCompletedTrials))
    }

    fn halt(&self) -> Halt<'_> {
        Halt { deadline: self.lesson.deadline, interruption: self.lesson.interruption }
    }

    /// A trial from the logbook where it is there already, or one that is run now and goes into it; none where there is
    /// no time to begin it.
    fn settled<S>(
        &self,
        number: usize,
        params: &Value,
        settings: &S,
        rivals: &Rivals,
        judge: &(impl Fn(&S, usize, &mut Watch<'_>) -> Result<(), LearnError> + Sync),
    ) -> Result<Option<(Trial, Option<LearnError>)>, LearnError> {
        let logbook = self.lesson.logbook;
        if let Some(past) = logbook.past(self.family, number).filter(Trial::is_settled) {
            if past.params != *params {
                let (family, found) = (self.family, past.params.to_string());
                let asked = params.to_string();
                return Err(LearnError::NotTheSameTrial { family, number, found, asked });
            }
            return Ok(Some((past, None)));
        }
        if self.halt().asked().is_some() {
            return Ok(None);
        }
        let (trial, failure) = self.run_one(number, params, settings, rivals, judge);
        logbook.keep(self.family, &trial);
        Ok(Some((trial, failure)))
    }

    fn run_one<S>(
        &self,
        number: usize,
        params: &Value,
        settings: &S,
        rivals: &Rivals,
        judge: &(impl Fn(&S, usize, &mut Watch<'_>) -> Result<(), LearnError> + Sync),
    ) -> (Trial, Option<LearnError>) {
        let began = Instant::now();
        let (mut folds, mut grown): (Vec<Fold>, usize) = (Vec::new(), 0);
        let (mut stop, mut failure) = (None, None);
        for at in 0..self.folds {
            if let Some(ended) = self.halt().asked() {
                stop = Some((ended, cut(ended, at, 0)));
                break;
            }
            let mut watch = Watch::new(at, rivals, self.halt());
            let judged = judge(settings, at, &mut watch);
            let (fold, rounds, stopped) = watch.outcome();
            grown += rounds;
            let is_judged = fold.is_some();
            folds.extend(fold);
            if let Err(LearnError::Interrupted) = judged {
                stop = Some((Ended::Interrupted, cut(Ended::Interrupted, at, rounds)));
                break;
            }
            if let Err(error) = judged {
                stop = Some((Ended::Failed, error.to_string()));
                failure = Some(error);
                break;
            }
            stop = stopped;
            if stop.is_none() && !is_judged {
                stop = Some((Ended::Failed, format!("fold {} has no error", at + 1)));
            }
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
            params: params.clone(),
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

    fn show(&self, trial: &Trial, board: &Mutex<Board>) {
        let Ok(mut board) = board.lock() else { return };
        board.ended += 1;
        board.best = board.best.into_iter().chain(trial.score).min_by(f64::total_cmp);
        let best = board.best.map_or_else(|| String::from("none yet"), |mae| format!("{mae:.2}"));
        let wanted = self.trials.max(1);
        let left = board.time_left(wanted, self.lesson.deadline);
        let message = format!("{} trial, best MAE {best}, {left} left", self.family);
        self.lesson.progress.step(board.ended, wanted, &message);
    }

    fn say_that_time_is_up(&self, board: &Mutex<Board>) {
        let Ok(board) = board.lock() else { return };
        let found = match board.best {
            Some(mae) => format!("best MAE {mae:.2}"),
            None => String::from("none was judged to its end: the first settings are taken"),
        };
        let (family, ended, wanted) = (self.family, board.ended, self.trials);
        self.lesson
            .progress
            .say(&format!("{family}: time is up after {ended} of {wanted} trials, {found}"));
    }
}

impl Board {
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

fn ask<S: DeserializeOwned>(study: &Study<f64>, space: &Space) -> Result<Asked<S>, LearnError> {
    let mut trial = study.ask();
    let params = space.suggest(&mut trial)?;
    let settings = serde_json::from_value(params.clone()).map_err(LearnError::Settings)?;
    Ok(Asked { trial, params, settings })
}

#[cfg(test)]
mod tests;
