//! Delays the head of a response until the first frame of its body, so that both leave in one TCP segment.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_LENGTH;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, SizeHint};
use wasmtime_wasi_http::{Error, WasiBody};

/// How long a head waits for its body.
const TIMEOUT: Duration = Duration::from_millis(1);

/// Waits up to [`TIMEOUT`] for the first frame of a body whose length is known. The guest may have written it already while
/// another thread is about to pass it on; without the wait, head and body would be two segments.
pub(crate) async fn coalesce(response: Response<WasiBody>) -> Response<WasiBody> {
    if !response.headers().contains_key(CONTENT_LENGTH) {
        return response;
    }
    let (head, mut body) = response.into_parts();
    let body = match tokio::time::timeout(TIMEOUT, body.frame()).await {
        Ok(first) => PrefetchedBody { first, rest: body }.boxed_unsync(),
        Err(_) => body,
    };
    Response::from_parts(head, body)
}

/// A body whose first frame has been read.
struct PrefetchedBody {
    first: Option<Result<Frame<Bytes>, Error>>,
    rest: WasiBody,
}

impl Body for PrefetchedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(first)),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // The length is in the head, so the hint is not used.
        SizeHint::default()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    /// A body whose frames are sent over a channel.
    struct ChannelBody(mpsc::Receiver<&'static str>);

    impl Body for ChannelBody {
        type Data = Bytes;
        type Error = Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
            let frame = self.0.poll_recv(context);
            frame.map(|frame| frame.map(|frame| Ok(Frame::data(frame.into()))))
        }
    }

    /// Coalesces a response whose frames are sent after `delay`. Returns whether the first frame was ready at once, and the
    /// whole body.
    async fn coalesce_after(
        delay: Duration,
        has_length: bool,
        frames: &'static [&'static str],
    ) -> (bool, Bytes) {
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            for frame in frames {
                sender.send(*frame).await.unwrap();
            }
        });
        let mut response = Response::new(ChannelBody(receiver).boxed_unsync());
        if has_length {
            response.headers_mut().insert(CONTENT_LENGTH, http::HeaderValue::from_static("4"));
        }
        let mut body = coalesce(response).await.into_body();
        let first =
            std::future::poll_fn(|context| Poll::Ready(Pin::new(&mut body).poll_frame(context)))
                .await;
        let (is_ready, first) = match first {
            Poll::Ready(frame) => (true, frame.and_then(|frame| frame.unwrap().into_data().ok())),
            Poll::Pending => (false, None),
        };
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
