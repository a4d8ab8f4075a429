//! Lists the files delivered to a folder and moves each when it is finished.

mod arrival;

mod readiness;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

pub use self::arrival::Arrival;
pub use self::readiness::{Readiness, Waiting};

/// What the names of unfinished reports start with.
const UNFINISHED: &str = ".loupe-report-";

/// A folder with its two shelves.
#[derive(Debug)]
pub struct Inbox {
    folder: PathBuf,
}

/// Where a file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// Files whose rows were added, or were there already.
    Done,
    /// Files that were refused.
    Rejected,
}

/// Why a folder cannot be watched, or a file not moved.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum InboxError {
    #[error("{}: is no folder that can be read: {source}; make it, or name another", folder.display())]
    Folder { folder: PathBuf, source: io::Error },
    #[error(
        "{}: cannot be made or written to: {source}; files are moved there when they are done with", shelf.display()
    )]
    Shelf { shelf: PathBuf, source: io::Error },
    #[error(
        "{}: is on another file system than {}; a file is moved in one step only within one", shelf.display(), folder.display()
    )]
    Elsewhere { folder: PathBuf, shelf: PathBuf },
    #[error("{}: cannot be moved to {}: {source}", file.display(), shelf.display())]
    Unmoved { file: PathBuf, shelf: PathBuf, source: io::Error },
    #[error("{}: changed while it was read; it is read again", file.display())]
    Changed { file: PathBuf },
}

impl Inbox {
    /// A folder that is there; its shelves are made.
    ///
    /// # Errors
    ///
    /// [`InboxError`], also where files could not be moved to a shelf in one step.
    pub fn open(folder: &Path) -> Result<Inbox, InboxError> {
        let of_folder = |source| InboxError::Folder { folder: folder.to_owned(), source };
        fs::read_dir(folder).map_err(of_folder)?;
        let device = fs::metadata(folder).map_err(of_folder)?.dev();
        let inbox = Inbox { folder: folder.to_owned() };
        for shelf in [Shelf::Done, Shelf::Rejected] {
            let shelf = inbox.shelf(shelf);
            let of_shelf = |source| InboxError::Shelf { shelf: shelf.clone(), source };
            fs::create_dir_all(&shelf).map_err(of_shelf)?;
            tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&shelf).map_err(of_shelf)?;
            if fs::metadata(&shelf).map_err(of_shelf)?.dev() != device {
                return Err(InboxError::Elsewhere { folder: folder.to_owned(), shelf });
            }
        }
        Ok(inbox)
    }

    /// What is in the folder, the oldest first. Folders, hidden files and unfinished ones are not; files with an ending that
    /// nobody reads are the second part.
    ///
    /// # Errors
    ///
    /// [`InboxError::Folder`]
    pub fn arrivals(&self) -> Result<(Vec<Arrival>, Vec<String>), InboxError> {
        let of_folder = |source| InboxError::Folder { folder: self.folder.clone(), source };
        let (mut arrivals, mut others) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(&self.folder).map_err(of_folder)? {
            let entry = entry.map_err(of_folder)?;
            let path = entry.path();
            if arrival::is_unfinished(&path) {
                continue;
            }
            // Its owner may have taken it away again.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_dir() {
                continue;
            }
            if metadata.is_file() && arrival::is_known(&path) {
                arrivals.push(Arrival::new(path, &metadata));
            } else {
                others.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        arrivals.sort_by(|one, other| one.order().cmp(&other.order()));
        others.sort();
        Ok((arrivals, others))
    }

    /// Puts a file on a shelf, with its report next to it as text and as JSON. The reports are there before the file is, so
    /// a reader who finds a file finds its reports.
    ///
    /// # Errors
    ///
    /// [`InboxError`]; the file is then still in the folder.
    pub fn put(
        &self,
        arrival: &Arrival,
        shelf: Shelf,
        text: &str,
        json: &str,
    ) -> Result<PathBuf, InboxError> {
        let shelf = self.shelf(shelf);
        let unmoved = |source| InboxError::Unmoved {
            file: arrival.path().to_owned(),
            shelf: shelf.clone(),
            source,
        };
        let place = free_place(&shelf, arrival.path());
        write_reports(&place, text, json).map_err(unmoved)?;
        // Another file of this name is another delivery.
        if !arrival.is_unchanged() {
            return Err(InboxError::Changed { file: arrival.path().to_owned() });
        }
        fs::rename(arrival.path(), &place).map_err(unmoved)?;
        // The move is on the disk when the folders are.
        for folder in [&shelf, &self.folder] {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(unmoved)?;
        }
        Ok(place)
    }

    /// Leaves a report that is no file's among those that are done with.
    ///
    /// # Errors
    ///
    /// [`InboxError::Shelf`]
    pub fn leave(&self, name: &str, text: &str, json: &str) -> Result<(), InboxError> {
        let shelf = self.shelf(Shelf::Done);
        let outcome = write_reports(&shelf.join(name), text, json);
        outcome.map_err(|source| InboxError::Shelf { shelf, source })
    }

    /// Removes the reports that a killed process did not finish. No other process may be writing one.
    pub fn sweep(&self) {
        for shelf in [Shelf::Done, Shelf::Rejected] {
            let Ok(entries) = fs::read_dir(self.shelf(shelf)) else { continue };
            for entry in entries.flatten() {
                if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                    // What cannot be removed does no harm.
                    let _ = fs::remove_file(entry.path());
                }
            }
        }
    }

    fn shelf(&self, shelf: Shelf) -> PathBuf {
        self.folder.join(match shelf {
            Shelf::Done => "done",
            Shelf::Rejected => "rejected",
        })
    }
}

/// Where a file can go without taking another's place: its own name, or the same with a number.
fn free_place(shelf: &Path, file: &Path) -> PathBuf {
    let name = |number: u64| {
        let mut name = file.file_stem().unwrap_or_default().to_owned();
        if number > 1 {
            name.push(format!("-{number}"));
        }
        if let Some(ending) = file.extension() {
            name.push(".");
            name.push(ending);
        }
        shelf.join(name)
    };
    let is_free = |place: &PathBuf| place.symlink_metadata().is_err();
    (1..).map(name).find(is_free).unwrap_or_else(|| name(1))
}

/// A file's path with more at its end.
fn beside(file: &Path, more: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(more);
    PathBuf::from(name)
}

/// Writes the two reports of a place; each is there whole or not at all.
fn write_reports(place: &Path, text: &str, json: &str) -> io::Result<()> {
    for (ending, contents) in [("txt", text), ("json", json)] {
        // As a plain new file would have, less what the umask takes.
        let readable = fs::Permissions::from_mode(0o666);
        let mut file = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .permissions(readable)
            .tempfile_in(place.parent().unwrap_or(Path::new(".")))?;
        file.write_all(contents.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(beside(place, &format!(".report.{ending}")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
