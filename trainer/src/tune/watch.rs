//! What follows a trial on one fold, and stops it.

use std::ops::ControlFlow;

use super::rivals::{MARK_ROUNDS, Rivals};
use super::trial::in_millionths;
use super::{Ended, Fold, Halt};

/// Is told the error after each round, and says whether to go on.
pub(crate) struct Watch<'a> {
    fold: usize,
    rivals: &'a Rivals,
    halt: Halt<'a>,
    /// How many rounds were reported.
    rounds: usize,
    lowest: f64,
    /// After how many rounds.
    lowest_rounds: usize,
    curve: Vec<f64>,
    stop: Option<(Ended, String)>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(fold: usize, rivals: &'a Rivals, halt: Halt<'a>) -> Watch<'a> {
        Watch {
            fold,
            rivals,
            halt,
            rounds: 0,
            lowest: f64::INFINITY,
            lowest_rounds: 0,
            curve: Vec::new(),
            stop: None,
        }
    }

    /// Takes the mean absolute error in dollars on the fold after one more round. Whoever is told to break grows no
    /// further and reports no more. NaN is no error that counts.
    #[must_use = "a trial that is to stop and goes on costs what it was to save"]
    pub(crate) fn round(&mut self, mae_usd: f64) -> ControlFlow<()> {
        self.rounds += 1;
        if mae_usd < self.lowest {
            self.lowest = mae_usd;
            self.lowest_rounds = self.rounds;
        }
        if self.rounds.is_multiple_of(MARK_ROUNDS) && self.lowest.is_finite() {
            let lowest = in_millionths(self.lowest);
            let mark = self.curve.len();
            self.curve.push(lowest);
            if let Some(reason) = self.rivals.outrun(self.fold, mark, lowest) {
                self.stop = Some((Ended::Pruned, reason));
                return ControlFlow::Break(());
            }
        }
        match self.halt.asked() {
            Some(ended) => {
                self.stop = Some((ended, cut(ended, self.fold, self.rounds)));
                ControlFlow::Break(())
            }
            None => ControlFlow::Continue(()),
        }
    }

    /// What came of the fold, nothing where no round was judged; how many rounds it grew; and why it stopped, where it
    /// was stopped.
    pub(super) fn outcome(self) -> (Option<Fold>, usize, Option<(Ended, String)>) {
        let fold = self.lowest.is_finite().then(|| Fold {
            mae: in_millionths(self.lowest),
            rounds: self.lowest_rounds,
            curve: self.curve,
        });
        (fold, self.rounds, self.stop)
    }
}

/// Why a trial was cut short, in words.
pub(super) fn cut(ended: Ended, fold: usize, rounds: usize) -> String {
    let what = if ended == Ended::Interrupted { "interrupted" } else { "time was up" };
    format!("{what} after {rounds} rounds on fold {}", fold + 1)
}
