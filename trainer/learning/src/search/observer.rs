//! Follows a trial on one fold and stops it.

use std::ops::ControlFlow;

use super::pruner::{MARK_ROUNDS, MedianPruner};
use crate::context::TrainingContext;
use crate::trial::{Ended, Fold, in_millionths};

/// Takes the error after each round and decides whether the trial goes on.
pub(crate) struct FoldObserver<'a> {
    fold: usize,
    pruner: &'a MedianPruner,
    context: &'a TrainingContext<'a>,
    /// How many rounds were reported.
    rounds: usize,
    lowest: f64,
    /// After how many rounds.
    lowest_rounds: usize,
    curve: Vec<f64>,
    stop: Option<(Ended, String)>,
}

impl<'a> FoldObserver<'a> {
    pub(super) fn new(
        fold: usize,
        pruner: &'a MedianPruner,
        context: &'a TrainingContext<'a>,
    ) -> FoldObserver<'a> {
        FoldObserver {
            fold,
            pruner,
            context,
            rounds: 0,
            lowest: f64::INFINITY,
            lowest_rounds: 0,
            curve: Vec::new(),
            stop: None,
        }
    }

    /// Takes the mean absolute error in dollars on the fold after one more round. A learner that is told to break grows no
    /// further and reports no more. NaN does not count.
    #[must_use = "a trial that ignores it is not stopped"]
    pub(crate) fn report_round(&mut self, mae_usd: f64) -> ControlFlow<()> {
        self.rounds += 1;
        if mae_usd < self.lowest {
            self.lowest = mae_usd;
            self.lowest_rounds = self.rounds;
        }
        if self.rounds.is_multiple_of(MARK_ROUNDS) && self.lowest.is_finite() {
            let lowest = in_millionths(self.lowest);
            let mark = self.curve.len();
            self.curve.push(lowest);
            if let Some(reason) = self.pruner.prune_reason(self.fold, mark, lowest) {
                self.stop = Some((Ended::Pruned, reason));
                return ControlFlow::Break(());
            }
        }
        let Some(ended) = self.context.reason_to_stop() else { return ControlFlow::Continue(()) };
        self.stop = Some((ended, stop_reason(ended, self.fold, self.rounds)));
        ControlFlow::Break(())
    }

    /// The outcome of the fold, if a round had an error; how many rounds there were; and why it stopped, if it was stopped.
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
pub(super) fn stop_reason(ended: Ended, fold: usize, rounds: usize) -> String {
    let what = if ended == Ended::Interrupted { "interrupted" } else { "time was up" };
    format!("{what} after {rounds} rounds on fold {}", fold + 1)
}
