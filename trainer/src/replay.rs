//! Replay: what another model would have answered to the requests of the journal.

mod answerers;

mod change;

mod segments;

mod document;

use inference::{Diamond, Predictor};
use serde_json::Value;

pub(crate) use self::answerers::Answerers;
pub(crate) use self::change::Change;
use self::segments::Kept;
pub(crate) use self::segments::Segment;
use crate::traffic::{Answer, Remark, Remarks};

/// How many of the largest changes are told one by one.
const LARGEST: usize = 10;

/// A stone with both of its answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Replayed {
    pub(crate) request_id: String,
    pub(crate) received_at: String,
    /// Its place in the request, from 0.
    pub(crate) place: usize,
    pub(crate) diamond: Diamond,
    /// Who gave the answer before.
    pub(crate) before_by: Option<String>,
    pub(crate) before: Answer,
    pub(crate) after: Answer,
}

/// Stones as they pass: 16 bytes of each are kept, so that medians are exact.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    kept: Vec<Kept>,
    largest: Vec<Replayed>,
    remarked: u64,
    appeared: [u64; Remark::ALL.len()],
    vanished: [u64; Remark::ALL.len()],
}

/// What came of a replay.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) all: Change,
    pub(crate) segments: Vec<Segment>,
    /// The largest changes in dollars, the largest first.
    pub(crate) largest: Vec<Replayed>,
    /// Of how many stones both answers' warnings are known.
    pub(crate) remarked: u64,
    /// On how many stones each remark appears and vanishes.
    pub(crate) remarks: Vec<(Remark, u64, u64)>,
}

impl Replayed {
    /// In dollars.
    pub(crate) fn change_usd(&self) -> f64 {
        self.after.price_usd - self.before.price_usd
    }

    /// In percent of the price before; infinite where that was nothing.
    pub(crate) fn change_percent(&self) -> f64 {
        let change = self.change_usd();
        if change == 0.0 { 0.0 } else { 100.0 * change / self.before.price_usd }
    }

    /// The remarks that only the answer after has, and those that only the one before has; `None` where either is unknown.
    pub(crate) fn remarks(&self) -> Option<(Remarks, Remarks)> {
        let (before, after) = self.before.remarks.zip(self.after.remarks)?;
        Some((after.beyond(before), before.beyond(after)))
    }
}

impl Replay {
    pub(crate) fn see(&mut self, stone: Replayed) {
        self.kept.push(Kept::of(&stone));
        if let Some((appeared, vanished)) = stone.remarks() {
            self.remarked += 1;
            for (at, remark) in Remark::ALL.into_iter().enumerate() {
                self.appeared[at] += u64::from(appeared.contains(remark));
                self.vanished[at] += u64::from(vanished.contains(remark));
            }
        }
        let size = stone.change_usd().abs();
        let at = self.largest.partition_point(|other| other.change_usd().abs() >= size);
        if size > 0.0 && at < LARGEST {
            self.largest.insert(at, stone);
            self.largest.truncate(LARGEST);
        }
    }

    pub(crate) fn conclude(self) -> Outcome {
        let counts = self.appeared.into_iter().zip(self.vanished);
        let remarks = Remark::ALL.into_iter().zip(counts);
        Outcome {
            all: Change::of(self.kept.iter().map(Kept::change)),
            segments: segments::of(&self.kept),
            largest: self.largest,
            remarked: self.remarked,
            remarks: remarks.map(|(remark, (new, gone))| (remark, new, gone)).collect(),
        }
    }
}

impl Outcome {
    pub(crate) fn to_json(&self) -> Value {
        document::of(self)
    }
}

/// What a model answers, with cents as the service gives them; `None` where it has no price.
pub(crate) fn answer(predictor: &Predictor, diamond: &Diamond) -> Option<Answer> {
    let estimate = predictor.estimate(diamond);
    let price_usd = inference::quantity::cents(estimate.price_usd);
    let remarks = estimate.warnings.iter().collect();
    price_usd.is_finite().then_some(Answer { price_usd, remarks: Some(remarks) })
}

#[cfg(test)]
mod tests;
