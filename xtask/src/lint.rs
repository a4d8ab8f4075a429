//! Formatting, clippy and documentation, none of which may complain.

use anyhow::Result;

use crate::cargo::{self, SEE_COMPILER, WASM};
use crate::steps::Steps;
use crate::workspace;

const DENY: [&str; 3] = ["--", "-D", "warnings"];

/// Compares every Rust file with what rustfmt would write.
pub(crate) fn format(steps: &mut Steps) -> Result<()> {
    let mut format = cargo::cargo("fmt");
    steps.run("format", format.args(["--all", "--check"]), "run `cargo fmt --all`")
}

/// Lints the native crates and the tools.
pub(crate) fn native(steps: &mut Steps) -> Result<()> {
    let mut native = workspace::native_and_tools("clippy")?;
    steps.run("clippy, native", native.arg("--all-targets").args(DENY), SEE_COMPILER)
}

/// Lints `bind` alone, because its dependencies would turn on features of the others'.
pub(crate) fn bind(steps: &mut Steps) -> Result<()> {
    let mut bind = cargo::release("clippy", ["xtask"]);
    bind.args(["--features", "bind", "--bin", "bind"]);
    steps.run("clippy, bind", bind.args(DENY), SEE_COMPILER)
}

/// Lints a crate that is only built as wasm.
pub(crate) fn wasm(steps: &mut Steps, target: &str, package: &str) -> Result<()> {
    let mut wasm = cargo::wasm("clippy", target, package)?;
    steps.run(&format!("clippy, {package}"), wasm.args(DENY), SEE_COMPILER)
}

/// Builds the documentation of all crates.
pub(crate) fn document(steps: &mut Steps) -> Result<()> {
    let native = ("documentation".to_owned(), workspace::native_and_tools("doc")?);
    let mut all = vec![native];
    for (target, package) in WASM {
        all.push((format!("documentation, {package}"), cargo::wasm("doc", target, package)?));
    }
    for (name, mut document) in all {
        document.args(["--no-deps", "--document-private-items"]).env("RUSTDOCFLAGS", "-D warnings");
        steps.run(&name, &mut document, SEE_COMPILER)?;
    }
    Ok(())
}
