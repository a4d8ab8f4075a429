//! A trial of a search: its settings, its errors and why it ended.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A trial that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Which one of its search, from 0.
    pub number: usize,
    /// The settings, by name.
    pub params: Value,
    /// The folds that were judged, in order; fewer than there are where the trial ended early.
    pub folds: Vec<Fold>,
    /// The mean of the folds' errors in dollars; none where a fold is missing or the trial was given up.
    pub score: Option<f64>,
    /// How long it took.
    pub seconds: f64,
    /// Why it ended.
    pub ended: Ended,
    /// Why it ended, in words.
    pub reason: String,
}

/// How settings did on one fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fold {
    /// The lowest mean absolute error in dollars, to a millionth.
    pub mae: f64,
    /// After how many rounds.
    pub rounds: usize,
    /// The lowest error so far after every so many rounds: what later trials are compared with.
    pub curve: Vec<f64>,
}

/// Why a trial stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every fold was evaluated.
    Finished,
    /// It fell behind the median of earlier trials.
    Pruned,
    /// The time was up.
    Timeout,
    /// Someone asked for an end.
    Interrupted,
    /// It gave no error value.
    Failed,
}

impl Ended {
    const ALL: [Ended; 5] =
        [Ended::Finished, Ended::Pruned, Ended::Timeout, Ended::Interrupted, Ended::Failed];

    /// As the database has it.
    pub const fn name(self) -> &'static str {
        match self {
            Ended::Finished => "finished",
            Ended::Pruned => "pruned",
            Ended::Timeout => "timeout",
            Ended::Interrupted => "interrupted",
            Ended::Failed => "failed",
        }
    }

    /// The reason of this name.
    pub fn parse(name: &str) -> Option<Ended> {
        Ended::ALL.into_iter().find(|ended| ended.name() == name)
    }
}

impl Trial {
    /// Whether it would end so again: it was not cut short by a clock or a person.
    pub fn is_settled(&self) -> bool {
        matches!(self.ended, Ended::Finished | Ended::Pruned)
    }

    /// How many rounds its folds took to their lowest errors, in the mean.
    pub fn rounds(&self) -> Option<usize> {
        let sum: usize = self.folds.iter().map(|fold| fold.rounds).sum();
        let folds = self.folds.len();
        (sum + folds / 2).checked_div(folds)
    }

    /// The mean error of the folds that were judged.
    #[expect(clippy::cast_precision_loss, reason = "there are a handful of folds")]
    pub(super) fn mean(&self) -> Option<f64> {
        let sum: f64 = self.folds.iter().map(|fold| fold.mae).sum();
        (!self.folds.is_empty()).then(|| in_millionths(sum / self.folds.len() as f64))
    }
}

/// To a millionth of a dollar: as text such a number is short, and reading it gives the same bits again.
pub(super) fn in_millionths(usd: f64) -> f64 {
    (usd * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fold_survives_being_written_down_to_the_bit() {
        let mae = in_millionths(std::f64::consts::PI * 100.0);
        let curve = vec![in_millionths(1e4 / 3.0), in_millionths(271.828_182_845_9), mae];
        let fold = Fold { mae, rounds: 321, curve };
        let text = serde_json::to_string(&fold).unwrap();
        assert_eq!(serde_json::from_str::<Fold>(&text).unwrap(), fold);
        assert!(serde_json::from_str::<Fold>("{ \"mae\": 1.0 }").is_err());
    }

    #[test]
    fn every_end_has_a_name_of_its_own() {
        for ended in Ended::ALL {
            assert_eq!(Ended::parse(ended.name()), Some(ended));
        }
        assert_eq!(Ended::parse("gave up"), None);
    }
}
