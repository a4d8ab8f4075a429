//! Requests that a guest sends to elsewhere: to the hosts that its manifest allows, and to no other.

mod client;
mod hosts;
mod patience;

use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use tokio::time::timeout;
use wasmtime_wasi_http::{Error as HttpError, RequestOptions, WasiBody, WasiHttpHooks};

pub(crate) use client::Client;
pub(crate) use hosts::OutboundHosts;
use patience::Patience;

/// How long an answer may take where the guest sets no limit; Spin's.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(600);

/// What a component may reach, and the client it reaches it by.
#[derive(Debug, Clone)]
pub(crate) struct Outbound {
    /// Where a request may go.
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
            let response = response.map(|body| Patience::new(body, between_bytes).boxed_unsync());
            // The connection is driven by the client; its failures arrive by the body.
            let done: Box<dyn Future<Output = _> + Send> = Box::new(async { Ok(()) });
            Ok((response, done))
        })
    }
}
