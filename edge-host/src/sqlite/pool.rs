//! A pool of connections to the database file.
//!
//! A connection outlives the instance that opened it: opening one reads the whole schema, and its statements would have to
//! be prepared again.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use libsql::{AuthAction, Authorization, Builder};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::error::SqlError;
use super::statements::Statements;
use super::timings::StatementTimings;

/// How long a statement waits for another connection's lock, unless the guest sets `PRAGMA busy_timeout`.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// SQLite's default.
const AUTOCHECKPOINT: &str = "PRAGMA wal_autocheckpoint = 1000";

/// The most idle connections.
const MAX_IDLE: usize = 32;

/// How long a connection may be idle; an idle instance lives as long. After that, a new connection must see what happened
/// to the file.
const IDLE_TIMEOUT: Duration = Duration::from_secs(1);

/// A database file and its idle connections.
#[derive(Clone)]
pub(crate) struct Pool {
    path: PathBuf,
    pub(super) timings: Arc<StatementTimings>,
    /// Held by a quick statement while it runs.
    pub(super) quick_lock: Arc<tokio::sync::Mutex<()>>,
    idle: Arc<Mutex<Vec<PooledConnection>>>,
}

/// An open connection.
pub(super) struct PooledConnection {
    pub(super) connection: libsql::Connection,
    pub(super) statements: Statements,
    /// How long a statement waits for a lock, if it may wait.
    busy_timeout: Duration,
    /// Whether statements wait for locks now.
    waits_for_locks: bool,
    /// Set when a guest changed the connection in a way that [`Self::reset`] does not undo. It is not reused then.
    is_tainted: Arc<AtomicBool>,
    /// Whether a guest ran one of the pragmas that are reset.
    has_pragmas: bool,
    /// The initial value of `PRAGMA synchronous`.
    synchronous: i64,
    /// The number of changed rows before the current guest.
    changes_before: u64,
    identity: Option<FileIdentity>,
    returned_at: Instant,
}

/// Tells whether the path still leads to the same file.
#[derive(Clone, Copy)]
struct FileIdentity {
    device: u64,
    inode: u64,
    bytes: u64,
    is_writable: bool,
}

impl FileIdentity {
    /// Whether this may be the earlier file with the same permissions. A database file never shrinks.
    fn may_equal(self, earlier: FileIdentity) -> bool {
        let key = |identity: FileIdentity| (identity.device, identity.inode, identity.is_writable);
        key(self) == key(earlier) && self.bytes >= earlier.bytes
    }
}

impl Pool {
    /// A pool for a file that may not exist yet.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, timings: Arc::default(), quick_lock: Arc::default(), idle: Arc::default() }
    }

    /// The database file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reuses an idle connection, or opens one.
    pub(super) async fn take(&self) -> Result<PooledConnection, SqlError> {
        while let Some(mut pooled) = self.pop_idle() {
            // A connection that cannot be reused is dropped without a message: there is a new one.
            if pooled.is_current(self.identity()) && pooled.reset().await.is_ok() {
                return Ok(pooled);
            }
        }
        self.open().await
    }

    /// Opens a new connection.
    pub(super) async fn open(&self) -> Result<PooledConnection, SqlError> {
        let pool = self.clone();
        let open =
            spawn_blocking(move || Handle::current().block_on(PooledConnection::open(&pool)));
        Ok(open.await.map_err(|_| SqlError::abandoned())??)
    }

    /// Keeps a connection for the next guest, unless that guest could see a difference from a new one.
    pub(super) fn put(&self, mut pooled: PooledConnection) {
        pooled.returned_at = Instant::now();
        let identity = self.identity();
        let is_tainted = pooled.is_tainted.load(Ordering::Relaxed);
        if !is_tainted && pooled.connection.is_autocommit() && pooled.is_current(identity) {
            pooled.identity = identity;
            let mut idle = self.idle.lock();
            if idle.len() < MAX_IDLE {
                idle.push(pooled);
            }
        }
    }

    fn pop_idle(&self) -> Option<PooledConnection> {
        self.idle.lock().pop()
    }

    fn identity(&self) -> Option<FileIdentity> {
        let metadata = self.path.metadata().ok()?;
        // The file is not opened for this: closing it would release SQLite's locks.
        let is_writable = rustix::fs::access(&self.path, rustix::fs::Access::WRITE_OK).is_ok();
        let (device, inode, bytes) = (metadata.dev(), metadata.ino(), metadata.len());
        Some(FileIdentity { device, inode, bytes, is_writable })
    }
}

impl PooledConnection {
    async fn open(pool: &Pool) -> libsql::Result<Self> {
        let connection = Builder::new_local(&pool.path).build().await?.connect()?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        let is_tainted = Arc::new(AtomicBool::new(false));
        let tainted = Arc::clone(&is_tainted);
        connection.authorizer(Some(Arc::new(move |context| {
            if taints(&context.action) {
                tainted.store(true, Ordering::Relaxed);
            }
            authorize(&context.action)
        })))?;
        let synchronous = pragma(&connection, "PRAGMA synchronous").await?;
        Ok(Self {
            connection,
            statements: Statements::default(),
            busy_timeout: BUSY_TIMEOUT,
            waits_for_locks: true,
            is_tainted,
            has_pragmas: false,
            synchronous,
            changes_before: 0,
            identity: pool.identity(),
            returned_at: Instant::now(),
        })
    }

    /// Whether it sees the same data as a new connection to the file that is there now.
    fn is_current(&self, now: Option<FileIdentity>) -> bool {
        let is_same_file = now.zip(self.identity).is_some_and(|(now, own)| now.may_equal(own));
        is_same_file && self.returned_at.elapsed() < IDLE_TIMEOUT
    }

    /// Undoes the settings of the previous guest.
    async fn reset(&mut self) -> libsql::Result<()> {
        if self.has_pragmas {
            let sql = format!("PRAGMA synchronous = {}", self.synchronous);
            pragma(&self.connection, &sql).await?;
            pragma(&self.connection, AUTOCHECKPOINT).await?;
            self.busy_timeout = BUSY_TIMEOUT;
            self.connection.busy_timeout(BUSY_TIMEOUT)?;
            self.waits_for_locks = true;
            self.has_pragmas = false;
        }
        self.changes_before = self.connection.total_changes();
        Ok(())
    }

    /// Whether this guest has changed a row.
    pub(super) fn has_changes(&self) -> bool {
        self.connection.total_changes() != self.changes_before
    }

    /// Sets whether statements wait for another connection's lock.
    pub(super) fn set_waits_for_locks(&mut self, waits: bool) -> libsql::Result<()> {
        if self.waits_for_locks != waits {
            self.connection.busy_timeout(if waits { self.busy_timeout } else { Duration::ZERO })?;
            self.waits_for_locks = waits;
        }
        Ok(())
    }

    /// Reads the busy timeout again after a pragma that may have set it.
    pub(super) async fn note_pragma(&mut self) {
        self.has_pragmas = true;
        if let Ok(milliseconds) = pragma(&self.connection, "PRAGMA busy_timeout").await {
            let milliseconds = u64::try_from(milliseconds).unwrap_or_default();
            self.busy_timeout = Duration::from_millis(milliseconds);
        }
    }
}

/// Runs a pragma and returns its value; 0 if it returns none.
async fn pragma(connection: &libsql::Connection, sql: &str) -> libsql::Result<i64> {
    let mut rows = connection.query(sql, ()).await?;
    rows.next().await?.map_or(Ok(0), |row| row.get(0))
}

/// Whether an action has an effect that [`PooledConnection::reset`] does not undo.
fn taints(action: &AuthAction<'_>) -> bool {
    /// Settings of the file, and those that are reset.
    const RESET: [&str; 5] =
        ["busy_timeout", "journal_mode", "synchronous", "wal_autocheckpoint", "wal_checkpoint"];
    match action {
        AuthAction::Pragma { pragma_name, pragma_value: Some(_) } => {
            !RESET.iter().any(|name| pragma_name.eq_ignore_ascii_case(name))
        }
        AuthAction::CreateTempIndex { .. }
        | AuthAction::CreateTempTable { .. }
        | AuthAction::CreateTempTrigger { .. }
        | AuthAction::CreateTempView { .. }
        | AuthAction::Attach { .. }
        | AuthAction::Unknown { .. } => true,
        _ => false,
    }
}

/// Denies ATTACH of files. Only databases in memory or in a temporary file may be attached, and only by a literal name,
/// because the authorizer sees no other.
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
