//! The `cargo` commands of all steps: one target folder, and a standard library for wasm from rustup or from source.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::repo;
use crate::steps::ask;

/// The target of the components.
pub(crate) const WASIP2: &str = "wasm32-wasip2";
/// The target of the npm package.
pub(crate) const BROWSER: &str = "wasm32-unknown-unknown";

/// The crates that are only built as wasm, each with its target.
pub(crate) const WASM: [(&str, &str); 5] = [
    (WASIP2, "inference-wasm"),
    (WASIP2, "edge-host-guest"),
    (BROWSER, "browser"),
    (BROWSER, "browser-table"),
    (BROWSER, "bench-guest"),
];

/// What to do where a compiler complains.
pub(crate) const SEE_COMPILER: &str = "see the compiler's message above";

/// `cargo` with a subcommand, in the repository's root.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let mut command = Command::new("cargo");
    command.arg(subcommand).current_dir(repo::root());
    command.env("CARGO_TARGET_DIR", repo::target()).env("CARGO_NET_RETRY", "5");
    // `cargo run` sets these for this program; they must not reach the crates that it builds.
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_PATH");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_")) {
            command.env_remove(name);
        }
    }
    command
}

/// `cargo` with a subcommand for native crates.
pub(crate) fn release<'a>(
    subcommand: &str,
    packages: impl IntoIterator<Item = &'a str>,
) -> Command {
    let mut command = cargo(subcommand);
    command.arg("--release");
    for package in packages {
        command.args(["-p", package]);
    }
    command
}

/// `cargo` with a subcommand for one wasm crate. Where the toolchain has no standard library for the target
/// but has the library's source, Cargo builds that first.
pub(crate) fn wasm(subcommand: &str, target: &str, package: &str) -> Result<Command> {
    let mut command = cargo(subcommand);
    command.args(["--profile", "edge", "--target", target, "-p", package]);
    if StandardLibrary::of(target)? == StandardLibrary::Source {
        // The flag is unstable; this is the switch by which a stable Cargo takes it.
        command.env("RUSTC_BOOTSTRAP", "1").args(["-Z", "build-std=std,panic_abort"]);
    }
    Ok(command)
}

/// The form in which the toolchain has the standard library of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StandardLibrary {
    /// Compiled, as rustup installs it.
    Compiled,
    /// As source that Cargo can compile.
    Source,
    /// Not at all.
    Missing,
}

impl StandardLibrary {
    /// Looks into the toolchain.
    pub(crate) fn of(target: &str) -> Result<Self> {
        let rustlib = rustlib()?;
        let compiled =
            std::fs::read_dir(rustlib.join(target).join("lib")).is_ok_and(|mut files| {
                files.any(|file| {
                    file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
                })
            });
        let libc = rustlib.join(target).join("lib/self-contained/libc.a");
        let source = rustlib.join("src/rust/library/std/Cargo.toml");
        Ok(if compiled {
            Self::Compiled
        } else if source.is_file() && (target != WASIP2 || libc.is_file()) {
            Self::Source
        } else {
            Self::Missing
        })
    }
}

/// The folder in which the toolchain keeps its libraries, one folder per target.
pub(crate) fn rustlib() -> Result<PathBuf> {
    let sysroot =
        ask(Command::new("rustc").current_dir(repo::root()).args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(sysroot.trim()).join("lib/rustlib"))
}
