//! The requests that the benchmarks send: routes of the API, with many stones in turn.

use inference::features::FEATURE_NAMES;
use serde_json::{Value, json};

use crate::dataset::Stone;

/// How many different requests a route gets; a batch holds a hundred stones of its own.
const DIFFERENT: usize = 256;
const DIFFERENT_BATCHES: usize = 16;
const BATCH: usize = 100;

/// A route of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Route {
    Live,
    Predict,
    Explain,
    Batch,
    Similar,
}

/// One request. No part of it contains a tab or the end of a line.
pub(crate) struct Request {
    method: &'static str,
    target: String,
    body: String,
}

impl Route {
    pub(crate) const ALL: [Route; 5] =
        [Route::Live, Route::Predict, Route::Explain, Route::Batch, Route::Similar];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Route::Live => "/livez",
            Route::Predict => "/v1/predict",
            Route::Explain => "/v1/predict?explain=true",
            Route::Batch => "/v1/predict/batch, 100 stones",
            Route::Similar => "/v1/similar, 5 stones",
        }
    }

    /// Whether the service journals it.
    pub(crate) fn is_journaled(self) -> bool {
        self != Route::Live
    }

    /// Requests about real stones, with every measure.
    pub(crate) fn requests(self, stones: &[Stone]) -> Vec<Request> {
        let get = |target: String| Request { method: "GET", target, body: String::new() };
        let post = |target: &str, body: &Value| Request {
            method: "POST",
            target: target.to_owned(),
            body: body.to_string(),
        };
        let singles = stones.iter().take(DIFFERENT);
        match self {
            Route::Live => vec![get("/livez".to_owned())],
            Route::Predict => singles.map(|stone| post("/v1/predict", &described(stone))).collect(),
            Route::Explain => {
                singles.map(|stone| post("/v1/predict?explain=true", &described(stone))).collect()
            }
            Route::Batch => {
                let batches = stones.chunks_exact(BATCH).take(DIFFERENT_BATCHES);
                let batches = batches.map(|batch| batch.iter().map(described).collect::<Vec<_>>());
                batches
                    .map(|batch| post("/v1/predict/batch", &json!({ "diamonds": batch })))
                    .collect()
            }
            Route::Similar => singles.map(similar).collect(),
        }
    }
}

impl Request {
    /// As a line for wrk's script.
    pub(crate) fn to_line(&self) -> String {
        let Request { method, target, body } = self;
        format!("{method}\t{target}\t{body}\n")
    }

    /// As it is sent.
    pub(crate) fn to_bytes(&self, host: &str) -> Vec<u8> {
        let Request { method, target, body } = self;
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\n");
        if !body.is_empty() {
            head.push_str("content-type: application/json\r\n");
            head.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        format!("{head}\r\n{body}").into_bytes()
    }
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.target)
    }
}

/// A request for the stones most similar to one.
pub(crate) fn similar(stone: &Stone) -> Request {
    let diamond = &stone.diamond;
    let target = format!(
        "/v1/similar?carat={}&cut={}&color={}&clarity={}",
        diamond.carat.carats(),
        diamond.cut.as_str().replace(' ', "+"),
        diamond.color.as_str(),
        diamond.clarity.as_str()
    );
    Request { method: "GET", target, body: String::new() }
}

fn described(stone: &Stone) -> Value {
    let diamond = &stone.diamond;
    let mut described = json!({
        "carat": diamond.carat.carats(),
        "cut": diamond.cut.as_str(),
        "color": diamond.color.as_str(),
        "clarity": diamond.clarity.as_str(),
    });
    // After the four Cs.
    let features = stone.features();
    for (name, value) in FEATURE_NAMES.iter().zip(features.values()).skip(4) {
        described[name] = json!(value);
    }
    described
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_is_one_line_of_three_parts() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/diamonds.csv");
        let dataset = crate::dataset::Dataset::read(file.as_ref()).unwrap();
        for route in Route::ALL {
            let requests = route.requests(&dataset.stones);
            assert!(!requests.is_empty(), "{}", route.name());
            for request in requests {
                let line = request.to_line();
                assert_eq!(line.matches('\t').count(), 2, "{line}");
                assert_eq!(line.find('\n'), Some(line.len() - 1), "{line}");
            }
        }
    }
}
