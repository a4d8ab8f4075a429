//! Replay: what another model would have answered to the requests of the journal.

mod answerers;

mod change;

mod segments;

use inference::{Diamond, Predictor, Warning};
use serde_json::{Value, json};

pub use self::answerers::Answerers;
pub use self::change::Change;
use self::segments::Kept;
pub use self::segments::Segment;
use crate::traffic::{Answer, WarningKinds};

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
    /// On how many stones each kind of warning appears and vanishes.
    warnings: [[u64; 2]; Warning::CODES.len()],
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
    /// The code of each kind of warning, and on how many stones it appears and vanishes.
    pub warnings: Vec<(&'static str, u64, u64)>,
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

    fn to_json(&self) -> Value {
        let percent = self.change_percent();
        let names = |warnings: WarningKinds| warnings.names().collect::<Vec<_>>();
        let warnings = self.warnings().map(|(new, gone)| (names(new), names(gone)));
        let (appeared, vanished) = warnings.unzip();
        json!({
            "request_id": self.request_id,
            "received_at": self.received_at,
            "place": self.place,
            "carat": self.diamond.carat.carats(),
            "cut": self.diamond.cut.as_str(),
            "color": self.diamond.color.as_str(),
            "clarity": self.diamond.clarity.as_str(),
            "before": self.before.price_usd,
            "after": self.after.price_usd,
            "change_usd": inference::quantity::cents(self.change_usd()),
            "change_percent": percent.is_finite().then_some(percent),
            "warnings_appeared": appeared,
            "warnings_vanished": vanished,
        })
    }
}

impl Replay {
    /// Counts a stone.
    pub fn see(&mut self, stone: Replayed) {
        self.kept.push(Kept::of(&stone));
        if let Some((appeared, vanished)) = stone.warnings() {
            self.compared_warnings += 1;
            let changed = appeared.0.into_iter().zip(vanished.0);
            for ([new, gone], (appears, vanishes)) in self.warnings.iter_mut().zip(changed) {
                *new += u64::from(appears);
                *gone += u64::from(vanishes);
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
        let warnings = Warning::CODES.into_iter().zip(self.warnings);
        Outcome {
            all: Change::of(self.kept.iter().map(|stone| stone.change)),
            segments: segments::of(&self.kept),
            largest: self.largest,
            compared_warnings: self.compared_warnings,
            warnings: warnings.map(|(code, [new, gone])| (code, new, gone)).collect(),
        }
    }
}

impl Outcome {
    /// The part of `trainer replay --json` that tells what changed.
    pub fn to_json(&self) -> Value {
        let kinds = self.warnings.iter().map(|(code, appeared, vanished)| {
            ((*code).to_owned(), json!({ "appeared": appeared, "vanished": vanished }))
        });
        json!({
            "change": self.all,
            "segments": self.segments,
            "largest": self.largest.iter().map(Replayed::to_json).collect::<Vec<_>>(),
            "warnings": { "compared": self.compared_warnings, "kinds": Value::Object(kinds.collect()) },
        })
    }
}

/// What a model answers, with cents as the service gives them; `None` where it has no price.
pub fn answer(predictor: &Predictor, diamond: &Diamond) -> Option<Answer> {
    let estimate = predictor.estimate(diamond);
    let price_usd = inference::quantity::cents(estimate.price_usd);
    let warnings = estimate.warnings.iter().map(Warning::code).collect();
    price_usd.is_finite().then_some(Answer { price_usd, warnings: Some(warnings) })
}

#[cfg(test)]
mod tests;
