//! The journal's record: one exchange, its columns, and its line on standard error where the database refused it.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Serialize;

use crate::hex::hexadecimal;

/// The columns of the table `requests`, in the order of [`Record`]'s fields.
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

/// One exchange.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// A UUIDv7.
    pub id: String,
    /// RFC 3339, in UTC with milliseconds.
    pub received_at: String,
    /// The request's method.
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query, still percent-encoded.
    pub query: Option<String>,
    /// The pattern of the route; `None` where the path matched none.
    pub route: Option<Cow<'static, str>>,
    /// The response's status.
    pub status: u16,
    /// From the first byte to the finished response; its commit comes after it.
    pub latency_us: u64,
    /// The request's body.
    pub request: Content,
    /// The response's body.
    pub response: Content,
    /// The model that was used.
    pub model_id: Option<String>,
    /// A keyed hash of the caller's address.
    pub client: Option<String>,
    /// As the caller sent it.
    pub user_agent: Option<String>,
    /// The caller's own `x-request-id`.
    pub caller_request_id: Option<String>,
    /// The W3C trace that the request belongs to.
    pub trace_id: Option<String>,
}

impl Record {
    /// The bytes that are kept of both bodies.
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        self.request.kept.len() + self.response.kept.len()
    }
}

/// A body, as much of it as the journal keeps.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Content {
    /// The content type.
    pub media: Option<String>,
    /// Its beginning.
    #[serde(serialize_with = "as_text_or_hexadecimal")]
    pub kept: Bytes,
    /// How long the whole body is.
    pub bytes: u64,
    /// Of the whole body, where it is longer than what was kept.
    pub sha256: Option<String>,
}

fn as_text_or_hexadecimal<S: serde::Serializer>(
    bytes: &Bytes,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Written<'a> {
        Text(&'a str),
        Hexadecimal(String),
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Written::Text(text),
        Err(_) => Written::Hexadecimal(hexadecimal(bytes)),
    }
    .serialize(serializer)
}

/// A record that the database refused, as it is written to standard error: one line of JSON, which
/// `trainer logs recover` reads back.
#[derive(Debug, Serialize)]
pub struct DeadLetter<'a> {
    loupe_journal: &'static str,
    why: &'a str,
    record: &'a Record,
}

impl<'a> DeadLetter<'a> {
    /// The value of `loupe_journal` that marks the line of a record.
    pub const MARK: &'static str = "stray";

    /// The line of a record and of why it was refused.
    #[must_use]
    pub fn new(record: &'a Record, why: &'a str) -> DeadLetter<'a> {
        DeadLetter { loupe_journal: DeadLetter::MARK, why, record }
    }
}
