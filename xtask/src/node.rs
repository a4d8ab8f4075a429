//! Runs npm, and installs the npm packages that building and testing need.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::steps::{Steps, ask};
use crate::{repo, stamp};

/// The oldest Node that Vite runs on.
const OLDEST: (u32, u32) = (20, 19);

/// What to do where npm cannot install.
pub(crate) const SEE_NPM: &str = "see npm's message above; its registry must be reachable";

/// Makes sure that Node is installed and not too old.
pub(crate) fn check_version() -> Result<()> {
    let version = ask(Command::new("node").arg("--version"))
        .context("Node is missing; install Node 20 with npm, from your system or nodejs.org")?;
    let (major, minor) = OLDEST;
    if parse_version(&version).is_none_or(|found| found < OLDEST) {
        bail!("Node {} is too old; install Node {major}.{minor} or newer", version.trim());
    }
    Ok(())
}

/// Installs exactly the packages that a folder's lock file names, where it has changed.
pub(crate) fn install(steps: &mut Steps, folder: &str) -> Result<()> {
    let at = |file: &str| repo::at(folder).join(file);
    let inputs = [at("package.json"), at("package-lock.json"), at(".npmrc")];
    let output = at("node_modules/.package-lock.json");
    stamp::unless_current(&format!("npm-{}", folder.replace('/', "-")), &inputs, &[output], || {
        let mut install = npm(folder);
        // No package may run a script of its own.
        install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
        steps.run_online(&format!("npm packages of {folder}"), &mut install, SEE_NPM)
    })
}

/// `npm` in a folder of the repository.
pub(crate) fn npm(folder: &str) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(repo::at(folder));
    command
}

/// A program of an installed npm package.
pub(crate) fn program(folder: &str, name: &str) -> PathBuf {
    repo::at(folder).join("node_modules/.bin").join(name)
}

fn parse_version(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(parse_version("v20.20.2\n"), Some((20, 20)));
        assert!(parse_version("v20.9.0") < Some(OLDEST));
        assert!(parse_version("v100.1.0") > Some(OLDEST));
        assert_eq!(parse_version("20"), None);
    }
}
