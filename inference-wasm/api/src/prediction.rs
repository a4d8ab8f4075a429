//! A prediction as it is written: the price, its range, warnings and, if asked for, its explanation.

use inference::{Estimate, Part, PartValue};
use serde::Serialize;

use crate::number::Number;
use crate::warning::Warning;

/// The price of one diamond, in dollars rounded to cents.
#[derive(Debug, Serialize)]
pub struct Prediction {
    /// The price.
    pub price: Number,
    currency: &'static str,
    /// `None` where the model has no interval.
    pub range: Option<PriceRange>,
    /// What to know about the price.
    pub warnings: Vec<Warning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Vec<ExplainedPart>>,
}

/// The range around a price.
#[derive(Debug, Serialize)]
pub struct PriceRange {
    /// Its lower end.
    pub low: Number,
    /// Its upper end.
    pub high: Number,
    /// The share of stones whose price is within their range.
    pub confidence: Number,
}

/// A part of a price; all parts add up to it, to the cent.
#[derive(Debug, Serialize)]
pub struct ExplainedPart {
    feature: &'static str,
    label: String,
    value: Option<ExplainedValue>,
    effect: Number,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ExplainedValue {
    Number(Number),
    Grade(&'static str),
}

/// The model that was used.
#[derive(Debug, Clone, Serialize)]
pub struct ModelName {
    /// Its id in the registry.
    pub id: String,
    /// Its family, such as `xgboost`.
    pub family: String,
}

impl Prediction {
    /// A prediction from an estimate and the fields of the diamond that were ignored.
    #[must_use]
    pub fn new(estimate: &Estimate, unknown_fields: &[String]) -> Prediction {
        let warnings = estimate.warnings.iter().map(Warning::from);
        Prediction {
            price: Number::dollars(estimate.price_usd),
            currency: "USD",
            range: estimate.range.map(|range| PriceRange {
                low: Number::dollars(range.low_usd),
                high: Number::dollars(range.high_usd),
                confidence: Number(range.confidence),
            }),
            warnings: warnings.chain(Warning::unknown_fields(unknown_fields)).collect(),
            explanation: None,
        }
    }

    /// Adds the explanation, or the warning that there is none: an absurd stone, ten centimetres wide, has an absurd
    /// price, and `f64` does not hold its cents.
    #[must_use]
    pub fn explained_by(mut self, parts: Option<Vec<Part>>) -> Prediction {
        match parts {
            Some(parts) => self.explanation = Some(explanation(parts)),
            None => self.warnings.push(Warning::not_explained()),
        }
        self
    }
}

/// The parts of a price as they are written.
#[must_use]
pub fn explanation(parts: Vec<Part>) -> Vec<ExplainedPart> {
    let explained = |Part { feature, label, value, effect_usd }| {
        let value = value.map(|value| match value {
            PartValue::Number(number) => ExplainedValue::Number(Number(number)),
            PartValue::Grade(grade) => ExplainedValue::Grade(grade),
        });
        ExplainedPart { feature, label, value, effect: Number(effect_usd) }
    };
    parts.into_iter().map(explained).collect()
}
