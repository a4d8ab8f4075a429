//! Starts an `edge-host serve` process for one test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use acceptance::{Answer, Connection, Process, head, request, wait_for};
use serde_json::Value;
use tempfile::TempDir;

/// The guest's manifest and the command that serves it.
pub(crate) struct Application {
    directory: TempDir,
    manifest: String,
    command: Command,
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) address: String,
    pub(crate) directory: TempDir,
}

impl Application {
    /// The guest on `/...` with the default database.
    pub(crate) fn new() -> Self {
        let manifest = format!(
            "spin_manifest_version = 2\n\
             [application]\nname = \"conformance\"\n\
             [[trigger.http]]\nroute = \"/...\"\ncomponent = \"guest\"\n\
             [component.guest]\nsource = {:?}\nsqlite_databases = [\"default\"]\n",
            guest()
        );
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_edge-host"));
        command.current_dir(directory.path()).arg("serve");
        Self { directory, manifest, command }
    }

    /// Replaces a piece of the manifest.
    pub(crate) fn replace(mut self, piece: &str, replacement: &str) -> Self {
        assert!(self.manifest.contains(piece), "{piece:?} is not in the manifest");
        self.manifest = self.manifest.replace(piece, replacement);
        self
    }

    /// Adds lines to `[component.guest]`, or tables after it.
    pub(crate) fn add(mut self, lines: &str) -> Self {
        self.manifest.push_str(lines);
        self.manifest.push('\n');
        self
    }

    pub(crate) fn argument(mut self, argument: &str) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn environment(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Writes a file next to the manifest.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.directory.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    fn finish(self) -> (Command, TempDir) {
        let Self { directory, manifest, mut command } = self;
        std::fs::write(directory.path().join("spin.toml"), manifest).unwrap();
        for (option, default) in [("--listen", "127.0.0.1:0"), ("--data-dir", "data")] {
            let mut given = command.get_args().filter_map(|argument| argument.to_str());
            if !given.any(|argument| argument.starts_with(option)) {
                command.args([option, default]);
            }
        }
        (command, directory)
    }

    /// Starts a server and waits until it is ready.
    pub(crate) fn start(self) -> Server {
        let (command, directory) = self.finish();
        let mut process = Process::start(command);
        let address = process.wait_for_address();
        Server { process, address, directory }
    }

    /// Runs edge-host, which must end with exit code 1, and returns its standard error.
    pub(crate) fn fail(self) -> String {
        let (mut command, _directory) = self.finish();
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        stderr
    }
}

impl Server {
    /// A server of the unchanged manifest.
    pub(crate) fn plain() -> Self {
        Application::new().start()
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(&self.address)
    }

    /// Sends raw bytes over a new connection.
    pub(crate) fn send(&self, bytes: impl AsRef<[u8]>) -> Answer {
        let mut connection = self.connect();
        connection.write(bytes.as_ref()).unwrap();
        connection.read().unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(head(&format!("GET {path}"), ""))
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        self.get(path).json()
    }

    /// Runs SQL statements on one connection of the guest and returns the outcome of each. A statement with parameters is a
    /// list.
    pub(crate) fn sql(&self, api: &str, steps: Value) -> Vec<Value> {
        let answer = self.send(request(&format!("POST /sql?api={api}"), "", steps.to_string()));
        serde_json::from_slice(&answer.body).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
    }

    /// Waits until standard error holds `text`.
    pub(crate) fn expect_stderr(&self, text: &str) {
        expect(|| self.process.stderr(), text);
    }

    /// Waits until standard output holds `text`.
    pub(crate) fn expect_stdout(&self, text: &str) {
        expect(|| self.process.stdout(), text);
    }
}

/// The path of the compiled guest.
pub(crate) fn guest() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_edge-host")).ancestors().nth(2).unwrap();
    let guest = target.join("wasm32-wasip2/edge/edge_host_guest.wasm");
    assert!(guest.is_file(), "{} is missing: run `cargo xtask build` first", guest.display());
    guest
}

fn expect(lines: impl Fn() -> Vec<String>, text: &str) {
    let find = || lines().iter().any(|line| line.contains(text)).then_some(());
    wait_for(text, Duration::from_secs(10), find);
}
