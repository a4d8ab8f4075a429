//! The command `edge-host serve`: reads a manifest and serves its component.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use connection::Connection;
use tokio::signal::unix::{SignalKind, signal};

use crate::files::copy_files;
use crate::host::Grants;
use crate::manifest::Manifest;
use crate::outbound::{Client, Outbound, OutboundHosts};
use crate::server::{self, Server};
use crate::shutdown::Shutdown;
use crate::sqlite::Pool;
use crate::variables::Values;
use crate::{engine, handler};

/// The file name of the database, which is also Spin's.
const DATABASE_FILE: &str = "sqlite_db.db";

/// The options of the command.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The application's manifest
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    manifest: PathBuf,

    /// The address to listen on; port 0 takes a free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,

    /// The directory of the database and the compiled component; created if missing
    #[arg(long, value_name = "DIR", default_value = ".spin")]
    data_dir: PathBuf,

    /// The value of an application variable; may be repeated
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = parse_variable)]
    variables: Vec<(String, String)>,

    /// Leave `TCP_NODELAY` off, as Spin does
    #[arg(long)]
    no_nodelay: bool,
}

impl Serve {
    /// Serves until interrupted.
    pub(crate) async fn run(self) -> Result<()> {
        let manifest = Manifest::read(&self.manifest)?;
        let component = &manifest.component;
        let given: BTreeMap<_, _> = self.variables.iter().cloned().collect();
        let values = Values::resolve(&manifest, &given, environment()?)?;
        let files = copy_files(&component.files, &manifest.root)
            .with_context(|| format!("component.{}.files", component.id))?;
        let data_dir = open_data_dir(&self.data_dir)?;
        let database = (!component.sqlite_databases.is_empty())
            .then(|| Pool::new(data_dir.join(DATABASE_FILE)));
        if let Some(database) = &database {
            migrate(database.path()).await?;
        }
        let hosts = &component.allowed_outbound_hosts;
        let hosts = OutboundHosts::parse(hosts, |entry| values.fill(entry))
            .with_context(|| format!("component.{}.allowed_outbound_hosts", component.id))?;
        let grants = Grants {
            variables: Arc::new(values.of(component)?),
            files: files.as_ref().map(|files| files.path().to_owned()),
            database,
            outbound: Outbound { hosts: Arc::new(hosts), client: Client::new() },
        };

        let engine = engine::engine(&data_dir.join("edge-host-cache")).map_err(from_wasmtime)?;
        let instances = Shutdown::default();
        let handler = engine::load(&engine, &manifest.root.join(&component.source))
            .and_then(|linked| {
                handler::handler(component.id.clone(), linked, grants, instances.clone())
            })
            .map_err(from_wasmtime)
            .with_context(|| format!("component.{}", component.id))?;
        let server = Server { handler, is_nodelay: !self.no_nodelay };

        let stop = stop()?;
        let listener = server::bind(self.listen).await?;
        eprintln!("listening http://{}", listener.local_addr()?);
        server.run(listener, stop, instances).await;
        Ok(())
    }
}

/// Looks up a name in the environment, then in the file `.env` of the current directory, as Spin does.
fn environment() -> Result<impl Fn(&str) -> Option<String>> {
    let dotenv: BTreeMap<String, String> = match dotenvy::from_path_iter(".env") {
        Ok(pairs) => pairs.collect::<Result<_, _>>().context("cannot read .env")?,
        Err(error) if error.not_found() => BTreeMap::new(),
        Err(error) => return Err(error).context("cannot read .env"),
    };
    Ok(move |name: &str| std::env::var(name).ok().or_else(|| dotenv.get(name).cloned()))
}

fn open_data_dir(path: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(path)
        .and_then(|()| path.canonicalize())
        .with_context(|| format!("--data-dir {}: cannot be used", path.display()))
}

/// Brings the schema of the database file up to date.
async fn migrate(path: &Path) -> Result<()> {
    let open = async {
        let connection = Connection::to_file(path).await?;
        connection.set_busy_timeout(Duration::from_secs(5))?;
        migrations::apply(&connection).await?;
        anyhow::Ok(())
    };
    open.await.with_context(|| format!("cannot prepare the database {}", path.display()))
}

/// Resolves on Ctrl-C and on SIGTERM.
fn stop() -> Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Converts an error with its causes.
fn from_wasmtime(error: wasmtime::Error) -> anyhow::Error {
    anyhow::Error::from_boxed(error.into_boxed_dyn_error())
}

fn parse_variable(text: &str) -> Result<(String, String)> {
    let Some((name, value)) = text.split_once('=') else { bail!("write NAME=VALUE") };
    ensure!(!name.is_empty(), "the name is empty");
    Ok((name.to_owned(), value.to_owned()))
}
