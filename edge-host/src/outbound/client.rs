//! An HTTP/1.1 client over TCP and TLS that reuses its connections.

use std::error::Error;
use std::fmt::Display;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::client::legacy::{self, Client as Pool};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tower::util::ServiceFn;
use wasmtime_wasi_http::{Error as HttpError, WasiBody};

/// The limit for name resolution, connection and TLS handshake together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an idle connection is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// An HTTP client; its clones share their connections.
#[derive(Debug, Clone)]
pub(crate) struct Client(Pool<Connector, WasiBody>);

type Connector = ServiceFn<fn(Uri) -> Connecting>;

type Connecting = BoxFuture<'static, Result<TokioIo<Box<dyn Stream>>, ConnectError>>;

impl Client {
    /// A client without open connections.
    pub(crate) fn new() -> Self {
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build(tower::service_fn(connect as fn(Uri) -> Connecting));
        Self(pool)
    }

    /// Sends a request and returns the head of the response with its body as a stream.
    pub(super) async fn send(
        &self,
        request: Request<WasiBody>,
    ) -> Result<Response<Incoming>, HttpError> {
        self.0.request(request).await.map_err(|error| to_wasi_error(&error))
    }
}

fn to_wasi_error(error: &legacy::Error) -> HttpError {
    let mut cause = error.source();
    while let Some(error) = cause {
        match error.downcast_ref::<ConnectError>() {
            Some(ConnectError::NoAddress) => {
                let rcode = Some("address not available".into());
                return HttpError::DnsError { rcode, info_code: None };
            }
            Some(ConnectError::Refused) => return HttpError::ConnectionRefused,
            Some(ConnectError::Timeout) => return HttpError::ConnectionTimeout,
            Some(ConnectError::Tls(message)) => {
                // The guest only learns that TLS failed.
                eprintln!("edge-host: {message}");
                return HttpError::TlsProtocolError;
            }
            None => cause = error.source(),
        }
    }
    HttpError::ConnectionTerminated
}

/// Why a connection could not be opened.
#[derive(Debug, thiserror::Error)]
enum ConnectError {
    #[error("the host has no address")]
    NoAddress,
    #[error("the connection was refused")]
    Refused,
    #[error("connecting took too long")]
    Timeout,
    #[error("{0}")]
    Tls(String),
}

fn connect(url: Uri) -> Connecting {
    timeout(CONNECT_TIMEOUT, open(url))
        .map(|opened| opened.unwrap_or(Err(ConnectError::Timeout)))
        .boxed()
}

/// Opens a connection, with TLS for https.
async fn open(url: Uri) -> Result<TokioIo<Box<dyn Stream>>, ConnectError> {
    let host = url.host().unwrap_or_default();
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_tls = url.scheme_str() == Some("https");
    let port = url.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let addresses = lookup_host((host, port)).await.map_err(|_| ConnectError::NoAddress)?;
    let addresses: Vec<_> = addresses.collect();
    let tcp = TcpStream::connect(&*addresses).await.map_err(|_| ConnectError::Refused)?;
    // A request is one message; waiting for more data gains nothing.
    let _ = tcp.set_nodelay(true);
    if !is_tls {
        return Ok(TokioIo::new(Box::new(tcp)));
    }
    let tls_error = |error: &dyn Display| ConnectError::Tls(format!("https://{host}: {error}"));
    let config = TLS.clone().map_err(|error| tls_error(&error))?;
    let name = ServerName::try_from(host.to_owned()).map_err(|error| tls_error(&error))?;
    let connected = TlsConnector::from(config).connect(name, tcp).await;
    Ok(TokioIo::new(Box::new(connected.map_err(|error| tls_error(&error))?)))
}

/// The configuration, or why there is none.
static TLS: LazyLock<Result<Arc<ClientConfig>, String>> = LazyLock::new(tls_config);

/// A TLS configuration with the root certificates of this machine.
fn tls_config() -> Result<Arc<ClientConfig>, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (trusted, _) = roots.add_parsable_certificates(found.certs);
    if trusted == 0 {
        return Err(match found.errors.first() {
            Some(error) => format!("the machine's certificates cannot be read: {error}"),
            None => "the machine has no certificates; install ca-certificates".into(),
        });
    }
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok(Arc::new(config))
}

/// A TCP or TLS connection.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Connection for Box<dyn Stream> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
