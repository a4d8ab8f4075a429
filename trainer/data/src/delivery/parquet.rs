//! Writes the rows of a Parquet file as CSV, one row a line.

use std::io::{self, Cursor, Read};
use std::path::Path;

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};

use super::text::{csv_text, one_line};
use crate::DataError;

/// How many rows are written at a time.
const ROWS_AT_A_TIME: usize = 4096;

/// A Parquet file as CSV.
///
/// # Errors
///
/// [`DataError::Parquet`], [`DataError::Codec`].
pub(super) fn to_csv(
    file: &Path,
    source: impl ChunkReader + 'static,
) -> Result<Box<dyn Read + Send>, DataError> {
    let refused = |source| DataError::Parquet { file: file.to_owned(), source };
    let reader = SerializedFileReader::new(source).map_err(refused)?;
    let groups = reader.metadata().row_groups();
    let mut codecs = groups.iter().flat_map(|group| group.columns()).map(|it| it.compression());
    if codecs.any(|codec| codec == Compression::LZO) {
        return Err(DataError::Codec { file: file.to_owned(), codec: "LZO" });
    }
    let fields = reader.metadata().file_metadata().schema().get_fields();
    let header = csv_text(|writer| writer.write_record(fields.iter().map(|field| field.name())));
    let mut rows = RowIter::from_file_into(Box::new(reader));
    let parts = std::iter::from_fn(move || {
        let rows: Result<Vec<Row>, ParquetError> = rows.by_ref().take(ROWS_AT_A_TIME).collect();
        match rows {
            Ok(rows) if rows.is_empty() => None,
            Ok(rows) => Some(csv_text(|writer| {
                rows.iter().try_for_each(|row| {
                    writer.write_record(row.get_column_iter().map(|(_, field)| cell(field)))
                })
            })),
            Err(error) => Some(Err(io::Error::other(error))),
        }
    });
    let parts = std::iter::once(header).chain(parts);
    Ok(Box::new(Parts { parts, current: Cursor::new(Vec::new()) }))
}

/// A field as CSV has it. A number is written as short as it can be: an f32 is then the shortest number that f32 reads so, 0.23
/// as it is in a CSV and not 0.23000000417.
fn cell(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => one_line(text),
        Field::Bytes(bytes) => one_line(&String::from_utf8_lossy(bytes.data())),
        Field::Float16(number) => number.to_string(),
        Field::Float(number) => number.to_string(),
        Field::Double(number) => number.to_string(),
        other => one_line(&other.to_string()),
    }
}

/// Texts as one.
struct Parts<I> {
    parts: I,
    current: Cursor<Vec<u8>>,
}

impl<I: Iterator<Item = io::Result<Vec<u8>>>> Read for Parts<I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.current.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.parts.next() {
                Some(part) => self.current = Cursor::new(part?),
                None => return Ok(0),
            }
        }
    }
}
