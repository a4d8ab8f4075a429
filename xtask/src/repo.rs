//! Paths in the repository.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// The repository's root, the folder above this crate.
pub(crate) fn root() -> PathBuf {
    let manifest_dir =
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let mut root = PathBuf::from(manifest_dir);
    root.pop();
    root
}

/// A file or folder by its path below the root.
pub(crate) fn at(path: &str) -> PathBuf {
    root().join(path)
}

/// The target folder. spin.toml names files in it, so the environment cannot move it.
pub(crate) fn target() -> PathBuf {
    at("target")
}

/// The folder for what xtask keeps between runs: tools, stamps, unpacked archives.
pub(crate) fn tools() -> PathBuf {
    target().join("tools")
}

/// The component that spin.toml names.
pub(crate) fn component() -> PathBuf {
    at("target/wasm32-wasip2/edge/inference_wasm.wasm")
}

/// A native program of this workspace.
pub(crate) fn program(name: &str) -> PathBuf {
    target().join("release").join(name)
}

/// Removes a folder where it exists.
pub(crate) fn remove_folder(folder: &Path) -> io::Result<()> {
    if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) }
}

/// The first program of that name on PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
