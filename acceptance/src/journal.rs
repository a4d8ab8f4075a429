//! Reads the database file directly.

use std::path::Path;

use ::connection::{Connection, Error, Row, Value};
use serde_json::Value as Json;

/// All rows of a query over a database file; blobs as lists of bytes.
pub(crate) fn rows(database: &Path, sql: &str) -> Vec<Vec<Json>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(read(database, sql)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

async fn read(database: &Path, sql: &str) -> Result<Vec<Vec<Json>>, Error> {
    let json = |value: &Value| match value.clone() {
        Value::Null => Json::Null,
        Value::Integer(integer) => integer.into(),
        Value::Real(real) => real.into(),
        Value::Text(text) => text.into(),
        Value::Blob(bytes) => bytes.into(),
    };
    let row = |row: &Row| Ok(row.values().iter().map(json).collect());
    Connection::to_file(database).await?.all(sql, (), row).await
}
