//! Runs this repository's other programs, and prepares data folders with them. All paths are relative to the repository's
//! root, where the benchmarks run.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use inference::{ModelId, blob as coding};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::database;

/// The public data set.
pub(crate) const DATA: &str = "data/diamonds.csv";
/// What the public data set does not say itself.
pub(crate) const AS_PUBLISHED: [&str; 4] =
    ["--price-list-by", "orientation", "--prices-in", "USD 2008"];
/// The released model.
pub(crate) const CHAMPION: &str = "models/champion.loupe";
/// The folder for what is made once.
pub(crate) const CACHE: &str = "target/bench";

/// A file or folder in the cache.
pub(crate) fn cached(name: &str) -> PathBuf {
    Path::new(CACHE).join(name)
}

/// A program that was built into the same folder as this one.
pub(crate) fn program(name: &str) -> Result<Command> {
    Ok(Command::new(std::env::current_exe()?.with_file_name(name)))
}

/// The trainer over a database.
pub(crate) fn trainer(database: impl AsRef<OsStr>) -> Result<Command> {
    let mut trainer = program("trainer")?;
    trainer.arg("--db").arg(database);
    Ok(trainer)
}

/// Runs a command and waits for it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("{command:?} cannot be started"))?;
    ensure!(status.success(), "{command:?} failed ({status}); see its message above");
    Ok(())
}

/// The JSON document that a command prints.
pub(crate) fn json_of<T: DeserializeOwned>(command: &mut Command) -> Result<T> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{command:?} cannot be started"))?;
    ensure!(output.status.success(), "{command:?} failed ({}); see above", output.status);
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The content of a file.
pub(crate) fn read(file: impl AsRef<Path>) -> Result<Vec<u8>> {
    let file = file.as_ref();
    fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// Creates a folder without anything in it.
pub(crate) fn empty_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(fs::create_dir_all(folder)?)
}

/// A folder with a database, as edge-host's `--data-dir` and Spin's `--state-dir` take it.
#[derive(Debug, Clone)]
pub(crate) struct DataDir(pub(crate) PathBuf);

impl DataDir {
    /// A new database with the stones of a CSV and the released model as champion.
    pub(crate) fn fresh(folder: PathBuf, data: impl AsRef<OsStr>) -> Result<DataDir> {
        empty_folder(&folder)?;
        let data_dir = DataDir(folder);
        let database = data_dir.database();
        run(trainer(&database)?.arg("ingest").arg(data).args(AS_PUBLISHED))?;
        let id = register(&database)?;
        run(trainer(&database)?.args(["promote", &id]))?;
        run(trainer(&database)?.arg("migrate"))?;
        Ok(data_dir)
    }

    /// Another folder with a copy of the database, made before a server writes to it.
    pub(crate) fn copy(&self, folder: PathBuf) -> Result<DataDir> {
        empty_folder(&folder)?;
        let copy = DataDir(folder);
        fs::copy(self.database(), copy.database())
            .with_context(|| format!("{} cannot be copied", self.database().display()))?;
        Ok(copy)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("sqlite_db.db")
    }
}

/// Inserts the released model into the registry and returns its id; the trainer itself only imports other libraries'
/// files.
fn register(database: &Path) -> Result<String> {
    let bytes = read(CHAMPION)?;
    let model = coding::decode(&bytes).context(CHAMPION)?;
    let id = ModelId::of(&bytes).as_str().to_owned();
    let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let (bytes_len, nodes) = (bytes.len() as u64, model.form.nodes() as u64);
    database::run(async {
        let connection = database::open(database).await?;
        connection
            .execute(
                "INSERT INTO models (id, family, created_at, params, metrics, blob, blob_sha256, blob_bytes, nodes, seconds)
                 VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%fZ'), '{}', '{}', ?, ?, ?, ?, 0)",
                connection::params![id.clone(), model.header.family, bytes, sha256, bytes_len, nodes],
            )
            .await?;
        Ok(id)
    })
}
