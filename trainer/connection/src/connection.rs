//! A connection to a SQLite file or a libsql server.

use std::path::Path;
use std::time::Duration;

use hrana::Value;

use crate::error::Error;
use crate::parameters::Parameters;
use crate::row::Row;
use crate::rows::Rows;
use crate::server::{ServerAddress, Stream};
use crate::statement::Statement;
use crate::transaction::Transaction;

/// A connection; a clone is the same one.
#[derive(Clone)]
pub struct Connection(pub(crate) Kind);

#[derive(Clone)]
pub(crate) enum Kind {
    File(libsql::Connection),
    Server(Stream),
}

impl Connection {
    /// Opens a SQLite file, or makes it; `:memory:` is a database of this connection alone.
    ///
    /// # Errors
    ///
    /// SQLite's own.
    pub async fn to_file(path: impl AsRef<Path>) -> Result<Connection, Error> {
        let database = libsql::Builder::new_local(path).build().await?;
        Ok(Connection(Kind::File(database.connect()?)))
    }

    /// A connection to a server; nothing is sent yet.
    pub fn to_server(address: &ServerAddress) -> Connection {
        Connection(Kind::Server(Stream::to(address)))
    }

    /// Runs a statement; its rows are read one after the other. On a server they have to be read to their end, or be
    /// dropped, before the next statement.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn query(&self, sql: &str, parameters: impl Parameters) -> Result<Rows, Error> {
        let values = parameters.into_values();
        match &self.0 {
            Kind::File(file) => Ok(Rows::of_file(file.query(sql, to_libsql(values)).await?)),
            Kind::Server(stream) => Ok(Rows::of_server(stream.query(sql, &values)?)),
        }
    }

    /// Every row of a statement.
    ///
    /// # Errors
    ///
    /// The database's own, and those of `read`.
    pub async fn all<T>(
        &self,
        sql: &str,
        parameters: impl Parameters,
        read: impl Fn(&Row) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut rows = self.query(sql, parameters).await?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().await? {
            found.push(read(&row)?);
        }
        Ok(found)
    }

    /// The first row of a statement; `None` where there is none.
    ///
    /// # Errors
    ///
    /// As of [`Self::all`].
    pub async fn first<T>(
        &self,
        sql: &str,
        parameters: impl Parameters,
        read: impl Fn(&Row) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let row = self.query(sql, parameters).await?.next().await?;
        row.map(|row| read(&row)).transpose()
    }

    /// Runs a statement that gives no rows; how many rows it changed.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn execute(&self, sql: &str, parameters: impl Parameters) -> Result<u64, Error> {
        let values = parameters.into_values();
        match &self.0 {
            Kind::File(file) => Ok(file.execute(sql, to_libsql(values)).await?),
            Kind::Server(stream) => stream.execute(sql, &values),
        }
    }

    /// Runs statements that are separated by semicolons.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn execute_batch(&self, sql: &str) -> Result<(), Error> {
        match &self.0 {
            Kind::File(file) => Ok(file.execute_batch(sql).await.map(drop)?),
            Kind::Server(stream) => stream.execute_batch(sql),
        }
    }

    /// A statement to be run many times.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn prepare(&self, sql: &str) -> Result<Statement, Error> {
        Statement::new(self, sql).await
    }

    /// A transaction that takes the write lock at once: two commands wait for each other here instead of failing halfway.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn transaction(&self) -> Result<Transaction, Error> {
        Transaction::begin(self).await
    }

    /// The id of the row that was added last.
    pub fn last_insert_rowid(&self) -> i64 {
        match &self.0 {
            Kind::File(file) => file.last_insert_rowid(),
            Kind::Server(stream) => stream.last_insert_rowid(),
        }
    }

    /// How long a statement waits for another connection's lock; a server decides that by itself.
    ///
    /// # Errors
    ///
    /// SQLite's own.
    pub fn set_busy_timeout(&self, timeout: Duration) -> Result<(), Error> {
        match &self.0 {
            Kind::File(file) => Ok(file.busy_timeout(timeout)?),
            Kind::Server(_) => Ok(()),
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Kind::File(_) => "Connection to a file",
            Kind::Server(_) => "Connection to a server",
        })
    }
}

/// Values as libsql has them.
pub(crate) fn to_libsql(values: Vec<Value>) -> Vec<libsql::Value> {
    let value = |value| match value {
        Value::Null => libsql::Value::Null,
        Value::Integer(integer) => libsql::Value::Integer(integer),
        Value::Real(real) => libsql::Value::Real(real),
        Value::Text(text) => libsql::Value::Text(text),
        Value::Blob(bytes) => libsql::Value::Blob(bytes),
    };
    values.into_iter().map(value).collect()
}

/// A value of libsql's.
pub(crate) fn from_libsql(value: libsql::Value) -> Value {
    match value {
        libsql::Value::Null => Value::Null,
        libsql::Value::Integer(integer) => Value::Integer(integer),
        libsql::Value::Real(real) => Value::Real(real),
        libsql::Value::Text(text) => Value::Text(text),
        libsql::Value::Blob(bytes) => Value::Blob(bytes),
    }
}
