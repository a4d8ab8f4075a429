//! Connections to a database file: one statement at a time, on a thread that may block.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use libsql::{AuthAction, Authorization, Builder};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};
use tokio::task::spawn_blocking;

use super::statements::{Statements, parameter_bytes};
use super::{Execution, WAITING_ROWS, io_error, lost, row_result, to_libsql};
use crate::bindings::sqlite::{Error, RowResult, Value};

/// How long a statement waits for another connection's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection to a file. A statement holds it until its last row is read or its stream is dropped; the next one
/// waits, without a thread of its own.
#[derive(Debug, Clone)]
pub(crate) struct Local {
    path: PathBuf,
    opened: Arc<Mutex<Option<Opened>>>,
}

struct Opened {
    statements: Statements,
    connection: libsql::Connection,
}

impl Local {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, opened: Arc::default() }
    }

    pub(super) async fn start(
        &self,
        sql: String,
        parameters: Vec<Value>,
    ) -> Result<Execution, Error> {
        let (columns_sender, columns) = oneshot::channel();
        let (row_sender, rows) = mpsc::channel(WAITING_ROWS);
        let mut opened = self.hold().await?;
        let work = spawn_blocking(move || {
            let Some(opened) = opened.as_mut() else { return Err(lost()) };
            Handle::current().block_on(opened.run(sql, parameters, columns_sender, &row_sender))
        });
        // The sender is dropped where the statement could not be prepared: no columns, and the result says why.
        let columns = columns.await.unwrap_or_default();
        Ok(Execution { columns, rows, work })
    }

    /// Reads something from the connection, once no statement is running.
    pub(super) async fn inspect<T>(
        &self,
        read: impl FnOnce(&libsql::Connection) -> T,
    ) -> Result<T, Error> {
        let opened = self.hold().await?;
        opened.as_ref().map(|opened| read(&opened.connection)).ok_or_else(lost)
    }

    /// The opened connection, exclusively.
    async fn hold(&self) -> Result<OwnedMutexGuard<Option<Opened>>, Error> {
        let mut opened = Arc::clone(&self.opened).lock_owned().await;
        if opened.is_none() {
            let path = self.path.clone();
            let open = spawn_blocking(move || Handle::current().block_on(Opened::open(path)));
            *opened = Some(open.await.map_err(|_| lost())?.map_err(io_error)?);
        }
        Ok(opened)
    }
}

impl Opened {
    async fn open(path: PathBuf) -> libsql::Result<Self> {
        let connection = Builder::new_local(path).build().await?.connect()?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.authorizer(Some(Arc::new(|context| authorize(&context.action))))?;
        Ok(Self { statements: Statements::default(), connection })
    }

    async fn run(
        &mut self,
        sql: String,
        parameters: Vec<Value>,
        columns_sender: oneshot::Sender<Vec<String>>,
        row_sender: &mpsc::Sender<RowResult>,
    ) -> Result<(), Error> {
        let statement = self.statements.take(&self.connection, &sql).await.map_err(io_error)?;
        let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        // Nobody waits for them if the guest gave up on the call.
        let _ = columns_sender.send(columns);

        let parameters: Vec<_> = parameters.into_iter().map(to_libsql).collect();
        let bound_bytes = parameter_bytes(&parameters);
        let ended = send_rows(&statement, parameters, row_sender).await;
        self.statements.keep(sql, statement, bound_bytes);
        ended
    }
}

async fn send_rows(
    statement: &libsql::Statement,
    parameters: Vec<libsql::Value>,
    row_sender: &mpsc::Sender<RowResult>,
) -> Result<(), Error> {
    // SQLite itself would leave a missing parameter as it was bound before and ignore one too many.
    let (given, needed) = (parameters.len(), statement.parameter_count());
    if given != needed {
        let message =
            format!("Wrong number of parameters passed to query. Got {given}, needed {needed}");
        return Err(Error::Io(message));
    }
    let mut rows = statement.query(parameters).await.map_err(io_error)?;
    let columns = rows.column_count();
    while let Some(row) = rows.next().await.map_err(io_error)? {
        let row = row_result(&row, columns)?;
        row_sender
            .send(row)
            .await
            .map_err(|_| Error::Io("the reader of the rows is gone".into()))?;
    }
    Ok(())
}

/// Everything is allowed but attaching files: only databases in memory or in a temporary file may be attached, and
/// only by a literal name, which is what the authorizer sees.
fn authorize(action: &AuthAction<'_>) -> Authorization {
    const ATTACH: i32 = 24;
    match action {
        AuthAction::Attach { filename } if !matches!(*filename, "" | ":memory:") => {
            Authorization::Deny
        }
        AuthAction::Unknown { code, .. } if *code == ATTACH => Authorization::Deny,
        _ => Authorization::Allow,
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Opened")
    }
}
