//! `cargo xtask up`: sets up, builds, prepares the database and serves, whatever is already done.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::host::{self, Host};
use crate::server::{Server, check_free};
use crate::steps::{Planned, Steps};
use crate::{build, repo, setup};

/// The steps in their order; those that have nothing to do are passed over. The times are of two cores and a machine that
/// has nothing yet.
const PLAN: [Planned; 17] = [
    ("system packages", 8.0),
    ("wasm targets", 3.0),
    ("crates", 4.0),
    ("npm packages of inference-wasm/browser", 2.0),
    ("npm packages of web-demo", 2.0),
    ("native programs", 510.0),
    ("component", 100.0),
    ("component, optimised", 20.0),
    ("browser wasm", 40.0),
    ("browser-table wasm", 15.0),
    ("wasm-bindgen", 45.0),
    ("npm package", 10.0),
    ("page", 3.0),
    ("bills of materials", 2.0),
    ("migrate", 1.0),
    ("seed", 1.0),
    ("train", 22.0),
];

/// What to do where the trainer fails.
const SEE_TRAINER: &str = "see trainer's message above; `trainer doctor` may know more";

/// What `trainer` answers where there is no such model.
const NO_SUCH_MODEL: i32 = 4;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The port on 127.0.0.1
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// The folder for the database, created where missing [default: .spin in the repository]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// What serves [default: spin if Spin 4.1 or newer is on PATH, else embedded]
    #[arg(long, value_enum)]
    host: Option<Host>,
    /// Serve the released model even where no model was trained yet
    #[arg(long)]
    no_train: bool,
}

/// Prepares everything, then serves until interrupted.
pub(crate) fn run(steps: &mut Steps, arguments: &Arguments) -> Result<()> {
    let port = arguments.port;
    check_free(port)?;
    let host = Host::choose(arguments.host)?;
    let data_dir = match &arguments.data_dir {
        Some(folder) => std::path::absolute(folder)?,
        None => repo::at(".spin"),
    };

    steps.follow(&PLAN);
    setup::run(steps, setup::Purpose::Serve)?;
    build::run(steps)?;
    prepare_database(steps, &data_dir)?;

    check_free(port)?;
    let stopped = on_signal()?;
    let is_stopped = || stopped.load(Ordering::Relaxed);
    let database = host::database(&data_dir);
    let is_untrained = !arguments.no_train
        && has_no_champion(&mut host::trainer(&database, &["show", "champion"]))?;
    let mut server = Server::start(host.command(port, &data_dir)).context("step `serve`")?;
    if !server.wait_until_live(port, is_stopped).context("step `serve`")? {
        return Ok(());
    }
    if is_untrained {
        eprintln!(
            "http://127.0.0.1:{port} answers by the released model until the first is trained"
        );
        steps.run("train", &mut host::trainer(&database, &["train"]), SEE_TRAINER)?;
    }
    eprintln!("{}Ctrl-C stops it", steps.summary());
    println!("ready http://127.0.0.1:{port}");
    io::stdout().flush()?;
    server.run_until(is_stopped).context("step `serve`")
}

/// Migrates, and adds the default data set where there are no diamonds.
fn prepare_database(steps: &mut Steps, data_dir: &Path) -> Result<()> {
    let database = host::database(data_dir);
    std::fs::create_dir_all(data_dir)
        .with_context(|| format!("--data-dir {} cannot be created", data_dir.display()))?;
    let trainer = |arguments: &[&str]| host::trainer(&database, arguments);
    steps.run("migrate", &mut trainer(&["migrate"]), SEE_TRAINER)?;
    if has_no_diamonds(&mut trainer(&["doctor", "--json"]))? {
        steps.run("seed", &mut trainer(&host::SEED), SEE_TRAINER)?;
    }
    Ok(())
}

/// Doctor checks other things too and may well find something: only what it says of the diamonds counts here.
fn has_no_diamonds(doctor: &mut Command) -> Result<bool> {
    let output = doctor.stdin(Stdio::null()).output()?;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let checks = report["checks"].as_array().into_iter().flatten();
    let mut diamonds = checks.filter(|check| check["name"] == "diamonds");
    match diamonds.find_map(|check| check["ok"].as_bool()) {
        Some(present) => Ok(!present),
        None => bail!("step `seed`: {}", String::from_utf8_lossy(&output.stderr).trim()),
    }
}

fn has_no_champion(show: &mut Command) -> Result<bool> {
    let output = show.stdin(Stdio::null()).output()?;
    match output.status.code() {
        Some(0) => Ok(false),
        Some(NO_SUCH_MODEL) => Ok(true),
        _ => bail!("step `train`: {}", String::from_utf8_lossy(&output.stderr).trim()),
    }
}

/// Turns true when the terminal or another process asks for an end.
fn on_signal() -> Result<Arc<AtomicBool>> {
    let stopped = Arc::new(AtomicBool::new(false));
    for signal in
        [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP]
    {
        signal_hook::flag::register(signal, Arc::clone(&stopped))?;
    }
    Ok(stopped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answering(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn the_seed_is_for_a_database_without_diamonds_only() {
        let check = |diamonds: &str, expected: bool| {
            let document = format!(
                r#"{{"checks":[{{"name":"diamonds","ok":{diamonds}}},{{"name":"champion","ok":false}}]}}"#
            );
            let doctor = &mut answering(&format!("echo '{document}'; exit 1"));
            assert_eq!(has_no_diamonds(doctor).unwrap(), expected);
        };
        check("true", false);
        check("false", true);
        let error = has_no_diamonds(&mut answering("echo broken >&2; exit 1")).unwrap_err();
        assert_eq!(error.to_string(), "step `seed`: broken");
    }

    #[test]
    fn training_is_for_a_registry_without_a_champion_only() {
        assert!(!has_no_champion(&mut answering("exit 0")).unwrap());
        assert!(has_no_champion(&mut answering("exit 4")).unwrap());
        let error = has_no_champion(&mut answering("echo broken >&2; exit 1")).unwrap_err();
        assert_eq!(error.to_string(), "step `train`: broken");
    }
}
