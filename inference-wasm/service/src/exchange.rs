//! Turns an answered request into the journal's record.

use std::borrow::Cow;

use api::hex::hexadecimal;
use api::journal::{Content, Record};
use sha2::{Digest, Sha256};

use crate::request::{Body, Request};
use crate::response::HttpResponse;
use crate::rfc3339;
use crate::trace::Trace;

/// An answered request.
pub(crate) struct Exchange<'a> {
    pub(crate) id: String,
    pub(crate) request: Request,
    pub(crate) response: &'a HttpResponse,
    /// The pattern of the route.
    pub(crate) route: Option<&'static str>,
    pub(crate) client: Option<String>,
    /// When the response was finished, by the host's monotonic clock.
    pub(crate) finished_us: u64,
}

impl Exchange<'_> {
    /// The record, with at most so many bytes of each body.
    pub(crate) fn into_record(self, request_bytes: usize, response_bytes: usize) -> Record {
        let Exchange { id, request, response, route, client, finished_us } = self;
        let text = |name: &str| {
            request
                .headers
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Record {
            id,
            received_at: rfc3339::text(request.received.unix_time_us),
            route: route.map(Cow::Borrowed),
            latency_us: finished_us.saturating_sub(request.received.monotonic_us),
            status: response.http.status().as_u16(),
            request: content(text("content-type"), &request.body, request_bytes),
            response: content(response.media.map(str::to_owned), &response.body, response_bytes),
            model_id: response.model_id.clone(),
            client,
            user_agent: text("user-agent"),
            caller_request_id: text("x-request-id"),
            trace_id: Trace::of(&request).map(|trace| trace.id),
            method: request.method.to_string(),
            path: request.path,
            query: request.query,
        }
    }
}

/// The beginning of a body, at most so many bytes.
fn content(media: Option<String>, body: &Body, max_bytes: usize) -> Content {
    let length = max_bytes.min(body.kept.len());
    let is_whole = length as u64 == body.bytes;
    let sha256 = match &body.sha256 {
        Some(sha256) => Some(sha256.clone()),
        None if is_whole => None,
        None => Some(hexadecimal(&Sha256::digest(&body.kept))),
    };
    // Truncating must not split a character, or a text would turn into a blob.
    let end = if is_whole { length } else { whole_characters(&body.kept[..length]) };
    Content { media, kept: body.kept.slice(..end), bytes: body.bytes, sha256 }
}

/// The length of the whole characters at the beginning of a text; the full length of anything else.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        // An error without a length is a character whose end is missing.
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncating_never_splits_a_character() {
        let check = |bytes: &[u8], expected| assert_eq!(whole_characters(bytes), expected);
        check(&"añb".as_bytes()[..2], 1);
        check("añ".as_bytes(), 3);
        check(&"a💎".as_bytes()[..4], 1);
        check(b"ab", 2);
        check(b"a\xffb", 3);
    }
}
