//! HTTP requests to elsewhere, as WASI sends them.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use service::Outbound;
use spin_sdk::time::sleep;
use spin_sdk::wasip3::http::client;
use spin_sdk::wasip3::http::types::{
    ErrorCode, Fields, Method, Request, RequestOptions, Response, Scheme,
};
use spin_sdk::wasip3::wit_bindgen::StreamResult;
use spin_sdk::wasip3::wit_future;

use crate::outgoing_body::OutgoingBody;

/// How long connecting may take, in nanoseconds.
const CONNECT_NS: u64 = 3_000_000_000;

/// How long a server may be silent, in nanoseconds: as long as a statement waits for a file's lock.
const TIMEOUT_NS: u64 = 5_000_000_000;

/// The same once it was silent for longer than [`TIMEOUT_NS`], until it answers again.
const SHORT_TIMEOUT_NS: u64 = 1_000_000_000;

/// An answer beyond this is given up. A server of its own accord ends at 10 MB.
const LARGEST_ANSWER_BYTES: usize = 64 << 20;

/// How much of an answer is asked for at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// The client of the host, which keeps its connections open.
#[derive(Debug, Clone, Default)]
pub(crate) struct WasiHttp {
    /// Whether the last request was left without an answer; known to all clones.
    is_silent: Rc<Cell<bool>>,
}

impl Outbound for WasiHttp {
    async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<(u16, Bytes), String> {
        let url: Uri = url.parse().map_err(|error| format!("{url:?} is no URL: {error}"))?;
        let timeout_ns = if self.is_silent.get() { SHORT_TIMEOUT_NS } else { TIMEOUT_NS };
        let (request, write) = post_request(&url, headers, body, timeout_ns)?;
        write.start().await;
        let answer = answer_to(request).await;
        let is_silence = |code: &ErrorCode| matches!(code, ErrorCode::ConnectionReadTimeout);
        self.is_silent.set(answer.as_ref().is_err_and(is_silence));
        answer.map_err(|code| in_words(&code, &url))
    }

    async fn sleep(&self, time: Duration) {
        sleep(time).await;
    }
}

async fn answer_to(request: Request) -> Result<(u16, Bytes), ErrorCode> {
    let response = client::send(request).await?;
    Ok((response.get_status_code(), body_of(response).await?))
}

/// The request, and the writing of its body.
fn post_request(
    url: &Uri,
    headers: &[(&'static str, String)],
    body: Vec<u8>,
    timeout_ns: u64,
) -> Result<(Request, OutgoingBody), String> {
    // With the length the body goes as it is, without it in chunks.
    let length = ("content-length", body.len().to_string());
    let fields: Vec<(String, Vec<u8>)> = headers
        .iter()
        .chain([&length])
        .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
        .collect();
    // The only value that an operator writes is the token.
    let fields = Fields::from_list(&fields)
        .map_err(|_| "libsql_token holds characters that no header may".to_owned())?;
    let options = RequestOptions::new();
    // A host that keeps no such limit of a request's says so, and has limits of its own.
    let _ = options.set_connect_timeout(Some(CONNECT_NS));
    let _ = options.set_first_byte_timeout(Some(timeout_ns));
    let _ = options.set_between_bytes_timeout(Some(timeout_ns));

    let (write, body, trailers) = OutgoingBody::new(body);
    let (request, _) = Request::new(fields, Some(body), trailers, Some(options));
    let scheme = if url.scheme_str() == Some("http") { Scheme::Http } else { Scheme::Https };
    let is_set = request
        .set_method(&Method::Post)
        .and_then(|()| request.set_scheme(Some(&scheme)))
        .and_then(|()| request.set_authority(url.authority().map(http::uri::Authority::as_str)))
        .and_then(|()| request.set_path_with_query(Some(url.path())));
    is_set.map_err(|()| format!("{url} is no URL that can be asked"))?;
    Ok((request, write))
}

async fn body_of(response: Response) -> Result<Bytes, ErrorCode> {
    let (_read, read_result) = wit_future::new(|| Ok(()));
    let (mut stream, trailers) = Response::consume_body(response, read_result);
    let mut body = Vec::new();
    let mut piece = Vec::with_capacity(PIECE_BYTES);
    loop {
        let (result, read) = stream.read(piece).await;
        body.extend_from_slice(&read);
        piece = read;
        piece.clear();
        match result {
            StreamResult::Complete(_) if body.len() <= LARGEST_ANSWER_BYTES => {}
            StreamResult::Complete(_) => return Err(ErrorCode::HttpResponseBodySize(None)),
            StreamResult::Dropped | StreamResult::Cancelled => break,
        }
    }
    drop(stream);
    trailers.await?;
    Ok(body.into())
}

/// Why there is no answer. The URL's authority may hold a password, its host does not.
fn in_words(code: &ErrorCode, url: &Uri) -> String {
    let host = url.host().unwrap_or_default();
    match code {
        ErrorCode::HttpRequestDenied => format!(
            "nobody may reach {host}; allowed_outbound_hosts in spin.toml must name it, as it does where libsql_url begins with http:// or https:// and has no path"
        ),
        ErrorCode::DnsError(_) | ErrorCode::DnsTimeout => format!("{host} has no address"),
        ErrorCode::ConnectionRefused => format!("{host} refused it"),
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::HttpResponseTimeout => format!("{host} did not answer in time"),
        ErrorCode::HttpResponseBodySize(_) => format!("{host} answered with more than can be held"),
        other => format!("{host} went away: {other:?}"),
    }
}
