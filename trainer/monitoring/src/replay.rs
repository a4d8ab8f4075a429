//! Replay: what another model would have answered to the requests of the journal.

mod answerers;

mod change;

mod segments;

mod document;

use inference::{Diamond, Predictor};
use serde_json::Value;

pub use self::answerers::Answerers;
pub use self::change::Change;
use self::segments::Kept;
pub use self::segments::Segment;
use crate::traffic::{Answer, WarningKind, WarningKinds};

/// How many of the largest changes are told one by one.
const LARGEST: usize = 10;

/// A stone with both of its answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// The id of the request.
    pub request_id: String,
    /// When the service received it, RFC 3339 in UTC.
    pub received_at: String,
    /// Its place in the request, from 0.
    pub place: usize,
    /// The stone.
    pub diamond: Diamond,
    /// Who gave the answer before.
    pub before_by: Option<String>,
    /// The answer that was given.
    pub before: Answer,
    /// The answer of the other model.
    pub after: Answer,
}

/// Stones as they pass: 16 bytes of each are kept, so that medians are exact.
#[derive(Debug, Default)]
pub struct Replay {
    kept: Vec<Kept>,
    largest: Vec<Replayed>,
    compared_warnings: u64,
    appeared: [u64; WarningKind::ALL.len()],
    vanished: [u64; WarningKind::ALL.len()],
}

/// What came of a replay.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The change over all stones.
    pub all: Change,
    /// The change by segment.
    pub segments: Vec<Segment>,
    /// The largest changes in dollars, the largest first.
    pub largest: Vec<Replayed>,
    /// Of how many stones both answers' warnings are known.
    pub(crate) compared_warnings: u64,
    /// On how many stones each kind appears and vanishes.
    pub warnings: Vec<(WarningKind, u64, u64)>,
}

impl Replayed {
    /// In dollars.
    pub fn change_usd(&self) -> f64 {
        self.after.price_usd - self.before.price_usd
    }

    /// In percent of the price before; infinite where that was nothing.
    pub fn change_percent(&self) -> f64 {
        let change = self.change_usd();
        if change == 0.0 { 0.0 } else { 100.0 * change / self.before.price_usd }
    }

    /// The warnings that only the answer after has, and those that only the one before has; `None` where either is unknown.
    pub fn warnings(&self) -> Option<(WarningKinds, WarningKinds)> {
        let (before, after) = self.before.warnings.zip(self.after.warnings)?;
        Some((after.beyond(before), before.beyond(after)))
    }
}

impl Replay {
    /// Counts a stone.
    pub fn see(&mut self, stone: Replayed) {
        self.kept.push(Kept::of(&stone));
        if let Some((appeared, vanished)) = stone.warnings() {
            self.compared_warnings += 1;
            for (at, kind) in WarningKind::ALL.into_iter().enumerate() {
                self.appeared[at] += u64::from(appeared.contains(kind));
                self.vanished[at] += u64::from(vanished.contains(kind));
            }
        }
        let size = stone.change_usd().abs();
        let at = self.largest.partition_point(|other| other.change_usd().abs() >= size);
        if size > 0.0 && at < LARGEST {
            self.largest.insert(at, stone);
            self.largest.truncate(LARGEST);
        }
    }

    /// The finished figures.
    pub fn conclude(self) -> Outcome {
        let counts = self.appeared.into_iter().zip(self.vanished);
        let warnings = WarningKind::ALL.into_iter().zip(counts);
        Outcome {
            all: Change::of(self.kept.iter().map(Kept::change)),
            segments: segments::of(&self.kept),
            largest: self.largest,
            compared_warnings: self.compared_warnings,
            warnings: warnings.map(|(kind, (new, gone))| (kind, new, gone)).collect(),
        }
    }
}

impl Outcome {
    /// The JSON document that `--json` prints.
    pub fn to_json(&self) -> Value {
        document::of(self)
    }
}

/// What a model answers, with cents as the service gives them; `None` where it has no price.
pub fn answer(predictor: &Predictor, diamond: &Diamond) -> Option<Answer> {
    let estimate = predictor.estimate(diamond);
    let price_usd = inference::quantity::cents(estimate.price_usd);
    let warnings = estimate.warnings.iter().collect();
    price_usd.is_finite().then_some(Answer { price_usd, warnings: Some(warnings) })
}

#[cfg(test)]
mod tests;
