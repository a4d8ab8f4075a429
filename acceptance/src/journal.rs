//! Reads the database file directly.

use std::path::Path;

use serde_json::Value as Json;

/// All rows of a query over a database file; blobs as lists of bytes.
pub fn rows(database: &Path, sql: &str) -> Vec<Vec<Json>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(read(database, sql)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

async fn read(database: &Path, sql: &str) -> libsql::Result<Vec<Vec<Json>>> {
    let connection = libsql::Builder::new_local(database).build().await?.connect()?;
    let mut rows = connection.query(sql, ()).await?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().await? {
        let value = |at| {
            Ok(match row.get_value(at)? {
                libsql::Value::Null => Json::Null,
                libsql::Value::Integer(integer) => integer.into(),
                libsql::Value::Real(real) => real.into(),
                libsql::Value::Text(text) => text.into(),
                libsql::Value::Blob(bytes) => bytes.into(),
            })
        };
        all.push((0..row.column_count()).map(value).collect::<libsql::Result<_>>()?);
    }
    Ok(all)
}
