//! Chooses the host that serves the component: Spin where it is installed, else edge-host.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::repo;
use crate::steps::ask;

/// The first Spin that takes a component of this kind.
const OLDEST_SPIN: (u32, u32) = (4, 1);

/// Which host serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Host {
    /// edge-host, which this repository builds
    Embedded,
    /// The Spin CLI, 4.1 or newer
    Spin,
}

impl Host {
    /// The host that was asked for, or else the best that is there.
    pub(crate) fn choose(wanted: Option<Host>) -> Result<Host> {
        let (major, minor) = OLDEST_SPIN;
        let found = ask(Command::new("spin").arg("--version")).ok();
        let version = found.as_deref().and_then(spin_version);
        let suits = version.is_some_and(|version| version >= OLDEST_SPIN);
        match wanted {
            Some(Host::Spin) if !suits => {
                let found = found.map(|found| format!("this is {}", found.trim()));
                let found = found.unwrap_or_else(|| "there is none".to_owned());
                bail!(
                    "--host spin needs Spin {major}.{minor} or newer on PATH, and {found}; \
                     install it, or leave the option out"
                )
            }
            Some(host) => Ok(host),
            None => Ok(if suits { Host::Spin } else { Host::Embedded }),
        }
    }

    /// The command that serves the application on a port of this machine until it is stopped.
    pub(crate) fn command(self, port: u16, data_dir: &Path) -> Command {
        let (program, [verb, from, folder]) = match self {
            Host::Embedded => (repo::program("edge-host"), ["serve", "--manifest", "--data-dir"]),
            Host::Spin => ("spin".into(), ["up", "--from", "--state-dir"]),
        };
        let mut command = Command::new(program);
        command.args([verb, from]).arg(repo::at("spin.toml"));
        command.args(["--listen", &format!("127.0.0.1:{port}")]).arg(folder).arg(data_dir);
        command.current_dir(repo::root());
        command
    }
}

/// The database below a data folder, where Spin itself looks for its default one.
pub(crate) fn database(data_dir: &Path) -> PathBuf {
    data_dir.join("sqlite_db.db")
}

/// How the public table is added, which does not say itself what its prices are in. The order of x and y tells which of two
/// sellers' lists a row is of: data/README.md.
pub(crate) const SEED: [&str; 6] =
    ["ingest", "data/diamonds.csv", "--price-list-by", "orientation", "--prices-in", "USD 2008"];

/// The trainer over a database.
pub(crate) fn trainer(database: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(repo::program("trainer"));
    command.current_dir(repo::root()).arg("--db").arg(database).args(arguments);
    command
}

/// Major and minor of `spin 4.1.0 (abc1234 2026-06-01)`.
fn spin_version(answer: &str) -> Option<(u32, u32)> {
    let version = answer.strip_prefix("spin ")?.split_whitespace().next()?;
    let mut numbers = version.split(['.', '-']).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spin_says_its_version_in_several_ways() {
        assert_eq!(spin_version("spin 4.1.0 (abc1234 2026-06-01)\n"), Some((4, 1)));
        assert_eq!(spin_version("spin 4.10.2"), Some((4, 10)));
        assert!(spin_version("spin 4.0.0-rc.1") < Some(OLDEST_SPIN));
        assert_eq!(spin_version("Spin, the model checker"), None);
    }

    #[test]
    fn both_hosts_get_the_same_manifest_port_and_folder() {
        for host in [Host::Embedded, Host::Spin] {
            let command = host.command(3123, Path::new("/data"));
            let arguments: Vec<_> = command.get_args().map(|it| it.to_string_lossy()).collect();
            assert!(arguments.contains(&"127.0.0.1:3123".into()), "{arguments:?}");
            assert!(arguments.contains(&"/data".into()), "{arguments:?}");
            assert!(arguments.iter().any(|it| it.ends_with("spin.toml")), "{arguments:?}");
        }
    }
}
