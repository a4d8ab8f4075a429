//! `cargo xtask test`: runs every test from a bare clone, or the parts that are named, one step after the other.

use std::process::Command;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::cargo::{self, SEE_COMPILER, WASIP2, WASM};
use crate::deny::{self, Advisories};
use crate::setup::Purpose;
use crate::steps::Steps;
use crate::workspace::{ACCEPTANCE, TOOLS, Workspace};
use crate::{build, lint, node, repo, schemathesis, setup};

/// What to do where a test fails.
pub(crate) const SEE_TEST: &str = "the failing test is named above";

/// A part of the tests that can run alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Formatting, lints and documentation
    Check,
    /// Tests of every native crate
    Native,
    /// The component over HTTP, and against its own OpenAPI description
    Component,
    /// The npm package in Node, Chromium and three bundlers
    Npm,
    /// The page in Chromium
    Page,
    /// Licences, duplicates, sources and advisories of the dependencies
    Dependencies,
}

/// Sets up, builds and tests; stops at the first step that fails. No parts means all of them.
pub(crate) fn run(steps: &mut Steps, parts: &[Part]) -> Result<()> {
    let runs = |part| parts.is_empty() || parts.contains(&part);
    steps.show_output();
    setup::run(steps, Purpose::Test)?;
    if runs(Part::Check) {
        lint::format(steps)?;
    }
    if [Part::Component, Part::Npm, Part::Page].into_iter().any(runs) {
        build::run(steps)?;
    }
    if runs(Part::Native) {
        let mut guest = cargo::wasm("build", WASIP2, "edge-host-guest")?;
        steps.run("conformance guest", &mut guest, SEE_COMPILER)?;
    }
    if runs(Part::Native) || runs(Part::Component) {
        native(steps, runs)?;
    }
    if runs(Part::Native) {
        without_byte_shuffles(steps)?;
    }
    if runs(Part::Check) {
        lint::native(steps)?;
        lint::bind(steps)?;
        for (target, package) in WASM {
            lint::wasm(steps, target, package)?;
        }
        lint::document(steps)?;
    }
    if runs(Part::Npm) {
        steps.run("npm package", &mut node_test("inference-wasm/browser")?, SEE_TEST)?;
    }
    if runs(Part::Page) {
        steps.run("page in Chromium", &mut node_test("web-demo")?, SEE_TEST)?;
    }
    if runs(Part::Component) {
        schemathesis::run(steps)?;
    }
    let advisories = runs(Part::Dependencies).then(|| deny::run(steps)).transpose()?;
    println!("\n{}every step passed", steps.summary());
    if let Some(Advisories::NotChecked(why)) = advisories {
        println!(
            "\nNOT CHECKED: known vulnerabilities of the dependencies, because their database cannot be fetched \
             ({why}); ADVISORY_DB=PATH names a clone of it"
        );
    }
    Ok(())
}

/// Unit tests, integration tests, the component over HTTP, the command line, examples in documentation.
fn native(steps: &mut Steps, runs: impl Fn(Part) -> bool) -> Result<()> {
    let workspace = Workspace::read()?;
    let crates = workspace.native().into_iter().chain(TOOLS);
    let part = |name: &str| if name == ACCEPTANCE { Part::Component } else { Part::Native };
    let mut test = cargo::release("test", crates.filter(|name| runs(part(name))));
    let sqld = setup::install_sqld(steps)?;
    steps.run("native tests", test.env("SQLD", sqld), SEE_TEST)
}

/// The same bits on a processor without the byte shuffle: golden blobs, properties and all.
fn without_byte_shuffles(steps: &mut Steps) -> Result<()> {
    let mut test = cargo::release("test", ["inference"]);
    test.env("RUSTFLAGS", "-C target-cpu=x86-64");
    test.env("CARGO_TARGET_DIR", repo::target().join("plain"));
    steps.run("inference, without byte shuffles", &mut test, SEE_TEST)
}

fn node_test(folder: &str) -> Result<Command> {
    let mut test = node::npm(folder);
    test.args(["run", "--silent", "test"]);
    test.env("CHROMIUM", setup::chromium().context("Chromium is missing though setup ran")?);
    test.env("EDGE_HOST", repo::program("edge-host")).env("TRAINER", repo::program("trainer"));
    Ok(test)
}
