//! Reads prices and warnings from a response, or what was wrong, one answer a stone.

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

/// What was wrong with a stone, or with a request as a whole. It has no field where the journal does not hold the response.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusal(pub Vec<WrongField>);

/// A field that the service refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongField {
    /// The name, without its row in a tensor.
    pub name: String,
    /// The value, shortened as the service shows it; empty where it was not given.
    pub value: String,
}

/// The answers of a response, one a stone; `None` for all where stones were priced and the journal does not hold the prices.
pub(super) type Answers = Option<Vec<Result<Answer, Refusal>>>;

impl Refusal {
    /// What a problem's body says.
    pub(super) fn of_problem(body: &[u8]) -> Refusal {
        serde_json::from_slice(body).map(|body| Refusal::of(&body)).unwrap_or_default()
    }

    /// The `errors` of an object. A field that is wrong in several rows is told once.
    fn of(object: &Json) -> Refusal {
        let mut fields: Vec<WrongField> = Vec::new();
        for error in object.get("errors").and_then(Json::as_array).into_iter().flatten() {
            let text = |name: &str| error.get(name).and_then(Json::as_str).unwrap_or_default();
            let name = text("field").split(['[', '.']).next().unwrap_or_default();
            if !fields.iter().any(|known| known.name == name) {
                fields.push(WrongField { name: name.to_owned(), value: text("value").to_owned() });
            }
        }
        Refusal(fields)
    }
}

pub(super) fn of_one(body: &Json) -> Option<Answers> {
    Some(Some(vec![Ok(prediction(body)?)]))
}

pub(super) fn of_batch(body: &Json) -> Option<Answers> {
    let answer = |outcome: &Json| match outcome.get("error") {
        Some(error) => Some(Err(Refusal::of(error))),
        None => prediction(outcome).map(Ok),
    };
    body.get("predictions")?.as_array()?.iter().map(answer).collect::<Option<_>>().map(Some)
}

/// The tensor of prices, if it was asked for.
pub(super) fn of_tensors(body: &Json) -> Option<Answers> {
    let outputs = body.get("outputs")?.as_array()?;
    let is_price = |output: &&Json| output.get("name").and_then(Json::as_str) == Some("price");
    let Some(prices) = outputs.iter().find(is_price) else { return Some(None) };
    let answer = |price: &Json| Some(Ok(Answer { price_usd: price.as_f64()?, warnings: None }));
    prices.get("data")?.as_array()?.iter().map(answer).collect::<Option<_>>().map(Some)
}

fn prediction(value: &Json) -> Option<Answer> {
    let warnings = value.get("warnings")?.as_array()?;
    // Journals from before warnings had codes hold texts, which are ignored.
    let codes = warnings.iter().filter_map(|warning| warning.get("code")?.as_str());
    Some(Answer { price_usd: value.get("price")?.as_f64()?, warnings: Some(codes.collect()) })
}
