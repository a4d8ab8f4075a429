//! Writes the sheet of a workbook as CSV.

use std::io::Cursor;
use std::path::Path;

use bytes::Bytes;
use calamine::{Data, Range, Reader, Sheets, open_workbook_auto_from_rs};
use table::FOUR_CS;

use super::text::{csv_text, one_line};
use crate::DataError;

/// The sheet that has the columns of a diamond, or else the first that is not empty.
pub(super) fn to_csv(file: &Path, bytes: Bytes) -> Result<Vec<u8>, DataError> {
    let refused = |problem: String| DataError::Workbook { file: file.to_owned(), problem };
    let mut workbook: Sheets<_> = open_workbook_auto_from_rs(Cursor::new(bytes))
        .map_err(|error| refused(error.to_string()))?;
    let mut sheets = Vec::new();
    for name in workbook.sheet_names() {
        // A sheet of charts alone is no range.
        if let Ok(sheet) = workbook.worksheet_range(&name)
            && !sheet.is_empty()
        {
            sheets.push(sheet);
        }
    }
    let sheet = sheets.iter().find(|sheet| names_diamonds(sheet)).or(sheets.first());
    let sheet = sheet.ok_or_else(|| refused(String::from("all of its sheets are empty")))?;
    csv_of(sheet).map_err(|error| refused(error.to_string()))
}

/// Whether the first row of a sheet names the four Cs.
fn names_diamonds(sheet: &Range<Data>) -> bool {
    let first = sheet.rows().next().unwrap_or_default();
    let is_named =
        |field: &str| first.iter().any(|cell| cell.to_string().trim().eq_ignore_ascii_case(field));
    FOUR_CS.into_iter().all(is_named)
}

fn csv_of(sheet: &Range<Data>) -> std::io::Result<Vec<u8>> {
    // Rows are counted from the top of the sheet.
    let above = sheet.start().map_or(0, |(row, _)| row as usize);
    let cell = |cell: &Data| one_line(&cell.to_string());
    let rows = csv_text(|writer| {
        sheet.rows().try_for_each(|row| writer.write_record(row.iter().map(cell)))
    })?;
    Ok([b"\n".repeat(above), rows].concat())
}
