//! A running Loupe: its own folder, its own database, a port of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::connection::Connection;

/// A server that stops when it is dropped.
#[derive(Debug)]
pub struct Loupe {
    server: Child,
    address: String,
    folder: TempDir,
}

impl Loupe {
    /// Starts a server over a new database with the whole data set and no model of its own: the released
    /// champion answers.
    #[must_use]
    pub fn start() -> Loupe {
        Loupe::start_with(&[])
    }

    /// The same with more arguments for `edge-host serve`.
    #[must_use]
    pub fn start_with(arguments: &[&str]) -> Loupe {
        let folder = tempfile::tempdir().expect("a temporary folder");
        run_trainer(folder.path(), &["ingest", "data/diamonds.csv"]);
        Loupe::serve(folder, arguments)
    }

    /// The same over an empty database, for a server whose data is elsewhere.
    #[must_use]
    pub fn start_empty(arguments: &[&str]) -> Loupe {
        Loupe::serve(tempfile::tempdir().expect("a temporary folder"), arguments)
    }

    /// Kills the server without warning and starts another over the same database.
    #[must_use]
    pub fn kill_and_restart(mut self) -> Loupe {
        self.server.kill().expect("the server can be killed");
        self.server.wait().expect("the server ends");
        let folder =
            std::mem::replace(&mut self.folder, tempfile::tempdir().expect("a temporary folder"));
        Loupe::serve(folder, &[])
    }

    fn serve(folder: TempDir, arguments: &[&str]) -> Loupe {
        let mut server = Command::new(binary("edge-host"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder.path())
            .args(arguments)
            .current_dir(root())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("run `cargo xtask build` first: edge-host does not start");
        let mut lines = BufReader::new(server.stderr.take().expect("stderr is piped")).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .inspect(|line| eprintln!("edge-host: {line}"))
            .find_map(|line| line.strip_prefix("listening http://").map(str::to_owned))
            .expect("edge-host says where it listens");
        // What it says later belongs into the test's output, and must not fill the pipe.
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| eprintln!("edge-host: {line}"));
        });
        Loupe { server, address, folder }
    }

    /// A new connection to the server.
    #[must_use]
    pub fn connect(&self) -> Connection {
        Connection::open(&self.address)
    }

    /// Where the server listens.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("sqlite_db.db")
    }

    /// Runs the trainer over the server's database, from the root of the repository; its JSON result.
    #[must_use]
    pub fn trainer(&self, arguments: &[&str]) -> Json {
        run_trainer(self.folder.path(), arguments)
    }

    /// A file in the folder of this server.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Loupe {
    fn drop(&mut self) {
        // As an operator stops it, so that it clears away what it made; it may have been killed by the test already.
        let _ = Command::new("kill").args(["-TERM", &self.server.id().to_string()]).status();
        let _ = self.server.wait();
    }
}

fn run_trainer(folder: &Path, arguments: &[&str]) -> Json {
    let output = Command::new(trainer())
        .arg("--db")
        .arg(folder.join("sqlite_db.db"))
        .arg("--json")
        .args(arguments)
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .expect("run `cargo xtask build` first: trainer does not start");
    assert!(output.status.success(), "trainer {arguments:?}: {}", output.status);
    serde_json::from_slice(&output.stdout).expect("trainer --json prints one JSON document")
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The trainer.
#[must_use]
pub fn trainer() -> PathBuf {
    binary("trainer")
}

/// A binary that was built beside this test.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let folder =
        test.parent().and_then(Path::parent).expect("tests lie in a folder below the binaries");
    folder.join(name)
}
