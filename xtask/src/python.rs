//! Installs programs and libraries from PyPI, each set in a virtual environment of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::steps::Steps;
use crate::{repo, stamp};

/// Installs what a lock file in `xtask/python` names; returns the folder of its programs.
pub(crate) fn install(steps: &mut Steps, lock: &str) -> Result<PathBuf> {
    let requirements = repo::at("xtask/python").join(lock).with_extension("txt");
    environment(steps, lock, &requirements, &["--require-hashes"])
}

/// Installs the libraries that a benchmark compares ours with, by `bench/peers/PEER/requirements.txt`.
pub(crate) fn install_peer(steps: &mut Steps, peer: &str) -> Result<()> {
    let requirements = repo::at("bench/peers").join(peer).join("requirements.txt");
    environment(steps, peer, &requirements, &[]).map(drop)
}

/// Makes the environment where its requirements have changed.
fn environment(steps: &mut Steps, name: &str, file: &Path, options: &[&str]) -> Result<PathBuf> {
    let folder = repo::tools().join(name);
    let python = folder.join("bin/python");
    let (input, output) = ([file.to_owned()], [python.clone()]);
    stamp::unless_current(&format!("python-{name}"), &input, &output, || {
        steps.take(&format!("{name} from PyPI"), |steps| {
            let mut venv = Command::new("python3");
            venv.args(["-m", "venv", "--clear"]).arg(&folder);
            steps.succeed(name, &mut venv, "install Python 3.11 or newer with its venv module")?;
            let mut pip = Command::new(&python);
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
            // Wheels only: compiling XGBoost or NumPy takes too long.
            pip.args(["--only-binary", ":all:"]).args(options).arg("--requirement").arg(file);
            steps.succeed_online(name, &mut pip, "see pip's message above; PyPI must be reachable")
        })
    })?;
    Ok(folder.join("bin"))
}
