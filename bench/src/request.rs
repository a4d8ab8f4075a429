//! The requests that the benchmarks send: routes of the API, with many stones in turn.

use std::time::Duration;

use acceptance::{Connection, head, post};
use anyhow::{Context, Result, ensure};
use inference::features::{FEATURE_NAMES, MEASURES};
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

/// One request: a POST of a body, or a GET without one. No part of it contains a tab or the end of a line.
pub(crate) struct Request {
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
        let singles = stones.iter().take(DIFFERENT);
        let post = |target: &'static str| {
            move |body: Value| Request { target: target.to_owned(), body: body.to_string() }
        };
        match self {
            Route::Live => vec![Request { target: "/livez".to_owned(), body: String::new() }],
            Route::Predict | Route::Explain => {
                singles.map(described).map(post(self.name())).collect()
            }
            Route::Batch => {
                let batches = stones.chunks_exact(BATCH).take(DIFFERENT_BATCHES);
                let batch = |batch: &[Stone]| batch.iter().map(described).collect::<Value>();
                let batches = batches.map(|stones| json!({ "diamonds": batch(stones) }));
                batches.map(post("/v1/predict/batch")).collect()
            }
            Route::Similar => singles.map(similar).collect(),
        }
    }
}

impl Request {
    /// As a line for wrk's script.
    pub(crate) fn to_line(&self) -> String {
        let Request { target, body } = self;
        let method = if body.is_empty() { "GET" } else { "POST" };
        format!("{method}\t{target}\t{body}\n")
    }

    /// Sends it and waits for the whole response, which must be a 200. Returns how long that took.
    pub(crate) fn send(&self, connection: &mut Connection) -> Result<Duration> {
        let Request { target, body } = self;
        let bytes = match body.as_str() {
            "" => head(&format!("GET {target}"), "").into_bytes(),
            body => post(target, body),
        };
        let answer = connection.try_send(bytes).context("no answer")?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status == 200, "{target}: {}: {text}", answer.status);
        Ok(answer.took)
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
    Request { target, body: String::new() }
}

fn described(stone: &Stone) -> Value {
    let diamond = &stone.diamond;
    let mut described = json!({
        "carat": diamond.carat.carats(),
        "cut": diamond.cut.as_str(),
        "color": diamond.color.as_str(),
        "clarity": diamond.clarity.as_str(),
    });
    let features = stone.features();
    for at in MEASURES {
        described[FEATURE_NAMES[at]] = json!(features.values()[at]);
    }
    described
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_is_one_line_of_three_parts() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/diamonds.csv");
        let dataset = crate::dataset::Dataset::read(file).unwrap();
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
