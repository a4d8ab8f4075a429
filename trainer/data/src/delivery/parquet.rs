//! Reads the rows of a diamond table in Parquet, numbered from 1.

use std::path::{Path, PathBuf};

use inference::{DiamondInput, FieldError, FieldValue};
use parquet::errors::ParquetError;
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

/// The rows of a file.
pub(super) struct Rows {
    file: PathBuf,
    columns: Columns,
    records: RowIter<'static>,
    count: u64,
}

impl Rows {
    /// Opens a file and finds its columns.
    ///
    /// # Errors
    ///
    /// [`DataError::Parquet`], or [`DataError::Columns`] where it has others than a diamond CSV.
    pub(super) fn open(file: &Path, source: impl ChunkReader + 'static) -> Result<Rows, DataError> {
        let refused = |source| DataError::Parquet { file: file.to_owned(), source };
        let reader = SerializedFileReader::new(source).map_err(refused)?;
        let schema = reader.metadata().file_metadata().schema();
        let names: Vec<String> =
            schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
        let columns = Columns::of(&names, file)?;
        let records = RowIter::from_file_into(Box::new(reader));
        Ok(Rows { file: file.to_owned(), columns, records, count: 0 })
    }

    fn batch(&mut self) -> Result<Vec<Row>, ParquetError> {
        let mut rows = Vec::new();
        for record in self.records.by_ref().take(ROWS_PER_BATCH) {
            self.count += 1;
            rows.push(Row { line: self.count, stone: stone(&record?, &self.columns) });
        }
        Ok(rows)
    }
}

impl Iterator for Rows {
    type Item = Result<Vec<Row>, DataError>;

    fn next(&mut self) -> Option<Result<Vec<Row>, DataError>> {
        match self.batch() {
            Ok(rows) => (!rows.is_empty()).then_some(Ok(rows)),
            Err(source) => Some(Err(DataError::Parquet { file: self.file.clone(), source })),
        }
    }
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

/// A field as a input has it. What was stored as f32 is the shortest number that f32 reads so: 0.23 is 0.23, as it is in
/// a CSV, and not 0.23000000417.
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
    let is_numeric = matches!(
        field,
        Field::Byte(_)
            | Field::Short(_)
            | Field::Int(_)
            | Field::Long(_)
            | Field::UByte(_)
            | Field::UShort(_)
            | Field::UInt(_)
            | Field::ULong(_)
            | Field::Float16(_)
            | Field::Float(_)
            | Field::Double(_)
            | Field::Decimal(_)
    );
    match number(field, &shown) {
        Some(number) if is_numeric && DiamondInput::is_number(column) => FieldValue::Number(number),
        _ => FieldValue::Other(shown),
    }
}

fn number(field: &Field, shown: &str) -> Option<f64> {
    match *field {
        Field::Double(number) => Some(number),
        Field::Float(number) => number.to_string().parse().ok(),
        Field::Float16(number) => number.to_string().parse().ok(),
        _ => shown.parse().ok(),
    }
}
