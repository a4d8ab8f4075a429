//! Reads prices and warnings from a response, one pair a stone.

use serde_json::Value as Json;

use super::warning_kind::WarningKinds;

/// The answer for one stone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// In dollars, rounded to cents.
    pub price_usd: f64,
    /// `None` where the protocol has no place for them.
    pub warnings: Option<WarningKinds>,
}

/// The answers of a response.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answers {
    /// One a stone.
    Known(Vec<Result<Answer, NotPriced>>),
    /// Stones were priced, and the journal does not hold the prices.
    Unknown,
}

/// The stone was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotPriced;

impl Answers {
    /// How many there are, where that is known.
    pub(super) fn count(&self) -> Option<usize> {
        match self {
            Answers::Known(answers) => Some(answers.len()),
            Answers::Unknown => None,
        }
    }

    /// The answer for the stone at a place; `None` where a price is not known.
    pub(super) fn at(&self, place: usize) -> Result<Option<Answer>, NotPriced> {
        match self {
            Answers::Known(answers) => {
                answers.get(place).copied().unwrap_or(Err(NotPriced)).map(Some)
            }
            Answers::Unknown => Ok(None),
        }
    }
}

pub(super) fn of_one(body: &Json) -> Option<Answers> {
    Some(Answers::Known(vec![Ok(prediction(body)?)]))
}

pub(super) fn of_batch(body: &Json) -> Option<Answers> {
    let outcome = |outcome: &Json| {
        if outcome.get("error").is_some() {
            Some(Err(NotPriced))
        } else {
            prediction(outcome).map(Ok)
        }
    };
    let predictions = body.get("predictions")?.as_array()?;
    predictions.iter().map(outcome).collect::<Option<_>>().map(Answers::Known)
}

/// The tensor of prices, if it was asked for.
pub(super) fn of_tensors(body: &Json) -> Option<Answers> {
    let outputs = body.get("outputs")?.as_array()?;
    let is_price = |output: &&Json| output.get("name").and_then(Json::as_str) == Some("price");
    let Some(prices) = outputs.iter().find(is_price) else { return Some(Answers::Unknown) };
    let answer = |price: &Json| Some(Ok(Answer { price_usd: price.as_f64()?, warnings: None }));
    let prices = prices.get("data")?.as_array()?;
    prices.iter().map(answer).collect::<Option<_>>().map(Answers::Known)
}

fn prediction(value: &Json) -> Option<Answer> {
    let warnings = value.get("warnings")?.as_array()?;
    let warnings = warnings.iter().filter_map(Json::as_str).collect();
    Some(Answer { price_usd: value.get("price")?.as_f64()?, warnings: Some(warnings) })
}
