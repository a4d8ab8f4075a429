//! Opens a file of any kind as CSV text: a text as it is, gzip unpacked, a workbook and Parquet written as CSV.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::Path;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use table::FileKind;

use super::{parquet, workbook};
use crate::DataError;

/// How many bytes show the kind of a file.
const START_BYTES: usize = 64;

/// Where a file's bytes come from.
pub(super) enum Source {
    /// A file, which can be read anywhere.
    File(File),
    /// The bytes of what can be read only once.
    Bytes(Bytes),
    /// A pipe, of which each part is handed on as it comes.
    Pipe(Box<dyn Read + Send>),
}

/// A file as text.
pub(super) struct Text {
    /// The text.
    pub(super) source: Box<dyn Read + Send>,
    /// Whether it comes from a pipe.
    pub(super) is_live: bool,
    /// Whether its rows are numbered without the header.
    pub(super) is_without_header_line: bool,
}

impl Text {
    /// Opens a file by what its first bytes show.
    pub(super) fn open(file: &Path, source: Source) -> Result<Text, DataError> {
        let unreadable = DataError::unreadable(file);
        let (start, source) = source.peek().map_err(&unreadable)?;
        let kind = FileKind::of(&start);
        let is_live = matches!(source, Source::Pipe(_));
        let text =
            |source: Box<dyn Read + Send>| Text { source, is_live, is_without_header_line: false };
        Ok(match kind {
            Some(FileKind::Gzip) => {
                text(Box::new(MultiGzDecoder::new(BufReader::new(source.into_reader()))))
            }
            Some(FileKind::Workbook | FileKind::OldWorkbook) => {
                let bytes = source.into_bytes().map_err(unreadable)?;
                text(Box::new(Cursor::new(workbook::to_csv(file, bytes)?)))
            }
            Some(FileKind::Parquet) => {
                let rows = match source {
                    Source::File(source) => parquet::to_csv(file, source)?,
                    other => parquet::to_csv(file, other.into_bytes().map_err(unreadable)?)?,
                };
                Text { is_without_header_line: true, ..text(rows) }
            }
            _ => text(source.into_reader()),
        })
    }
}

impl Source {
    /// The first bytes, and the source as if they were not read.
    fn peek(self) -> io::Result<(Vec<u8>, Source)> {
        let mut start = Vec::new();
        let limit = START_BYTES as u64;
        let source = match self {
            Source::File(mut file) => {
                (&mut file).take(limit).read_to_end(&mut start)?;
                file.rewind()?;
                Source::File(file)
            }
            Source::Bytes(bytes) => {
                start.extend_from_slice(&bytes[..bytes.len().min(START_BYTES)]);
                Source::Bytes(bytes)
            }
            Source::Pipe(mut pipe) => {
                // Its first part may be a byte long; the longest mark of a kind has eight.
                let mut part = [0; START_BYTES];
                while start.len() < 8 {
                    match pipe.read(&mut part)? {
                        0 => break,
                        read => start.extend_from_slice(&part[..read]),
                    }
                }
                Source::Pipe(Box::new(Cursor::new(start.clone()).chain(pipe)))
            }
        };
        Ok((start, source))
    }

    fn into_reader(self) -> Box<dyn Read + Send> {
        match self {
            Source::File(file) => Box::new(file),
            Source::Bytes(bytes) => Box::new(Cursor::new(bytes)),
            Source::Pipe(pipe) => pipe,
        }
    }

    fn into_bytes(self) -> io::Result<Bytes> {
        Ok(match self {
            Source::Bytes(bytes) => bytes,
            other => {
                let mut bytes = Vec::new();
                other.into_reader().read_to_end(&mut bytes)?;
                bytes.into()
            }
        })
    }
}

/// Rows as CSV; they may have different numbers of fields.
pub(super) fn csv_text(
    write: impl FnOnce(&mut csv::Writer<&mut Vec<u8>>) -> Result<(), csv::Error>,
) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(&mut text);
    write(&mut writer)?;
    writer.flush()?;
    drop(writer);
    Ok(text)
}

/// A field of which a row takes one line.
pub(super) fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}
