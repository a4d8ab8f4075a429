//! The search for settings: tree-structured Parzen estimators, by the `optimizer` crate, seeded.

use std::time::Instant;

use optimizer::sampler::tpe::TpeSampler;
use optimizer::{Direction, Study};

pub(crate) use optimizer::Trial;

use crate::learn::{LearnError, Lesson};
use crate::progress::Progress;

/// How many trials are drawn at random before the estimators have something to go by.
const RANDOM_TRIALS: usize = 8;

/// A search for the settings with the lowest error.
///
/// Two parameters of one search must differ in their ranges: the sampler tells them apart by nothing else.
pub(crate) struct Search<'a> {
    name: &'static str,
    trials: usize,
    deadline: Option<Instant>,
    seed: u64,
    progress: &'a Progress,
}

/// What a search found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Best<S> {
    pub(crate) settings: S,
    pub(crate) value: f64,
    /// How many trials were run; fewer than asked for only where time ran out.
    pub(crate) trials: usize,
}

impl<'a> Search<'a> {
    /// A search with a lesson's seed and deadline.
    pub(crate) fn of(lesson: &Lesson<'a>, name: &'static str, trials: usize) -> Search<'a> {
        Search {
            name,
            trials: trials.max(1),
            deadline: lesson.deadline,
            seed: lesson.seed,
            progress: lesson.progress,
        }
    }

    /// Runs the trials one after the other: each learns from all before it, and the same seed gives the same
    /// settings on any machine. The first of equals wins.
    ///
    /// # Errors
    ///
    /// The objective's own, at once.
    pub(crate) fn run<S: Clone>(
        &self,
        mut objective: impl FnMut(&mut Trial) -> Result<(f64, S), LearnError>,
    ) -> Result<Best<S>, LearnError> {
        let sampler =
            TpeSampler::builder().seed(self.seed).n_startup_trials(RANDOM_TRIALS).build()?;
        let study: Study<f64> = Study::with_sampler(Direction::Minimize, sampler);
        let mut best: Option<Best<S>> = None;
        for done in 0..self.trials {
            if let Some(best) = &best
                && self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
            {
                self.progress.say(&format!(
                    "{}: time is up after {done} of {} trials, best MAE {:.2}",
                    self.name, self.trials, best.value
                ));
                break;
            }
            let mut trial = study.ask();
            let (value, settings) = objective(&mut trial)?;
            study.tell(trial, Ok::<f64, &str>(value));
            if best.as_ref().is_none_or(|best| value < best.value) {
                best = Some(Best { settings, value, trials: 0 });
            }
            if let Some(best) = &mut best {
                best.trials = done + 1;
                let message = format!("{} trial, best MAE {:.2}", self.name, best.value);
                self.progress.step(done + 1, self.trials, &message);
            }
        }
        best.ok_or(LearnError::Search(optimizer::Error::NoCompletedTrials))
    }
}
