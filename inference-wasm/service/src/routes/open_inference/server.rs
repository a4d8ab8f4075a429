//! `GET /v2`, `/v2/health/live` and `/v2/health/ready`: the server's metadata and health.

use serde::Serialize;
use serde_json::json;

use crate::database::Database;
use crate::host::Host;
use crate::response::{Answer, RouteResponse};
use crate::state::Call;

#[derive(Serialize)]
struct Metadata {
    name: &'static str,
    version: &'static str,
    /// The protocol's optional parts, such as tensors as bytes: none, for a few thousand numbers need none.
    extensions: [&'static str; 0],
}

pub(crate) async fn metadata<D: Database, H: Host>(_: Call<'_, D, H>) -> Answer {
    let version = env!("CARGO_PKG_VERSION");
    Ok(RouteResponse::json(&Metadata { name: "loupe", version, extensions: [] }))
}

pub(crate) async fn live<D: Database, H: Host>(_: Call<'_, D, H>) -> Answer {
    Ok(RouteResponse::json(&json!({"live": true})))
}

/// The same as `/readyz`: a model is loaded and the database can be read.
pub(crate) async fn ready<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    let model = call.state.champion().await.is_ok();
    let ready = model && call.state.store.champion_id().await.is_ok();
    Ok(RouteResponse::readiness(ready, &json!({"ready": ready})))
}
