//! `GET /v1/requests` and `/v1/requests/{id}`: the journal, for the operator.

mod parameters;

use serde::Serialize;

use crate::database::Database;
use crate::host::Host;
use crate::problem::Problem;
use crate::response::{Answer, RouteResponse};
use crate::state::Call;
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

pub(super) async fn all<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    let filter = parameters::filter(call.request.query.as_deref(), &call.state.journaled_patterns)?;
    let Page { rows, next } = call.state.store.page(&filter).await?;
    Ok(RouteResponse::json(&Requests { requests: rows, next, request_id: call.id.to_owned() }))
}

pub(super) async fn one<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    let request = call.state.store.request(&call.segment.to_ascii_lowercase()).await?;
    let request = request.ok_or_else(|| Problem::NoSuchRequest { id: call.segment.to_owned() })?;
    Ok(RouteResponse::json(&One { request, request_id: call.id.to_owned() }))
}
