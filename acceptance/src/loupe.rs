//! Starts the application for one test, with its own folder, database and port.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::concurrent::wait_for;
use crate::connection::Connection;
use crate::journal::rows;
use crate::process::Process;
use crate::programs::{binary, root, trainer};

/// A server that stops when it is dropped.
#[derive(Debug)]
pub struct Loupe {
    server: Process,
    address: String,
    folder: TempDir,
}

impl Loupe {
    /// Starts a server over a new database with the whole data set and no model of its own: the released
    /// champion answers.
    pub fn start() -> Loupe {
        Loupe::start_with(&[])
    }

    /// Starts a server with more arguments for `edge-host serve`.
    pub fn start_with(arguments: &[&str]) -> Loupe {
        Loupe::start_in(&std::env::temp_dir(), arguments)
    }

    /// Starts a server whose folder is in `parent`.
    pub fn start_in(parent: &Path, arguments: &[&str]) -> Loupe {
        let folder = tempfile::tempdir_in(parent).expect("a temporary folder");
        seed(folder.path());
        Loupe::serve(folder, arguments)
    }

    /// Starts a server over an empty database, for a component that uses a libsql server.
    pub fn start_empty(arguments: &[&str]) -> Loupe {
        Loupe::serve(tempfile::tempdir().expect("a temporary folder"), arguments)
    }

    /// Kills the server. Open requests get no response.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Kills the server and starts another over the same folder.
    pub fn kill_and_restart(&mut self) {
        self.server.restart();
        self.address = self.server.wait_for_address();
    }

    fn serve(folder: TempDir, arguments: &[&str]) -> Loupe {
        let mut command = Command::new(binary("edge-host"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
        command.arg(folder.path()).args(arguments).current_dir(root());
        let mut server = Process::start(command);
        let address = server.wait_for_address();
        Loupe { server, address, folder }
    }

    /// Waits for the records of these requests on standard error and returns all records. There may be others: a record that
    /// was committed just before the database was damaged is written again with the next one.
    pub fn dead_letters_of(&self, ids: &[&str]) -> Vec<Json> {
        let has = |lines: &[String], id: &str| lines.iter().any(|line| line.contains(id));
        let lines = wait_for("all records are on standard error", Duration::from_secs(10), || {
            let mut lines = self.server.stderr();
            lines.retain(|line| line.contains("loupe_journal"));
            ids.iter().all(|id| has(&lines, id)).then_some(lines)
        });
        let parse = |line: &String| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:.200}…"))
        };
        lines.iter().map(parse).collect()
    }

    /// The server's process.
    pub fn process_id(&self) -> u32 {
        self.server.id()
    }

    /// A new connection to the server.
    pub fn connect(&self) -> Connection {
        Connection::open(&self.address)
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.file("sqlite_db.db")
    }

    /// All rows of a query over the database, read from its file; blobs as lists of bytes.
    pub fn rows(&self, sql: &str) -> Vec<Vec<Json>> {
        rows(&self.database(), sql)
    }

    /// A file in the folder of this server.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the trainer over the server's database; its JSON result.
    pub fn trainer(&self, arguments: &[&str]) -> Json {
        trainer(&self.database().display().to_string(), arguments)
    }

    /// The model that prices a diamond now.
    pub fn serving(&self) -> Json {
        self.connect().post("/v1/predict", crate::STONE).json()["model"]["id"].clone()
    }

    /// Waits until a model prices diamonds.
    pub fn wait_until_served(&self, id: &str) {
        let what = format!("{id} prices diamonds");
        wait_for(&what, Duration::from_secs(5), || (self.serving() == id).then_some(()));
    }
}

impl Drop for Loupe {
    fn drop(&mut self) {
        // SIGTERM, so that it removes its temporary files.
        self.server.terminate();
        self.server.wait();
    }
}

/// How the whole data set is ingested.
pub(crate) const SEED: [&str; 6] =
    ["ingest", "data/diamonds.csv", "--price-list-by", "orientation", "--prices-in", "USD 2008"];

/// Puts a database with the whole data set into a folder, and lets its servers share the compiled component.
fn seed(folder: &Path) {
    static DATABASE: OnceLock<Vec<u8>> = OnceLock::new();
    let seed = DATABASE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = folder.path().join("sqlite_db.db");
        trainer(&database.display().to_string(), &SEED);
        std::fs::read(database).expect("the trainer made a database")
    });
    std::fs::write(folder.join("sqlite_db.db"), seed).expect("a folder that can be written");
    let shared = binary("edge-host-cache-of-tests");
    std::fs::create_dir_all(&shared).expect("a folder next to the binaries");
    std::os::unix::fs::symlink(shared, folder.join("edge-host-cache")).expect("a new folder");
}
