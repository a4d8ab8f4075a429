//! Opens a file and checks that it is a diamond CSV or Parquet table before any row is read.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::batches::batches;
use super::lines::Lines;
use super::parquet::{self, MAGIC};
use super::records::{HeaderError, Records};
use super::{Columns, Row};
use crate::DataError;
use crate::stone::{COLUMNS, hex};

/// How much of a file is looked at at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// Some thousands of rows at a time.
type Batches<'a> = Box<dyn Iterator<Item = Result<Vec<Row>, DataError>> + 'a>;

/// A file that can be read through more than once.
#[derive(Debug)]
pub struct InputFile {
    /// The path as it was given.
    pub file: PathBuf,
    /// Of the file's bytes.
    pub sha256: String,
    /// The bytes of a pipe. A file is read anew each time: however long it is, it takes no memory.
    kept: Option<Bytes>,
    /// The names of a CSV and where the columns are; `None` for Parquet.
    header: Option<(Vec<String>, Columns)>,
}

impl InputFile {
    /// Looks at a file: its text, its header and whether any row fits that.
    ///
    /// # Errors
    ///
    /// [`DataError`] for a file that is no diamond CSV at all.
    pub fn open(file: &Path) -> Result<InputFile, DataError> {
        InputFile::of(file, read_pipe(file).map_err(DataError::unreadable(file))?)
    }

    /// Looks at the bytes of a file.
    pub(super) fn of_bytes(file: &Path, bytes: Vec<u8>) -> Result<InputFile, DataError> {
        InputFile::of(file, Some(bytes.into()))
    }

    fn of(file: &Path, kept: Option<Bytes>) -> Result<InputFile, DataError> {
        let unreadable = DataError::unreadable(file);
        let sha256 = String::new();
        let mut input = InputFile { file: file.to_owned(), sha256, kept, header: None };
        let (mut start, limit) = (Vec::new(), MAGIC.len() as u64);
        input.source()?.take(limit).read_to_end(&mut start).map_err(&unreadable)?;
        if start == MAGIC {
            let mut hasher = Sha256::new();
            io::copy(&mut input.source()?, &mut hasher).map_err(unreadable)?;
            input.sha256 = hex(&hasher.finalize());
            // What is in its footer, columns among it, is looked at now.
            drop(input.parquet()?);
            return Ok(input);
        }
        input.sha256 = examine(input.source()?, file)?;
        let mut records =
            Records::open(Lines::of(input.source()?)).map_err(|error| match error {
                HeaderError::Unreadable(source) => unreadable(source),
                HeaderError::Empty => DataError::Empty { file: file.to_owned() },
                HeaderError::Broken(error) => DataError::Columns {
                    file: file.to_owned(),
                    found: error.value,
                    problems: vec![format!("the header {}", error.message)],
                },
            })?;
        let names = records.names().to_vec();
        let columns = Columns::of(&names, file)?;
        check_fit(&mut records, file)?;
        input.header = Some((names, columns));
        Ok(input)
    }

    /// The rows from the first on, in their order, some thousands at a time.
    ///
    /// # Errors
    ///
    /// [`DataError::Unreadable`], also of a part.
    pub fn rows(&self) -> Result<Batches<'_>, DataError> {
        let Some((names, columns)) = &self.header else { return self.parquet() };
        let batches = batches(self.source()?, names.clone(), *columns);
        Ok(Box::new(batches.map(|rows| rows.map_err(DataError::unreadable(&self.file)))))
    }

    fn parquet(&self) -> Result<Batches<'_>, DataError> {
        Ok(match &self.kept {
            Some(bytes) => Box::new(parquet::rows(&self.file, bytes.clone())?),
            None => {
                let file = File::open(&self.file).map_err(DataError::unreadable(&self.file))?;
                Box::new(parquet::rows(&self.file, file)?)
            }
        })
    }

    fn source(&self) -> Result<Box<dyn Read + Send>, DataError> {
        Ok(match &self.kept {
            Some(bytes) => Box::new(Cursor::new(bytes.clone())),
            None => Box::new(File::open(&self.file).map_err(DataError::unreadable(&self.file))?),
        })
    }
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

/// The SHA-256 of a text. A file in another encoding is to be saved again, not to be read in part.
fn examine(mut source: impl Read, file: &Path) -> Result<String, DataError> {
    let mut hasher = Sha256::new();
    // A chunk may end within a character, whose bytes then begin the next.
    let (mut chunk, mut passed) = (Vec::with_capacity(CHUNK_BYTES + 4), 0);
    loop {
        let kept = chunk.len();
        let limit = CHUNK_BYTES as u64;
        let read = source.by_ref().take(limit).read_to_end(&mut chunk);
        let read = read.map_err(DataError::unreadable(file))?;
        hasher.update(&chunk[kept..]);
        let valid = match std::str::from_utf8(&chunk) {
            Ok(_) => chunk.len(),
            Err(error) if error.error_len().is_none() && read > 0 => error.valid_up_to(),
            Err(error) => {
                let at = passed + error.valid_up_to();
                return Err(DataError::NotUtf8 { file: file.to_owned(), at });
            }
        };
        if read == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        chunk.drain(..valid);
        passed += valid;
    }
}

/// A file of which no row has the header's fields is another kind of file.
fn check_fit<R: Read>(records: &mut Records<R>, file: &Path) -> Result<(), DataError> {
    let (mut rows, mut found) = (0, 0);
    for record in records {
        let record = record.map_err(DataError::unreadable(file))?;
        if !record.is_misfit {
            return Ok(());
        }
        if rows == 0 {
            found = record.fields.len();
        }
        rows += 1;
    }
    if rows == 0 {
        return Ok(());
    }
    Err(DataError::NoRowFits { file: file.to_owned(), rows, wanted: COLUMNS.len(), found })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_may_lie_across_chunks_and_half_of_one_is_refused() {
        let file = Path::new("some.csv");
        let text = format!("{}{}", "a".repeat(CHUNK_BYTES - 1), "é".repeat(3));
        assert_eq!(examine(text.as_bytes(), file).unwrap(), hex(&Sha256::digest(&text)));
        let cut = &text.as_bytes()[..text.len() - 1];
        let error = examine(cut, file).unwrap_err();
        assert!(matches!(error, DataError::NotUtf8 { at, .. } if at == cut.len() - 1), "{error}");
    }
}
