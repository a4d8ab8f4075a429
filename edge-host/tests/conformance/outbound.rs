//! Sends outbound requests to a server that records what it receives.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

use serde_json::{Value, json};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::server::{Application, Server};

/// A server that responds to every request with its request line and body.
struct TestServer {
    address: SocketAddr,
    connections: AtomicUsize,
    heads: Mutex<Vec<String>>,
}

impl TestServer {
    /// Uses TLS if there is a configuration.
    fn start(tls: Option<Arc<ServerConfig>>) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, heads) = Default::default();
        let target = Arc::new(Self { address, connections, heads });
        let server = Arc::clone(&target);
        spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                server.connections.fetch_add(1, Relaxed);
                let (server, tls) = (Arc::clone(&server), tls.clone());
                spawn(move || match tls {
                    None => server.serve(stream),
                    Some(tls) => {
                        let connection = ServerConnection::new(tls).unwrap();
                        server.serve(StreamOwned::new(connection, stream));
                    }
                });
            }
        });
        target
    }

    fn serve(&self, stream: impl Read + Write) {
        let mut stream = BufReader::new(stream);
        while let Some((head, body)) = read(&mut stream) {
            let first = head.lines().next().unwrap_or_default().to_owned();
            self.heads.lock().unwrap().push(head);
            if first.contains("/silent") {
                continue;
            }
            let answer = [first.as_bytes(), &body].concat();
            let length = answer.len() + usize::from(first.contains("/stalls"));
            let head = format!("HTTP/1.1 201 Created\r\ncontent-length: {length}\r\n\r\n");
            if stream.get_mut().write_all(&[head.as_bytes(), &answer].concat()).is_err() {
                break;
            }
            stream.get_mut().flush().unwrap();
        }
    }

    fn connections(&self) -> usize {
        self.connections.load(Relaxed)
    }
}

/// The head and the body of a request; `None` at the end of the connection.
fn read(stream: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        (stream.read_line(&mut head).ok()? > 0).then_some(())?;
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// The certificate of [`tls`].
fn certificate() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/outbound/certificate.pem")
}

/// TLS as `localhost`. The key is in the repository because it is used only by these tests.
fn tls() -> Arc<ServerConfig> {
    let certificates = CertificateDer::pem_file_iter(certificate()).unwrap();
    let certificates = certificates.collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(certificate().with_file_name("key.pem")).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    Arc::new(config.with_single_cert(certificates, key).unwrap())
}

fn application(allowed: &[impl std::fmt::Debug]) -> Application {
    Application::new().add(&format!("allowed_outbound_hosts = {allowed:?}"))
}

fn post(server: &Server, url: &str, bytes: usize) -> Value {
    server.json(&format!("/outbound?url={url}&bytes={bytes}&timeout_ms=20000"))
}

#[test]
fn a_request_reaches_an_allowed_host_and_its_reply_the_guest() {
    let target = TestServer::start(None);
    let url = format!("http://{}", target.address);
    let server = application(&[&url]).start();
    for bytes in [0, 1, 100_000, 3_000_000] {
        let answer = post(&server, &format!("{url}/v2/pipeline"), bytes);
        let expected = ["POST /v2/pipeline HTTP/1.1".as_bytes(), &vec![b'o'; bytes]].concat();
        assert_eq!(answer["status"], 201, "{bytes} bytes: {answer:.200}");
        assert_eq!(answer["body"], json!(expected), "{bytes} bytes");
    }
    let heads = target.heads.lock().unwrap();
    let host = format!("\r\nhost: {}\r\n", target.address);
    assert!(heads.iter().all(|head| head.contains(&host)), "{heads:?}");
    assert_eq!(target.connections(), 1, "the connection is reused");
}

#[test]
fn a_request_to_an_unlisted_host_is_denied_and_not_sent() {
    let target = TestServer::start(None);
    let port = target.address.port();
    let url = format!("http://127.0.0.1:{port}");
    for allowed in [
        vec![],
        vec![format!("https://127.0.0.1:{port}")],
        vec![format!("http://127.0.0.1:{}", port - 1)],
        vec![format!("http://localhost:{port}"), "http://a.example.com".into()],
    ] {
        let denied = json!({ "error": "ErrorCode::HttpRequestDenied" });
        assert_eq!(post(&application(&allowed).start(), &url, 1), denied, "{allowed:?}");
    }
    assert_eq!(target.connections(), 0);
}

#[test]
fn a_host_may_be_a_variable_and_empty_allows_nothing() {
    let target = TestServer::start(None);
    let url = format!("http://{}", target.address);
    let application = |value: &str| {
        application(&["{{ there }}"])
            .add("[variables]\nthere = { default = \"\" }")
            .argument(&format!("--variable=there={value}"))
    };
    assert_eq!(post(&application(&url).start(), &url, 1)["status"], 201);
    assert!(post(&application("").start(), &url, 1)["error"].is_string());
    let stderr = application("db.example").fail();
    assert!(stderr.contains("allowed_outbound_hosts"), "{stderr}");
}

#[test]
fn a_silent_or_absent_server_is_an_error_in_time() {
    let target = TestServer::start(None);
    let url = format!("http://{}", target.address);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let closed = format!("http://{closed}");
    let server = application(&[&url, &closed]).start();
    for (url, error) in [
        (format!("{url}/silent"), "ErrorCode::ConnectionReadTimeout"),
        (format!("{url}/stalls"), "ErrorCode::ConnectionReadTimeout"),
        (closed, "ErrorCode::ConnectionRefused"),
    ] {
        let answer = server.json(&format!("/outbound?url={url}&bytes=1&timeout_ms=300"));
        assert_eq!(answer, json!({ "error": error }), "{url}");
    }
    assert_eq!(post(&server, &url, 1)["status"], 201);
}

#[test]
fn https_requires_a_certificate_that_the_machine_trusts() {
    let target = TestServer::start(Some(tls()));
    let file = certificate();
    let start = |url: &str| {
        application(&[url]).environment("SSL_CERT_FILE", file.to_str().unwrap()).start()
    };
    let url = format!("https://localhost:{}", target.address.port());
    let trusting = start(&url);
    for _ in 0..3 {
        assert_eq!(post(&trusting, &url, 1_000)["status"], 201);
    }
    assert_eq!(target.connections(), 1);
    // The same server by a name that the certificate does not have.
    let other = format!("https://127.0.0.1:{}", target.address.port());
    let server = start(&other);
    assert_eq!(post(&server, &other, 1), json!({ "error": "ErrorCode::TlsProtocolError" }));
    server.expect_stderr("https://127.0.0.1: ");
}
