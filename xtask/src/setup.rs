//! `cargo xtask setup`: installs what is missing; takes a moment where nothing is.

mod debian_std;
mod purpose;
mod sqld;
mod system;
mod targets;

use anyhow::Result;

pub(crate) use purpose::Purpose;
pub(crate) use sqld::install as install_sqld;
pub(crate) use system::chromium;

use crate::steps::Steps;
use crate::{cargo, node};

/// The folders with a `package-lock.json`. Only tests need Next and webpack.
const NPM_FOLDERS: [(&str, Purpose); 3] = [
    ("inference-wasm/browser", Purpose::Serve),
    ("web-demo", Purpose::Serve),
    ("inference-wasm/browser/test/apps", Purpose::Test),
];

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
    for (folder, _) in NPM_FOLDERS.iter().filter(|(_, needed_for)| purpose.includes(*needed_for)) {
        node::install(steps, folder)?;
    }
    Ok(())
}
