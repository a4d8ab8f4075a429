//! The service's statements on a connection of libsql. The trainer's tests use it too.

use service::{DatabaseError, Row, Value};

pub(crate) async fn query(
    connection: &libsql::Connection,
    sql: &str,
    parameters: Vec<Value>,
) -> Result<Vec<Row>, DatabaseError> {
    let refused = |error: libsql::Error| DatabaseError(error.to_string());
    let parameters: Vec<libsql::Value> = parameters.into_iter().map(to_libsql).collect();
    let mut rows = connection.query(sql, parameters).await.map_err(refused)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().await.map_err(refused)? {
        let value = |at| row.get_value(at).map(from_libsql).map_err(refused);
        all.push((0..row.column_count()).map(value).collect::<Result<Row, _>>()?);
    }
    Ok(all)
}

fn to_libsql(value: Value) -> libsql::Value {
    match value {
        Value::Null => libsql::Value::Null,
        Value::Integer(integer) => libsql::Value::Integer(integer),
        Value::Real(real) => libsql::Value::Real(real),
        Value::Text(text) => libsql::Value::Text(text),
        Value::Blob(bytes) => libsql::Value::Blob(bytes),
    }
}

fn from_libsql(value: libsql::Value) -> Value {
    match value {
        libsql::Value::Null => Value::Null,
        libsql::Value::Integer(integer) => Value::Integer(integer),
        libsql::Value::Real(real) => Value::Real(real),
        libsql::Value::Text(text) => Value::Text(text),
        libsql::Value::Blob(bytes) => Value::Blob(bytes),
    }
}
