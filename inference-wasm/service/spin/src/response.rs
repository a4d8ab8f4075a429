//! From the service's response to a WASI one.

use bytes::Bytes;
use spin_sdk::wasip3::http::types::{Fields, Response};
use spin_sdk::wasip3::wit_bindgen;

use crate::outgoing_body::OutgoingBody;

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
    let (write, body, trailers) = OutgoingBody::new(body.into());
    let (sent, _) = Response::new(fields, Some(body), trailers);
    let _ = sent.set_status_code(head.status.as_u16());
    write.start().await;
    sent
}
