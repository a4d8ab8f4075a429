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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use optimizer::parameter::{FloatParam, Parameter};

    use super::*;

    /// Looks for the lowest point of a bowl at (3, 0.1) and returns all that was tried.
    fn search(seed: u64, trials: usize, deadline: Option<Instant>) -> (Vec<f64>, Best<(f64, f64)>) {
        let progress = Progress::new();
        let search = Search { name: "bowl", trials, deadline, seed, progress: &progress };
        let (x, y) = (FloatParam::new(0.0, 10.0), FloatParam::new(1e-3, 1.0).log_scale());
        let mut tried = Vec::new();
        let best = search.run(|trial| {
            let (x, y) = (x.suggest(trial)?, y.suggest(trial)?);
            tried.push(x);
            Ok(((x - 3.0).powi(2) + (y.ln() - 0.1_f64.ln()).powi(2), (x, y)))
        });
        (tried, best.unwrap())
    }

    #[test]
    fn the_same_seed_tries_the_same_settings() {
        assert_eq!(search(42, 20, None).0, search(42, 20, None).0);
        assert_ne!(search(42, 20, None).0, search(43, 20, None).0);
    }

    #[test]
    fn a_search_learns_from_its_trials() {
        let (_, best) = search(42, 60, None);
        assert_eq!(best.trials, 60);
        assert!((best.settings.0 - 3.0).abs() < 0.5, "{best:?}");
        assert!(best.value <= search(42, 20, None).1.value);
    }

    #[test]
    fn a_search_without_time_still_tries_once() {
        let past = Instant::now().checked_sub(Duration::from_secs(1));
        assert_eq!(search(42, 20, past).0.len(), 1);
    }
}
