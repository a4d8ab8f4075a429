//! Writes a file whole or not at all.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that is written next to its place and moved there at the end: whoever reads it sees the old one or the new one,
/// whole. A link is followed; what is no file, such as a pipe or a device, is written to as it stands.
pub(super) enum Output {
    Beside { file: NamedTempFile, place: PathBuf },
    AsItStands(File),
}

impl Output {
    /// # Errors
    ///
    /// The system's own.
    pub(super) fn create(path: &Path) -> io::Result<Output> {
        let place = if path.is_symlink() { path.canonicalize()? } else { path.to_owned() };
        if place.exists() && !place.is_file() {
            return Ok(Output::AsItStands(OpenOptions::new().write(true).open(place)?));
        }
        let folder = match place.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        // As a plain new file would have, less what the umask takes.
        let readable = Permissions::from_mode(0o666);
        let file = tempfile::Builder::new().permissions(readable).tempfile_in(folder)?;
        Ok(Output::Beside { file, place })
    }

    /// A file with these bytes.
    ///
    /// # Errors
    ///
    /// The system's own; then what was in the place is still there.
    pub(super) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut output = Output::create(path)?;
        output.write_all(bytes)?;
        output.finish()
    }

    /// Puts the file into its place.
    ///
    /// # Errors
    ///
    /// The system's own; then what was in the place is still there.
    pub(super) fn finish(self) -> io::Result<()> {
        if let Output::Beside { file, place } = self {
            file.as_file().sync_all()?;
            file.persist(place)?;
        }
        Ok(())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Beside { file, .. } => file.write(bytes),
            Output::AsItStands(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Beside { file, .. } => file.flush(),
            Output::AsItStands(file) => file.flush(),
        }
    }
}
