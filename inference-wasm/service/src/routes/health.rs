//! `/livez` and `/readyz`: whether the service runs, and whether it should receive requests.

use serde::Serialize;

use crate::database::Database;
use crate::host::Host;
use crate::response::{Answer, RouteResponse};
use crate::state::Call;

#[derive(Serialize)]
struct Live<'a> {
    status: &'static str,
    request_id: &'a str,
}

#[derive(Serialize)]
struct Ready<'a> {
    status: &'static str,
    /// The model in service.
    model: Option<String>,
    database: &'static str,
    /// Where records go; `None` where this instance has written none yet and no one knows.
    journal: Option<&'static str>,
    /// Why the registry's champion is not in service.
    #[serde(rename = "trouble")]
    last_error: Option<String>,
    request_id: &'a str,
}

pub(super) async fn live<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    Ok(RouteResponse::json(&Live { status: "alive", request_id: call.id }))
}

/// Ready means that a model is loaded and the database can be read. Responses are good while records go to standard error,
/// so that is reported as degraded and is no reason to send requests elsewhere.
pub(super) async fn ready<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    let Call { state, id: request_id, .. } = call;
    let model = state.champion().await.ok().map(|loaded| loaded.id.clone());
    state.store.reopen_reader();
    let database = state.store.champion_id().await.is_ok();
    let ready = model.is_some() && database;
    // A database that cannot be read cannot be written either; a server that hangs is waited for once.
    let journal = if database { state.store.journal().await } else { state.store.commits() };
    let body = Ready {
        status: match (ready, journal) {
            (false, _) => "not ready",
            (true, Some(false)) => "degraded",
            (true, _) => "ready",
        },
        model,
        database: if database { "ok" } else { "cannot be read" },
        journal: journal.map(|goes_on| if goes_on { "ok" } else { "standard error" }),
        last_error: state.models.last_error(),
        request_id,
    };
    Ok(RouteResponse::readiness(ready, &body))
}
