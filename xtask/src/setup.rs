//! `cargo xtask setup`: installs what is missing, and is quick where nothing is.

mod debian_std;
pub(crate) mod peer;
mod sqld;
mod system;
mod targets;

use anyhow::Result;

pub(crate) use sqld::install as install_sqld;
pub(crate) use system::chromium;

use crate::steps::Steps;
use crate::{cargo, node};

/// What the machine is being set up for; testing wants a browser and linters besides, measuring what it measures with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To build and serve.
    Serve,
    /// To build, serve and test.
    Test,
    /// To build and measure.
    Bench,
}

/// Installs what is missing.
pub(crate) fn run(steps: &mut Steps, purpose: Purpose) -> Result<()> {
    system::install(steps, purpose)?;
    node::check_version()?;
    targets::install(steps, purpose)?;
    let mut crates = cargo::cargo("fetch");
    crates.arg("--quiet");
    if purpose == Purpose::Test {
        crates.arg("--locked");
    }
    steps.run_online("crates", &mut crates, "see above; Cargo needs to reach its registry")?;
    node::install_packages(steps, purpose)
}
