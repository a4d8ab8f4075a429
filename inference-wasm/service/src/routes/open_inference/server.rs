//! `GET /v2`, `/v2/health/live` and `/v2/health/ready`: the server's metadata and health.

use serde::Serialize;

use crate::database::Database;
use crate::host::Host;
use crate::problem::Problem;
use crate::request::RouteRequest;
use crate::response::RouteResponse;
use crate::state::State;

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

pub(crate) async fn metadata<D: Database, H: Host>(
    _: &State<D, H>,
    _: RouteRequest<'_>,
) -> Result<RouteResponse, Problem> {
    let version = env!("CARGO_PKG_VERSION");
    Ok(RouteResponse::json(&Metadata { name: "loupe", version, extensions: [] }))
}

pub(crate) async fn live<D: Database, H: Host>(
    _: &State<D, H>,
    _: RouteRequest<'_>,
) -> Result<RouteResponse, Problem> {
    Ok(RouteResponse::json(&Live { live: true }))
}

/// The same as `/readyz`: a model is loaded and the database can be read.
pub(crate) async fn ready<D: Database, H: Host>(
    state: &State<D, H>,
    _: RouteRequest<'_>,
) -> Result<RouteResponse, Problem> {
    let model = state.champion().await.is_ok();
    let database = state.store.champion_id().await.is_ok();
    let ready = model && database;
    Ok(RouteResponse::readiness(ready, &Ready { ready }))
}
