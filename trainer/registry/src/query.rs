//! Reads the rows of a query, each as a value or as a struct of its columns.

use libsql::params::IntoParams;
use libsql::{Connection, Error, Row};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;

/// Every row.
pub(crate) async fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl IntoParams,
    read: impl Fn(&Row) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut rows = connection.query(sql, params).await?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().await? {
        found.push(read(&row)?);
    }
    Ok(found)
}

/// The first row; `None` where there is none.
pub(crate) async fn first<T>(
    connection: &Connection,
    sql: &str,
    params: impl IntoParams,
    read: impl Fn(&Row) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    connection.query(sql, params).await?.next().await?.map(|row| read(&row)).transpose()
}

/// A row as a struct whose fields have the names of the columns. A server may send a whole number for a real one.
pub(crate) fn record<T: DeserializeOwned>(row: &Row) -> Result<T, Error> {
    libsql::de::from_row(row).map_err(|error| Error::ToSqlConversionFailure(error.into()))
}

/// A column that holds JSON; `null` where it does not.
pub(crate) fn document(row: &Row, column: i32) -> Result<Value, Error> {
    Ok(parse(row.get(column)?))
}

/// The same for a field of a [`record`].
pub(crate) fn json<'de, D: Deserializer<'de>>(column: D) -> Result<Value, D::Error> {
    Option::deserialize(column).map(parse)
}

fn parse(text: Option<String>) -> Value {
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// A column that holds the bits of an unsigned number, for a field of a [`record`].
pub(crate) fn unsigned<'de, D: Deserializer<'de>>(column: D) -> Result<u64, D::Error> {
    i64::deserialize(column).map(i64::cast_unsigned)
}
