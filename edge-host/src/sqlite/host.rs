//! Implements the guest's interface `spin:sqlite` with connections of the pool.

use std::pin::Pin;
use std::task::{Context, Poll};

use wasmtime::component::{
    Accessor, Destination, FutureReader, HasSelf, Resource, ResourceTable, StreamProducer,
    StreamReader, StreamResult, VecBuffer,
};
use wasmtime::{Result, StoreContextMut};

use super::connection::Connection;
use super::error::SqlError;
use super::pool::Pool;
use super::rows::{BUFFERED_ROWS, Execution, Row, Rows};
use crate::bindings::sqlite::{
    Error, Host, HostConnection, HostConnectionWithStore, QueryResult, RowResult, Value,
};

/// The most connections that one instance may hold.
const MAX_CONNECTIONS: usize = 256;

/// The database access of one instance.
pub(crate) struct Sqlite {
    /// The database `default`, if the manifest grants it.
    pool: Option<Pool>,
    connections: ResourceTable,
    /// Whether the guest has dropped a connection.
    has_dropped: bool,
}

type Opened = Result<Resource<Connection>, Error>;
type Streamed =
    Result<(Vec<String>, StreamReader<RowResult>, FutureReader<Result<(), Error>>), Error>;

impl Sqlite {
    pub(crate) fn new(pool: Option<Pool>) -> Self {
        let mut connections = ResourceTable::new();
        connections.set_max_capacity(MAX_CONNECTIONS);
        Self { pool, connections, has_dropped: false }
    }

    fn open(&mut self, label: &str) -> Opened {
        // The manifest grants no label but this one.
        let (Some(pool), "default") = (&self.pool, label) else { return Err(Error::AccessDenied) };
        let connection = Connection::new(pool.clone(), !self.has_dropped);
        let opened = self.connections.push(connection);
        opened.map_err(|_| Error::Io("too many connections opened".into()))
    }

    fn connection(&self, connection: &Resource<Connection>) -> Result<Connection> {
        Ok(self.connections.get(connection)?.clone())
    }
}

impl Host for Sqlite {}

impl HostConnection for Sqlite {
    async fn open(&mut self, database: String) -> Result<Opened> {
        Ok(Sqlite::open(self, &database))
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<Result<QueryResult, Error>> {
        let connection = self.connection(&connection)?;
        Ok(match connection.query(statement, from_guest(parameters)).await {
            Ok((columns, rows)) => Ok(QueryResult { columns, rows: to_guest(rows) }),
            Err(error) => Err(error.into()),
        })
    }

    async fn last_insert_rowid(&mut self, connection: Resource<Connection>) -> Result<i64> {
        last_insert_rowid(self.connection(&connection)?).await
    }

    async fn changes(&mut self, connection: Resource<Connection>) -> Result<u64> {
        changes(self.connection(&connection)?).await
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> Result<()> {
        self.connections.delete(connection)?.retire();
        self.has_dropped = true;
        Ok(())
    }
}

impl<T: Send> HostConnectionWithStore<T> for HasSelf<Sqlite> {
    async fn open_async(accessor: &Accessor<T, Self>, database: String) -> Result<Opened> {
        Ok(accessor.with(|mut access| Sqlite::open(access.get(), &database)))
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<Streamed> {
        let connection = accessor.with(|mut access| access.get().connection(&connection))?;
        let execution = connection.start(statement, from_guest(parameters)).await;
        let Execution { columns, rows, outcome } = match execution {
            Ok(execution) => execution,
            Err(error) => return Ok(Err(error.into())),
        };
        accessor.with(|mut access| {
            let rows = StreamReader::new(&mut access, rows)?;
            let outcome = async { wasmtime::error::Ok(outcome.await.map_err(Error::from)) };
            let outcome = FutureReader::new(&mut access, outcome)?;
            Ok(Ok((columns, rows, outcome)))
        })
    }

    async fn last_insert_rowid_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> Result<i64> {
        last_insert_rowid(accessor.with(|mut access| access.get().connection(&connection))?).await
    }

    async fn changes_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> Result<u64> {
        changes(accessor.with(|mut access| access.get().connection(&connection))?).await
    }
}

async fn last_insert_rowid(connection: Connection) -> Result<i64> {
    Ok(connection.inspect(libsql::Connection::last_insert_rowid).await.map_err(Error::from)?)
}

async fn changes(connection: Connection) -> Result<u64> {
    Ok(connection.inspect(libsql::Connection::changes).await.map_err(Error::from)?)
}

/// Sends the guest the rows that are ready, up to the number it asked for.
impl<D> StreamProducer<D> for Rows {
    type Item = RowResult;
    type Buffer = VecBuffer<RowResult>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, Self::Item, Self::Buffer>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let limit = destination.remaining(store).unwrap_or(BUFFERED_ROWS);
        if limit == 0 {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        match self.poll_rows(context, limit) {
            Poll::Ready(rows) => {
                destination.set_buffer(to_guest(rows).into());
                // The last rows end the stream, so the guest need not ask once more.
                Poll::Ready(Ok(match self.is_finished() {
                    true => StreamResult::Dropped,
                    false => StreamResult::Completed,
                }))
            }
            Poll::Pending if finish => Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl From<SqlError> for Error {
    fn from(error: SqlError) -> Self {
        Self::Io(error.message)
    }
}

fn from_guest(values: Vec<Value>) -> Vec<libsql::Value> {
    let convert = |value| match value {
        Value::Null => libsql::Value::Null,
        Value::Integer(integer) => libsql::Value::Integer(integer),
        Value::Real(real) => libsql::Value::Real(real),
        Value::Text(text) => libsql::Value::Text(text),
        Value::Blob(blob) => libsql::Value::Blob(blob),
    };
    values.into_iter().map(convert).collect()
}

fn to_guest(rows: Vec<Row>) -> Vec<RowResult> {
    let convert = |value| match value {
        libsql::Value::Null => Value::Null,
        libsql::Value::Integer(integer) => Value::Integer(integer),
        libsql::Value::Real(real) => Value::Real(real),
        libsql::Value::Text(text) => Value::Text(text),
        libsql::Value::Blob(blob) => Value::Blob(blob),
    };
    rows.into_iter()
        .map(|row| RowResult { values: row.into_iter().map(convert).collect() })
        .collect()
}
