//! Delays the head of a response until the first frame of its body, so that both leave in one TCP segment.

use std::time::Duration;

use futures::stream::{self, StreamExt};
use http::Response;
use http::header::CONTENT_LENGTH;
use http_body_util::{BodyExt, BodyStream, StreamBody};
use wasmtime_wasi_http::WasiBody;

/// How long a head waits for its body.
const TIMEOUT: Duration = Duration::from_millis(1);

/// Waits up to [`TIMEOUT`] for the first frame of a body whose length is known. The guest may have written it already while
/// another thread is about to pass it on; without the wait, head and body would be two segments.
pub(crate) async fn coalesce(response: Response<WasiBody>) -> Response<WasiBody> {
    if !response.headers().contains_key(CONTENT_LENGTH) {
        return response;
    }
    let (head, mut body) = response.into_parts();
    if let Ok(first) = tokio::time::timeout(TIMEOUT, body.frame()).await {
        body = StreamBody::new(stream::iter(first).chain(BodyStream::new(body))).boxed_unsync();
    }
    Response::from_parts(head, body)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures::FutureExt;
    use futures::channel::mpsc;
    use hyper::body::Frame;

    use super::*;

    /// Coalesces a response whose frames are sent after `delay`. Returns whether the first frame was ready at once, and the
    /// whole body.
    async fn coalesce_after(
        delay: Duration,
        has_length: bool,
        frames: &'static [&'static str],
    ) -> (bool, Bytes) {
        let (sender, receiver) = mpsc::unbounded();
        tokio::spawn(async move {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            frames.iter().for_each(|frame| sender.unbounded_send(*frame).unwrap());
        });
        let frames = receiver.map(|frame| Ok(Frame::data(Bytes::from(frame))));
        let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
        if has_length {
            response.headers_mut().insert(CONTENT_LENGTH, http::HeaderValue::from_static("4"));
        }
        let mut body = coalesce(response).await.into_body();
        let first = body.frame().now_or_never();
        let is_ready = first.is_some();
        let first = first.flatten().and_then(|frame| frame.unwrap().into_data().ok());
        let rest = body.collect().await.unwrap().to_bytes();
        (is_ready, [first.unwrap_or_default(), rest].concat().into())
    }

    #[tokio::test]
    async fn the_first_frame_is_awaited_and_the_body_is_complete() {
        let (soon, late) = (Duration::ZERO, TIMEOUT * 100);
        assert_eq!(coalesce_after(soon, true, &["ab", "cd"]).await, (true, "abcd".into()));
        assert_eq!(coalesce_after(late, true, &["ab", "cd"]).await, (false, "abcd".into()));
        assert_eq!(coalesce_after(late, false, &["ab", "cd"]).await, (false, "abcd".into()));
        assert_eq!(coalesce_after(soon, true, &[]).await, (true, "".into()));
    }
}
