//! The servers: the service in each way it is run, and the usual Python service.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::programs::{DATA, DataDir, empty_folder, run, trainer};
use crate::request::Route::{self, Live, Predict, Similar};
use crate::server::{Server, free_address};

pub(super) const EDGE_HOST: &str = "edge-host";
pub(super) const DELAYED: &str = "edge-host --no-nodelay";
pub(super) const FAST_API: &str = "FastAPI, 2 workers";
pub(super) const GROUPED: &str = "edge-host over sqld";
pub(super) const SINGLE: &str = "edge-host over sqld, one row per request";

/// The Python of the environment in which the peer is installed; without it the peer is not measured.
const PYTHON: &str = "target/tools/fastapi/bin/python";

/// All of them: the service with its defaults; without `TCP_NODELAY`, as Spin serves; with every commit flushed to disk;
/// under the Spin CLI; the usual Python service; the service over a libsql server, and with one row a statement there.
pub(super) const SERVERS: [ServerSpec; 7] = [
    server(EDGE_HOST, &Route::ALL, &[1, 16, 64], |setup, at| setup.edge_host(at, &[])),
    server(DELAYED, &[Live, Predict], &[16], |setup, at| setup.edge_host(at, &["--no-nodelay"])),
    server("edge-host, journal_sync=full", &[Predict], &[16], |setup, at| {
        setup.edge_host(at, &["--variable", "journal_sync=full"])
    }),
    server("spin", &Route::ALL, &[1, 16, 64], Setup::spin),
    server(FAST_API, &[Predict, Similar], &[1, 16, 64], |_, at| fast_api(&at)),
    server(GROUPED, &[Predict], &[16], |_, at| over_sqld(at, "64")),
    server(SINGLE, &[Predict], &[16], |_, at| over_sqld(at, "1")),
];

/// Starts a server with a database of its own in a folder; `None` where what it needs is not installed.
type Start = fn(&Setup, PathBuf) -> Result<Option<Running>>;

/// A server, and what it is measured with.
pub(super) struct ServerSpec {
    pub(super) name: &'static str,
    routes: &'static [Route],
    connections: &'static [u16],
    start: Start,
}

const fn server(
    name: &'static str,
    routes: &'static [Route],
    connections: &'static [u16],
    start: Start,
) -> ServerSpec {
    ServerSpec { name, routes, connections, start }
}

impl ServerSpec {
    pub(super) fn start(&self, setup: &Setup) -> Result<Option<Running>> {
        (self.start)(setup, setup.folder.join(self.name.replace([' ', ','], "-")))
    }

    /// The routes that it is measured at, each with each number of connections.
    pub(super) fn turns(&self) -> impl Iterator<Item = (Route, u16)> {
        let routes = |count: u16| self.routes.iter().map(move |route| (*route, count));
        self.connections.iter().copied().flat_map(routes)
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

impl Running {
    fn with_journal(server: Server, journal: PathBuf) -> Option<Running> {
        Some(Running { server, journal: Some(journal), _database: None })
    }
}

/// What the servers are started with.
pub(super) struct Setup {
    pub(super) folder: PathBuf,
    pub(super) seeded: DataDir,
    pub(super) has_spin: bool,
}

impl Setup {
    fn edge_host(&self, folder: PathBuf, arguments: &[&str]) -> Result<Option<Running>> {
        let data_dir = self.seeded.copy(folder)?;
        let server = Server::edge_host(&data_dir, arguments)?;
        Ok(Running::with_journal(server, data_dir.database()))
    }

    fn spin(&self, folder: PathBuf) -> Result<Option<Running>> {
        if !self.has_spin {
            return Ok(None);
        }
        let data_dir = self.seeded.copy(folder)?;
        let address = free_address()?;
        let mut command = Command::new("spin");
        command.args(["up", "--from", "spin.toml", "--listen", &address, "--state-dir"]);
        command.arg(&data_dir.0);
        let server = Server::start(command, address, &data_dir.0.join("spin.log"))?;
        Ok(Running::with_journal(server, data_dir.database()))
    }
}

/// The peer as it is usually run: uvicorn with two workers, uvloop and httptools, without an access log.
fn fast_api(folder: &Path) -> Result<Option<Running>> {
    const SOURCE: &str = "bench/peers/fastapi";
    if !Path::new(PYTHON).is_file() {
        return Ok(None);
    }
    eprintln!("training the peer's model");
    let prepare = format!("{SOURCE}/prepare.py");
    run(Command::new(PYTHON).args(["-B", &prepare, DATA]).arg(folder))?;
    let address = free_address()?;
    let (host, port) = address.split_once(':').context("an address has a port")?;
    let mut command = Command::new(PYTHON);
    command.args(["-B", "-m", "uvicorn", "app:app", "--app-dir", SOURCE, "--workers", "2"]);
    command.args(["--loop", "uvloop", "--http", "httptools", "--no-access-log"]);
    command.args(["--log-level", "warning", "--host", host, "--port", port]);
    command.env("PEER_FOLDER", folder).env("PYTHONDONTWRITEBYTECODE", "1");
    let server = Server::start(command, address, &folder.join("uvicorn.log"))?;
    Ok(Running::with_journal(server, folder.join("peer.db")))
}

/// edge-host with a component that uses a libsql server of its own, the program that `SQLD` names.
fn over_sqld(folder: PathBuf, group: &str) -> Result<Option<Running>> {
    let Some(sqld) = std::env::var_os("SQLD") else { return Ok(None) };
    empty_folder(&folder)?;
    let address = free_address()?;
    let url = format!("http://{address}");
    let mut command = Command::new(sqld);
    command.arg("-d").arg(folder.join("sqld")).args(["--http-listen-addr", &address]);
    // sqld blocks threads that another of its tasks needs to go on; with only two threads it stops.
    command.env("TOKIO_WORKER_THREADS", "16");
    let database = Server::start(command, address, &folder.join("sqld.log"))?;
    run(trainer(&url)?.arg("migrate"))?;
    run(trainer(&url)?.args(["ingest", DATA]))?;
    let variables = [format!("libsql_url={url}"), format!("journal_group={group}")];
    let arguments = ["--variable", &variables[0], "--variable", &variables[1]];
    let server = Server::edge_host(&DataDir(folder), &arguments)?;
    Ok(Some(Running { server, journal: None, _database: Some(database) }))
}
