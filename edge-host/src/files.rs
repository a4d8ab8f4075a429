//! Copies the component's files into a temporary directory that becomes its `/`, as Spin does.

use std::path::{Component as Part, Path};
use std::{fs, io};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::manifest::FileMount;

/// Copies the directories of `mounts`; `None` if there are none. The copies are removed when the result is dropped. A source
/// must be a directory in `root`, and a destination in the guest's `/`.
pub(crate) fn copy_files(mounts: &[FileMount], root: &Path) -> Result<Option<TempDir>> {
    if mounts.is_empty() {
        return Ok(None);
    }
    let directory = tempfile::Builder::new().prefix("edge-host-files-").tempdir()?;
    for FileMount { source, destination } in mounts {
        let from = root.join(source);
        ensure!(is_inside(source), "source {source:?} is outside the application's directory");
        ensure!(from.is_dir(), "source {source:?} is not a directory");
        let to = destination.trim_start_matches('/');
        ensure!(is_inside(to), "destination {destination:?} is outside the guest's /");
        copy_directory(&from, &directory.path().join(to))
            .with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(Some(directory))
}

fn copy_directory(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy_directory(&from, &to)?;
        } else if from.is_file() {
            fs::copy(from, to)?;
        }
    }
    Ok(())
}

/// Whether a relative path stays inside its base directory.
fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    parts.all(|part| matches!(part, Part::Normal(_) | Part::CurDir))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An application's directory with one file and one directory in it.
    fn application() -> TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in ["one.txt", "web/index.html", "web/js/app.js"] {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        root
    }

    fn copy(root: &TempDir, source: &str, destination: &str) -> Result<Option<TempDir>> {
        let mount = FileMount { source: source.into(), destination: destination.into() };
        copy_files(&[mount], root.path())
    }

    #[test]
    fn directories_are_copied_to_their_destinations() {
        let root = application();
        for (source, destination, found) in [
            ("web", "/w", "w/index.html"),
            ("web", "/w", "w/js/app.js"),
            ("web", "/", "js/app.js"),
            ("web/js", "a/b", "a/b/app.js"),
        ] {
            let copies = copy(&root, source, destination).unwrap().unwrap();
            assert!(copies.path().join(found).is_file(), "{source} at {destination}");
            assert!(!copies.path().join("one.txt").exists());
        }
        assert!(copy_files(&[], root.path()).unwrap().is_none());
    }

    #[test]
    fn wrong_sources_and_destinations_are_refused() {
        let root = application();
        for (source, destination, message) in [
            ("nothing", "/w", "source \"nothing\" is not a directory"),
            ("one.txt", "/w", "source \"one.txt\" is not a directory"),
            ("../", "/w", "outside the application's directory"),
            ("/etc", "/w", "outside the application's directory"),
            ("web", "/../w", "outside the guest's /"),
        ] {
            let error = copy(&root, source, destination).unwrap_err();
            assert!(format!("{error:#}").contains(message), "{error:#}");
        }
    }
}
