//! Installs system packages with apt-get, or prints the line that does so where it may not.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::purpose::Purpose;
use crate::repo;
use crate::steps::{Steps, ask};

/// A program or library that does not come with Rust, Node and npm.
struct Package {
    debian_name: &'static str,
    is_for: Purpose,
    is_present: fn() -> bool,
}

const PACKAGES: &[Package] = &[
    Package { debian_name: "cmake", is_for: Purpose::Serve, is_present: || has("cmake") },
    Package { debian_name: "make", is_for: Purpose::Serve, is_present: || has("make") },
    Package { debian_name: "g++", is_for: Purpose::Serve, is_present: || has("g++") },
    Package { debian_name: "libclang-dev", is_for: Purpose::Serve, is_present: has_libclang },
    Package { debian_name: "chromium", is_for: Purpose::Test, is_present: || chromium().is_some() },
    Package { debian_name: "python3-venv", is_for: Purpose::Test, is_present: has_venv },
    Package { debian_name: "gzip", is_for: Purpose::Test, is_present: || has("gzip") },
    Package { debian_name: "gzip", is_for: Purpose::Bench, is_present: || has("gzip") },
    Package {
        debian_name: "chromium",
        is_for: Purpose::Bench,
        is_present: || chromium().is_some(),
    },
    Package { debian_name: "xz-utils", is_for: Purpose::Bench, is_present: || has("xz") },
    Package { debian_name: "valgrind", is_for: Purpose::Bench, is_present: || has("valgrind") },
    Package { debian_name: "wrk", is_for: Purpose::Bench, is_present: || has("wrk") },
    Package { debian_name: "python3-venv", is_for: Purpose::Bench, is_present: has_venv },
    Package { debian_name: "python3-pip", is_for: Purpose::Bench, is_present: has_venv },
];

/// Installs the packages that are missing.
pub(super) fn install(steps: &mut Steps, purpose: Purpose) -> Result<()> {
    let missing = missing(purpose);
    if missing.is_empty() {
        return Ok(());
    }
    if repo::on_path("apt-get").is_none() {
        bail!(
            "install with your system's package manager, by their Debian names: {}",
            missing.join(" ")
        );
    }
    if !is_root()? {
        bail!(
            "run this line, then try again: sudo apt-get update && \
             sudo apt-get install -y --no-install-recommends {}",
            missing.join(" ")
        );
    }
    steps.take(&format!("system packages {}", missing.join(" ")), |steps| {
        let remedy = "see apt-get's message above; its package sources must be reachable";
        steps.succeed_online("apt-get update", apt_get().arg("update"), remedy)?;
        let mut install = apt_get();
        install.args(["install", "-y", "--no-install-recommends"]).args(&missing);
        steps.succeed_online("apt-get install", &mut install, remedy)
    })
}

/// Chromium, under any of its usual names.
pub(crate) fn chromium() -> Option<std::path::PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(repo::on_path)
}

fn missing(purpose: Purpose) -> Vec<&'static str> {
    PACKAGES
        .iter()
        .filter(|package| purpose.includes(package.is_for))
        .filter(|package| !(package.is_present)())
        .map(|package| package.debian_name)
        .collect()
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.arg("--quiet").env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> Result<bool> {
    Ok(ask(Command::new("id").arg("-u"))?.trim() == "0")
}

fn has(program: &str) -> bool {
    repo::on_path(program).is_some()
}

/// Debian's Python has no working `venv` until `ensurepip` is installed.
fn has_venv() -> bool {
    ask(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_ok()
}

/// Looks for `libclang.so`, the name that only the development package installs: with the bare library,
/// bindgen would lack the compiler's own headers.
fn has_libclang() -> bool {
    if std::env::var_os("LIBCLANG_PATH").is_some() {
        return true;
    }
    let llvm = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let versions = llvm
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("llvm"))
        .map(|entry| entry.path().join("lib"));
    versions
        .chain(
            ["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(|folder| Path::new(folder).to_owned()),
        )
        .any(|folder| folder.join("libclang.so").exists())
}
