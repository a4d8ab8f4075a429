//! Starts an `edge-host serve` process for one test.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{self, Reply};

/// The guest's manifest and the arguments of edge-host.
pub(crate) struct Application {
    pub(crate) directory: TempDir,
    manifest: String,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) application: Application,
    child: Child,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Application {
    /// The guest on `/...` with the default database.
    pub(crate) fn new() -> Self {
        Self::with_manifest(&format!(
            "spin_manifest_version = 2\n\
             [application]\nname = \"conformance\"\n\
             [[trigger.http]]\nroute = \"/...\"\ncomponent = \"guest\"\n\
             [component.guest]\nsource = {:?}\nsqlite_databases = [\"default\"]\n",
            guest()
        ))
    }

    pub(crate) fn with_manifest(manifest: &str) -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            manifest: manifest.to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
        }
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
        self.arguments.push(argument.to_owned());
        self
    }

    pub(crate) fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes a file next to the manifest.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.directory.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn command(&self) -> Command {
        std::fs::write(self.directory.path().join("spin.toml"), &self.manifest).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_edge-host"));
        command
            .current_dir(self.directory.path())
            .arg("serve")
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for default in ["--listen=127.0.0.1:0", "--data-dir=data"] {
            let option = default.split('=').next().unwrap_or(default);
            if !self.arguments.iter().any(|argument| argument.starts_with(option)) {
                command.arg(default);
            }
        }
        command
    }

    /// Starts a server and waits until it is ready.
    pub(crate) fn start(self) -> Server {
        let mut child = self.command().spawn().unwrap();
        let (stdout, stderr) = (Arc::default(), Arc::default());
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let Some(address) = first.trim_end().strip_prefix("listening http://") else {
            lines.read_to_string(&mut first).unwrap();
            panic!("edge-host did not start: {first}");
        };
        let address = address.parse().unwrap();
        let readers = vec![
            gather(lines, Arc::clone(&stderr)),
            gather(BufReader::new(child.stdout.take().unwrap()), Arc::clone(&stdout)),
        ];
        Server { address, application: self, child, stdout, stderr, readers }
    }

    /// Runs edge-host to its end; its start is expected to fail.
    pub(crate) fn fail(self) -> Output {
        self.command().output().unwrap()
    }
}

impl Server {
    /// A server of the unchanged manifest.
    pub(crate) fn plain() -> Self {
        Application::new().start()
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        client::send(self.address, "GET", path, "", b"")
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        self.get(path).json()
    }

    /// Runs SQL statements on one connection of the guest and returns the outcome of each.
    pub(crate) fn sql(&self, api: &str, steps: &[(&str, Value)]) -> Vec<Value> {
        let steps: Vec<_> =
            steps.iter().map(|(sql, values)| json!({ "sql": sql, "parameters": values })).collect();
        let body = Value::from(steps).to_string();
        let reply =
            client::send(self.address, "POST", &format!("/sql?api={api}"), "", body.as_bytes());
        match reply.json() {
            Value::Array(outcomes) => outcomes,
            other => panic!("{other}"),
        }
    }

    /// Waits until standard error holds `text`.
    pub(crate) fn expect_stderr(&self, text: &str) {
        expect(&self.stderr, text);
    }

    /// Waits until standard output holds `text`.
    pub(crate) fn expect_stdout(&self, text: &str) {
        expect(&self.stdout, text);
    }

    /// Sends SIGTERM to the process.
    pub(crate) fn terminate(&self) {
        let kill = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits for the process, and returns its status and all of its standard error.
    pub(crate) fn wait(&mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        let stderr = self.stderr.lock().unwrap().clone();
        (status, stderr)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The path of the compiled guest.
pub(crate) fn guest() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_edge-host")).ancestors().nth(2).unwrap();
    let guest = target.join("wasm32-wasip2/edge/edge_host_guest.wasm");
    assert!(guest.is_file(), "{} is missing: run `cargo xtask build` first", guest.display());
    guest
}

fn gather(mut stream: impl BufRead + Send + 'static, into: Arc<Mutex<String>>) -> JoinHandle<()> {
    spawn(move || {
        let mut line = String::new();
        while stream.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
            into.lock().unwrap().push_str(&line);
            line.clear();
        }
    })
}

fn expect(stream: &Mutex<String>, text: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !stream.lock().unwrap().contains(text) {
        assert!(Instant::now() < deadline, "{text:?} is missing in {:?}", stream.lock().unwrap());
        std::thread::sleep(Duration::from_millis(10));
    }
}
