//! Starts the application for one test, with its own folder, database and port.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::connection::Connection;

/// A server that stops when it is dropped.
#[derive(Debug)]
pub struct Loupe {
    server: Child,
    address: String,
    folder: PathBuf,
    arguments: Vec<String>,
    /// The lines of standard error from this server and the earlier ones over the same folder.
    stderr: Arc<Mutex<Vec<String>>>,
    /// Removed with the server, unless the test supplied the folder.
    temporary: Option<TempDir>,
}

impl Loupe {
    /// Starts a server over a new database with the whole data set and no model of its own: the released
    /// champion answers.
    #[must_use]
    pub fn start() -> Loupe {
        Loupe::start_with(&[])
    }

    /// Starts a server with more arguments for `edge-host serve`.
    #[must_use]
    pub fn start_with(arguments: &[&str]) -> Loupe {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let mut loupe = Loupe::start_in(temporary.path(), arguments);
        loupe.temporary = Some(temporary);
        loupe
    }

    /// Starts a server over an empty database, for a component that uses a libsql server.
    #[must_use]
    pub fn start_empty(arguments: &[&str]) -> Loupe {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let mut loupe = Loupe::serve(temporary.path().to_owned(), arguments, Arc::default());
        loupe.temporary = Some(temporary);
        loupe
    }

    /// Starts a server in a folder that the test keeps.
    #[must_use]
    pub fn start_in(folder: &Path, arguments: &[&str]) -> Loupe {
        seed(folder);
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Loupe::serve(folder.to_owned(), arguments, Arc::default())
    }

    /// Kills the server. Open requests get no response.
    pub fn kill(&mut self) {
        self.server.kill().expect("the server can be killed");
        self.server.wait().expect("the server ends");
    }

    /// Kills the server and starts another over the same folder.
    #[must_use]
    pub fn kill_and_restart(mut self) -> Loupe {
        self.kill();
        let temporary = self.temporary.take();
        let (folder, arguments) = (self.folder.clone(), self.arguments.clone());
        let mut next = Loupe::serve(folder, arguments, Arc::clone(&self.stderr));
        next.temporary = temporary;
        next
    }

    fn serve(folder: PathBuf, arguments: Vec<String>, stderr: Arc<Mutex<Vec<String>>>) -> Loupe {
        let mut server = Command::new(binary("edge-host"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(&folder)
            .args(&arguments)
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
            .expect("edge-host prints its address");
        // Later lines go to the test's output; the pipe must not fill up.
        let sink = Arc::clone(&stderr);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                eprintln!("edge-host: {}", line.get(..300).unwrap_or(&line));
                sink.lock().expect("no thread panics while holding it").push(line);
            }
        });
        Loupe { server, address, folder, arguments, stderr, temporary: None }
    }

    /// The lines of standard error so far, without the one with the address.
    #[must_use]
    pub fn stderr_lines(&self) -> Vec<String> {
        self.stderr.lock().expect("no thread panics while holding it").clone()
    }

    /// Waits for `count` records on standard error and returns them. Fails the test if they do not arrive or a line is
    /// incomplete.
    #[must_use]
    pub fn dead_letters(&self, count: usize) -> Vec<Json> {
        let (dead_letters, is_complete) = self.wait_for_dead_letters(|lines| lines.len() >= count);
        assert!(is_complete, "{} of {count} records arrived", dead_letters.len());
        dead_letters
    }

    /// Waits up to ten seconds for the records of these requests on standard error, and returns all records. There may be
    /// others: a record that was committed just before the database was damaged is written again with the next one.
    #[must_use]
    pub fn dead_letters_of(&self, ids: &[&str]) -> Vec<Json> {
        let has = |lines: &[String], id: &str| lines.iter().any(|line| line.contains(id));
        self.wait_for_dead_letters(|lines| ids.iter().all(|id| has(lines, id))).0
    }

    /// Waits up to ten seconds until there are enough records on standard error. Returns them, and whether there are enough.
    fn wait_for_dead_letters(&self, are_enough: impl Fn(&[String]) -> bool) -> (Vec<Json>, bool) {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let mut lines = self.stderr_lines();
            lines.retain(|line| line.contains("loupe_journal"));
            let is_enough = are_enough(&lines);
            if is_enough || Instant::now() > deadline {
                let parse = |line: &String| {
                    serde_json::from_str(line)
                        .unwrap_or_else(|error| panic!("{error}: {line:.200}…"))
                };
                return (lines.iter().map(parse).collect(), is_enough);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The server's process.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.server.id()
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
        self.folder.join("sqlite_db.db")
    }

    /// Runs the trainer over the server's database, from the root of the repository; its JSON result.
    #[must_use]
    pub fn trainer(&self, arguments: &[&str]) -> Json {
        run_trainer(&self.folder, arguments)
    }

    /// A file in the folder of this server.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Drop for Loupe {
    fn drop(&mut self) {
        // The test may have killed it already, and its id may belong to another process by now.
        if matches!(self.server.try_wait(), Ok(None)) {
            // SIGTERM, so that it removes its temporary files.
            let _ = Command::new("kill").args(["-TERM", &self.server.id().to_string()]).status();
            let _ = self.server.wait();
        }
    }
}

/// Puts a database with the whole data set into a folder, and lets its servers share the compiled component.
fn seed(folder: &Path) {
    static SEED: OnceLock<Vec<u8>> = OnceLock::new();
    let seed = SEED.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        run_trainer(folder.path(), &["ingest", "data/diamonds.csv"]);
        std::fs::read(folder.path().join("sqlite_db.db")).expect("the trainer made a database")
    });
    std::fs::write(folder.join("sqlite_db.db"), seed).expect("a folder that can be written");
    let shared = binary("edge-host-cache-of-tests");
    std::fs::create_dir_all(&shared).expect("a folder next to the binaries");
    std::os::unix::fs::symlink(shared, folder.join("edge-host-cache")).expect("a new folder");
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

/// The path of a binary from the same build as this test.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let folder =
        test.parent().and_then(Path::parent).expect("tests lie in a folder below the binaries");
    folder.join(name)
}
