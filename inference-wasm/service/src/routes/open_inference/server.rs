//! `GET /v2`, `/v2/health/live` and `/v2/health/ready`: what the server is, and whether it works.

use http::StatusCode;
use serde::Serialize;

use super::super::Answer;
use crate::database::Database;
use crate::host::Host;
use crate::workshop::Workshop;

#[derive(Serialize)]
struct Metadata {
    name: &'static str,
    version: &'static str,
    /// The protocol's optional parts, such as tensors as bytes: none, for a few thousand numbers need none.
    extensions: [&'static str; 0],
}

#[derive(Serialize)]
struct Live {
    live: bool,
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
}

pub(crate) fn metadata() -> Answer {
    let version = env!("CARGO_PKG_VERSION");
    Answer::json(&Metadata { name: "loupe", version, extensions: [] })
}

pub(crate) fn live() -> Answer {
    fresh(Answer::json(&Live { live: true }))
}

/// The same as `/readyz`: a model answers and the database can be asked.
pub(crate) async fn ready<D: Database, H: Host>(workshop: &Workshop<D, H>) -> Answer {
    let model = workshop.champion().await.is_ok();
    let database = workshop.store.champion_id().await.is_ok();
    let ready = model && database;
    readiness(ready, &Ready { ready })
}

/// An answer whose status says it too, for callers that look at nothing else.
pub(super) fn readiness(ready: bool, answer: &impl Serialize) -> Answer {
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Answer { status, ..fresh(Answer::json(answer)) }
}

fn fresh(answer: Answer) -> Answer {
    Answer { cache: Some("no-store"), ..answer }
}
