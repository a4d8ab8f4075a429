//! Gives each test a folder of its own and runs the program in it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use connection::Connection;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const HEADER: &str = "carat,cut,color,clarity,depth,table,price,x,y,z";

/// What the public table does not say itself.
pub(crate) const AS_PUBLISHED: &str = "--price-list-by orientation --prices-in 'USD 2008'";

/// A temporary folder; the database is where the program looks by itself.
pub(crate) struct Desk {
    folder: TempDir,
}

/// What came of a command.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Desk {
    pub(crate) fn new() -> Desk {
        Desk { folder: tempfile::tempdir().unwrap() }
    }

    /// A desk on which `train` ran over every n-th row, and the document of the run.
    pub(crate) fn trained(every: usize, families: &str) -> (Desk, Value) {
        let desk = Desk::with_diamonds(every);
        let run = desk.json(format!("train --families {families}"));
        (desk, run)
    }

    /// A desk whose database holds every n-th row of the public table, in its two price lists.
    pub(crate) fn with_diamonds(every: usize) -> Desk {
        let desk = Desk::new();
        desk.file("diamonds.csv", diamonds(every));
        desk.run(format!("ingest diamonds.csv {AS_PUBLISHED}")).ok();
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// The program with arguments as a shell would split them.
    pub(crate) fn command(&self, line: impl AsRef<str>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trainer"));
        command
            .args(shlex::split(line.as_ref()).unwrap())
            .current_dir(self.folder.path())
            .env_remove("TRAINER_DB")
            .env_remove("TRAINER_DB_TOKEN")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, line: impl AsRef<str>) -> Outcome {
        Outcome::of(self.command(line).output().unwrap())
    }

    /// Runs a command that must succeed and returns its document.
    #[track_caller]
    pub(crate) fn json(&self, line: impl AsRef<str>) -> Value {
        let outcome = self.run(format!("{} --json", line.as_ref()));
        serde_json::from_str(&outcome.ok().stdout).unwrap()
    }

    pub(crate) fn run_with_input(&self, line: &str, input: &str) -> Outcome {
        let mut command = self.command(line);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || stdin.write_all(input.as_bytes()).unwrap());
            Outcome::of(child.wait_with_output().unwrap())
        })
    }

    /// Runs SQL over the database, as no command of the program would.
    pub(crate) fn sql(&self, sql: &str) {
        wait(async { self.connection().await.execute_batch(sql).await.unwrap() });
    }

    /// The first column of a query's rows, which must be texts.
    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        wait(async {
            let texts = self.connection().await.all(sql, (), |row| row.get(0)).await;
            texts.unwrap()
        })
    }

    pub(crate) async fn connection(&self) -> Connection {
        Connection::to_file(self.path(".spin/sqlite_db.db")).await.unwrap()
    }
}

/// What comes of something that waits for a database.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

impl Outcome {
    fn of(output: std::process::Output) -> Outcome {
        Outcome {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The outcome, which must be success.
    #[track_caller]
    pub(crate) fn ok(self) -> Outcome {
        assert_eq!(self.code, 0, "{self:#?}");
        self
    }

    /// What it printed, which must contain this.
    #[track_caller]
    pub(crate) fn prints(self, part: &str) -> String {
        let outcome = self.ok();
        assert!(outcome.stdout.contains(part), "{outcome:#?}");
        outcome.stdout
    }

    /// The message of a failure that must have this exit code and nothing on standard output.
    #[track_caller]
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (code, ""), "{self:#?}");
        self.stderr
    }

    /// The same; the message must contain this.
    #[track_caller]
    pub(crate) fn refused(self, code: i32, part: &str) -> String {
        let message = self.failed(code);
        assert!(message.contains(part), "{message}");
        message
    }
}

/// The public table, or every n-th row of it.
pub(crate) fn diamonds(every: usize) -> String {
    csv(rows(every))
}

/// Every n-th row of the public table.
pub(crate) fn rows(every: usize) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/diamonds.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(HEADER));
    lines.step_by(every).map(str::to_owned).collect()
}

/// A diamond CSV of these rows.
pub(crate) fn csv(rows: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    rows.into_iter().fold(format!("{HEADER}\n"), |text, row| text + row.as_ref() + "\n")
}

/// A row with one of its columns changed.
pub(crate) fn changed(row: &str, column: &str, change: impl Fn(&str) -> String) -> String {
    let cells = HEADER.split(',').zip(row.split(','));
    let cells = cells.map(|(name, cell)| if name == column { change(cell) } else { cell.into() });
    cells.collect::<Vec<_>>().join(",")
}

/// A row with another weight.
pub(crate) fn weighing(row: &str, carat: impl Fn(f64) -> f64) -> String {
    changed(row, "carat", |cell| carat(cell.parse().unwrap()).to_string())
}

/// Some fields of a document, as a list.
pub(crate) fn fields(document: &Value, names: &str) -> Value {
    names.split(' ').map(|name| document[name].clone()).collect()
}

/// The same part of every element of a list.
pub(crate) fn each<'a>(list: &'a Value, pointer: &str) -> Vec<&'a Value> {
    list.as_array().unwrap().iter().map(|element| element.pointer(pointer).unwrap()).collect()
}

/// The hashes of a run's blobs.
pub(crate) fn blobs(run: &Value) -> Vec<&Value> {
    each(&run["models"], "/blob/sha256")
}

/// A document with everything replaced that differs from run to run or from processor to processor: times, ids,
/// hashes and measured numbers.
pub(crate) fn redacted(document: &Value) -> String {
    format!("{:#}", redact("", document))
}

fn redact(key: &str, value: &Value) -> Value {
    let is_hex = |text: &str| text.chars().all(|digit| digit.is_ascii_hexdigit());
    match value {
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.clone(), redact(key, value))).collect()
        }
        Value::Array(values) => values.iter().map(|value| redact(key, value)).collect(),
        Value::String(text) if text.len() == 64 && is_hex(text) => "<sha256>".into(),
        Value::String(text) if text.len() == 12 && is_hex(text) => "<id>".into(),
        Value::String(text) if key == "id" && text.len() == 21 => "<run_id>".into(),
        Value::String(_) if key.ends_with("_at") => "<time>".into(),
        Value::String(text) if key == "run_id" || text.contains("MAE") => format!("<{key}>").into(),
        Value::Number(number) if number.is_f64() => "<number>".into(),
        Value::Number(_) if matches!(key, "nodes" | "bytes" | "rounds" | "max_depth") => {
            "<count>".into()
        }
        other => other.clone(),
    }
}
