//! Sends the guest's outbound requests to the hosts that its manifest allows, and to no others.

mod client;
mod hosts;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep, timeout};
use wasmtime_wasi_http::{Error as HttpError, RequestOptions, WasiBody, WasiHttpHooks};

pub(crate) use client::Client;
pub(crate) use hosts::OutboundHosts;

/// The limit of each wait for a server if the guest sets none; Spin's.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(600);

/// The hosts that a component may reach, and the client for them.
#[derive(Debug, Clone)]
pub(crate) struct Outbound {
    pub(crate) hosts: Arc<OutboundHosts>,
    /// Shared by all instances, so that its connections stay open.
    pub(crate) client: Client,
}

type Sent = (http::Response<WasiBody>, Box<dyn Future<Output = Result<(), HttpError>> + Send>);

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _received: Box<dyn Future<Output = Result<(), HttpError>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, HttpError>> + Send> {
        if !self.hosts.allow(request.uri()) {
            return Box::new(async { Err(HttpError::HttpRequestDenied) });
        }
        let options = options.unwrap_or_default();
        let client = self.client.clone();
        Box::new(async move {
            let first_byte = options.first_byte_timeout.unwrap_or(DEFAULT_TIMEOUT);
            let response = timeout(first_byte, client.send(request))
                .await
                .map_err(|_| HttpError::ConnectionReadTimeout)??;
            let between_bytes = options.between_bytes_timeout.unwrap_or(DEFAULT_TIMEOUT);
            let response =
                response.map(|body| TimeoutBody::new(body, between_bytes).boxed_unsync());
            // The client drives the connection; its failures arrive through the body.
            let done: Box<dyn Future<Output = _> + Send> = Box::new(async { Ok(()) });
            Ok((response, done))
        })
    }
}

/// A response body that fails if a frame takes longer than the timeout.
struct TimeoutBody {
    body: Incoming,
    timeout: Duration,
    sleep: Pin<Box<Sleep>>,
}

impl TimeoutBody {
    fn new(body: Incoming, timeout: Duration) -> Self {
        Self { body, timeout, sleep: Box::pin(sleep(timeout)) }
    }
}

impl Body for TimeoutBody {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            let deadline = Instant::now() + self.timeout;
            self.sleep.as_mut().reset(deadline);
            return Poll::Ready(frame.map(|frame| frame.map_err(HttpError::from)));
        }
        ready!(self.sleep.as_mut().poll(context));
        Poll::Ready(Some(Err(HttpError::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
