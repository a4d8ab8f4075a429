//! From a WASI request to the service's.

use http::{HeaderMap, HeaderName, HeaderValue};
use service::{Body, BodyReader, Moment, Request};
use spin_sdk::wasip3::http::types::{Method, Request as WasiRequest};
use spin_sdk::wasip3::wit_bindgen::StreamResult;
use spin_sdk::wasip3::wit_future;

/// How much of a body is asked for at a time.
const PIECE_BYTES: usize = 16 * 1024;

/// Reads a request whole. Nothing a caller sends makes this fail: what is odd is kept as it is, to be refused and
/// journaled like anything else.
pub(crate) async fn read(request: WasiRequest, received: Moment) -> Request {
    let method = method_of(&request.get_method());
    let path_and_query = request.get_path_with_query().unwrap_or_else(|| "/".into());
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
        None => (path_and_query, None),
    };
    let headers = headers_of(request.get_headers().copy_all());
    let body = body_of(request).await;
    Request { method, path, query, headers, body, received }
}

fn method_of(method: &Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Head => http::Method::HEAD,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Delete => http::Method::DELETE,
        Method::Connect => http::Method::CONNECT,
        Method::Options => http::Method::OPTIONS,
        Method::Trace => http::Method::TRACE,
        Method::Patch => http::Method::PATCH,
        // The host's server took it, so it is a token, and this never fails.
        Method::Other(other) => {
            http::Method::from_bytes(other.as_bytes()).unwrap_or(http::Method::TRACE)
        }
    }
}

fn headers_of(fields: Vec<(String, Vec<u8>)>) -> HeaderMap {
    fields
        .into_iter()
        .filter_map(|(name, value)| {
            let name = HeaderName::try_from(name).ok()?;
            Some((name, HeaderValue::try_from(value).ok()?))
        })
        .fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.append(name, value);
            headers
        })
}

/// Reads the body. No header tells beforehand whether there is one: the host keeps `transfer-encoding` to itself.
async fn body_of(request: WasiRequest) -> Body {
    let (_read, read_result) = wit_future::new(|| Ok(()));
    let (mut stream, trailers) = WasiRequest::consume_body(request, read_result);
    let mut reader = BodyReader::default();
    let mut piece = Vec::with_capacity(PIECE_BYTES);
    loop {
        let (result, read) = stream.read(piece).await;
        let goes_on = reader.push(&read);
        piece = read;
        piece.clear();
        match result {
            StreamResult::Complete(_) if goes_on => {}
            StreamResult::Complete(_) => return reader.finish(Some("it does not end".into())),
            StreamResult::Dropped | StreamResult::Cancelled => break,
        }
    }
    drop(stream);
    match trailers.await {
        Ok(_) => reader.finish(None),
        Err(error) => reader.finish(Some(format!("{error:?}"))),
    }
}
