//! `spin:sqlite@3.1.0`: which database a label leads to, and connections to it.

mod execution;
mod file;
mod host;
mod local;
mod pace;
mod remote;
mod statements;

use std::path::PathBuf;
use std::sync::Arc;

use crate::bindings::sqlite::{Error, QueryResult, RowResult, Value};
use execution::Execution;
use file::File;
use local::Local;
use remote::Remote;
pub(crate) use remote::Server;

pub(crate) use host::{HasSqlite, Sqlite, SqliteView};

/// What the label `default` leads to.
#[derive(Debug, Clone)]
pub(crate) enum Database {
    /// A file, opened in this process.
    File(File),
    /// A libsql server.
    Server(Arc<Server>),
}

/// A connection as the guest holds it; opened when first used.
#[derive(Debug, Clone)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub enum Connection {
    /// To a file.
    Local(Local),
    /// To a libsql server.
    Remote(Remote),
}

/// Rows that wait for the guest before the statement does.
const WAITING_ROWS: usize = 4;

/// No row of a stream and no gathered result may be larger.
const LARGEST_RESULT_BYTES: usize = 128 << 20;

impl Database {
    /// A file that need not exist yet.
    pub(crate) fn file(path: PathBuf) -> Self {
        Self::File(File::new(path))
    }

    /// A connection, which may be one that another guest had before if it `is_shared`. It cannot fail yet: the database is
    /// opened by the first statement.
    pub(crate) fn connect(&self, is_shared: bool) -> Connection {
        match self {
            Self::File(file) => Connection::Local(Local::new(file.clone(), is_shared)),
            Self::Server(server) => Connection::Remote(Remote::new(Arc::clone(server))),
        }
    }
}

impl Connection {
    /// Takes note that the guest has dropped it.
    fn retire(&self) {
        match self {
            Self::Local(local) => local.retire(),
            Self::Remote(_) => {}
        }
    }

    /// Starts the first statement of `sql`. Its failure is reported by [`Execution::end`].
    async fn start(&self, sql: String, parameters: Vec<Value>) -> Result<Execution, Error> {
        match self {
            Self::Local(local) => local.start(sql, parameters).await,
            Self::Remote(remote) => remote.start(sql, parameters).await,
        }
    }

    /// Runs the first statement of `sql` and gathers its rows.
    async fn gather(&self, sql: String, parameters: Vec<Value>) -> Result<QueryResult, Error> {
        let mut execution = self.start(sql, parameters).await?;
        let mut rows = Vec::new();
        let mut bytes = 0;
        while let Some(row) = execution.rows.next().await {
            bytes += row_bytes(&row);
            check_size(bytes)?;
            rows.push(row);
        }
        execution.end.outcome().await?;
        Ok(QueryResult { columns: execution.columns, rows })
    }

    async fn changes(&self) -> Result<u64, Error> {
        match self {
            Self::Local(local) => {
                Ok(local.inspect(|connection| connection.changes()).await?.unwrap_or_default())
            }
            Self::Remote(remote) => remote.inspect(|connection| connection.changes()).await,
        }
    }

    async fn last_insert_rowid(&self) -> Result<i64, Error> {
        match self {
            Self::Local(local) => {
                let inserted = local.inspect(|connection| connection.last_insert_rowid()).await?;
                Ok(inserted.unwrap_or_default())
            }
            Self::Remote(remote) => {
                remote.inspect(|connection| connection.last_insert_rowid()).await
            }
        }
    }
}

/// The error of a statement whose thread is gone.
fn lost() -> Error {
    Error::Io(
        "the statement was abandoned: its thread panicked or the host is shutting down".into(),
    )
}

/// SQLite's own words, without libsql's around them.
fn io_error(error: libsql::Error) -> Error {
    Error::Io(match error {
        libsql::Error::SqliteFailure(_, message)
        | libsql::Error::RemoteSqliteFailure(_, _, message) => message,
        other => other.to_string(),
    })
}

fn check_size(bytes: usize) -> Result<(), Error> {
    if bytes > LARGEST_RESULT_BYTES {
        return Err(Error::Io(format!(
            "query result exceeds limit of {LARGEST_RESULT_BYTES} bytes"
        )));
    }
    Ok(())
}

fn row_bytes(row: &RowResult) -> usize {
    let heap = row.values.iter().map(|value| match value {
        Value::Text(text) => text.len(),
        Value::Blob(blob) => blob.len(),
        Value::Null | Value::Integer(_) | Value::Real(_) => 0,
    });
    heap.sum::<usize>() + size_of::<Value>() * row.values.len()
}

fn to_libsql(value: Value) -> libsql::Value {
    match value {
        Value::Null => libsql::Value::Null,
        Value::Integer(integer) => libsql::Value::Integer(integer),
        Value::Real(real) => libsql::Value::Real(real),
        Value::Text(text) => libsql::Value::Text(text),
        Value::Blob(blob) => libsql::Value::Blob(blob),
    }
}

fn from_libsql(value: libsql::Value) -> Value {
    match value {
        libsql::Value::Null => Value::Null,
        libsql::Value::Integer(integer) => Value::Integer(integer),
        libsql::Value::Real(real) => Value::Real(real),
        libsql::Value::Text(text) => Value::Text(text),
        libsql::Value::Blob(blob) => Value::Blob(blob),
    }
}

/// A row as the guest gets it.
fn row_result(row: &libsql::Row, columns: i32) -> Result<RowResult, Error> {
    let values =
        (0..columns).map(|column| row.get_value(column).map(from_libsql)).collect::<Result<_, _>>();
    let row = RowResult { values: values.map_err(io_error)? };
    check_size(row_bytes(&row))?;
    Ok(row)
}
