//! Sends the guest's outbound requests to the hosts that its manifest allows, and to no others.

mod client;
mod hosts;

use std::sync::Arc;
use std::time::Duration;

use futures::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Incoming;
use tokio::time::timeout;
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
            let response = response.map(|body| limit_waits(body, between_bytes));
            // The client drives the connection; its failures arrive through the body.
            let done: Box<dyn Future<Output = _> + Send> = Box::new(async { Ok(()) });
            Ok((response, done))
        })
    }
}

/// A response body that fails if a frame takes longer than `limit`.
fn limit_waits(body: Incoming, limit: Duration) -> WasiBody {
    let frames = stream::try_unfold(body, move |mut body| async move {
        let frame = timeout(limit, body.frame()).await;
        let frame = frame.map_err(|_| HttpError::ConnectionReadTimeout)?.transpose()?;
        Ok(frame.map(|frame| (frame, body)))
    });
    StreamBody::new(frames).boxed_unsync()
}
