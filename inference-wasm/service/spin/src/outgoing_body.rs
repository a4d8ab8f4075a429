//! Bodies of requests and responses that leave in one TCP segment with their heads.
//!
//! Neither Spin's server nor its client sets `TCP_NODELAY`. A body that is not readable at the moment the head is sent goes
//! out as a second small segment, and that waits for the other side's delayed acknowledgement: 40 ms. So the body's write
//! is started, by polling it once, before the head is sent; what is left of it goes on in the background.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use spin_sdk::wasip3::http::types::{ErrorCode, Trailers};
use spin_sdk::wasip3::wit_bindgen::{FutureReader, StreamReader};
use spin_sdk::wasip3::{wit_bindgen, wit_future, wit_stream};

type TrailersReader = FutureReader<Result<Option<Trailers>, ErrorCode>>;

/// A body whose write has not begun.
pub(crate) struct OutgoingBody(Pin<Box<dyn Future<Output = ()>>>);

impl OutgoingBody {
    /// A body, and the ends from which the host reads it and its trailers.
    pub(crate) fn new(bytes: Vec<u8>) -> (OutgoingBody, StreamReader<u8>, TrailersReader) {
        let (mut body_writer, body) = wit_stream::new();
        let (trailers_writer, trailers) = wit_future::new(|| Ok(None));
        let write = async move {
            body_writer.write_all(bytes).await;
            drop(body_writer);
            let _ = trailers_writer.write(Ok(None)).await;
        };
        (OutgoingBody(Box::pin(write)), body, trailers)
    }

    /// Starts the write.
    pub(crate) async fn start(self) {
        let OutgoingBody(mut write) = self;
        let is_pending =
            poll_fn(|context| Poll::Ready(write.as_mut().poll(context).is_pending())).await;
        if is_pending {
            wit_bindgen::spawn(write);
        }
    }
}
