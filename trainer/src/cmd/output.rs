//! Writes a file whole or not at all.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::TempPath;

/// A file that is written next to its place and moved there at the end: a reader sees the old one or the new one,
/// whole. A link is followed; what is no file, such as a pipe or a device, is written to as it stands.
pub(super) struct Output {
    file: File,
    /// Where the file is until it is moved, and where it goes; none where it is written as it stands.
    moves: Option<(TempPath, PathBuf)>,
}

impl Output {
    pub(super) fn create(path: &Path) -> io::Result<Output> {
        let place = if path.is_symlink() { path.canonicalize()? } else { path.to_owned() };
        if place.exists() && !place.is_file() {
            return Ok(Output { file: OpenOptions::new().write(true).open(place)?, moves: None });
        }
        // As a plain new file would have, less what the umask takes.
        let readable = Permissions::from_mode(0o666);
        let file = tempfile::Builder::new().permissions(readable).tempfile_in(folder_of(&place))?;
        let (file, temporary) = file.into_parts();
        Ok(Output { file, moves: Some((temporary, place)) })
    }

    /// A file with these bytes. Where it cannot be written, what was in the place is still there.
    pub(super) fn put(path: &Path, bytes: impl AsRef<[u8]>) -> anyhow::Result<()> {
        let put = || {
            let mut output = Output::create(path)?;
            output.write_all(bytes.as_ref())?;
            output.finish()
        };
        put().with_context(|| format!("{}: cannot be written", path.display()))
    }

    /// Puts the file into its place. Where that fails, what was in the place is still there.
    pub(super) fn finish(self) -> io::Result<()> {
        if let Some((temporary, place)) = self.moves {
            self.file.sync_all()?;
            temporary.persist(place)?;
        }
        Ok(())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The folder that a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}
