//! The servers: the service in each way it is run, and the usual Python service.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::programs::{DataDir, empty_folder, trainer, utf8};
use crate::request::Route;
use crate::server::{Server, free_address};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerKind {
    /// edge-host with its defaults.
    EdgeHost,
    /// Without `TCP_NODELAY`, as Spin serves.
    Delayed,
    /// With every commit flushed to disk.
    Flushed,
    /// The Spin CLI.
    Spin,
    /// The usual Python service: `FastAPI`, uvicorn, XGBoost and SQLite.
    FastApi,
    /// edge-host over a libsql server.
    Grouped,
    /// The same, one row a statement.
    Single,
}

/// What the servers are started with.
pub(super) struct Setup {
    pub(super) folder: PathBuf,
    pub(super) data: PathBuf,
    pub(super) seeded: DataDir,
    pub(super) has_spin: bool,
    /// The Python of the environment in which the peer is installed.
    pub(super) python: Option<PathBuf>,
    pub(super) sqld: Option<PathBuf>,
}

impl ServerKind {
    pub(crate) const ALL: [ServerKind; 7] = [
        Self::EdgeHost,
        Self::Delayed,
        Self::Flushed,
        Self::Spin,
        Self::FastApi,
        Self::Grouped,
        Self::Single,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            ServerKind::EdgeHost => "edge-host",
            ServerKind::Delayed => "edge-host --no-nodelay",
            ServerKind::Flushed => "edge-host, journal_sync=full",
            ServerKind::Spin => "spin",
            ServerKind::FastApi => "FastAPI, 2 workers",
            ServerKind::Grouped => "edge-host over sqld",
            ServerKind::Single => "edge-host over sqld, one row per request",
        }
    }

    /// The routes and numbers of connections that it is measured with.
    pub(super) fn turns(self) -> (&'static [Route], &'static [u16]) {
        match self {
            ServerKind::EdgeHost | ServerKind::Spin => (&Route::ALL, &[1, 16, 64]),
            ServerKind::FastApi => (&[Route::Predict, Route::Similar], &[1, 16, 64]),
            ServerKind::Delayed => (&[Route::Live, Route::Predict], &[16]),
            ServerKind::Flushed | ServerKind::Grouped | ServerKind::Single => {
                (&[Route::Predict], &[16])
            }
        }
    }

    /// Whether everything it needs is installed.
    pub(super) fn is_available(self, setup: &Setup) -> bool {
        match self {
            ServerKind::EdgeHost | ServerKind::Delayed | ServerKind::Flushed => true,
            ServerKind::Spin => setup.has_spin,
            ServerKind::FastApi => setup.python.is_some(),
            ServerKind::Grouped | ServerKind::Single => setup.sqld.is_some(),
        }
    }

    /// Starts it with a database of its own.
    pub(super) fn start(self, setup: &Setup) -> Result<Running> {
        let folder = setup.folder.join(self.name().replace([' ', ','], "-"));
        let edge_host = |arguments: &[&str]| {
            let data_dir = setup.seeded.copy(folder.clone())?;
            let server = Server::edge_host(&data_dir, arguments)?;
            Ok(Running { server, journal: Some(data_dir.database()), _database: None })
        };
        match self {
            ServerKind::EdgeHost => edge_host(&[]),
            ServerKind::Delayed => edge_host(&["--no-nodelay"]),
            ServerKind::Flushed => edge_host(&["--variable", "journal_sync=full"]),
            ServerKind::Spin => spin(&setup.seeded.copy(folder)?),
            ServerKind::FastApi => fast_api(setup, &folder),
            ServerKind::Grouped => over_sqld(setup, folder, "64"),
            ServerKind::Single => over_sqld(setup, folder, "1"),
        }
    }
}

/// A server that has started.
pub(super) struct Running {
    pub(super) server: Server,
    /// The file with its journal, if it is a local one.
    pub(super) journal: Option<PathBuf>,
    /// The database server that it uses.
    _database: Option<Server>,
}

fn spin(data_dir: &DataDir) -> Result<Running> {
    let address = free_address()?;
    let mut command = Command::new("spin");
    command.args(["up", "--from", "spin.toml", "--listen", &address, "--state-dir"]);
    command.arg(data_dir.folder());
    let server = Server::start(command, address, &data_dir.folder().join("spin.log"))?;
    Ok(Running { server, journal: Some(data_dir.database()), _database: None })
}

/// The peer as it is usually run: uvicorn with two workers, uvloop and httptools, without an access log.
fn fast_api(setup: &Setup, folder: &Path) -> Result<Running> {
    const SOURCE: &str = "bench/peers/fastapi";
    let python = setup.python.as_ref().context("no Python was given")?;
    eprintln!("training the peer's model");
    let status = Command::new(python)
        .args(["-B", &format!("{SOURCE}/prepare.py")])
        .args([&setup.data, folder])
        .status()
        .with_context(|| format!("{} cannot be started", python.display()))?;
    ensure!(status.success(), "{SOURCE}/prepare.py failed ({status})");
    let address = free_address()?;
    let (host, port) = address.split_once(':').context("an address has a port")?;
    let mut command = Command::new(python);
    command.args(["-B", "-m", "uvicorn", "app:app", "--app-dir", SOURCE, "--workers", "2"]);
    command.args(["--loop", "uvloop", "--http", "httptools", "--no-access-log"]);
    command.args(["--log-level", "warning", "--host", host, "--port", port]);
    command.env("PEER_FOLDER", folder).env("PYTHONDONTWRITEBYTECODE", "1");
    let server = Server::start(command, address, &folder.join("uvicorn.log"))?;
    Ok(Running { server, journal: Some(folder.join("peer.db")), _database: None })
}

/// edge-host with a component that uses a libsql server of its own.
fn over_sqld(setup: &Setup, folder: PathBuf, group: &str) -> Result<Running> {
    let sqld = setup.sqld.as_ref().context("no sqld was given")?;
    empty_folder(&folder)?;
    let address = free_address()?;
    let mut command = Command::new(sqld);
    command.arg("-d").arg(folder.join("sqld")).args(["--http-listen-addr", &address]);
    // sqld blocks threads that another of its tasks needs to go on; with only two threads it stops.
    command.env("TOKIO_WORKER_THREADS", "16");
    let database = Server::start(command, address.clone(), &folder.join("sqld.log"))?;
    let url = format!("http://{address}");
    trainer(&url, &["migrate"])?;
    trainer(&url, &["ingest", utf8(&setup.data)?])?;
    let variables = [format!("libsql_url={url}"), format!("journal_group={group}")];
    let arguments = ["--variable", &variables[0], "--variable", &variables[1]];
    let server = Server::edge_host(&DataDir::at(folder), &arguments)?;
    Ok(Running { server, journal: None, _database: Some(database) })
}
