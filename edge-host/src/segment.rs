//! Sends the head of a response together with the beginning of its body.

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
const PATIENCE: Duration = Duration::from_millis(1);

/// Waits a moment for the first piece of a body whose length is known. A guest that wrote it before it returned has
/// it ready, but another thread may be about to hand it over: without this, head and body are then two segments.
pub(crate) async fn join(response: Response<WasiBody>) -> Response<WasiBody> {
    if !response.headers().contains_key(CONTENT_LENGTH) {
        return response;
    }
    let (head, mut body) = response.into_parts();
    let body = match tokio::time::timeout(PATIENCE, body.frame()).await {
        Ok(first) => Begun { first, rest: body }.boxed_unsync(),
        Err(_) => body,
    };
    Response::from_parts(head, body)
}

/// A body of which a frame was read already.
struct Begun {
    first: Option<Result<Frame<Bytes>, Error>>,
    rest: WasiBody,
}

impl Body for Begun {
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
        // The length is in the head; what is left of it here, nobody asks.
        SizeHint::default()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    /// A body whose pieces come when they are sent.
    struct Pieces(mpsc::Receiver<&'static str>);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
            let piece = self.0.poll_recv(context);
            piece.map(|piece| piece.map(|piece| Ok(Frame::data(piece.into()))))
        }
    }

    /// Joins a response whose pieces come after `delay`, and says whether the first was waited for and what arrived.
    async fn join_after(
        delay: Duration,
        has_length: bool,
        pieces: &'static [&'static str],
    ) -> (bool, Bytes) {
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            for piece in pieces {
                sender.send(*piece).await.unwrap();
            }
        });
        let mut response = Response::new(Pieces(receiver).boxed_unsync());
        if has_length {
            response.headers_mut().insert(CONTENT_LENGTH, http::HeaderValue::from_static("4"));
        }
        let mut body = join(response).await.into_body();
        let first =
            std::future::poll_fn(|context| Poll::Ready(Pin::new(&mut body).poll_frame(context)))
                .await;
        let (is_there, first) = match first {
            Poll::Ready(frame) => (true, frame.and_then(|frame| frame.unwrap().into_data().ok())),
            Poll::Pending => (false, None),
        };
        let rest = body.collect().await.unwrap().to_bytes();
        (is_there, [first.unwrap_or_default(), rest].concat().into())
    }

    #[tokio::test]
    async fn a_body_is_waited_for_a_moment_and_arrives_whole() {
        let (soon, late) = (Duration::ZERO, PATIENCE * 100);
        assert_eq!(join_after(soon, true, &["ab", "cd"]).await, (true, "abcd".into()));
        assert_eq!(join_after(late, true, &["ab", "cd"]).await, (false, "abcd".into()));
        assert_eq!(join_after(late, false, &["ab", "cd"]).await, (false, "abcd".into()));
        assert_eq!(join_after(soon, true, &[]).await, (true, "".into()));
    }
}
