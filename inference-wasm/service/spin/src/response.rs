//! From the service's response to a WASI one that leaves in one TCP segment.
//!
//! Spin's server does not set `TCP_NODELAY`. A body that is not readable at the moment the handler returns goes out
//! as a second small segment, and that waits for the client's delayed acknowledgement: 40 ms. So the body's write
//! is started, by polling it once, before the response is returned; what is left of it goes on in the background.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use bytes::Bytes;
use spin_sdk::wasip3::http::types::{Fields, Response};
use spin_sdk::wasip3::{wit_bindgen, wit_future, wit_stream};

/// Sends a response.
pub(crate) async fn send(response: http::Response<Bytes>) -> Response {
    // What else can run in this instance runs first: the host then reads the body as soon as it has the head, with nothing
    // to do in between, and wins the race against its server's flush.
    wit_bindgen::yield_async().await;
    let (head, body) = response.into_parts();
    let fields: Vec<(String, Vec<u8>)> = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.as_bytes().into()))
        .collect();
    // Only fields that the host keeps for itself are refused, and the service sends none of them.
    let fields = Fields::from_list(&fields).unwrap_or_else(|_| Fields::new());
    let (mut body_writer, body_reader) = wit_stream::new();
    let (trailers_writer, trailers_reader) = wit_future::new(|| Ok(None));
    let (sent, _) = Response::new(fields, Some(body_reader), trailers_reader);
    let _ = sent.set_status_code(head.status.as_u16());

    let mut write: Pin<Box<dyn Future<Output = ()>>> = Box::pin(async move {
        body_writer.write_all(body.into()).await;
        drop(body_writer);
        let _ = trailers_writer.write(Ok(None)).await;
    });
    let is_pending =
        poll_fn(|context| Poll::Ready(write.as_mut().poll(context).is_pending())).await;
    if is_pending {
        wit_bindgen::spawn(write);
    }
    sent
}
