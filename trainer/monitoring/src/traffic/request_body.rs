//! Reads the stones of a request body as the service reads them.

use api::object::{field_value, from_json};
use api::{FieldSet, table};
use inference::float32::shortest_decimal;
use inference::text::without_byte_order_mark;
use inference::{Diamond, DiamondInput, FieldValue, PriceLists};
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
    pub(super) const PATTERNS: [&'static str; 4] = [
        "/v1/predict",
        "/v1/predict/batch",
        "/v2/models/diamonds/infer",
        "/v2/models/diamonds/versions/{id}/infer",
    ];

    pub(super) fn named(pattern: &str) -> Option<Route> {
        let routes = [Route::Predict, Route::Batch, Route::Infer, Route::Infer];
        Route::PATTERNS.iter().position(|known| *known == pattern).map(|at| routes[at])
    }

    /// The stones of a body that the service took, in order; `None` in place of one that is none. `None` in place of all
    /// where the body is not understood.
    pub(super) fn stones(self, media: Option<&str>, body: &[u8]) -> Option<Vec<Option<Diamond>>> {
        if self == Route::Batch && media.is_some_and(is_csv) {
            let table = table::from_csv(body, usize::MAX, &PriceLists::NONE).ok()?;
            return Some(table.rows.into_iter().map(Result::ok).collect());
        }
        let body: Json = serde_json::from_slice(without_byte_order_mark(body)).ok()?;
        match self {
            Route::Predict => Some(vec![stone(&body)]),
            Route::Batch => Some(body.get("diamonds")?.as_array()?.iter().map(stone).collect()),
            Route::Infer => from_tensors(&body),
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
    let parsed = from_json(value.as_object()?, FieldSet::All, &PriceLists::NONE).ok()?;
    Some(parsed.diamond)
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
                Some(number) if is_fp32 => FieldValue::Number(shortest_decimal(number)),
                _ => field_value(element),
            };
        }
    }
    Some(inputs.iter().map(|input| input.parse().ok()).collect())
}
