//! The HTTP/1.1 server: accepts connections, passes requests to the component and shuts down gracefully.

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

use crate::coalesce::coalesce;
use crate::handler::Handler;
use crate::request;
use crate::shutdown::Shutdown;

/// How long requests in flight may take after the server was asked to stop.
const GRACE_PERIOD: Duration = Duration::from_secs(10);

/// Spin handles the paths below this prefix itself.
const WELL_KNOWN: &str = "/.well-known/spin/";

/// A server for one component.
pub(crate) struct Server {
    pub(crate) handler: Handler,
    /// Whether `TCP_NODELAY` is set on every connection; Spin does not set it.
    pub(crate) is_nodelay: bool,
}

impl Server {
    /// Serves until `stop` resolves, then waits for the requests in flight and the instances.
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
                    // There may be too many open files: wait until some are closed, instead of retrying at once.
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
            let seconds = GRACE_PERIOD.as_secs();
            eprintln!("edge-host: some requests took more than {seconds} s and were aborted");
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
            async move { Ok::<_, Infallible>(server.respond(request, client).await) }
        });
        // There is no header timer: with hyper's, only 140 of 200 responses left in one TCP segment without TCP_NODELAY,
        // and without it all 200. A proxy has such a timeout.
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        // A client that disconnects in the middle causes an error, which is not worth a message.
        tokio::spawn(async move { connection.await.ok() });
    }

    async fn respond(
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
        if let Err(error) = request::prepare(&mut request, client) {
            return text(StatusCode::BAD_REQUEST, &format!("{error:#}\n"));
        }
        let description = format!("{} {}", request.method(), request.uri().path());
        let request = request.map(|body| body.map_err(HttpError::from).boxed_unsync());
        let permit = self.handler.state().admit().await;
        match self.handler.handle(permit, request).await {
            // Without TCP_NODELAY the server behaves as Spin's, which does not wait.
            Ok(response) if self.is_nodelay => coalesce(response).await,
            Ok(response) => response,
            Err(error) => {
                eprintln!("edge-host: {description} failed: {error:?}");
                text(StatusCode::INTERNAL_SERVER_ERROR, "")
            }
        }
    }
}

/// Binds a listener to the address.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| match address.port() {
        0 => format!("--listen {address}: there is no free port"),
        port => format!("--listen {address}: port {port} is not available; choose another"),
    })
}

fn text(status: StatusCode, body: &str) -> Response<WasiBody> {
    let body = Full::new(Bytes::copy_from_slice(body.as_bytes()))
        .map_err(|never: Infallible| match never {});
    let mut response = Response::new(body.boxed_unsync());
    *response.status_mut() = status;
    response
}
