//! Installs system packages with apt-get, or prints the line that does so where it may not.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use super::purpose::Purpose::{self, Bench, Serve, Test};
use crate::repo;
use crate::steps::{Steps, ask};

/// A program or library that does not come with Rust, Node and npm.
struct Package {
    debian_name: &'static str,
    is_for: &'static [Purpose],
    is_present: fn() -> bool,
}

const PACKAGES: [Package; 11] = [
    package("cmake", ALL, || has("cmake")),
    package("make", ALL, || has("make")),
    package("g++", ALL, || has("g++")),
    package("libclang-dev", ALL, has_libclang),
    package("chromium", &[Test, Bench], || chromium().is_some()),
    package("python3-venv", &[Test, Bench], has_venv),
    package("gzip", &[Test, Bench], || has("gzip")),
    package("xz-utils", &[Bench], || has("xz")),
    package("valgrind", &[Bench], || has("valgrind")),
    package("wrk", &[Bench], || has("wrk")),
    package("python3-pip", &[Bench], has_venv),
];

const ALL: &[Purpose] = &[Serve, Test, Bench];

const fn package(
    debian_name: &'static str,
    is_for: &'static [Purpose],
    is_present: fn() -> bool,
) -> Package {
    Package { debian_name, is_for, is_present }
}

/// Installs the packages that are missing.
pub(super) fn install(steps: &mut Steps, purpose: Purpose) -> Result<()> {
    let needed = PACKAGES.iter().filter(|package| package.is_for.contains(&purpose));
    let missing = needed.filter(|package| !(package.is_present)()).map(|it| it.debian_name);
    let missing: Vec<_> = missing.collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if repo::on_path("apt-get").is_none() {
        bail!("install with your system's package manager, by their Debian names: {names}");
    }
    if ask(Command::new("id").arg("-u"))?.trim() != "0" {
        bail!(
            "run this line, then try again: sudo apt-get update && \
             sudo apt-get install -y --no-install-recommends {names}"
        );
    }
    steps.take("system packages", |steps| {
        eprintln!("{names}");
        let remedy = "see apt-get's message above; its package sources must be reachable";
        steps.succeed_online("apt-get update", apt_get().arg("update"), remedy)?;
        let mut install = apt_get();
        install.args(["install", "-y", "--no-install-recommends"]).args(&missing);
        steps.succeed_online("apt-get install", &mut install, remedy)
    })
}

/// Chromium, under any of its usual names.
pub(crate) fn chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(repo::on_path)
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.arg("--quiet").env("DEBIAN_FRONTEND", "noninteractive");
    command
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
    let llvm = llvm.filter(|entry| entry.file_name().to_string_lossy().starts_with("llvm"));
    let folders = ["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from);
    let mut folders = llvm.map(|entry| entry.path().join("lib")).chain(folders);
    folders.any(|folder| folder.join("libclang.so").exists())
}
