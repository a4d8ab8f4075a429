//! A row of the journal with all its columns.

use libsql::Value;
use serde_json::{Map, Value as Json, json};

use super::JournalError;
use data::stone::hex;

/// The columns of a row, in the order of the table.
pub const COLUMNS: [&str; 21] = [
    "id",
    "received_at",
    "method",
    "path",
    "query",
    "route",
    "status",
    "latency_us",
    "request_type",
    "request_body",
    "request_bytes",
    "request_sha256",
    "response_type",
    "response_body",
    "response_bytes",
    "response_sha256",
    "model_id",
    "client",
    "user_agent",
    "caller_request_id",
    "trace_id",
];

/// A row of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The request id, a UUIDv7.
    pub id: String,
    /// When the request was received, RFC 3339 in UTC.
    pub received_at: String,
    /// The HTTP method.
    pub method: String,
    /// The path as it was sent.
    pub path: String,
    /// The query as it was sent.
    pub query: Option<String>,
    /// The route's pattern; none for an unknown path.
    pub route: Option<String>,
    /// The HTTP status.
    pub status: i64,
    /// The latency, in microseconds.
    pub latency_us: i64,
    /// The request body.
    pub request: Exchange,
    /// The response body.
    pub response: Exchange,
    /// The model that answered.
    pub model_id: Option<String>,
    /// A hash of the caller's address.
    pub client: Option<String>,
    /// The caller's user agent.
    pub user_agent: Option<String>,
    /// The caller's own request id.
    pub caller_request_id: Option<String>,
    /// The trace id.
    pub trace_id: Option<String>,
}

/// One side of an exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// The media type.
    pub media: Option<String>,
    /// The part of the body that was kept.
    pub body: Body,
    /// The full length, in bytes.
    pub bytes: i64,
    /// SHA-256 of the full body, where it was cut.
    pub sha256: Option<String>,
}

/// As much of a body as was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// No body.
    Nothing,
    /// Text.
    Text(String),
    /// Bytes that are not UTF-8.
    Binary(Vec<u8>),
}

impl Row {
    /// Reads a row whose columns are [`COLUMNS`].
    ///
    /// # Errors
    ///
    /// [`JournalError::InvalidRow`] for a body that is a number, which the service writes never.
    pub(super) fn read(row: &libsql::Row) -> Result<Row, JournalError> {
        let id: String = row.get(0)?;
        let exchange = |at: i32| -> Result<Exchange, JournalError> {
            let body = match row.get_value(at + 1)? {
                Value::Null => Body::Nothing,
                Value::Text(text) => Body::Text(text),
                Value::Blob(bytes) => Body::Binary(bytes),
                other => {
                    let why = format!("a body is {other:?} instead of a text or a blob");
                    return Err(JournalError::InvalidRow { id: id.clone(), why });
                }
            };
            Ok(Exchange {
                media: row.get(at)?,
                body,
                bytes: row.get(at + 2)?,
                sha256: row.get(at + 3)?,
            })
        };
        Ok(Row {
            received_at: row.get(1)?,
            method: row.get(2)?,
            path: row.get(3)?,
            query: row.get(4)?,
            route: row.get(5)?,
            status: row.get(6)?,
            latency_us: row.get(7)?,
            request: exchange(8)?,
            response: exchange(12)?,
            model_id: row.get(16)?,
            client: row.get(17)?,
            user_agent: row.get(18)?,
            caller_request_id: row.get(19)?,
            trace_id: row.get(20)?,
            id,
        })
    }

    /// The values of [`COLUMNS`].
    pub(super) fn into_values(self) -> [Value; COLUMNS.len()] {
        let text = |text: Option<String>| text.map_or(Value::Null, Value::Text);
        let body = |body: Body| match body {
            Body::Nothing => Value::Null,
            Body::Text(text) => Value::Text(text),
            Body::Binary(bytes) => Value::Blob(bytes),
        };
        [
            self.id.into(),
            self.received_at.into(),
            self.method.into(),
            self.path.into(),
            text(self.query),
            text(self.route),
            self.status.into(),
            self.latency_us.into(),
            text(self.request.media),
            body(self.request.body),
            self.request.bytes.into(),
            text(self.request.sha256),
            text(self.response.media),
            body(self.response.body),
            self.response.bytes.into(),
            text(self.response.sha256),
            text(self.model_id),
            text(self.client),
            text(self.user_agent),
            text(self.caller_request_id),
            text(self.trace_id),
        ]
    }

    /// The row as an object whose keys are [`COLUMNS`]; a body is null, `{"text": …}` or `{"hexadecimal": …}`.
    pub fn to_json(&self) -> Json {
        let values = [
            json!(self.id),
            json!(self.received_at),
            json!(self.method),
            json!(self.path),
            json!(self.query),
            json!(self.route),
            json!(self.status),
            json!(self.latency_us),
            json!(self.request.media),
            self.request.body.to_json(),
            json!(self.request.bytes),
            json!(self.request.sha256),
            json!(self.response.media),
            self.response.body.to_json(),
            json!(self.response.bytes),
            json!(self.response.sha256),
            json!(self.model_id),
            json!(self.client),
            json!(self.user_agent),
            json!(self.caller_request_id),
            json!(self.trace_id),
        ];
        let object: Map<String, Json> =
            COLUMNS.iter().map(|column| (*column).to_owned()).zip(values).collect();
        object.into()
    }
}

impl Body {
    fn to_json(&self) -> Json {
        match self {
            Body::Nothing => Json::Null,
            Body::Text(text) => json!({ "text": text }),
            Body::Binary(bytes) => json!({ "hexadecimal": hex(bytes) }),
        }
    }

    /// How [`Body::to_text`] writes it; empty where there is none.
    pub fn encoding(&self) -> &'static str {
        match self {
            Body::Nothing => "",
            Body::Text(_) => "text",
            Body::Binary(_) => "hexadecimal",
        }
    }

    /// The body for a format that knows only texts.
    pub fn to_text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Body::Nothing => "".into(),
            Body::Text(text) => text.into(),
            Body::Binary(bytes) => hex(bytes).into(),
        }
    }
}
