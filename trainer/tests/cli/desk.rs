//! Gives each test a folder of its own and runs the program in it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const HEADER: &str = "carat,cut,color,clarity,depth,table,price,x,y,z";

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

    /// A desk whose database holds every n-th row of the public table.
    pub(crate) fn with_diamonds(every: usize) -> Desk {
        let desk = Desk::new();
        desk.file("diamonds.csv", diamonds(every));
        desk.run(&["ingest", "diamonds.csv"]).ok();
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

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trainer"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("TRAINER_DB")
            .env_remove("TRAINER_DB_TOKEN")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(arguments).output().unwrap())
    }

    /// Runs a command that must succeed and returns its document.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let outcome = self.run(&[arguments, &["--json"]].concat());
        serde_json::from_str(&outcome.ok().stdout).unwrap()
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        Outcome::of(output)
    }

    /// Runs SQL over the database, as no command of the program would.
    pub(crate) fn sql(&self, sql: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let database =
                libsql::Builder::new_local(self.path(".spin/sqlite_db.db")).build().await;
            database.unwrap().connect().unwrap().execute_batch(sql).await.unwrap();
        });
    }

    /// The first column of a query's rows, which must be texts.
    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let database =
                libsql::Builder::new_local(self.path(".spin/sqlite_db.db")).build().await;
            let mut rows = database.unwrap().connect().unwrap().query(sql, ()).await.unwrap();
            let mut texts = Vec::new();
            while let Some(row) = rows.next().await.unwrap() {
                texts.push(row.get(0).unwrap());
            }
            texts
        })
    }
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

    /// The message of a failure that must have this exit code and nothing on standard output.
    #[track_caller]
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (code, ""), "{self:#?}");
        self.stderr
    }
}

/// The public table, or every n-th row of it.
pub(crate) fn diamonds(every: usize) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/diamonds.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(HEADER));
    let rows: Vec<&str> = lines.step_by(every).collect();
    format!("{HEADER}\n{}\n", rows.join("\n"))
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
