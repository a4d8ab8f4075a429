//! Builds responses; their head and body can leave in one TCP segment.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use serde_json::Value;
use spin_sdk::time;
use spin_sdk::wasip3::http::types::{ErrorCode, Fields, Response};
use spin_sdk::wasip3::{wit_bindgen, wit_future, wit_stream};

/// A response whose body write has started before the host receives it.
///
/// The write into the body's stream is polled once here, so it is ready for the reader when the response is returned.
/// The host then has head and body at the same time and sends them in one segment. A separate task finishes the write.
pub(crate) async fn eager(
    status: u16,
    content_type: &str,
    body: Vec<u8>,
) -> Result<Response, ErrorCode> {
    let length = body.len().to_string().into_bytes();
    let content_type = content_type.as_bytes().to_vec();
    let fields = [("content-length".to_owned(), length), ("content-type".to_owned(), content_type)];
    let headers = Fields::from_list(&fields)
        .map_err(|error| ErrorCode::InternalError(Some(error.to_string())))?;
    let (mut body_writer, body_reader) = wit_stream::new();
    let (trailers_writer, trailers_reader) = wit_future::new(|| Ok(None));
    let (response, _sent) = Response::new(headers, Some(body_reader), trailers_reader);
    if response.set_status_code(status).is_err() {
        return Err(ErrorCode::InternalError(Some(format!("{status} is not a status"))));
    }
    let mut write: Pin<Box<dyn Future<Output = ()>>> = Box::pin(async move {
        body_writer.write_all(body).await;
        drop(body_writer);
        let _ = trailers_writer.write(Ok(None)).await;
    });
    let is_pending =
        poll_fn(|context| Poll::Ready(write.as_mut().poll(context).is_pending())).await;
    if is_pending {
        wit_bindgen::spawn(write);
    }
    Ok(response)
}

/// [`eager`] with a JSON body.
pub(crate) async fn json(value: &Value) -> Result<Response, ErrorCode> {
    eager(200, "application/json", value.to_string().into_bytes()).await
}

/// A response whose four-byte body is written `delay` after the host received the head.
pub(crate) fn late(delay: Duration) -> Result<Response, ErrorCode> {
    let headers = Fields::from_list(&[("content-length".to_owned(), b"4".to_vec())])
        .map_err(|error| ErrorCode::InternalError(Some(error.to_string())))?;
    let (mut body_writer, body_reader) = wit_stream::new();
    let (trailers_writer, trailers_reader) = wit_future::new(|| Ok(None));
    let (response, _sent) = Response::new(headers, Some(body_reader), trailers_reader);
    wit_bindgen::spawn(async move {
        time::sleep(delay).await;
        body_writer.write_all(b"late".to_vec()).await;
        drop(body_writer);
        let _ = trailers_writer.write(Ok(None)).await;
    });
    Ok(response)
}

/// A response without `content-length` whose body is sent in `count` chunks.
pub(crate) fn chunks(count: usize) -> Result<Response, ErrorCode> {
    let (mut body_writer, body_reader) = wit_stream::new();
    let (trailers_writer, trailers_reader) = wit_future::new(|| Ok(None));
    let (response, _sent) = Response::new(Fields::new(), Some(body_reader), trailers_reader);
    wit_bindgen::spawn(async move {
        for piece in 0..count {
            body_writer.write_all(format!("piece {piece}\n").into_bytes()).await;
        }
        drop(body_writer);
        let _ = trailers_writer.write(Ok(None)).await;
    });
    Ok(response)
}
