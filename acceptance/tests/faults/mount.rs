//! Mounts temporary and read-only file systems, if the machine permits it.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A folder that something is mounted on; unmounted and removed when it is dropped.
pub(crate) struct Volume {
    folder: TempDir,
}

impl Volume {
    /// A file system in memory of so many MiB. `None`, and a line that says so, where mounting is refused.
    pub(crate) fn in_memory(mebibytes: usize) -> Option<Volume> {
        let volume = Volume { folder: tempfile::tempdir().unwrap() };
        let size = format!("size={mebibytes}m");
        mount(&["-t", "tmpfs", "-o", &size, "none"], volume.path()).then_some(volume)
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // Lazily, for the server may still be closing its files.
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).status();
    }
}

/// A folder behind a mount of itself that cannot be written through; gone when it is dropped.
pub(crate) struct ReadOnly {
    /// Both the folder and, before it was put there, the mount.
    mounted: Vec<PathBuf>,
    _aside: TempDir,
}

impl ReadOnly {
    pub(crate) fn over(folder: &Path) -> Option<ReadOnly> {
        let aside = tempfile::tempdir().unwrap();
        let (path, bound) = (aside.path().to_owned(), aside.path().to_str().unwrap().to_owned());
        let mut read_only = ReadOnly { mounted: Vec::new(), _aside: aside };
        mount(&["--bind", folder.to_str().unwrap()], &path).then_some(())?;
        read_only.mounted.push(path.clone());
        // Made read-only aside, for a file may be opened meanwhile; then it comes over the folder as it is.
        mount(&["-o", "remount,ro,bind"], &path).then_some(())?;
        mount(&["--bind", &bound], folder).then_some(())?;
        read_only.mounted.push(folder.to_owned());
        Some(read_only)
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        for mounted in self.mounted.iter().rev() {
            let _ = Command::new("umount").arg("-l").arg(mounted).status();
        }
    }
}

fn mount(arguments: &[&str], folder: &Path) -> bool {
    let outcome = Command::new("mount").args(arguments).arg(folder).output();
    let is_done = outcome.as_ref().is_ok_and(|output| output.status.success());
    if !is_done {
        eprintln!("not tried: nothing can be mounted here (as root it can): {outcome:?}");
    }
    is_done
}
