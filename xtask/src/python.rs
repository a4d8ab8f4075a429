//! Programs from PyPI, each in a folder of its own, as the locks in `xtask/python` say.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::repo;
use crate::stamp::Stamp;
use crate::steps::Steps;

/// Installs what a lock names where it is not there yet; gives the folder of its programs.
///
/// # Errors
///
/// Where Python has no `venv`, or PyPI cannot be reached or has no file of a hash that the lock knows.
pub(crate) fn install(steps: &Steps, lock: &str) -> Result<PathBuf> {
    let requirements = repo::at("xtask/python").join(lock).with_extension("txt");
    let folder = repo::tools().join(lock);
    let python = folder.join("bin/python");
    let stamp = Stamp::of(&format!("python-{lock}"), std::slice::from_ref(&requirements))?;
    if !stamp.is_current(std::slice::from_ref(&python)) {
        stamp.take_away()?;
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv", "--clear"]).arg(&folder);
        steps.succeed(lock, &mut venv, "install Python 3.10 or newer with its venv module")?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        pip.args(["--only-binary", ":all:", "--require-hashes", "--requirement"]);
        let remedy = "see pip's message above; PyPI must be reachable";
        steps.succeed_online(lock, pip.arg(&requirements), remedy)?;
        stamp.leave()?;
    }
    Ok(folder.join("bin"))
}
