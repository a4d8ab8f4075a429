//! Connections to a database file: one statement at a time; quick ones are run where they are asked for, others on a
//! thread that may block.

use std::sync::Arc;
use std::time::{Duration, Instant};

use libsql::Statement;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};
use tokio::task::{spawn_blocking, yield_now};

use super::execution::{End, Execution, Rows};
use super::file::{File, Opened};
use super::statements::parameter_bytes;
use super::{WAITING_ROWS, io_error, lost, row_result, to_libsql};
use crate::bindings::sqlite::{Error, RowResult, Value};

/// How often a quick statement asks for a lock before it goes where waiting hurts nobody.
const ATTEMPTS: usize = 4;

/// A connection to a file. A statement holds it until its last row is read or its stream is dropped; the next one
/// waits, without a thread of its own.
#[derive(Debug, Clone)]
pub(crate) struct Local(Arc<Mutex<Lease>>);

/// A connection of the file's, given back when it is dropped.
struct Lease {
    file: File,
    opened: Option<Opened>,
    /// Whether it may be one that another guest had before, and may be given to the next.
    is_shared: bool,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(opened) = self.opened.take().filter(|_| self.is_shared) {
            self.file.give_back(opened);
        }
    }
}

impl Local {
    /// A guest that has dropped a connection, and asks for one again, gets one that is new and stays its own: it wants to
    /// see the file afresh.
    pub(super) fn new(file: File, is_shared: bool) -> Self {
        Self(Arc::new(Mutex::new(Lease { file, opened: None, is_shared })))
    }

    /// Keeps the connection from being given to another guest.
    pub(super) fn retire(&self) {
        // A statement that is running holds it and gives it back unshared or not at all: that is rare, and only costs.
        if let Ok(mut lease) = self.0.try_lock() {
            lease.is_shared = false;
        }
    }

    pub(super) async fn start(
        &self,
        sql: String,
        parameters: Vec<Value>,
    ) -> Result<Execution, Error> {
        let mut lease = self.hold().await?;
        let parameters: Vec<_> = parameters.into_iter().map(to_libsql).collect();
        if lease.file.pace.is_quick(&sql)
            && let Some(execution) = lease.run_at_once(&sql, &parameters).await
        {
            return Ok(execution);
        }
        run_on_a_thread(lease, sql, parameters).await
    }

    /// Reads something from the connection, once no statement is running; `None` where the guest has changed nothing by
    /// it yet.
    pub(super) async fn inspect<T>(
        &self,
        read: impl FnOnce(&libsql::Connection) -> T,
    ) -> Result<Option<T>, Error> {
        let lease = self.hold().await?;
        let opened = lease.opened.as_ref().ok_or_else(lost)?;
        Ok(opened.has_changes().then(|| read(&opened.connection)))
    }

    /// The opened connection, exclusively.
    async fn hold(&self) -> Result<OwnedMutexGuard<Lease>, Error> {
        let mut lease = Arc::clone(&self.0).lock_owned().await;
        if lease.opened.is_none() {
            let file = lease.file.clone();
            lease.opened =
                Some(if lease.is_shared { file.connect().await? } else { file.open().await? });
        }
        Ok(lease)
    }
}

impl Lease {
    /// Runs a statement here and now; `None` where it would have to wait for a lock, and did nothing.
    async fn run_at_once(&mut self, sql: &str, parameters: &[libsql::Value]) -> Option<Execution> {
        let opened = self.opened.as_mut()?;
        for _ in 0..ATTEMPTS {
            // Connections of this process take turns, so that none of them finds another's lock. It is held for no longer
            // than a quick statement takes.
            let turn = self.file.turn.lock().await;
            let began = Instant::now();
            let execution = opened.run_at_once(sql, parameters).await;
            if execution.is_some() {
                self.file.pace.note(sql, began.elapsed());
                return execution;
            }
            drop(turn);
            yield_now().await;
        }
        None
    }
}

async fn run_on_a_thread(
    mut lease: OwnedMutexGuard<Lease>,
    sql: String,
    parameters: Vec<libsql::Value>,
) -> Result<Execution, Error> {
    let (columns_sender, columns) = oneshot::channel();
    let (row_sender, rows) = mpsc::channel(WAITING_ROWS);
    let work = spawn_blocking(move || {
        let opened = lease.opened.as_mut().ok_or_else(lost)?;
        let run = opened.run(&sql, parameters, columns_sender, &row_sender);
        let (took, outcome) = Handle::current().block_on(run);
        lease.file.pace.note(&sql, took);
        outcome
    });
    // The sender is dropped where the statement could not be prepared: no columns, and the result says why.
    let columns = columns.await.unwrap_or_default();
    Ok(Execution { columns, rows: Rows::to_come(rows), end: End::ToCome(work) })
}

impl Opened {
    /// Runs a statement to its end without waiting for anybody; `None` where a lock is in its way.
    async fn run_at_once(&mut self, sql: &str, parameters: &[libsql::Value]) -> Option<Execution> {
        let failed = |columns, error| {
            let end = End::Known(Err(error));
            Some(Execution { columns, rows: Rows::there(Vec::new()), end })
        };
        if let Err(error) = self.wait_for_locks(false) {
            return failed(Vec::new(), io_error(error));
        }
        let prepared = match self.statements.take(&self.connection, sql).await {
            Ok(prepared) => prepared,
            Err(error) if is_locked(&error) => return None,
            Err(error) => return failed(Vec::new(), io_error(error)),
        };
        let columns = prepared.columns.clone();
        let gathered = gather(&prepared.statement, parameters).await;
        self.statements.keep(prepared, parameter_bytes(parameters));
        match gathered {
            Ok(rows) => {
                Some(Execution { columns, rows: Rows::there(rows), end: End::Known(Ok(())) })
            }
            Err(Refused::Locked) => None,
            Err(Refused::Failed(error)) => failed(columns, error),
        }
    }

    /// Runs a statement, waiting for locks and for the reader of its rows; how long it worked, and how it ended.
    async fn run(
        &mut self,
        sql: &str,
        parameters: Vec<libsql::Value>,
        columns_sender: oneshot::Sender<Vec<String>>,
        row_sender: &mpsc::Sender<RowResult>,
    ) -> (Duration, Result<(), Error>) {
        let mut worked = Duration::ZERO;
        let prepared = match self.wait_for_locks(true) {
            Ok(()) => self.statements.take(&self.connection, sql).await,
            Err(error) => Err(error),
        };
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return (worked, Err(io_error(error))),
        };
        // Nobody waits for them if the guest gave up on the call.
        let _ = columns_sender.send(prepared.columns.clone());
        let bound_bytes = parameter_bytes(&parameters);
        let ended = send_rows(&prepared.statement, parameters, row_sender, &mut worked).await;
        self.statements.keep(prepared, bound_bytes);
        if is_pragma(sql) {
            self.note_pragma().await;
            // It is not repeated so often that it should be quick.
            worked = Duration::MAX;
        }
        (worked, ended)
    }
}

/// Why a statement has no more rows to give.
enum Refused {
    /// Another connection holds a lock; the statement did nothing.
    Locked,
    Failed(Error),
}

/// All rows of a statement.
async fn gather(
    statement: &Statement,
    parameters: &[libsql::Value],
) -> Result<Vec<RowResult>, Refused> {
    check_count(statement, parameters).map_err(Refused::Failed)?;
    let mut rows = Vec::new();
    let refused = |error: libsql::Error, is_first: bool| {
        if is_first && is_locked(&error) {
            Refused::Locked
        } else {
            Refused::Failed(io_error(error))
        }
    };
    let mut running =
        statement.query(parameters.to_vec()).await.map_err(|error| refused(error, true))?;
    let columns = running.column_count();
    let mut bytes = 0;
    while let Some(row) = running.next().await.map_err(|error| refused(error, rows.is_empty()))? {
        let row = row_result(&row, columns).map_err(Refused::Failed)?;
        bytes += super::row_bytes(&row);
        super::check_size(bytes).map_err(Refused::Failed)?;
        rows.push(row);
    }
    Ok(rows)
}

/// Sends the rows of a statement as they are read, and adds up how long SQLite worked for them.
async fn send_rows(
    statement: &Statement,
    parameters: Vec<libsql::Value>,
    row_sender: &mpsc::Sender<RowResult>,
    worked: &mut Duration,
) -> Result<(), Error> {
    check_count(statement, &parameters)?;
    let mut began = Instant::now();
    let mut rows = statement.query(parameters).await.map_err(io_error)?;
    let columns = rows.column_count();
    loop {
        let row = rows.next().await.map_err(io_error)?;
        *worked += began.elapsed();
        let Some(row) = row else { return Ok(()) };
        let row = row_result(&row, columns)?;
        row_sender
            .send(row)
            .await
            .map_err(|_| Error::Io("the reader of the rows is gone".into()))?;
        began = Instant::now();
    }
}

/// SQLite itself would leave a missing parameter as it was bound before and ignore one too many.
fn check_count(statement: &Statement, parameters: &[libsql::Value]) -> Result<(), Error> {
    let (given, needed) = (parameters.len(), statement.parameter_count());
    if given == needed {
        return Ok(());
    }
    let message =
        format!("Wrong number of parameters passed to query. Got {given}, needed {needed}");
    Err(Error::Io(message))
}

fn is_pragma(sql: &str) -> bool {
    let word = sql.trim_start().get(..6);
    word.is_some_and(|word| word.eq_ignore_ascii_case("pragma"))
}

/// Whether another connection's lock was in the way: `SQLITE_BUSY`, whatever kind of it.
fn is_locked(error: &libsql::Error) -> bool {
    const BUSY: i32 = 5;
    matches!(error, libsql::Error::SqliteFailure(code, _) if code & 0xff == BUSY)
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Lease").field("file", &self.file).finish_non_exhaustive()
    }
}
