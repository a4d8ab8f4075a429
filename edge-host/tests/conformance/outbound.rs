//! Requests to elsewhere: a server that plays a part, so that what reaches it is known.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

use serde_json::{Value, json};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::server::{Application, Server};

/// A server that answers every request with its first line and its body.
struct Elsewhere {
    address: SocketAddr,
    connections: AtomicUsize,
    heads: Mutex<Vec<String>>,
}

impl Elsewhere {
    /// Over TLS where there is a configuration.
    fn start(tls: Option<Arc<ServerConfig>>) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let elsewhere =
            Arc::new(Self { address, connections: AtomicUsize::new(0), heads: Mutex::default() });
        let playing = Arc::clone(&elsewhere);
        spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                playing.connections.fetch_add(1, Relaxed);
                let (playing, tls) = (Arc::clone(&playing), tls.clone());
                spawn(move || match tls {
                    None => playing.serve(stream),
                    Some(tls) => {
                        let connection = ServerConnection::new(tls).unwrap();
                        playing.serve(StreamOwned::new(connection, stream));
                    }
                });
            }
        });
        elsewhere
    }

    fn serve(&self, stream: impl Read + Write) {
        let mut stream = BufReader::new(stream);
        while let Some((head, body)) = read(&mut stream) {
            let first = head.lines().next().unwrap_or_default().to_owned();
            self.heads.lock().unwrap().push(head);
            let answer = [first.as_bytes(), &body].concat();
            let mut length = answer.len();
            if first.contains("/silent") {
                continue;
            }
            if first.contains("/stalls") {
                length += 1;
            }
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
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// Where the certificate lies that [`tls`] shows.
fn certificate() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/outbound/certificate.pem")
}

/// TLS as `localhost`. The key lies beside it for everybody to see: it opens nothing but these tests.
fn tls() -> Arc<ServerConfig> {
    let pem = std::fs::read(certificate()).unwrap();
    let certificates = rustls_pemfile::certs(&mut &*pem).collect::<Result<_, _>>().unwrap();
    let pem = std::fs::read(certificate().with_file_name("key.pem")).unwrap();
    let key = rustls_pemfile::private_key(&mut &*pem).unwrap().unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    Arc::new(config.with_single_cert(certificates, key).unwrap())
}

fn application(allowed: &[String]) -> Application {
    Application::new().add(&format!("allowed_outbound_hosts = {allowed:?}"))
}

fn post(server: &Server, url: &str, bytes: usize) -> Value {
    server.json(&format!("/outbound?url={url}&bytes={bytes}&patience_ms=20000"))
}

#[test]
fn an_allowed_host_gets_the_request_and_the_guest_its_answer() {
    let elsewhere = Elsewhere::start(None);
    let url = format!("http://{}", elsewhere.address);
    let server = application(std::slice::from_ref(&url)).start();
    for bytes in [0, 1, 100_000, 3_000_000] {
        let answer = post(&server, &format!("{url}/v2/pipeline"), bytes);
        let expected = ["POST /v2/pipeline HTTP/1.1".as_bytes(), &vec![b'o'; bytes]].concat();
        assert_eq!(answer["status"], 201, "{bytes} bytes: {answer:.200}");
        assert_eq!(answer["body"], json!(expected), "{bytes} bytes");
    }
    let heads = elsewhere.heads.lock().unwrap().clone();
    let host = format!("\r\nhost: {}\r\n", elsewhere.address);
    assert!(heads.iter().all(|head| head.contains(&host)), "{heads:?}");
    assert_eq!(elsewhere.connections(), 1, "a connection is kept for the next request");
}

#[test]
fn a_host_that_is_not_named_is_denied_and_hears_nothing() {
    let elsewhere = Elsewhere::start(None);
    let port = elsewhere.address.port();
    let url = format!("http://127.0.0.1:{port}");
    for allowed in [
        vec![],
        vec![format!("https://127.0.0.1:{port}")],
        vec![format!("http://127.0.0.1:{}", port - 1)],
        vec![format!("http://localhost:{port}"), "http://*.example.com".into()],
    ] {
        let denied = json!({ "error": "ErrorCode::HttpRequestDenied" });
        assert_eq!(post(&application(&allowed).start(), &url, 1), denied, "{allowed:?}");
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn a_host_may_be_a_variable_and_an_empty_one_allows_nothing() {
    let elsewhere = Elsewhere::start(None);
    let url = format!("http://{}", elsewhere.address);
    let application = |value: &str| {
        application(&["{{ there }}".into()])
            .add("[variables]\nthere = { default = \"\" }")
            .argument(&format!("--variable=there={value}"))
    };
    assert_eq!(post(&application(&url).start(), &url, 1)["status"], 201);
    assert!(post(&application("").start(), &url, 1)["error"].is_string());
    let output = application("db.example").fail();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("allowed_outbound_hosts"), "{said}");
}

#[test]
fn a_server_that_is_silent_or_not_there_is_an_error_in_time() {
    let elsewhere = Elsewhere::start(None);
    let url = format!("http://{}", elsewhere.address);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = application(&["http://*:*".into()]).start();
    for (url, error) in [
        (format!("{url}/silent"), "ErrorCode::ConnectionReadTimeout"),
        (format!("{url}/stalls"), "ErrorCode::ConnectionReadTimeout"),
        (format!("http://{closed}"), "ErrorCode::ConnectionRefused"),
    ] {
        let answer = server.json(&format!("/outbound?url={url}&bytes=1&patience_ms=300"));
        assert_eq!(answer, json!({ "error": error }), "{url}");
    }
    assert_eq!(post(&server, &url, 1)["status"], 201);
}

#[test]
fn https_is_spoken_to_whom_the_machine_trusts() {
    let elsewhere = Elsewhere::start(Some(tls()));
    let url = format!("https://localhost:{}", elsewhere.address.port());
    let trusting = application(std::slice::from_ref(&url))
        .environment("SSL_CERT_FILE", certificate().to_str().unwrap())
        .start();
    for _ in 0..3 {
        assert_eq!(post(&trusting, &url, 1_000)["status"], 201);
    }
    assert_eq!(elsewhere.connections(), 1);
    // The same machine under a name that the certificate does not have.
    let other = format!("https://127.0.0.1:{}", elsewhere.address.port());
    let server = application(&["https://*:*".into()])
        .environment("SSL_CERT_FILE", certificate().to_str().unwrap())
        .start();
    let answer = post(&server, &other, 1);
    assert_eq!(answer, json!({ "error": "ErrorCode::TlsProtocolError" }));
    server.expect_stderr("https://127.0.0.1: ");
}
