//! `cargo xtask test`: everything that must hold, from a bare clone, one step after the other.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::build::SEE_COMPILER;
use crate::cargo::{self, BROWSER, WASIP2};
use crate::setup::Purpose;
use crate::steps::Steps;
use crate::{build, deny, node, repo, schemathesis, setup};

const SEE_TEST: &str = "the failing check is named above";

/// The crates that only make sense as wasm, each with its target.
const WASM: [(&str, &str); 4] = [
    (WASIP2, "inference-wasm"),
    (WASIP2, "edge-host-guest"),
    (BROWSER, "browser"),
    (BROWSER, "bench-guest"),
];

/// What is native and not served: tested and looked at, not built with the rest.
const TOOLS: [&str; 4] = ["-p", "xtask", "-p", "loupe-bench"];

/// Sets up, builds and tests; stops at the first step that fails.
pub(crate) fn run(steps: &mut Steps) -> Result<()> {
    steps.show_output();
    setup::run(steps, Purpose::Test)?;
    let sqld = setup::install_sqld(steps)?;
    let mut format = cargo::cargo("fmt");
    steps.run("format", format.args(["--all", "--check"]), "run `cargo fmt --all`")?;

    build::run(steps)?;
    let mut guest = cargo::wasm("build", WASIP2, "edge-host-guest")?;
    steps.run("conformance guest", &mut guest, SEE_COMPILER)?;

    native(steps, &sqld)?;
    lint(steps)?;
    document(steps)?;
    npm_package(steps)?;
    page(steps)?;
    schemathesis::run(steps)?;
    deny::run(steps)?;
    println!("\n{}every step passed", steps.summary());
    Ok(())
}

/// Unit tests, integration tests, the component over HTTP, the command line, examples in documentation.
fn native(steps: &mut Steps, sqld: &Path) -> Result<()> {
    let mut test = cargo::native("test");
    steps.run("native tests", test.args(TOOLS).env("SQLD", sqld), SEE_TEST)?;
    // The same bits on a processor without the byte shuffle: golden blobs, properties and all.
    let mut plain = cargo::cargo("test");
    plain.args(["--release", "-p", "inference"]).env("RUSTFLAGS", "-C target-cpu=x86-64");
    plain.env("CARGO_TARGET_DIR", repo::target().join("plain"));
    steps.run("inference, without byte shuffles", &mut plain, SEE_TEST)
}

fn lint(steps: &mut Steps) -> Result<()> {
    const DENY: [&str; 3] = ["--", "-D", "warnings"];
    let mut native = cargo::native("clippy");
    native.args(TOOLS).arg("--all-targets");
    steps.run("clippy, native", native.args(DENY), SEE_COMPILER)?;
    // By itself, because its dependencies would turn on features of the others'.
    let mut bind = cargo::cargo("clippy");
    bind.args(["--release", "-p", "xtask", "--features", "bind", "--bin", "bind"]);
    steps.run("clippy, bind", bind.args(DENY), SEE_COMPILER)?;
    for (target, package) in WASM {
        let mut wasm = cargo::wasm("clippy", target, package)?;
        steps.run(&format!("clippy, {package}"), wasm.args(DENY), SEE_COMPILER)?;
    }
    Ok(())
}

fn document(steps: &mut Steps) -> Result<()> {
    let mut document = cargo::native("doc");
    document.args(TOOLS).args(["--no-deps", "--document-private-items"]);
    steps.run("documentation", document.env("RUSTDOCFLAGS", "-D warnings"), SEE_COMPILER)?;
    for (target, package) in WASM {
        let mut document = cargo::wasm("doc", target, package)?;
        document.args(["--no-deps", "--document-private-items"]).env("RUSTDOCFLAGS", "-D warnings");
        steps.run(&format!("documentation, {package}"), &mut document, SEE_COMPILER)?;
    }
    Ok(())
}

/// The package as a tarball, in Node, in Chromium and in the apps that people make, against prices that the trainer and the
/// service compute; and its sizes.
fn npm_package(steps: &mut Steps) -> Result<()> {
    steps.run("npm package", &mut node_test("inference-wasm/browser")?, SEE_TEST)
}

/// The page in Chromium, served by edge-host from the component.
fn page(steps: &mut Steps) -> Result<()> {
    steps.run("page in Chromium", &mut node_test("web-demo")?, SEE_TEST)
}

fn node_test(folder: &str) -> Result<Command> {
    let mut test = node::npm(folder);
    test.args(["run", "--silent", "test"]);
    test.env("CHROMIUM", setup::chromium().context("Chromium is missing though setup ran")?);
    test.env("EDGE_HOST", repo::program("edge-host")).env("TRAINER", repo::program("trainer"));
    Ok(test)
}
