//! From a WASI request to the service's.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use service::{Body, BodyError, BodyReader, Moment, Request};
use spin_sdk::time::sleep;
use spin_sdk::wasip3::http::types::Request as WasiRequest;
use spin_sdk::wasip3::wit_bindgen::StreamResult;
use spin_sdk::wasip3::wit_future;

/// How much of a body is asked for at a time.
const PIECE_BYTES: usize = 16 * 1024;

/// Reads a request whole. Nothing a caller sends makes this fail: what is odd is kept as it is, to be refused and
/// journaled like anything else.
///
/// A body that takes longer than `timeout` is given up.
pub(crate) async fn read(request: WasiRequest, received: Moment, timeout: Duration) -> Request {
    // The host's server took the method, so it is a token, and this never fails.
    let method = Method::try_from(request.get_method()).unwrap_or(Method::TRACE);
    let path_and_query = request.get_path_with_query().unwrap_or_else(|| "/".into());
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
        None => (path_and_query, None),
    };
    let headers = headers_of(request.get_headers().copy_all());
    let length = headers.get(http::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let body = body_of(request, length.and_then(|length| length.parse().ok()), timeout).await;
    Request { method, path, query, headers, body, received }
}

fn headers_of(fields: Vec<(String, Vec<u8>)>) -> HeaderMap {
    let field = |(name, value): (String, Vec<u8>)| {
        Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
    };
    fields.into_iter().filter_map(field).collect()
}

/// Reads the body, for as long as `timeout` lasts. No header tells beforehand whether there is one: the host keeps
/// `transfer-encoding` to itself.
async fn body_of(request: WasiRequest, declared_bytes: Option<u64>, timeout: Duration) -> Body {
    let (_read, read_result) = wit_future::new(|| Ok(()));
    let (mut stream, trailers) = WasiRequest::consume_body(request, read_result);
    // The clock starts when it is first asked, and it is asked only where there is something to wait for.
    let mut clock = pin!(sleep(timeout));
    let mut reader = BodyReader::default();
    let mut piece = Vec::with_capacity(PIECE_BYTES);
    loop {
        let mut read = pin!(stream.read(piece));
        let outcome = before(read.as_mut(), clock.as_mut()).await;
        let is_late = outcome.is_none();
        // What came in the last moment counts.
        let (result, read) = outcome.unwrap_or_else(|| read.as_mut().cancel());
        let goes_on = reader.push(&read);
        piece = read;
        piece.clear();
        match result {
            // A body of a declared length has no end to wait for, and no trailers.
            StreamResult::Complete(_) if declared_bytes == Some(reader.bytes()) => {
                return reader.finish(None);
            }
            StreamResult::Dropped => break,
            _ if is_late => return reader.finish(Some(BodyError::Timeout)),
            StreamResult::Complete(_) if goes_on => {}
            StreamResult::Complete(_) => return reader.finish(Some(BodyError::TooLong)),
            StreamResult::Cancelled => break,
        }
    }
    drop(stream);
    // Hosts have the trailers, or what broke, by the time the stream ends: no clock is needed, nor started in vain.
    match trailers.await {
        Ok(_) => reader.finish(None),
        Err(error) => reader.finish(Some(BodyError::Aborted(format!("{error:?}")))),
    }
}

/// What a future gives, unless the clock strikes before.
async fn before<T>(
    mut wanted: Pin<&mut impl Future<Output = T>>,
    mut clock: Pin<&mut impl Future<Output = ()>>,
) -> Option<T> {
    poll_fn(|context| match wanted.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => clock.as_mut().poll(context).map(|()| None),
    })
    .await
}
