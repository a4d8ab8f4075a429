//! Reads the rows of a diamond table in Parquet, numbered from 1.

use std::path::Path;

use inference::{DiamondInput, FieldError, FieldValue};
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row as Record};

use super::lines::shown;
use super::{Columns, Row};
use crate::DataError;
use crate::stone::{COLUMNS, Stone};

/// What a Parquet file begins with.
pub(super) const MAGIC: &[u8] = b"PAR1";

/// How many rows are handed on at a time.
const ROWS_PER_BATCH: usize = 4096;

/// The rows of a file, some thousands at a time.
///
/// # Errors
///
/// [`DataError::Parquet`], or [`DataError::Columns`] where it has other columns than a diamond CSV.
pub(super) fn rows(
    file: &Path,
    source: impl ChunkReader + 'static,
) -> Result<impl Iterator<Item = Result<Vec<Row>, DataError>>, DataError> {
    let refused = |source| DataError::Parquet { file: file.to_owned(), source };
    let reader = SerializedFileReader::new(source).map_err(refused)?;
    let schema = reader.metadata().file_metadata().schema();
    let names: Vec<String> =
        schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
    let columns = Columns::of(&names, file)?;
    let mut records = (1..).zip(RowIter::from_file_into(Box::new(reader)));
    Ok(std::iter::from_fn(move || {
        let row = |(line, record): (u64, Result<Record, _>)| {
            Ok(Row { line, stone: stone(&record?, &columns) })
        };
        let batch = records.by_ref().take(ROWS_PER_BATCH).map(row).collect::<Result<Vec<_>, _>>();
        batch.map(|rows| (!rows.is_empty()).then_some(rows)).map_err(refused).transpose()
    }))
}

fn stone(record: &Record, columns: &Columns) -> Result<Stone, Vec<FieldError>> {
    let fields: Vec<&Field> = record.get_column_iter().map(|(_, field)| field).collect();
    let field = |column: &str| {
        let at = COLUMNS.iter().position(|name| *name == column);
        at.and_then(|at| fields.get(columns.0[at])).copied().unwrap_or(&Field::Null)
    };
    Stone::parse(|column| entry(column, field(column))).map_err(|mut errors| {
        for error in &mut errors {
            error.value = shown(&error.value);
        }
        errors
    })
}

/// A field as an input has it. A number is read as it is written: an f32 is then the shortest number that f32 reads so, 0.23 as
/// it is in a CSV and not 0.23000000417.
fn entry<'a>(column: &str, field: &'a Field) -> FieldValue<'a> {
    let text = match field {
        Field::Null => return FieldValue::Absent,
        Field::Str(text) => Some(text.as_str()),
        Field::Bytes(bytes) => bytes.as_utf8().ok(),
        _ => None,
    };
    if let Some(text) = text {
        return FieldValue::from_text(column, text);
    }
    let shown = field.to_string();
    // Dates, lists and the like are not written as numbers.
    match shown.parse() {
        Ok(number) if DiamondInput::is_number(column) => FieldValue::Number(number),
        _ => FieldValue::Other(shown),
    }
}
