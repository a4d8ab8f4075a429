//! Opens a file and checks that it is a diamond CSV or Parquet table before any row is read.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::batches::Batches;
use super::lines::Lines;
use super::parquet::{self, MAGIC};
use super::records::{HeaderError, Records, RowError};
use super::{Columns, Row};
use crate::DataError;
use crate::stone::{COLUMNS, hex};

/// How much of a file is looked at at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// Some thousands of rows.
type Batch = Result<Vec<Row>, DataError>;

/// A file that can be read through more than once.
#[derive(Debug)]
pub struct InputFile {
    file: PathBuf,
    sha256: String,
    contents: Contents,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Csv { names: Vec<String>, columns: Columns },
    Parquet,
}

#[derive(Debug, Clone)]
enum Contents {
    /// A file's are read anew each time: however long it is, it takes no memory.
    File(PathBuf),
    /// A pipe's are kept.
    Kept(Arc<[u8]>),
}

impl InputFile {
    /// Looks at a file: its text, its header and whether any row fits that.
    ///
    /// # Errors
    ///
    /// [`DataError`] for a file that is no diamond CSV at all.
    pub fn open(file: &Path) -> Result<InputFile, DataError> {
        let contents = Contents::of(file)
            .map_err(|source| DataError::Unreadable { file: file.to_owned(), source })?;
        InputFile::of(file, contents)
    }

    /// Looks at the bytes of a file.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub(super) fn of_bytes(file: &Path, bytes: Vec<u8>) -> Result<InputFile, DataError> {
        InputFile::of(file, Contents::Kept(bytes.into()))
    }

    fn of(file: &Path, contents: Contents) -> Result<InputFile, DataError> {
        let unreadable = |source| DataError::Unreadable { file: file.to_owned(), source };
        let open = || contents.open().map_err(unreadable);
        let mut start = Vec::new();
        let limit = MAGIC.len() as u64;
        open()?.take(limit).read_to_end(&mut start).map_err(unreadable)?;
        if start == MAGIC {
            let sha256 = digest(open()?).map_err(unreadable)?;
            let input = InputFile { file: file.to_owned(), sha256, contents, kind: Kind::Parquet };
            // What is in its footer, columns among it, is looked at now.
            input.parquet()?;
            return Ok(input);
        }
        let sha256 = examine(open()?, file)?;
        let mut records = Records::open(Lines::of(open()?)).map_err(|error| match error {
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
        let kind = Kind::Csv { names, columns };
        Ok(InputFile { file: file.to_owned(), sha256, contents, kind })
    }

    /// The path as it was given.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Of the file's bytes.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The rows from the first on, in their order, some thousands at a time.
    ///
    /// # Errors
    ///
    /// [`DataError::Unreadable`], also of a part.
    pub fn rows(&self) -> Result<Box<dyn Iterator<Item = Batch> + '_>, DataError> {
        let unreadable = |source| DataError::Unreadable { file: self.file.clone(), source };
        Ok(match &self.kind {
            Kind::Parquet => Box::new(self.parquet()?),
            Kind::Csv { names, columns } => {
                let source = self.contents.open().map_err(unreadable)?;
                let batches = Batches::of(source, names.clone(), *columns);
                Box::new(batches.map(move |rows| rows.map_err(unreadable)))
            }
        })
    }

    fn parquet(&self) -> Result<parquet::Rows, DataError> {
        match &self.contents {
            Contents::File(path) => {
                let file = File::open(path)
                    .map_err(|source| DataError::Unreadable { file: self.file.clone(), source })?;
                parquet::Rows::open(&self.file, file)
            }
            Contents::Kept(bytes) => parquet::Rows::open(&self.file, Bytes::copy_from_slice(bytes)),
        }
    }
}

impl Contents {
    fn of(file: &Path) -> io::Result<Contents> {
        let mut input = File::open(file)?;
        if input.metadata()?.is_file() {
            return Ok(Contents::File(file.to_owned()));
        }
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes)?;
        Ok(Contents::Kept(bytes.into()))
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Contents::File(file) => Box::new(File::open(file)?),
            Contents::Kept(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
        })
    }
}

/// The SHA-256 of bytes.
fn digest(mut source: impl Read) -> io::Result<String> {
    let (mut hasher, mut chunk) = (Sha256::new(), vec![0; CHUNK_BYTES]);
    loop {
        match source.read(&mut chunk)? {
            0 => return Ok(hex(&hasher.finalize())),
            read => hasher.update(&chunk[..read]),
        }
    }
}

/// The SHA-256 of a text. A file in another encoding is to be saved again, not to be read in part.
fn examine(mut source: impl Read, file: &Path) -> Result<String, DataError> {
    let unreadable = |source| DataError::Unreadable { file: file.to_owned(), source };
    let refused = |at| DataError::NotUtf8 { file: file.to_owned(), at };
    let mut hasher = Sha256::new();
    // A chunk may end within a character, whose bytes then begin the next.
    let (mut chunk, mut passed) = (Vec::with_capacity(CHUNK_BYTES + 4), 0);
    loop {
        let kept = chunk.len();
        let limit = CHUNK_BYTES as u64;
        let read = source.by_ref().take(limit).read_to_end(&mut chunk).map_err(unreadable)?;
        hasher.update(&chunk[kept..]);
        let valid = match std::str::from_utf8(&chunk) {
            Ok(_) => chunk.len(),
            Err(error) if error.error_len().is_none() && read > 0 => error.valid_up_to(),
            Err(error) => return Err(refused(passed + error.valid_up_to())),
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
    let (mut rows, mut first) = (0, 0);
    for record in records {
        let record =
            record.map_err(|source| DataError::Unreadable { file: file.to_owned(), source })?;
        let Some(RowError::Misfit(_)) = record.error else { return Ok(()) };
        if rows == 0 {
            first = record.fields.len();
        }
        rows += 1;
    }
    if rows == 0 {
        return Ok(());
    }
    Err(DataError::NoRowFits { file: file.to_owned(), rows, wanted: COLUMNS.len(), found: first })
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
