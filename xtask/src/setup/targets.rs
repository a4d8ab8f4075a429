//! Installs the toolchain's missing parts: standard libraries for wasm, rustfmt and clippy.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::debian_std;
use super::purpose::Purpose;
use crate::cargo::{BROWSER, StandardLibrary, WASIP2};
use crate::repo;
use crate::steps::Steps;

/// Installs the missing parts from rustup, or else the source of the standard library from Debian.
pub(super) fn install(steps: &mut Steps, purpose: Purpose) -> Result<()> {
    let missing = missing()?;
    if !missing.is_empty() {
        steps.take("wasm targets", |steps| {
            eprintln!("{}", missing.join(" "));
            // Rustup may believe that it has added them already.
            if rustup_can_add(&missing) && self::missing()?.is_empty() {
                return Ok(());
            }
            eprintln!(
                "rustup cannot add them; building the standard library from Debian's source instead"
            );
            debian_std::install(steps).with_context(|| {
                format!(
                    "the wasm targets are missing, and neither way to them works; \
                     try `rustup target add {}`",
                    missing.join(" ")
                )
            })
        })?;
    }
    if purpose == Purpose::Test {
        install_linters(steps)?;
    }
    Ok(())
}

fn missing() -> Result<Vec<&'static str>> {
    let mut missing = Vec::new();
    for target in [WASIP2, BROWSER] {
        if StandardLibrary::of(target)? == StandardLibrary::Missing {
            missing.push(target);
        }
    }
    Ok(missing)
}

/// Whether `rustup target add` succeeds. Rustup retries by itself, so it is asked only once.
fn rustup_can_add(targets: &[&str]) -> bool {
    succeeds(rustup().args(["target", "add"]).args(targets).stdout(std::io::stderr()))
}

fn install_linters(steps: &mut Steps) -> Result<()> {
    let works = |subcommand: &str| {
        let mut version = Command::new("cargo");
        version.current_dir(repo::root()).args([subcommand, "--version"]);
        succeeds(version.stdout(Stdio::null()).stderr(Stdio::null()))
    };
    if works("fmt") && works("clippy") {
        return Ok(());
    }
    let mut add = rustup();
    add.args(["component", "add", "rustfmt", "clippy"]);
    steps.run_online("linters", &mut add, "install rustfmt and clippy of the same version as rustc")
}

fn rustup() -> Command {
    let mut command = Command::new("rustup");
    command.current_dir(repo::root());
    command
}

fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).status().is_ok_and(|status| status.success())
}
