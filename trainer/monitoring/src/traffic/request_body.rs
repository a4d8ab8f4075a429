//! Reads the stones of a request body as the service reads them.

use inference::{Diamond, DiamondInput, FieldValue};
use serde_json::Value as Json;

use super::response_body::{self, Answers};

/// A route that answers with prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Predict,
    Batch,
    Infer,
}

impl Route {
    pub(super) const PATTERNS: [&'static str; 3] =
        ["/v1/predict", "/v1/predict/batch", "/v2/models/diamonds/infer"];

    pub(super) fn named(pattern: &str) -> Option<Route> {
        let routes = [Route::Predict, Route::Batch, Route::Infer];
        Route::PATTERNS.iter().position(|known| *known == pattern).map(|at| routes[at])
    }

    /// The stones of a body that the service took, in order; `None` in place of one that is none. `None` in place of all
    /// where the body is not understood.
    pub(super) fn stones(self, media: Option<&str>, body: &[u8]) -> Option<Vec<Option<Diamond>>> {
        match self {
            Route::Predict => Some(vec![stone(&serde_json::from_slice(body).ok()?)]),
            Route::Batch if media.is_some_and(is_csv) => from_csv(body),
            Route::Batch => {
                let body: Json = serde_json::from_slice(body).ok()?;
                Some(body.get("diamonds")?.as_array()?.iter().map(stone).collect())
            }
            Route::Infer => from_tensors(&serde_json::from_slice(body).ok()?),
        }
    }

    /// The answers of a response; `None` where it is not understood.
    pub(super) fn answers(self, body: &[u8]) -> Option<Answers> {
        let body: Json = serde_json::from_slice(body).ok()?;
        match self {
            Route::Predict => response_body::of_one(&body),
            Route::Batch => response_body::of_batch(&body),
            Route::Infer => response_body::of_tensors(&body),
        }
    }
}

fn is_csv(media: &str) -> bool {
    media.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/csv"))
}

fn stone(value: &Json) -> Option<Diamond> {
    let mut input = DiamondInput::default();
    for (field, value) in value.as_object()? {
        if let Some(slot) = input.value_mut(field) {
            *slot = entry(value);
        }
    }
    input.parse().ok()
}

fn entry(value: &Json) -> FieldValue<'_> {
    match value {
        Json::Null => FieldValue::Absent,
        Json::Number(number) => {
            number.as_f64().map_or(FieldValue::Other(number.to_string()), FieldValue::Number)
        }
        Json::String(text) => FieldValue::Text(text),
        other => FieldValue::Other(other.to_string()),
    }
}

fn from_csv(body: &[u8]) -> Option<Vec<Option<Diamond>>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(body);
    let header = reader.headers().ok()?.clone();
    let mut stones = Vec::new();
    for record in reader.records() {
        let record = record.ok()?;
        let mut input = DiamondInput::default();
        for (field, text) in header.iter().zip(&record) {
            input.set_text(field, text);
        }
        stones.push(input.parse().ok());
    }
    Some(stones)
}

/// One column a field becomes one input a stone. The service answers 200 only where every stone is good.
fn from_tensors(body: &Json) -> Option<Vec<Option<Diamond>>> {
    let mut inputs: Vec<DiamondInput<'_>> = Vec::new();
    for input in body.get("inputs")?.as_array()? {
        let name = input.get("name")?.as_str()?;
        let is_fp32 = input.get("datatype")?.as_str()? == "FP32";
        let data = input.get("data")?.as_array()?;
        inputs.resize(inputs.len().max(data.len()), DiamondInput::default());
        for (input, element) in inputs.iter_mut().zip(data) {
            let element = match element.as_array().map(Vec::as_slice) {
                Some([only]) => only,
                _ => element,
            };
            *input.value_mut(name)? = match element.as_f64() {
                Some(number) if is_fp32 => FieldValue::Number(shortest(number)),
                _ => entry(element),
            };
        }
    }
    Some(inputs.iter().map(|input| input.parse().ok()).collect())
}

/// The shortest decimal of the f32 that a number is, which is what the service prices.
#[expect(clippy::cast_possible_truncation, reason = "the caller said that it is an f32")]
fn shortest(number: f64) -> f64 {
    (number as f32).to_string().parse().unwrap_or(number)
}
