//! The HTTP/1.1 server: takes connections, leads requests to components, stops in good order.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use wasmtime_wasi_http::{Error as HttpError, WasiBody};

use crate::handler::Handler;
use crate::route::{self, Route};
use crate::shutdown::Shutdown;
use crate::{request, segment};

/// How long requests in flight may take to finish once the server stops.
const GRACE_PERIOD: Duration = Duration::from_secs(10);

/// Spin answers below this path itself.
const WELL_KNOWN: &str = "/.well-known/spin/";

/// What is served: routes, and the handler each leads to.
pub(crate) struct Server {
    routes: Vec<(Route, Handler)>,
    is_nodelay: bool,
}

impl Server {
    /// `is_nodelay` sets `TCP_NODELAY` on every connection; Spin does not.
    pub(crate) fn new(routes: Vec<(Route, Handler)>, is_nodelay: bool) -> Self {
        Self { routes, is_nodelay }
    }

    /// Serves until `stop` resolves, then lets the requests in flight and the instances finish.
    pub(crate) async fn run(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()>,
        instances: Shutdown,
    ) {
        let server = Arc::new(self);
        let connections = GracefulShutdown::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = &mut stop => break,
            };
            match accepted {
                Ok((stream, client)) => Arc::clone(&server).serve(stream, client, &connections),
                Err(error) => {
                    // Such as too many open files: wait until some are closed instead of spinning.
                    eprintln!("edge-host: cannot accept a connection: {error}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        drop(listener);
        let finish = async {
            connections.shutdown().await;
            instances.complete().await;
        };
        if tokio::time::timeout(GRACE_PERIOD, finish).await.is_err() {
            eprintln!(
                "edge-host: some requests took more than {} s and were cut off",
                GRACE_PERIOD.as_secs()
            );
        }
    }

    fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        client: SocketAddr,
        connections: &GracefulShutdown,
    ) {
        if let Err(error) = stream.set_nodelay(self.is_nodelay) {
            eprintln!("edge-host: TCP_NODELAY could not be set for {client}: {error}");
        }
        let service = service_fn(move |request| {
            let server = Arc::clone(&self);
            async move { Ok::<_, Infallible>(server.answer(request, client).await) }
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        // A connection ends in an error when the client leaves in the middle: nobody needs to hear of it.
        tokio::spawn(async move { connection.await.ok() });
    }

    async fn answer(
        &self,
        mut request: Request<Incoming>,
        client: SocketAddr,
    ) -> Response<WasiBody> {
        let path = request.uri().path();
        if let Some(page) = path.strip_prefix(WELL_KNOWN) {
            return match page {
                "health" => text(StatusCode::OK, "OK"),
                _ => text(StatusCode::NOT_FOUND, ""),
            };
        }
        let Some(position) = route::find(self.routes.iter().map(|(route, _)| route), path) else {
            return text(StatusCode::NOT_FOUND, "");
        };
        let (route, handler) = &self.routes[position];
        if let Err(error) = request::prepare(&mut request, route, client) {
            return text(StatusCode::BAD_REQUEST, &format!("{error:#}\n"));
        }
        let description = format!("{} {}", request.method(), request.uri().path());
        let request = request.map(|body| body.map_err(HttpError::from).boxed_unsync());
        let ticket = handler.state().ticket().await;
        match handler.handle(ticket, request).await {
            // Without TCP_NODELAY the server is meant to behave as Spin's, which does not wait.
            Ok(response) if self.is_nodelay => segment::join(response).await,
            Ok(response) => response,
            Err(error) => {
                eprintln!("edge-host: {description} failed: {error:?}");
                text(StatusCode::INTERNAL_SERVER_ERROR, "")
            }
        }
    }
}

/// Binds the address.
///
/// # Errors
///
/// An address that is taken or not this machine's.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| match address.port() {
        0 => format!("--listen {address}: no port can be had"),
        port => format!("--listen {address}: port {port} cannot be had; choose another"),
    })
}

fn text(status: StatusCode, body: &str) -> Response<WasiBody> {
    let body = Full::new(Bytes::copy_from_slice(body.as_bytes()))
        .map_err(|never: Infallible| match never {});
    let mut response = Response::new(body.boxed_unsync());
    *response.status_mut() = status;
    response
}
