//! A guest's connection: runs quick statements on the current thread and others on a blocking thread, one at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use libsql::{Statement, Value};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};
use tokio::task::{spawn_blocking, yield_now};

use super::error::SqlError;
use super::pool::{Pool, PooledConnection};
use super::rows::{BUFFERED_ROWS, Execution, Outcome, Row, Rows, add_row, heap_bytes, read_row};

/// How often a quick statement tries to get a lock before it moves to a blocking thread.
const ATTEMPTS: usize = 4;

/// A guest's connection, opened by its first statement. A statement holds it until its last row is read or its stream is
/// dropped; the next statement waits without a thread.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Connection(Arc<Mutex<Lease>>);

/// A connection of the pool, returned to it on drop.
struct Lease {
    pool: Pool,
    pooled: Option<PooledConnection>,
    /// Whether the connection may come from the pool and return to it.
    is_shared: bool,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(pooled) = self.pooled.take().filter(|_| self.is_shared) {
            self.pool.put(pooled);
        }
    }
}

impl Connection {
    /// A connection that is not open yet. A guest that has dropped one and opens another wants to see the file afresh, so
    /// that one is not shared.
    pub(super) fn new(pool: Pool, is_shared: bool) -> Self {
        Self(Arc::new(Mutex::new(Lease { pool, pooled: None, is_shared })))
    }

    /// Keeps the connection from returning to the pool.
    pub(super) fn retire(&self) {
        // A running statement holds the lock, and the connection may then return to the pool or not: both are correct.
        if let Ok(mut lease) = self.0.try_lock() {
            lease.is_shared = false;
        }
    }

    /// Starts the first statement of `sql`. [`Outcome::wait`] returns its failure.
    pub(super) async fn start(
        &self,
        sql: String,
        parameters: Vec<Value>,
    ) -> Result<Execution, SqlError> {
        let mut lease = self.lock().await?;
        if lease.pool.timings.is_quick(&sql)
            && let Some(execution) = lease.run_quick(&sql, &parameters).await
        {
            return Ok(execution);
        }
        run_on_thread(lease, sql, parameters).await
    }

    /// Runs the first statement of `sql` and returns its columns and rows.
    pub(super) async fn query(
        &self,
        sql: String,
        parameters: Vec<Value>,
    ) -> Result<(Vec<String>, Vec<Row>), SqlError> {
        let mut execution = self.start(sql, parameters).await?;
        let rows = execution.rows.read_all().await?;
        execution.outcome.wait().await?;
        Ok((execution.columns, rows))
    }

    /// Reads a value from the connection after the running statement; the default if the guest has changed no row.
    pub(super) async fn inspect<T: Default>(
        &self,
        read: impl FnOnce(&libsql::Connection) -> T,
    ) -> Result<T, SqlError> {
        let lease = self.lock().await?;
        let pooled = lease.pooled.as_ref().ok_or_else(SqlError::abandoned)?;
        Ok(if pooled.has_changes() { read(&pooled.connection) } else { T::default() })
    }

    /// Waits for exclusive use, and opens the connection if needed.
    async fn lock(&self) -> Result<OwnedMutexGuard<Lease>, SqlError> {
        let mut lease = Arc::clone(&self.0).lock_owned().await;
        if lease.pooled.is_none() {
            let pool = lease.pool.clone();
            lease.pooled =
                Some(if lease.is_shared { pool.take().await? } else { pool.open().await? });
        }
        Ok(lease)
    }
}

impl Lease {
    /// Runs a statement on the current thread. Returns `None` if a lock is held elsewhere; the statement did nothing then.
    async fn run_quick(&mut self, sql: &str, parameters: &[Value]) -> Option<Execution> {
        let pooled = self.pooled.as_mut()?;
        for _ in 0..ATTEMPTS {
            // Quick statements of this process run one after the other, so they do not find each other's locks.
            let guard = self.pool.quick_lock.lock().await;
            let started = Instant::now();
            let execution = pooled.run_quick(sql, parameters).await;
            if execution.is_some() {
                self.pool.timings.record(sql, started.elapsed());
                return execution;
            }
            drop(guard);
            yield_now().await;
        }
        None
    }
}

async fn run_on_thread(
    mut lease: OwnedMutexGuard<Lease>,
    sql: String,
    parameters: Vec<Value>,
) -> Result<Execution, SqlError> {
    let (columns_sender, columns) = oneshot::channel();
    let (row_sender, rows) = mpsc::channel(BUFFERED_ROWS);
    let task = spawn_blocking(move || {
        let pooled = lease.pooled.as_mut().ok_or_else(SqlError::abandoned)?;
        let run = pooled.run(&sql, parameters, columns_sender, &row_sender);
        let (duration, outcome) = Handle::current().block_on(run);
        lease.pool.timings.record(&sql, duration);
        outcome
    });
    // If the statement could not be prepared, the sender is dropped: there are no columns, and the outcome has the error.
    let columns = columns.await.unwrap_or_default();
    Ok(Execution { columns, rows: Rows::pending(rows), outcome: Outcome::Pending(task) })
}

impl PooledConnection {
    /// Runs a statement without waiting. Returns `None` if a lock is held elsewhere.
    async fn run_quick(&mut self, sql: &str, parameters: &[Value]) -> Option<Execution> {
        let finished = |columns, rows, outcome| {
            Some(Execution { columns, rows: Rows::ready(rows), outcome: Outcome::Known(outcome) })
        };
        if let Err(error) = self.set_waits_for_locks(false) {
            return finished(Vec::new(), Vec::new(), Err(error.into()));
        }
        let prepared = match self.statements.take(&self.connection, sql).await {
            Ok(prepared) => prepared,
            Err(error) if is_locked(&error) => return None,
            Err(error) => return finished(Vec::new(), Vec::new(), Err(error.into())),
        };
        let columns = prepared.columns.clone();
        let rows = read_rows(&prepared.statement, parameters).await;
        self.statements.put(prepared, heap_bytes(parameters));
        match rows {
            Ok(rows) => finished(columns, rows, Ok(())),
            Err(ReadError::Locked) => None,
            Err(ReadError::Failed(error)) => finished(columns, Vec::new(), Err(error)),
        }
    }

    /// Runs a statement, waiting for locks and for the reader of its rows. Returns how long SQLite worked, and the outcome.
    async fn run(
        &mut self,
        sql: &str,
        parameters: Vec<Value>,
        columns_sender: oneshot::Sender<Vec<String>>,
        row_sender: &mpsc::Sender<Row>,
    ) -> (Duration, Result<(), SqlError>) {
        let mut duration = Duration::ZERO;
        let prepared = match self.set_waits_for_locks(true) {
            Ok(()) => self.statements.take(&self.connection, sql).await,
            Err(error) => Err(error),
        };
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return (duration, Err(error.into())),
        };
        // The receiver is gone if the guest cancelled the call.
        let _ = columns_sender.send(prepared.columns.clone());
        let parameter_bytes = heap_bytes(&parameters);
        let outcome = send_rows(&prepared.statement, parameters, row_sender, &mut duration).await;
        self.statements.put(prepared, parameter_bytes);
        if is_pragma(sql) {
            self.note_pragma().await;
            // A pragma is never quick: the connection must note it here.
            duration = Duration::MAX;
        }
        (duration, outcome)
    }
}

/// Why the rows of a quick statement could not be read.
enum ReadError {
    /// Another connection holds a lock; the statement did nothing.
    Locked,
    Failed(SqlError),
}

impl From<SqlError> for ReadError {
    fn from(error: SqlError) -> Self {
        Self::Failed(error)
    }
}

/// Reads all rows of a statement.
async fn read_rows(statement: &Statement, parameters: &[Value]) -> Result<Vec<Row>, ReadError> {
    check_count(statement, parameters)?;
    let mut rows = Vec::new();
    let read_error = |error: libsql::Error, is_first: bool| {
        if is_first && is_locked(&error) {
            ReadError::Locked
        } else {
            ReadError::Failed(error.into())
        }
    };
    let mut running =
        statement.query(parameters.to_vec()).await.map_err(|error| read_error(error, true))?;
    let columns = running.column_count();
    let mut bytes = 0;
    while let Some(row) =
        running.next().await.map_err(|error| read_error(error, rows.is_empty()))?
    {
        add_row(&mut rows, read_row(&row, columns)?, &mut bytes)?;
    }
    Ok(rows)
}

/// Sends the rows of a statement as they are read, and adds to `duration` how long SQLite worked.
async fn send_rows(
    statement: &Statement,
    parameters: Vec<Value>,
    row_sender: &mpsc::Sender<Row>,
    duration: &mut Duration,
) -> Result<(), SqlError> {
    check_count(statement, &parameters)?;
    let mut started = Instant::now();
    let mut rows = statement.query(parameters).await?;
    let columns = rows.column_count();
    loop {
        let row = rows.next().await?;
        *duration += started.elapsed();
        let Some(row) = row else { return Ok(()) };
        row_sender
            .send(read_row(&row, columns)?)
            .await
            .map_err(|_| SqlError("the reader of the rows is gone".into()))?;
        started = Instant::now();
    }
}

/// Checks the number of parameters. SQLite itself would keep the old value of a missing one and ignore an extra one.
fn check_count(statement: &Statement, parameters: &[Value]) -> Result<(), SqlError> {
    let (given, needed) = (parameters.len(), statement.parameter_count());
    if given == needed {
        return Ok(());
    }
    Err(SqlError(format!(
        "Wrong number of parameters passed to query. Got {given}, needed {needed}"
    )))
}

fn is_pragma(sql: &str) -> bool {
    let word = sql.trim_start().get(..6);
    word.is_some_and(|word| word.eq_ignore_ascii_case("pragma"))
}

/// Whether another connection holds a lock: any kind of `SQLITE_BUSY`.
fn is_locked(error: &libsql::Error) -> bool {
    const BUSY: i32 = 5;
    matches!(error, libsql::Error::SqliteFailure(code, _) if code & 0xff == BUSY)
}
