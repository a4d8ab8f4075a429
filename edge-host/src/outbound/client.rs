//! An HTTP/1.1 client over TCP and TLS that keeps its connections open.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

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
use tower_service::Service;
use wasmtime_wasi_http::{Error as HttpError, WasiBody};

/// How long a name, a connection and its encryption may take together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection without work is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// A client; its clones share their connections.
#[derive(Debug, Clone)]
pub(crate) struct Client(Pool<Connector, WasiBody>);

impl Client {
    /// A client without connections yet.
    pub(crate) fn new() -> Self {
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build(Connector::default());
        Self(pool)
    }

    /// Sends a request; the answer's head, and its body as it comes.
    ///
    /// # Errors
    ///
    /// Why there is no answer, as WASI has it.
    pub(super) async fn send(
        &self,
        request: Request<WasiBody>,
    ) -> Result<Response<Incoming>, HttpError> {
        self.0.request(request).await.map_err(|error| in_wasi_terms(&error))
    }
}

fn in_wasi_terms(error: &legacy::Error) -> HttpError {
    let mut cause = error.source();
    while let Some(error) = cause {
        match error.downcast_ref::<NoConnection>() {
            Some(NoConnection::NoAddress) => {
                let rcode = Some("address not available".into());
                return HttpError::DnsError { rcode, info_code: None };
            }
            Some(NoConnection::Refused) => return HttpError::ConnectionRefused,
            Some(NoConnection::Timeout) => return HttpError::ConnectionTimeout,
            Some(NoConnection::Tls(words)) => {
                // The guest hears only that it failed.
                eprintln!("edge-host: {words}");
                return HttpError::TlsProtocolError;
            }
            None => cause = error.source(),
        }
    }
    HttpError::ConnectionTerminated
}

/// Opens connections, encrypted for https.
#[derive(Debug, Clone, Default)]
struct Connector {
    /// Read when first needed: the machine's certificates, or why there are none.
    tls: Arc<OnceLock<Result<Arc<ClientConfig>, String>>>,
}

/// Why there is no connection.
#[derive(Debug)]
enum NoConnection {
    NoAddress,
    Refused,
    Timeout,
    Tls(String),
}

impl Connector {
    async fn connect(self, url: Uri) -> Result<TokioIo<Box<dyn Stream>>, NoConnection> {
        let host = url.host().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let is_encrypted = url.scheme_str() == Some("https");
        let port = url.port_u16().unwrap_or(if is_encrypted { 443 } else { 80 });
        let addresses = lookup_host((host, port)).await.map_err(|_| NoConnection::NoAddress)?;
        let addresses: Vec<_> = addresses.collect();
        let tcp = TcpStream::connect(&*addresses).await.map_err(|_| NoConnection::Refused)?;
        // A request is one message: nothing is gained by waiting for more.
        let _ = tcp.set_nodelay(true);
        if !is_encrypted {
            return Ok(TokioIo::new(Box::new(tcp)));
        }
        let in_words =
            |error: &dyn fmt::Display| NoConnection::Tls(format!("https://{host}: {error}"));
        let config = self.tls.get_or_init(trust).clone().map_err(|words| in_words(&words))?;
        let name = ServerName::try_from(host.to_owned()).map_err(|error| in_words(&error))?;
        let connected = TlsConnector::from(config).connect(name, tcp).await;
        Ok(TokioIo::new(Box::new(connected.map_err(|error| in_words(&error))?)))
    }
}

/// Trusts whom the machine trusts.
fn trust() -> Result<Arc<ClientConfig>, String> {
    let found = rustls_native_certs::load_native_certs()
        .map_err(|error| format!("the machine's certificates cannot be read: {error}"))?;
    let mut roots = RootCertStore::empty();
    let (trusted, _) = roots.add_parsable_certificates(found);
    if trusted == 0 {
        return Err("the machine has no certificates; install ca-certificates".into());
    }
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok(Arc::new(config))
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Box<dyn Stream>>;
    type Error = NoConnection;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NoConnection>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), NoConnection>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        let connect = timeout(CONNECT_TIMEOUT, self.clone().connect(url));
        Box::pin(async move { connect.await.unwrap_or(Err(NoConnection::Timeout)) })
    }
}

/// A connection, encrypted or not.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Connection for Box<dyn Stream> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl fmt::Display for NoConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAddress => "the host has no address",
            Self::Refused => "the connection was refused",
            Self::Timeout => "connecting took too long",
            Self::Tls(words) => words,
        })
    }
}

impl Error for NoConnection {}
