//! Runs npm, and installs the npm packages that building and testing need.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::repo;
use crate::stamp::Stamp;
use crate::steps::{Steps, ask};

/// The oldest Node that Vite runs on.
const OLDEST: (u32, u32) = (20, 19);

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
    let stamp = Stamp::of(&format!("npm-{}", folder.replace('/', "-")), &inputs)?;
    if stamp.is_current(&[at("node_modules/.package-lock.json")]) {
        return Ok(());
    }
    stamp.remove()?;
    steps.run_online(
        &format!("npm packages of {folder}"),
        // No package may run a script of its own.
        npm(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]),
        "see npm's message above; its registry must be reachable",
    )?;
    stamp.write()
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
