//! `GET /v1/requests` and `/v1/requests/{id}`: the journal, for the operator.

mod parameters;

use serde::Serialize;

use super::Answer;
use crate::database::Database;
use crate::host::Host;
use crate::problem::Problem;
use crate::request::Request;
use crate::store::{Page, RequestRow};
use crate::workshop::Workshop;

/// How much of these routes' own answers the journal keeps: whole ones would copy other rows' bodies into new rows, again
/// and again.
pub(super) const KEPT_BYTES: usize = 2_048;

#[derive(Serialize)]
struct Requests {
    requests: Vec<RequestRow>,
    /// Where the next page begins; null where there is none.
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
    workshop: &Workshop<D, H>,
    request: &Request,
    id: &str,
) -> Result<Answer, Problem> {
    let filter = parameters::filter(request.query.as_deref())?;
    let Page { rows, next } = workshop.store.page(&filter).await?;
    Ok(Answer::json(&Requests { requests: rows, next, request_id: id.to_owned() }).unstored())
}

pub(super) async fn one<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    wanted: &str,
    id: &str,
) -> Result<Answer, Problem> {
    let request = workshop.store.request(&wanted.to_ascii_lowercase()).await?;
    let request = request.ok_or_else(|| Problem::NoSuchRequest { id: wanted.to_owned() })?;
    Ok(Answer::json(&One { request, request_id: id.to_owned() }).unstored())
}
