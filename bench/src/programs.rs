//! Runs this repository's other programs, and prepares data folders with them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use inference::{ModelId, blob as coding};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::database;

/// A folder with a database, as edge-host's `--data-dir` and Spin's `--state-dir` take it.
#[derive(Debug, Clone)]
pub(crate) struct DataDir(PathBuf);

/// A program that was built into the same folder as this one.
pub(crate) fn program(name: &str) -> Result<Command> {
    Ok(Command::new(std::env::current_exe()?.with_file_name(name)))
}

/// Runs the trainer over a database and waits for it.
pub(crate) fn trainer(database: &str, arguments: &[&str]) -> Result<()> {
    let status = program("trainer")?
        .args(["--db", database])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .context("trainer cannot be started")?;
    ensure!(status.success(), "trainer {arguments:?} failed ({status}); see its message above");
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

/// A path as an argument in UTF-8.
pub(crate) fn utf8(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))
}

/// Creates a folder without anything in it.
pub(crate) fn empty_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(fs::create_dir_all(folder)?)
}

impl DataDir {
    /// A new database with the data set and the released model as champion.
    pub(crate) fn fresh(folder: PathBuf, data: &Path, champion: &Path) -> Result<DataDir> {
        empty_folder(&folder)?;
        let data_dir = DataDir(folder);
        let database = data_dir.database();
        let name = utf8(&database)?;
        trainer(name, &["ingest", utf8(data)?])?;
        let id = register(&database, champion)?;
        trainer(name, &["promote", &id])?;
        trainer(name, &["migrate"])?;
        Ok(data_dir)
    }

    /// An existing folder.
    pub(crate) fn at(folder: PathBuf) -> DataDir {
        DataDir(folder)
    }

    /// Another folder with a copy of the database, made before a server writes to it.
    pub(crate) fn copy(&self, folder: PathBuf) -> Result<DataDir> {
        empty_folder(&folder)?;
        let copy = DataDir(folder);
        fs::copy(self.database(), copy.database())
            .with_context(|| format!("{} cannot be copied", self.database().display()))?;
        Ok(copy)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("sqlite_db.db")
    }
}

/// Inserts a blob into the registry and returns its id; the trainer itself only imports other libraries' files.
fn register(database: &Path, blob: &Path) -> Result<String> {
    let bytes = fs::read(blob).with_context(|| format!("{} cannot be read", blob.display()))?;
    let model = coding::decode(&bytes).with_context(|| blob.display().to_string())?;
    let id = ModelId::of(&bytes).as_str().to_owned();
    let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    database::run(async {
        let connection = database::open(database).await?;
        connection
            .execute(
                "INSERT INTO models (id, family, created_at, params, metrics, blob, blob_sha256, blob_bytes, nodes, seconds)
                 VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%fZ'), '{}', '{}', ?, ?, ?, ?, 0)",
                libsql::params![
                    id.clone(),
                    model.header.family.clone(),
                    bytes.clone(),
                    sha256,
                    bytes.len() as u64,
                    model.form.nodes() as u64
                ],
            )
            .await?;
        Ok(id)
    })
}
