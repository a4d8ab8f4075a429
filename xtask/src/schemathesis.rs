//! Runs schemathesis, which tests the service against its own OpenAPI description.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::host::{self, Host};
use crate::server::Server;
use crate::steps::Steps;
use crate::{python, repo};

/// The token for the routes that show the journal. The server listens on this machine only, for about a minute.
const ADMIN_TOKEN: &str = "schemathesis";

/// How many cases a route gets from each kind of generator. A minute in all.
const EXAMPLES: &str = "300";

/// The same cases at every run.
const SEED: &str = "42";

/// Serves the component from a new database and sends every route requests that its description allows, and many that
/// it does not: every check, every phase.
pub(crate) fn run(steps: &mut Steps) -> Result<()> {
    let programs = python::install(steps, "schemathesis")?;
    let folder = repo::target().join("schemathesis");
    let database = steps.take("schemathesis, its database", |steps| seed(steps, &folder))?;
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let mut serve = Host::Embedded.command(port, &database);
    serve.args(["--variable", &format!("admin_token={ADMIN_TOKEN}")]);
    let mut server = Server::start(serve)?;
    server.wait_until_live(port, || false).context("step `schemathesis`")?;
    let mut run = Command::new(programs.join("schemathesis"));
    // It keeps what it learns in the folder it runs in, which is a new one every time.
    run.current_dir(&folder).env("LOUPE_ADMIN_TOKEN", ADMIN_TOKEN);
    run.arg("--config-file").arg(repo::at("acceptance/schemathesis.toml"));
    run.args(["run", "--checks", "all", "--no-color", "--seed", SEED, "--max-examples", EXAMPLES]);
    run.arg(format!("http://127.0.0.1:{port}/openapi.json"));
    let remedy = "it says above how to repeat the request; mend the service or openapi.json";
    steps.run("schemathesis", &mut run, remedy)
}

/// Makes a folder that holds only a database with diamonds and a champion.
fn seed(steps: &Steps, folder: &Path) -> Result<PathBuf> {
    repo::remove_folder(folder)?;
    let data_dir = folder.join("data");
    fs::create_dir_all(&data_dir)?;
    let database = host::database(&data_dir);
    for arguments in [
        &["migrate"][..],
        &host::SEED,
        // The quickest families; every family's blob is served alike.
        &["train", "--families", "linear,log-linear"],
    ] {
        let mut trainer = host::trainer(&database, arguments);
        steps.succeed(arguments[0], &mut trainer, "see trainer's message above")?;
    }
    Ok(data_dir)
}
