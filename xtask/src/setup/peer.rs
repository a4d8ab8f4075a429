//! The Python peers that ours are measured against, each set of them in an environment of its own.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::repo;
use crate::stamp::Stamp;
use crate::steps::Steps;

/// Installs exactly what the requirements of a folder of `bench/peers` name, where they have changed; the environment's
/// Python.
pub(crate) fn install(steps: &mut Steps, peer: &str) -> Result<PathBuf> {
    let folder = repo::tools().join(peer);
    let python = folder.join("bin/python");
    let requirements = repo::at("bench/peers").join(peer).join("requirements.txt");
    let stamp = Stamp::of(peer, std::slice::from_ref(&requirements))?;
    if stamp.is_current(std::slice::from_ref(&python)) {
        return Ok(python);
    }
    stamp.take_away()?;
    let mut environment = Command::new("python3");
    environment.args(["-m", "venv", "--clear"]).arg(&folder);
    steps.run("Python environment", &mut environment, "install python3-venv, or a newer Python")?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    // Wheels only: compiling XGBoost or NumPy is nobody's wish.
    install.args(["--only-binary", ":all:", "--requirement"]).arg(&requirements);
    let remedy = "see pip's message above; it wants Python 3.11 or newer and reaches for PyPI";
    steps.run_online(&format!("{peer}: peers from PyPI"), &mut install, remedy)?;
    stamp.leave()?;
    Ok(python)
}
