//! Reads a record from a row of the journal's table, and writes its columns for the database and as JSON.

use api::journal::{COLUMNS, Column, Content, Record};
use connection::{Row, Value};
use serde_json::{Value as Json, json};

use super::JournalError;
use data::stone::hex;

/// The columns of a record's two bodies.
pub const BODIES: [&str; 2] = ["request_body", "response_body"];

/// Reads a row whose columns are [`COLUMNS`].
///
/// # Errors
///
/// [`JournalError::InvalidRow`] for a body or a status that the service does not write, such as a body that is a number.
pub(super) fn read(row: &Row) -> Result<Record, JournalError> {
    let id: String = row.get(0)?;
    let invalid = |why: String| JournalError::InvalidRow { id: id.clone(), why };
    let content = |at: usize| -> Result<Content, JournalError> {
        let kept = match row.value(at + 1) {
            Value::Null => Vec::new(),
            Value::Text(text) => text.clone().into_bytes(),
            Value::Blob(bytes) => bytes.clone(),
            other => {
                return Err(invalid(format!("a body is {other:?} instead of a text or a blob")));
            }
        };
        Ok(Content {
            media: row.get(at)?,
            kept: kept.into(),
            bytes: row.get(at + 2)?,
            sha256: row.get(at + 3)?,
        })
    };
    let status: i64 = row.get(6)?;
    Ok(Record {
        received_at: row.get(1)?,
        method: row.get(2)?,
        path: row.get(3)?,
        query: row.get(4)?,
        route: row.get::<Option<String>>(5)?.map(Into::into),
        status: status.try_into().map_err(|_| invalid(format!("its status is {status}")))?,
        latency_us: row.get(7)?,
        request: content(8)?,
        response: content(12)?,
        model_id: row.get(16)?,
        client: row.get(17)?,
        user_agent: row.get(18)?,
        caller_request_id: row.get(19)?,
        trace_id: row.get(20)?,
        id,
    })
}

/// What a column holds, for the database.
pub(super) fn value(column: Column<'_>) -> Value {
    match column {
        Column::Null => Value::Null,
        Column::Integer(number) => number.into(),
        Column::Text(text) => text.into(),
        Column::Blob(bytes) => bytes.into(),
    }
}

/// The record as an object whose keys are [`COLUMNS`]; a body is null, `{"text": …}` or `{"hexadecimal": …}`.
pub fn to_json(record: &Record) -> Json {
    let columns = COLUMNS.iter().zip(record.columns()).map(|(name, column)| {
        let value = match column {
            Column::Null => Json::Null,
            Column::Integer(number) => json!(number),
            Column::Text(text) if BODIES.contains(name) => json!({ "text": text }),
            Column::Text(text) => json!(text),
            Column::Blob(bytes) => json!({ "hexadecimal": hex(bytes) }),
        };
        ((*name).to_owned(), value)
    });
    Json::Object(columns.collect())
}
