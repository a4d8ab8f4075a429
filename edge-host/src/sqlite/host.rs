//! What a guest reaches as `spin:sqlite`: the bindings' traits over connections.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use wasmtime::component::{
    Accessor, Destination, FutureReader, HasData, Resource, ResourceTable, StreamProducer,
    StreamReader, StreamResult, VecBuffer,
};
use wasmtime::{Result, StoreContextMut};

use super::execution::{Execution, Rows};
use super::{Connection, Database};
use crate::bindings::sqlite::{
    Error, Host, HostConnection, HostConnectionWithStore, QueryResult, RowResult, Value,
};

/// Connections that one instance may hold.
const MOST_CONNECTIONS: usize = 256;

/// What one instance may open, and how much of it is open.
pub(crate) struct Sqlite {
    /// The labels that the manifest grants.
    pub(crate) allowed: Arc<BTreeSet<String>>,
    /// What the label `default` leads to.
    pub(crate) database: Database,
    open: usize,
    /// Whether the guest has dropped a connection.
    has_dropped: bool,
}

impl Sqlite {
    pub(crate) fn new(allowed: Arc<BTreeSet<String>>, database: Database) -> Self {
        Self { allowed, database, open: 0, has_dropped: false }
    }
}

/// The instance's databases and the table that its connections live in.
pub(crate) struct SqliteView<'a> {
    pub(crate) sqlite: &'a mut Sqlite,
    pub(crate) table: &'a mut ResourceTable,
}

/// Tells the bindings what they work on.
pub(crate) struct HasSqlite;

impl HasData for HasSqlite {
    type Data<'a> = SqliteView<'a>;
}

type Opened = Result<Resource<Connection>, Error>;
type Streamed =
    Result<(Vec<String>, StreamReader<RowResult>, FutureReader<Result<(), Error>>), Error>;

impl SqliteView<'_> {
    fn open(&mut self, label: &str) -> Result<Opened> {
        if !self.sqlite.allowed.contains(label) {
            return Ok(Err(Error::AccessDenied));
        }
        if label != "default" {
            return Ok(Err(Error::NoSuchDatabase));
        }
        if self.sqlite.open == MOST_CONNECTIONS {
            return Ok(Err(Error::Io("too many connections opened".into())));
        }
        let connection = self.table.push(self.sqlite.database.connect(!self.sqlite.has_dropped))?;
        self.sqlite.open += 1;
        Ok(Ok(connection))
    }

    fn connection(&self, connection: &Resource<Connection>) -> Result<Connection> {
        Ok(self.table.get(connection)?.clone())
    }
}

impl Host for SqliteView<'_> {}

impl HostConnection for SqliteView<'_> {
    async fn open(&mut self, database: String) -> Result<Opened> {
        SqliteView::open(self, &database)
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<Result<QueryResult, Error>> {
        Ok(self.connection(&connection)?.gather(statement, parameters).await)
    }

    async fn last_insert_rowid(&mut self, connection: Resource<Connection>) -> Result<i64> {
        Ok(self.connection(&connection)?.last_insert_rowid().await?)
    }

    async fn changes(&mut self, connection: Resource<Connection>) -> Result<u64> {
        Ok(self.connection(&connection)?.changes().await?)
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> Result<()> {
        self.table.delete(connection)?.retire();
        self.sqlite.open -= 1;
        self.sqlite.has_dropped = true;
        Ok(())
    }
}

impl<T: Send> HostConnectionWithStore<T> for HasSqlite {
    async fn open_async(accessor: &Accessor<T, Self>, database: String) -> Result<Opened> {
        accessor.with(|mut access| access.get().open(&database))
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<Streamed> {
        let connection = accessor.with(|mut access| access.get().connection(&connection))?;
        let Execution { columns, rows, end } = match connection.start(statement, parameters).await {
            Ok(execution) => execution,
            Err(error) => return Ok(Err(error)),
        };
        accessor.with(|mut access| {
            let rows = StreamReader::new(&mut access, rows)?;
            let result = async { wasmtime::error::Ok(end.outcome().await) };
            let result = FutureReader::new(&mut access, result)?;
            Ok(Ok((columns, rows, result)))
        })
    }

    async fn last_insert_rowid_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> Result<i64> {
        let connection = accessor.with(|mut access| access.get().connection(&connection))?;
        Ok(connection.last_insert_rowid().await?)
    }

    async fn changes_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> Result<u64> {
        let connection = accessor.with(|mut access| access.get().connection(&connection))?;
        Ok(connection.changes().await?)
    }
}

/// Hands the guest the rows that are there, up to as many as it asked for.
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
        let wanted = destination.remaining(store).unwrap_or(super::WAITING_ROWS);
        if wanted == 0 {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        match self.poll_some(context, wanted) {
            Poll::Ready(rows) => {
                destination.set_buffer(rows.into());
                // A guest that is told so with the last rows need not ask for more.
                let is_over = self.is_over();
                Poll::Ready(Ok(if is_over {
                    StreamResult::Dropped
                } else {
                    StreamResult::Completed
                }))
            }
            Poll::Pending if finish => Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => Poll::Pending,
        }
    }
}
