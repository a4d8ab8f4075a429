//! The journal's record: one exchange, its columns, and its line on standard error where the database refused it; and
//! what a reader of the journal selects by.

use std::borrow::Cow;

use bytes::Bytes;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hex::{bytes, hexadecimal};

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

/// What a column of a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column<'a> {
    /// Nothing.
    Null,
    /// A number.
    Integer(i64),
    /// A text.
    Text(&'a str),
    /// Bytes that are no text, or a text with a NUL: some readers of SQLite end a text there.
    Blob(&'a [u8]),
}

/// One exchange.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
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

    /// What the columns hold, in the order of [`COLUMNS`].
    #[must_use]
    pub fn columns(&self) -> [Column<'_>; COLUMNS.len()] {
        let count = |count: u64| Column::Integer(i64::try_from(count).unwrap_or(i64::MAX));
        let Record { request, response, .. } = self;
        [
            Column::Text(&self.id),
            Column::Text(&self.received_at),
            Column::Text(&self.method),
            Column::Text(&self.path),
            Column::of(self.query.as_deref()),
            Column::of(self.route.as_deref()),
            Column::Integer(self.status.into()),
            count(self.latency_us),
            Column::of(request.media.as_deref()),
            Column::of_body(&request.kept),
            count(request.bytes),
            Column::of(request.sha256.as_deref()),
            Column::of(response.media.as_deref()),
            Column::of_body(&response.kept),
            count(response.bytes),
            Column::of(response.sha256.as_deref()),
            Column::of(self.model_id.as_deref()),
            Column::of(self.client.as_deref()),
            Column::of(self.user_agent.as_deref()),
            Column::of(self.caller_request_id.as_deref()),
            Column::of(self.trace_id.as_deref()),
        ]
    }
}

impl<'a> Column<'a> {
    fn of(text: Option<&'a str>) -> Column<'a> {
        text.map_or(Column::Null, Column::Text)
    }

    fn of_body(bytes: &'a [u8]) -> Column<'a> {
        match std::str::from_utf8(bytes) {
            Ok("") => Column::Null,
            Ok(text) if !bytes.contains(&0) => Column::Text(text),
            _ => Column::Blob(bytes),
        }
    }
}

/// A body, as much of it as the journal keeps.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Content {
    /// The content type.
    pub media: Option<String>,
    /// Its beginning.
    #[serde(serialize_with = "as_text_or_hexadecimal", deserialize_with = "text_or_hexadecimal")]
    pub kept: Bytes,
    /// How long the whole body is.
    pub bytes: u64,
    /// Of the whole body, where it is longer than what was kept.
    pub sha256: Option<String>,
}

/// A body in a line of JSON.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Written<'a> {
    Text(Cow<'a, str>),
    Hexadecimal(String),
}

fn as_text_or_hexadecimal<S: Serializer>(bytes: &Bytes, to: S) -> Result<S::Ok, S::Error> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Written::Text(text.into()),
        Err(_) => Written::Hexadecimal(hexadecimal(bytes)),
    }
    .serialize(to)
}

fn text_or_hexadecimal<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
    match Written::deserialize(from)? {
        Written::Text(text) => Ok(text.into_owned().into()),
        Written::Hexadecimal(digits) => bytes(&digits)
            .map(Bytes::from)
            .ok_or_else(|| D::Error::custom("kept is not in hexadecimal digits, two a byte")),
    }
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

/// Lies before the id of every record that was received in this millisecond or later, and behind all others: ids are
/// UUIDv7, which begin with their moment.
#[must_use]
pub fn first_id(unix_time_ms: i64) -> String {
    // The 48 bits that a UUIDv7 has for it reach beyond the year 10000.
    let bits = unix_time_ms.clamp(0, (1 << 48) - 1);
    format!("{:08x}-{:04x}-", bits >> 16, bits & 0xffff)
}

/// A status, or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusFilter {
    /// Exactly this status.
    One(u16),
    /// 4 stands for 400 to 499.
    Class(u16),
}

impl StatusFilter {
    /// Reads `404` or `4xx`; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<StatusFilter> {
        let (filter, class) = match text.strip_suffix("xx") {
            Some(class) => class.parse().map(|class| (StatusFilter::Class(class), class)),
            None => text.parse().map(|status| (StatusFilter::One(status), status / 100)),
        }
        .ok()?;
        (1..=5).contains(&class).then_some(filter)
    }

    /// Whether it selects failures alone.
    #[must_use]
    pub fn is_of_failures(self) -> bool {
        matches!(self, StatusFilter::One(400..) | StatusFilter::Class(4..))
    }
}
