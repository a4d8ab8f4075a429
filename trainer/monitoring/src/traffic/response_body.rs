//! Reads prices and warnings from a response, one pair a stone.

use serde_json::Value as Json;

use super::warning_kinds::WarningKinds;

/// The answer for one stone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// In dollars, rounded to cents.
    pub price_usd: f64,
    /// `None` where the protocol has no place for them.
    pub warnings: Option<WarningKinds>,
}

/// The answers of a response, one a stone, `None` for one that was refused; `None` for all where stones were priced and the
/// journal does not hold the prices.
pub(super) type Answers = Option<Vec<Option<Answer>>>;

pub(super) fn of_one(body: &Json) -> Option<Answers> {
    Some(Some(vec![Some(prediction(body)?)]))
}

pub(super) fn of_batch(body: &Json) -> Option<Answers> {
    let answer = |outcome: &Json| match outcome.get("error") {
        Some(_) => Some(None),
        None => prediction(outcome).map(Some),
    };
    body.get("predictions")?.as_array()?.iter().map(answer).collect::<Option<_>>().map(Some)
}

/// The tensor of prices, if it was asked for.
pub(super) fn of_tensors(body: &Json) -> Option<Answers> {
    let outputs = body.get("outputs")?.as_array()?;
    let is_price = |output: &&Json| output.get("name").and_then(Json::as_str) == Some("price");
    let Some(prices) = outputs.iter().find(is_price) else { return Some(None) };
    let answer = |price: &Json| Some(Some(Answer { price_usd: price.as_f64()?, warnings: None }));
    prices.get("data")?.as_array()?.iter().map(answer).collect::<Option<_>>().map(Some)
}

fn prediction(value: &Json) -> Option<Answer> {
    let warnings = value.get("warnings")?.as_array()?;
    // Journals from before warnings had codes hold texts, which are ignored.
    let codes = warnings.iter().filter_map(|warning| warning.get("code")?.as_str());
    Some(Answer { price_usd: value.get("price")?.as_f64()?, warnings: Some(codes.collect()) })
}
