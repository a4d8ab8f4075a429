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
    let length = body.len().to_string();
    let fields = [("content-length", length.as_str()), ("content-type", content_type)];
    let (response, mut write) = response(status, &fields, [(Duration::ZERO, body)])?;
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
    let pieces = [(delay, b"late".to_vec())];
    let (response, write) = response(200, &[("content-length", "4")], pieces)?;
    wit_bindgen::spawn(write);
    Ok(response)
}

/// A response without `content-length` whose body is sent in `count` chunks.
pub(crate) fn chunks(count: usize) -> Result<Response, ErrorCode> {
    let piece = |piece| (Duration::ZERO, format!("piece {piece}\n").into_bytes());
    let (response, write) = response(200, &[], (0..count).map(piece))?;
    wit_bindgen::spawn(write);
    Ok(response)
}

type Write = Pin<Box<dyn Future<Output = ()>>>;

/// A response, and the task that writes the pieces of its body, each after a delay.
fn response(
    status: u16,
    fields: &[(&str, &str)],
    pieces: impl IntoIterator<Item = (Duration, Vec<u8>)> + 'static,
) -> Result<(Response, Write), ErrorCode> {
    let error = |message: String| ErrorCode::InternalError(Some(message));
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()));
    let headers = Fields::from_list(&fields.collect::<Vec<_>>())
        .map_err(|refused| error(refused.to_string()))?;
    let (mut body_writer, body_reader) = wit_stream::new();
    let (trailers_writer, trailers_reader) = wit_future::new(|| Ok(None));
    let (response, _sent) = Response::new(headers, Some(body_reader), trailers_reader);
    response.set_status_code(status).map_err(|()| error(format!("{status} is not a status")))?;
    let write = async move {
        for (delay, piece) in pieces {
            if !delay.is_zero() {
                time::sleep(delay).await;
            }
            body_writer.write_all(piece).await;
        }
        drop(body_writer);
        let _ = trailers_writer.write(Ok(None)).await;
    };
    Ok((response, Box::pin(write)))
}
