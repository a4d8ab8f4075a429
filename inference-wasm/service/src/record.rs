//! One exchange, as the journal keeps it.

use bytes::Bytes;
use serde::Serialize;

/// One exchange, as the journal keeps it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) received_at: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) route: Option<&'static str>,
    pub(crate) status: u16,
    /// From the first byte to the finished response; its commit comes after it.
    pub(crate) latency_us: u64,
    pub(crate) request: Content,
    pub(crate) response: Content,
    pub(crate) model_id: Option<String>,
    pub(crate) client: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) caller_request_id: Option<String>,
    pub(crate) trace_id: Option<String>,
}

impl Record {
    /// The size of what is kept of both bodies.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.request.kept.len() + self.response.kept.len()
    }
}

/// A body, as much of it as the journal keeps.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Content {
    pub(crate) media: Option<String>,
    #[serde(serialize_with = "as_text_or_hexadecimal")]
    pub(crate) kept: Bytes,
    pub(crate) bytes: u64,
    /// Of the whole body, where it is longer than what was kept.
    pub(crate) sha256: Option<String>,
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
        Err(_) => Written::Hexadecimal(crate::request::hexadecimal(bytes)),
    }
    .serialize(serializer)
}
