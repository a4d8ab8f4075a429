//! A file in the folder, as it was when it was listed.

use std::fs::{self, File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The endings of files that are read, whatever their case.
pub(crate) const ENDINGS: &[&str] =
    &["csv", "tsv", "gz", "xlsx", "xlsm", "xls", "ods", "parquet", "feather", "arrow"];

/// What programs put at the end of a name while they write.
const UNFINISHED: &[&str] =
    &["part", "partial", "tmp", "temp", "filepart", "crdownload", "download", "swp"];

/// A file and what was known of it.
#[derive(Debug, Clone)]
pub struct Arrival {
    path: PathBuf,
    pub(super) signature: Signature,
    pub(super) modified: Option<SystemTime>,
}

/// What changes when a file is written or replaced: its inode, its length and when it was modified.
pub(super) type Signature = (u64, u64, (i64, i64));

fn signature(metadata: &Metadata) -> Signature {
    (metadata.ino(), metadata.len(), (metadata.mtime(), metadata.mtime_nsec()))
}

impl Arrival {
    pub(super) fn new(path: PathBuf, metadata: &Metadata) -> Arrival {
        Arrival { path, signature: signature(metadata), modified: metadata.modified().ok() }
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name for people.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Whether the file is still the one that was looked at.
    pub fn is_unchanged(&self) -> bool {
        let metadata = fs::symlink_metadata(&self.path);
        metadata.is_ok_and(|metadata| signature(&metadata) == self.signature)
    }

    /// Whether it is text whose last line has no end. Some programs write none; a file of which only a part came has none either.
    /// Half a Parquet file is none at all.
    pub fn ends_abruptly(&self) -> bool {
        let last = || {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::End(-1))?;
            let mut byte = [0];
            file.read_exact(&mut byte)?;
            std::io::Result::Ok(byte[0])
        };
        ends_in(&self.path, &["csv"]) && last().is_ok_and(|byte| !matches!(byte, b'\n' | b'\r'))
    }

    /// The oldest first, then by name.
    pub(super) fn order(&self) -> (Option<SystemTime>, &Path) {
        (self.modified, &self.path)
    }
}

/// Whether a file says by its name that it is none yet, or none for everybody.
pub(super) fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') || name.ends_with('~') || ends_in(path, UNFINISHED)
}

/// Whether files with this ending are read.
pub(super) fn is_known(path: &Path) -> bool {
    ends_in(path, ENDINGS)
}

fn ends_in(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().unwrap_or_default();
    endings.iter().any(|known| ending.eq_ignore_ascii_case(known))
}
