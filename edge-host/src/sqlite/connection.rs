//! A guest's connection: runs quick statements on the current thread and others on a blocking thread, one at a time.

use std::cell::Cell;
use std::future::ready;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use libsql::{Statement, Value};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};
use tokio::task::{spawn_blocking, yield_now};

use super::error::SqlError;
use super::pool::{Pool, PooledConnection};
use super::rows::{BUFFERED_ROWS, Execution, Row, Rows, add_row, heap_bytes, read_row};

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

    /// Starts the first statement of `sql`. The outcome has its failure.
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
        execution.outcome.await?;
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
            let (mut columns, mut rows, mut bytes) = (Vec::new(), Vec::new(), 0);
            let outcome = pooled
                .run(
                    (sql, parameters.to_vec()),
                    false,
                    |names| columns = names,
                    |row| ready(add_row(&mut rows, row, &mut bytes)),
                )
                .await;
            let is_locked = outcome.as_ref().is_err_and(|error| error.is_locked);
            if !is_locked || !rows.is_empty() {
                self.pool.timings.record(sql, started.elapsed());
                let outcome = ready(outcome).boxed();
                return Some(Execution { columns, rows: Rows::ready(rows), outcome });
            }
            drop(guard);
            yield_now().await;
        }
        None
    }
}

/// Runs a statement on a blocking thread, where it waits for locks and for the reader of its rows.
async fn run_on_thread(
    mut lease: OwnedMutexGuard<Lease>,
    sql: String,
    parameters: Vec<Value>,
) -> Result<Execution, SqlError> {
    let (columns_sender, columns) = oneshot::channel();
    let (row_sender, rows) = mpsc::channel(BUFFERED_ROWS);
    let run = async move || {
        let pooled = lease.pooled.as_mut().ok_or_else(SqlError::abandoned)?;
        let started = Instant::now();
        let waited = Cell::new(Duration::ZERO);
        let send = async |row| {
            let started = Instant::now();
            let sent = row_sender.send(row).await;
            waited.set(waited.get() + started.elapsed());
            sent.map_err(|_| SqlError::new("the reader of the rows is gone"))
        };
        // The receiver is gone if the guest cancelled the call.
        let send_columns = |names| drop(columns_sender.send(names));
        let outcome = pooled.run((&sql, parameters), true, send_columns, send).await;
        let mut duration = started.elapsed() - waited.get();
        if is_pragma(&sql) {
            pooled.note_pragma().await;
            // A pragma is never quick: the connection must note it here.
            duration = Duration::MAX;
        }
        lease.pool.timings.record(&sql, duration);
        outcome
    };
    let task = spawn_blocking(move || Handle::current().block_on(run()));
    // If the statement could not be prepared, the sender is dropped: there are no columns, and the outcome has the error.
    let columns = columns.await.unwrap_or_default();
    let outcome = task.map(|ended| ended.unwrap_or_else(|_| Err(SqlError::abandoned())));
    Ok(Execution { columns, rows: Rows(rows), outcome: outcome.boxed() })
}

impl PooledConnection {
    /// Runs a statement; it waits for another connection's lock if `waits` is set. Passes on the names of its columns, and
    /// then its rows.
    async fn run<F: Future<Output = Result<(), SqlError>>>(
        &mut self,
        (sql, parameters): (&str, Vec<Value>),
        waits: bool,
        take_columns: impl FnOnce(Vec<String>),
        take_row: impl FnMut(Row) -> F,
    ) -> Result<(), SqlError> {
        self.set_waits_for_locks(waits)?;
        let prepared = self.statements.take(&self.connection, sql).await?;
        take_columns(prepared.columns.clone());
        let parameter_bytes = heap_bytes(&parameters);
        let outcome = read_rows(&prepared.statement, parameters, take_row).await;
        self.statements.put(prepared, parameter_bytes);
        outcome
    }
}

/// Runs a prepared statement and passes on its rows.
async fn read_rows<F: Future<Output = Result<(), SqlError>>>(
    statement: &Statement,
    parameters: Vec<Value>,
    mut take_row: impl FnMut(Row) -> F,
) -> Result<(), SqlError> {
    check_count(statement, &parameters)?;
    let mut rows = statement.query(parameters).await?;
    let columns = rows.column_count();
    while let Some(row) = rows.next().await? {
        take_row(read_row(&row, columns)?).await?;
    }
    Ok(())
}

/// Checks the number of parameters. SQLite itself would keep the old value of a missing one and ignore an extra one.
fn check_count(statement: &Statement, parameters: &[Value]) -> Result<(), SqlError> {
    let (given, needed) = (parameters.len(), statement.parameter_count());
    let wrong =
        || format!("Wrong number of parameters passed to query. Got {given}, needed {needed}");
    if given == needed { Ok(()) } else { Err(SqlError::new(wrong())) }
}

fn is_pragma(sql: &str) -> bool {
    let word = sql.trim_start().get(..6);
    word.is_some_and(|word| word.eq_ignore_ascii_case("pragma"))
}
