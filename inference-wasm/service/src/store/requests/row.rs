//! A row of the journal, as it is shown.

use serde::{Serialize, Serializer};

use api::hex::hexadecimal;

use crate::database::{Cells, Database, DatabaseError, Value};
use crate::store::Store;

/// A row of the journal.
#[derive(Debug, Serialize)]
pub(crate) struct RequestRow {
    pub(crate) id: String,
    received_at: String,
    method: String,
    path: String,
    query: Option<String>,
    route: Option<String>,
    status: i64,
    latency_us: i64,
    request_type: Option<String>,
    request_body: Shown,
    request_bytes: i64,
    request_sha256: Option<String>,
    /// Whether `request_body` is less than there was.
    request_cut: bool,
    response_type: Option<String>,
    response_body: Shown,
    response_bytes: i64,
    response_sha256: Option<String>,
    /// Whether `response_body` is less than there was.
    response_cut: bool,
    model_id: Option<String>,
    client: Option<String>,
    user_agent: Option<String>,
    caller_request_id: Option<String>,
    trace_id: Option<String>,
}

/// A body as it is shown: a text as itself, anything else as `{"hexadecimal": "…"}`.
#[derive(Debug)]
enum Shown {
    None,
    Text(String),
    Binary(Vec<u8>),
}

impl<D: Database> Store<D> {
    /// One row, with all of its bodies that the journal kept.
    pub(crate) async fn request(&self, id: &str) -> Result<Option<RequestRow>, DatabaseError> {
        let sql = format!(
            "SELECT {} FROM requests WHERE id = ?",
            columns("request_body", "response_body")
        );
        let rows = self.reader.query(&sql, vec![Value::Text(id.into())]).await?;
        rows.into_iter().next().map(|row| request_row(row.into())).transpose()
    }
}

/// The columns that [`request_row`] reads, with these expressions for the bodies.
pub(super) fn columns(request_body: &str, response_body: &str) -> String {
    format!(
        "requests.id, received_at, requests.method, path, query, requests.route, requests.status, latency_us,
        request_type, {request_body}, request_bytes, request_sha256,
        response_type, {response_body}, response_bytes, response_sha256,
        requests.model_id, client, user_agent, caller_request_id, trace_id"
    )
}

pub(super) fn request_row(mut row: Cells) -> Result<RequestRow, DatabaseError> {
    Ok(RequestRow {
        id: row.text()?,
        received_at: row.text()?,
        method: row.text()?,
        path: row.text()?,
        query: row.optional_text()?,
        route: row.optional_text()?,
        status: row.integer()?,
        latency_us: row.integer()?,
        request_type: row.optional_text()?,
        request_body: Shown::from(row.next()?),
        request_bytes: row.integer()?,
        request_sha256: row.optional_text()?,
        request_cut: false,
        response_type: row.optional_text()?,
        response_body: Shown::from(row.next()?),
        response_bytes: row.integer()?,
        response_sha256: row.optional_text()?,
        response_cut: false,
        model_id: row.optional_text()?,
        client: row.optional_text()?,
        user_agent: row.optional_text()?,
        caller_request_id: row.optional_text()?,
        trace_id: row.optional_text()?,
    }
    .with_cuts())
}

impl RequestRow {
    fn with_cuts(mut self) -> RequestRow {
        let is_less = |shown: &Shown, bytes: i64| {
            i64::try_from(shown.bytes()).is_ok_and(|shown| shown < bytes)
        };
        self.request_cut = is_less(&self.request_body, self.request_bytes);
        self.response_cut = is_less(&self.response_body, self.response_bytes);
        self
    }
}

impl Shown {
    fn bytes(&self) -> usize {
        match self {
            Shown::None => 0,
            Shown::Text(text) => text.len(),
            Shown::Binary(bytes) => bytes.len(),
        }
    }
}

impl From<Value> for Shown {
    fn from(value: Value) -> Shown {
        match value {
            Value::Text(text) => Shown::Text(text),
            Value::Blob(bytes) => Shown::Binary(bytes),
            // The service writes neither; whatever did, nothing is shown of it.
            Value::Null | Value::Integer(_) | Value::Real(_) => Shown::None,
        }
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Binary {
            hexadecimal: String,
        }
        match self {
            Shown::None => serializer.serialize_none(),
            Shown::Text(text) => serializer.serialize_str(text),
            Shown::Binary(bytes) => {
                Binary { hexadecimal: hexadecimal(bytes) }.serialize(serializer)
            }
        }
    }
}
