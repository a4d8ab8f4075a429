//! A running Loupe: its own folder, its own database, a port of its own.

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
    /// What this and earlier servers over the same folder said on standard error.
    said: Arc<Mutex<Vec<String>>>,
    /// Removed with the server, where the test brought no folder of its own.
    temporary: Option<TempDir>,
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
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let mut loupe = Loupe::start_in(temporary.path(), arguments);
        loupe.temporary = Some(temporary);
        loupe
    }

    /// The same over an empty database, for a server whose data is elsewhere.
    #[must_use]
    pub fn start_empty(arguments: &[&str]) -> Loupe {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let mut loupe = Loupe::serve(temporary.path().to_owned(), arguments, Arc::default());
        loupe.temporary = Some(temporary);
        loupe
    }

    /// The same in a folder that the test keeps.
    #[must_use]
    pub fn start_in(folder: &Path, arguments: &[&str]) -> Loupe {
        seed(folder);
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Loupe::serve(folder.to_owned(), arguments, Arc::default())
    }

    /// Kills the server without warning. What it was asked is not answered any more.
    pub fn kill(&mut self) {
        self.server.kill().expect("the server can be killed");
        self.server.wait().expect("the server ends");
    }

    /// Kills the server without warning and starts another over the same folder.
    #[must_use]
    pub fn kill_and_restart(mut self) -> Loupe {
        self.kill();
        let temporary = self.temporary.take();
        let (folder, arguments) = (self.folder.clone(), self.arguments.clone());
        let mut next = Loupe::serve(folder, arguments, Arc::clone(&self.said));
        next.temporary = temporary;
        next
    }

    fn serve(folder: PathBuf, arguments: Vec<String>, said: Arc<Mutex<Vec<String>>>) -> Loupe {
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
            .expect("edge-host says where it listens");
        // What it says later belongs into the test's output, and must not fill the pipe.
        let hears = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                eprintln!("edge-host: {}", line.get(..300).unwrap_or(&line));
                hears.lock().expect("nobody panics while holding it").push(line);
            }
        });
        Loupe { server, address, folder, arguments, said, temporary: None }
    }

    /// The lines of standard error so far, but for the one that says where the server listens.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        self.said.lock().expect("nobody panics while holding it").clone()
    }

    /// The records on standard error, once there are `count` of them; fails the test where they do not come or a line
    /// is not whole.
    #[must_use]
    pub fn strays(&self, count: usize) -> Vec<Json> {
        let (strays, all_came) = self.strays_once(|lines| lines.len() >= count);
        assert!(all_came, "{} of {count} records came", strays.len());
        strays
    }

    /// The records on standard error, once those of all these requests are among them, or ten seconds later. There may be
    /// others: what was committed just before a database was damaged goes there with the next.
    #[must_use]
    pub fn strays_of(&self, ids: &[&str]) -> Vec<Json> {
        let has = |lines: &[String], id: &str| lines.iter().any(|line| line.contains(id));
        self.strays_once(|lines| ids.iter().all(|id| has(lines, id))).0
    }

    /// The records on standard error once their lines are enough, or ten seconds later; whether they were.
    fn strays_once(&self, are_enough: impl Fn(&[String]) -> bool) -> (Vec<Json>, bool) {
        let patience = Instant::now() + Duration::from_secs(10);
        loop {
            let mut lines = self.said();
            lines.retain(|line| line.contains("loupe_journal"));
            let is_enough = are_enough(&lines);
            if is_enough || Instant::now() > patience {
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
        // The test may have killed it already, and its number may be another process's by now.
        if matches!(self.server.try_wait(), Ok(None)) {
            // As an operator stops it, so that it clears away what it made.
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
    std::fs::create_dir_all(&shared).expect("a folder beside the binaries");
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

/// A binary that was built beside this test.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let folder =
        test.parent().and_then(Path::parent).expect("tests lie in a folder below the binaries");
    folder.join(name)
}
