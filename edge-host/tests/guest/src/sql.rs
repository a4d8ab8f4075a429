//! Uses `spin:sqlite` and reports the results.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use serde_json::{Value as Json, json};
use spin_sdk::sqlite::{Connection, Error, RowResult, Value};
use spin_sdk::time;

/// The synchronous calls of the interface; the SDK does not wrap them.
use spin_sdk::sqlite::wit::sqlite::Connection as SyncConnection;

/// Opens a database with the asynchronous and the synchronous call.
pub(crate) async fn open(label: &str) -> Json {
    let opened = |error: Option<Error>| error.as_ref().map_or(json!("opened"), error_name);
    json!({
        "async": opened(Connection::open(label).await.err()),
        "sync": opened(SyncConnection::open(label).err()),
    })
}

/// Opens connections until one is refused.
pub(crate) async fn open_many(count: usize) -> Json {
    let mut connections = Vec::new();
    for _ in 0..count {
        let opened = Connection::open_default().await;
        if let Err(error) = &opened {
            return json!({ "opened": connections.len(), "error": error_name(error) });
        }
        connections.push(opened);
    }
    json!({ "opened": connections.len() })
}

/// Runs statements on one connection; a failed one does not stop the next. A statement with parameters is a list.
pub(crate) async fn run(steps: &Json, is_sync: bool) -> Json {
    let connection = match Connection::open_default().await {
        Ok(connection) => connection,
        Err(error) => return json!({ "open": error_name(&error) }),
    };
    let sync_connection = SyncConnection::open("default");
    let mut outcomes = Vec::new();
    for step in steps.as_array().into_iter().flatten() {
        let parts = step.as_array().map_or(std::slice::from_ref(step), Vec::as_slice);
        let (sql, parameters) = parts.split_first().expect("a statement");
        let sql = sql.as_str().expect("a statement is text");
        let parameters: Vec<_> = parameters.iter().map(parameter).collect();
        outcomes.push(match (&sync_connection, is_sync) {
            (Ok(connection), true) => run_sync(connection, sql, &parameters),
            _ => run_async(&connection, sql, parameters).await,
        });
    }
    Json::from(outcomes)
}

async fn run_async(connection: &Connection, sql: &str, parameters: Vec<Value>) -> Json {
    let mut result = match connection.execute(sql, parameters).await {
        Ok(result) => result,
        Err(error) => return json!({ "error": error_name(&error), "reported_by": "call" }),
    };
    let columns = result.columns().to_vec();
    let mut rows = Vec::new();
    while let Some(row) = result.next().await {
        rows.push(row_json(&row));
    }
    if let Err(error) = result.result().await {
        return json!({ "error": error_name(&error), "reported_by": "result", "rows_before": rows.len() });
    }
    json!({
        "columns": columns,
        "rows": rows,
        "changes": connection.changes().await,
        "rowid": connection.last_insert_rowid().await,
    })
}

fn run_sync(connection: &SyncConnection, sql: &str, parameters: &[Value]) -> Json {
    match connection.execute(sql, parameters) {
        Err(error) => json!({ "error": error_name(&error), "reported_by": "call" }),
        Ok(result) => json!({
            "columns": result.columns,
            "rows": result.rows.iter().map(row_json).collect::<Vec<_>>(),
            "changes": connection.changes(),
            "rowid": connection.last_insert_rowid(),
        }),
    }
}

/// Leaves a long stream unread and starts a second statement on the same connection.
pub(crate) async fn unread() -> Json {
    const LONG: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) SELECT i FROM n";
    let outcome = async {
        let connection = Connection::open_default().await?;
        let mut long = connection.execute(LONG, []).await?;
        let first = long.next().await.map(|row| row_json(&row));
        let second = connection.execute("SELECT 'second'", []);
        let release = async || {
            drop(long);
            Ok(())
        };
        let (is_held, second) = waits(second, 200, release).await?;
        let rows: Vec<_> = second?.collect().await?.iter().map(row_json).collect();
        Ok::<_, Error>(json!({ "first": first, "is_held": is_held, "second": rows }))
    };
    outcome.await.unwrap_or_else(|error| error_name(&error))
}

/// One connection holds the write lock while another one waits to write.
pub(crate) async fn busy() -> Json {
    let outcome = async {
        let holder = Connection::open_default().await?;
        let waiter = Connection::open_default().await?;
        let create = "CREATE TABLE IF NOT EXISTS busy (x)";
        run_all(&holder, &[create, "BEGIN IMMEDIATE", "INSERT INTO busy VALUES (1)"]).await?;
        let write = run_all(&waiter, &["INSERT INTO busy VALUES (2)"]);
        let commit = async || run_all(&holder, &["COMMIT"]).await;
        let (waited, write) = waits(write, 300, commit).await?;
        Ok::<_, Error>(json!({ "waited": waited, "written": write.is_ok() }))
    };
    outcome.await.unwrap_or_else(|error| error_name(&error))
}

/// Whether `work` takes longer than so many milliseconds, and its result; it may need `release` then.
async fn waits<T>(
    work: impl Future<Output = T>,
    milliseconds: u64,
    release: impl AsyncFnOnce() -> Result<(), Error>,
) -> Result<(bool, T), Error> {
    match select(pin!(work), pin!(time::sleep(Duration::from_millis(milliseconds)))).await {
        Either::Left((done, _)) => Ok((false, done)),
        Either::Right(((), work)) => {
            release().await?;
            Ok((true, work.await))
        }
    }
}

async fn run_all(connection: &Connection, statements: &[&str]) -> Result<(), Error> {
    for statement in statements {
        connection.execute(statement, []).await?.result().await?;
    }
    Ok(())
}

/// Blobs are lists of bytes.
fn parameter(value: &Json) -> Value {
    match value {
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => Value::Real(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(bytes) => {
            let bytes = bytes.iter().filter_map(Json::as_u64);
            Value::Blob(bytes.filter_map(|byte| u8::try_from(byte).ok()).collect())
        }
        _ => Value::Null,
    }
}

fn row_json(row: &RowResult) -> Json {
    let values = row.values.iter().map(|value| match value {
        Value::Null => Json::Null,
        Value::Integer(integer) => json!(integer),
        Value::Real(real) => json!(real),
        Value::Text(text) => json!(text),
        Value::Blob(blob) => json!(blob),
    });
    values.collect()
}

fn error_name(error: &Error) -> Json {
    let name = match error {
        Error::NoSuchDatabase => "no-such-database",
        Error::AccessDenied => "access-denied",
        Error::InvalidConnection => "invalid-connection",
        Error::DatabaseFull => "database-full",
        Error::Io(message) => return json!(format!("io: {message}")),
    };
    json!(name)
}
