//! `GET /v1/requests` and `/v1/requests/{id}`: the journal, for the operator.

mod parameters;

use serde::Serialize;

use crate::database::Database;
use crate::host::Host;
use crate::problem::Problem;
use crate::request::RouteRequest;
use crate::response::RouteResponse;
use crate::state::State;
use crate::store::{Page, RequestRow};

#[derive(Serialize)]
struct Requests {
    requests: Vec<RequestRow>,
    /// Where the next page begins; null on the last page.
    next: Option<String>,
    request_id: String,
}

#[derive(Serialize)]
struct One {
    #[serde(flatten)]
    request: RequestRow,
    request_id: String,
}

pub(super) async fn all<D: Database, H: Host>(
    state: &State<D, H>,
    call: RouteRequest<'_>,
) -> Result<RouteResponse, Problem> {
    let filter = parameters::filter(call.request.query.as_deref(), &state.journaled_patterns)?;
    let Page { rows, next } = state.store.page(&filter).await?;
    Ok(RouteResponse::json(&Requests { requests: rows, next, request_id: call.id.to_owned() }))
}

pub(super) async fn one<D: Database, H: Host>(
    state: &State<D, H>,
    call: RouteRequest<'_>,
) -> Result<RouteResponse, Problem> {
    let request = state.store.request(&call.segment.to_ascii_lowercase()).await?;
    let request = request.ok_or_else(|| Problem::NoSuchRequest { id: call.segment.to_owned() })?;
    Ok(RouteResponse::json(&One { request, request_id: call.id.to_owned() }))
}
