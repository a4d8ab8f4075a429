//! `edge-host serve`: from a manifest to a listening server.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use crate::files::Files;
use crate::host::Grants;
use crate::manifest::{Component, Manifest};
use crate::outbound::{Client, Outbound, OutboundHosts};
use crate::server::{self, Server};
use crate::shutdown::Shutdown;
use crate::sqlite::{self, Database};
use crate::variables::Values;
use crate::{engine, handler};

/// The local database's name, where Spin looks for it too.
const DATABASE_FILE: &str = "sqlite_db.db";

/// The options of `serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The application's manifest
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    manifest: PathBuf,

    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,

    /// Where the database and the compiled component are kept; made if it is missing
    #[arg(long, value_name = "DIR", default_value = ".spin")]
    data_dir: PathBuf,

    /// A value for an application variable; may be repeated
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = parse_variable)]
    variables: Vec<(String, String)>,

    /// A libsql server that the label "default" leads to, instead of the file in the data directory
    #[arg(long, value_name = "URL")]
    libsql_url: Option<String>,

    /// The token for --libsql-url
    #[arg(
        long,
        env = "EDGE_HOST_LIBSQL_TOKEN",
        hide = true,
        hide_env_values = true,
        default_value = ""
    )]
    libsql_token: String,

    /// Leave `TCP_NODELAY` off, as Spin does
    #[arg(long)]
    no_nodelay: bool,
}

impl Serve {
    /// Serves until interrupted.
    pub(crate) async fn run(self) -> Result<()> {
        let manifest = Manifest::read(&self.manifest)?;
        let given: BTreeMap<_, _> = self.variables.iter().cloned().collect();
        let values = Values::resolve(&manifest, &given, environment()?)?;
        let files = manifest
            .components
            .iter()
            .map(|component| Files::gather(component, &manifest.root))
            .collect::<Result<Vec<_>>>()?;
        let data_dir = open_data_dir(&self.data_dir)?;
        let database = self.database(&data_dir)?;
        if manifest.components.iter().any(|component| !component.sqlite_databases.is_empty()) {
            migrate(&database).await?;
        }

        let engine = engine::engine(&data_dir.join("edge-host-cache")).map_err(from_wasmtime)?;
        let instances = Shutdown::new();
        let client = Client::new();
        let mut handlers = Vec::new();
        for (component, files) in manifest.components.iter().zip(&files) {
            let grants = grants(component, &values, files.as_ref(), &database, &client)?;
            let handler = engine::load(&engine, &manifest.root.join(&component.source))
                .and_then(|linked| {
                    handler::handler(component.id.clone(), linked, grants, instances.clone())
                })
                .map_err(from_wasmtime)
                .with_context(|| format!("component.{}", component.id))?;
            handlers.push(handler);
        }
        let routes = manifest
            .triggers
            .iter()
            .map(|trigger| (trigger.route.clone(), handlers[trigger.component].clone()));
        let server = Server::new(routes.collect(), !self.no_nodelay);

        let stop = stop()?;
        let listener = server::bind(self.listen).await?;
        eprintln!("listening http://{}", listener.local_addr()?);
        server.run(listener, stop, instances).await;
        Ok(())
    }

    fn database(&self, data_dir: &Path) -> Result<Database> {
        match &self.libsql_url {
            None => Ok(Database::file(data_dir.join(DATABASE_FILE))),
            Some(url) => {
                let server =
                    sqlite::Server::parse(url, &self.libsql_token).context("--libsql-url")?;
                Ok(Database::Server(Arc::new(server)))
            }
        }
    }
}

/// What the manifest gives a component.
fn grants(
    component: &Component,
    values: &Values,
    files: Option<&Files>,
    database: &Database,
    client: &Client,
) -> Result<Grants> {
    let hosts = OutboundHosts::parse(&component.allowed_outbound_hosts, |entry| values.fill(entry))
        .with_context(|| format!("component.{}.allowed_outbound_hosts", component.id))?;
    Ok(Grants {
        variables: Arc::new(values.of(component)?),
        environment: component.environment.clone().into_iter().collect(),
        files: files.map(|files| files.path().to_owned()),
        sqlite_databases: Arc::new(
            component.sqlite_databases.iter().cloned().collect::<BTreeSet<_>>(),
        ),
        database: database.clone(),
        outbound: Outbound { hosts: Arc::new(hosts), client: client.clone() },
    })
}

/// Looks names up in the environment, else in a `.env` file of the current directory, as Spin does.
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

/// Brings a local database's schema up to date. A server's schema is its owner's business.
async fn migrate(database: &Database) -> Result<()> {
    let Database::File(file) = database else { return Ok(()) };
    let open = async {
        let connection = libsql::Builder::new_local(&file.path).build().await?.connect()?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        migrations::apply(&connection).await?;
        anyhow::Ok(())
    };
    open.await.with_context(|| format!("cannot prepare the database {}", file.path.display()))
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

/// wasmtime's errors carry their causes as this program's own do.
fn from_wasmtime(error: wasmtime::Error) -> anyhow::Error {
    anyhow::Error::from_boxed(error.into_boxed_dyn_error())
}

fn parse_variable(text: &str) -> Result<(String, String)> {
    let Some((name, value)) = text.split_once('=') else { bail!("write NAME=VALUE") };
    ensure!(!name.is_empty(), "the name is empty");
    Ok((name.to_owned(), value.to_owned()))
}
