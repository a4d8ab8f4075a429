//! Who answers: the service in each way it is run, and the usual Python service.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::route::Route;
use crate::programs::{DataDir, trainer};
use crate::server::{Server, free_address};

/// Somebody who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contender {
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

/// What the contenders are made from.
pub(crate) struct Site {
    pub(super) folder: PathBuf,
    pub(super) table: PathBuf,
    pub(super) seeded: DataDir,
    pub(super) has_spin: bool,
    /// The Python of the environment that the peer is installed in.
    pub(super) python: Option<PathBuf>,
    pub(super) sqld: Option<PathBuf>,
}

const CONNECTIONS: [u16; 3] = [1, 16, 64];
const SIXTEEN: [u16; 1] = [16];

impl Contender {
    pub(crate) const ALL: [Contender; 7] = [
        Self::EdgeHost,
        Self::Delayed,
        Self::Flushed,
        Self::Spin,
        Self::FastApi,
        Self::Grouped,
        Self::Single,
    ];

    /// For people and programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Contender::EdgeHost => "edge-host",
            Contender::Delayed => "edge-host --no-nodelay",
            Contender::Flushed => "edge-host, journal_sync=full",
            Contender::Spin => "spin",
            Contender::FastApi => "FastAPI, 2 workers",
            Contender::Grouped => "edge-host over sqld",
            Contender::Single => "edge-host over sqld, one row a request",
        }
    }

    /// What it is asked, by how many connections.
    pub(super) fn turns(self) -> Vec<(Route, u16)> {
        let (routes, connections) = match self {
            Contender::EdgeHost | Contender::Spin => (&Route::ALL[..], &CONNECTIONS[..]),
            Contender::Delayed => (&[Route::Live, Route::Predict][..], &SIXTEEN[..]),
            Contender::Flushed | Contender::Grouped | Contender::Single => {
                (&[Route::Predict][..], &SIXTEEN[..])
            }
            Contender::FastApi => (&[Route::Predict, Route::Similar][..], &CONNECTIONS[..]),
        };
        let pairs = connections
            .iter()
            .flat_map(|connections| routes.iter().map(move |route| (*route, *connections)));
        pairs.collect()
    }

    /// Whether what it needs is there.
    pub(super) fn is_here(self, site: &Site) -> bool {
        match self {
            Contender::EdgeHost | Contender::Delayed | Contender::Flushed => true,
            Contender::Spin => site.has_spin,
            Contender::FastApi => site.python.is_some(),
            Contender::Grouped | Contender::Single => site.sqld.is_some(),
        }
    }

    /// Starts it over a database of its own, and what it needs besides.
    pub(super) fn start(self, site: &Site) -> Result<Running> {
        let folder = site.folder.join(self.name().replace([' ', ','], "-"));
        let edge_host = |arguments: &[&str]| {
            let data_dir = site.seeded.copy(folder.clone())?;
            let arguments: Vec<String> = arguments.iter().map(|&text| text.to_owned()).collect();
            let server = Server::edge_host(&data_dir, &arguments)?;
            Ok(Running { server, journal: Some(data_dir.database()), _besides: None })
        };
        match self {
            Contender::EdgeHost => edge_host(&[]),
            Contender::Delayed => edge_host(&["--no-nodelay"]),
            Contender::Flushed => edge_host(&["--variable", "journal_sync=full"]),
            Contender::Spin => spin(&site.seeded.copy(folder)?),
            Contender::FastApi => fast_api(site, &folder),
            Contender::Grouped => over_sqld(site, folder, "64"),
            Contender::Single => over_sqld(site, folder, "1"),
        }
    }
}

/// A contender that has started.
pub(super) struct Running {
    pub(super) server: Server,
    /// The file with its journal, where it has one that can be looked at.
    pub(super) journal: Option<PathBuf>,
    /// The database server that it speaks to.
    _besides: Option<Server>,
}

fn spin(data_dir: &DataDir) -> Result<Running> {
    let address = free_address()?;
    let mut command = Command::new("spin");
    command.args(["up", "--from", "spin.toml", "--listen", &address, "--state-dir"]);
    command.arg(data_dir.folder());
    let server = Server::of(command, address, &data_dir.folder().join("spin.log"))?;
    Ok(Running { server, journal: Some(data_dir.database()), _besides: None })
}

/// The peer as it is usually run: uvicorn with two workers, uvloop and httptools, and no log of accesses.
fn fast_api(site: &Site, folder: &Path) -> Result<Running> {
    const SOURCE: &str = "bench/peers/fastapi";
    let python = site.python.as_ref().context("there is no Python to run it")?;
    eprintln!("training the peer's model");
    let status = Command::new(python)
        .args(["-B", &format!("{SOURCE}/prepare.py")])
        .args([&site.table, folder])
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
    let server = Server::of(command, address, &folder.join("uvicorn.log"))?;
    Ok(Running { server, journal: Some(folder.join("peer.db")), _besides: None })
}

/// edge-host whose database is a server's; each has a server to itself.
fn over_sqld(site: &Site, folder: PathBuf, group: &str) -> Result<Running> {
    let sqld = site.sqld.as_ref().context("there is no sqld")?;
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let address = free_address()?;
    let mut command = Command::new(sqld);
    command.arg("-d").arg(folder.join("sqld")).args(["--http-listen-addr", &address]);
    // It blocks the threads that would read on what a cursor has written; with as few as two cores have, it stops.
    command.env("TOKIO_WORKER_THREADS", "16");
    let besides = Server::of(command, address.clone(), &folder.join("sqld.log"))?;
    let url = format!("http://{address}");
    trainer(&url, &["migrate"])?;
    trainer(&url, &["ingest", site.table.to_str().context("the path is not UTF-8")?])?;
    let (url, group) = (format!("libsql_url={url}"), format!("journal_group={group}"));
    let arguments = ["--variable", &url, "--variable", &group];
    let arguments = arguments.map(str::to_owned);
    let server = Server::edge_host(&DataDir::at(folder), &arguments)?;
    Ok(Running { server, journal: None, _besides: Some(besides) })
}
