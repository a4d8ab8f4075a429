//! Opens a file that is read through more than once, and checks that it is a table of diamonds before any row is read.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use table::{Columns, Rename};

use super::Row;
use super::table_reader::{TableReader, Wanted};
use super::text::{Source, Text};
use crate::DataError;
use crate::list_rule::ListRule;
use crate::stone::{REQUIRED, hex};

/// Some thousands of rows at a time.
type Batches<'a> = Box<dyn Iterator<Item = Result<Vec<Row>, DataError>> + 'a>;

/// A file that can be read through more than once.
#[derive(Debug)]
pub struct InputFile {
    /// The path as it was given.
    pub file: PathBuf,
    /// Of the file's bytes.
    pub sha256: String,
    /// Where the columns of a diamond are, and which columns are ignored.
    pub columns: Columns,
    /// The bytes of a pipe. A file is read anew each time: however long it is, it takes no memory.
    kept: Option<Bytes>,
    wanted: Wanted,
    /// Which list the rows are of that state none.
    lists: ListRule,
}

impl InputFile {
    /// Looks at a file, its kind and its header.
    ///
    /// # Errors
    ///
    /// [`DataError`] for a file that is no table of diamonds.
    pub fn open(file: &Path, renames: &[Rename]) -> Result<InputFile, DataError> {
        let kept = read_pipe(file).map_err(DataError::unreadable(file))?;
        InputFile::of(file, kept, renames)
    }

    /// The same file, of which rows that state no price list are in that of a rule.
    #[must_use]
    pub fn with_lists(self, lists: ListRule) -> InputFile {
        InputFile { lists, ..self }
    }

    /// Looks at the bytes of a file.
    pub(crate) fn of_bytes(file: &Path, bytes: Vec<u8>) -> Result<InputFile, DataError> {
        InputFile::of(file, Some(bytes.into()), &[])
    }

    fn of(file: &Path, kept: Option<Bytes>, renames: &[Rename]) -> Result<InputFile, DataError> {
        let mut hasher = Sha256::new();
        match source(file, kept.as_ref())? {
            Source::Bytes(bytes) => hasher.update(&bytes),
            Source::File(mut source) => {
                io::copy(&mut source, &mut hasher).map_err(DataError::unreadable(file))?;
            }
            Source::Pipe(_) => {}
        }
        let wanted = Wanted { required: REQUIRED, renames: renames.to_vec() };
        let text = Text::open(file, source(file, kept.as_ref())?)?;
        let TableReader { columns, .. } = TableReader::open(file, text, &wanted)?;
        let sha256 = hex(&hasher.finalize());
        let lists = ListRule::AsStated;
        Ok(InputFile { file: file.to_owned(), sha256, columns, kept, wanted, lists })
    }

    /// The rows from the first on, in their order, some thousands at a time.
    ///
    /// # Errors
    ///
    /// [`DataError::Unreadable`], also of a part.
    pub fn rows(&self) -> Result<Batches<'_>, DataError> {
        let text = Text::open(&self.file, source(&self.file, self.kept.as_ref())?)?;
        let rows = TableReader::open(&self.file, text, &self.wanted)?.into_stones(self.lists);
        Ok(Box::new(rows.map(|rows| rows.map_err(DataError::unreadable(&self.file)))))
    }
}

fn source(file: &Path, kept: Option<&Bytes>) -> Result<Source, DataError> {
    Ok(match kept {
        Some(bytes) => Source::Bytes(bytes.clone()),
        None => Source::File(File::open(file).map_err(DataError::unreadable(file))?),
    })
}

/// The bytes of what is no regular file and can be read only once.
fn read_pipe(file: &Path) -> io::Result<Option<Bytes>> {
    let mut input = File::open(file)?;
    if input.metadata()?.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    Ok(Some(bytes.into()))
}
