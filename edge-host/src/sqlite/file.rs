//! A database file, and the connections to it that outlive an instance: opening one reads the whole schema, and its
//! statements would have to be prepared again.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use libsql::{AuthAction, Authorization, Builder};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::pace::Pace;
use super::statements::Statements;
use super::{io_error, lost};
use crate::bindings::sqlite::Error;

/// How long a statement waits for another connection's lock, unless the guest sets `PRAGMA busy_timeout`.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How SQLite is set at first, by its documentation.
const AUTOCHECKPOINT: &str = "PRAGMA wal_autocheckpoint = 1000";

/// Connections kept for the next guest.
const MOST_IDLE: usize = 32;

/// How long a connection is kept without a guest: as long as an instance is without work. What happened to the file since
/// then, a new connection should see.
const IDLE_TIMEOUT: Duration = Duration::from_secs(1);

/// A database file, and what its connections share.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    /// Which statements are quick.
    pub(super) pace: Arc<Pace>,
    /// Held by a quick statement while it runs.
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
    idle: Arc<std::sync::Mutex<Vec<Opened>>>,
}

/// An open connection.
pub(super) struct Opened {
    pub(super) connection: libsql::Connection,
    pub(super) statements: Statements,
    /// How long a statement waits for a lock, where it may wait.
    patience: Duration,
    /// Whether the connection is set to wait that long, or not at all.
    is_patient: bool,
    /// Set where a guest did what the next one would notice: nobody gets the connection then.
    is_spoilt: Arc<AtomicBool>,
    /// Whether a guest ran one of the pragmas that are taken back.
    is_set: bool,
    /// `PRAGMA synchronous` as it was.
    synchronous: i64,
    /// How many rows the guests before had changed.
    changes_before: u64,
    identity: Option<Identity>,
    /// When the guest before gave it back.
    given_back: Instant,
}

/// Which file a path leads to: another one may be put in its place.
#[derive(Debug, Clone, Copy)]
struct Identity {
    device: u64,
    inode: u64,
    bytes: u64,
    is_writable: bool,
}

impl Identity {
    /// Whether it may be the same file that was seen before, with the same rights. A database only grows.
    fn may_be(self, before: Identity) -> bool {
        let what = |identity: Identity| (identity.device, identity.inode, identity.is_writable);
        what(self) == what(before) && self.bytes >= before.bytes
    }
}

impl File {
    /// A file that need not exist yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, pace: Arc::default(), turn: Arc::default(), idle: Arc::default() }
    }

    /// A connection that is as good as new.
    pub(super) async fn connect(&self) -> Result<Opened, Error> {
        while let Some(mut opened) = self.take_idle() {
            // A connection to a file that is gone, or that cannot be reset, is not worth a word: there is a new one.
            if opened.is_current(self.identity()) && opened.reset().await.is_ok() {
                return Ok(opened);
            }
        }
        self.open().await
    }

    /// A new connection.
    pub(super) async fn open(&self) -> Result<Opened, Error> {
        let file = self.clone();
        let open = spawn_blocking(move || Handle::current().block_on(Opened::open(&file)));
        open.await.map_err(|_| lost())?.map_err(io_error)
    }

    /// Keeps a connection for the next guest, if that one would not notice.
    pub(super) fn give_back(&self, mut opened: Opened) {
        opened.given_back = Instant::now();
        let there = self.identity();
        if opened.is_spoilt.load(Ordering::Relaxed)
            || !opened.connection.is_autocommit()
            || !opened.is_current(there)
        {
            return;
        }
        opened.identity = there;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(opened);
        }
    }

    fn take_idle(&self) -> Option<Opened> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn identity(&self) -> Option<Identity> {
        let metadata = self.path.metadata().ok()?;
        // Asked without opening the file: closing it would take SQLite's locks away.
        let is_writable = rustix::fs::access(&self.path, rustix::fs::Access::WRITE_OK).is_ok();
        let (device, inode, bytes) = (metadata.dev(), metadata.ino(), metadata.len());
        Some(Identity { device, inode, bytes, is_writable })
    }
}

impl Opened {
    async fn open(file: &File) -> libsql::Result<Self> {
        let connection = Builder::new_local(&file.path).build().await?.connect()?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        let is_spoilt = Arc::new(AtomicBool::new(false));
        let spoilt = Arc::clone(&is_spoilt);
        connection.authorizer(Some(Arc::new(move |context| {
            if spoils(&context.action) {
                spoilt.store(true, Ordering::Relaxed);
            }
            authorize(&context.action)
        })))?;
        let synchronous = pragma(&connection, "PRAGMA synchronous").await?;
        Ok(Self {
            connection,
            statements: Statements::default(),
            patience: BUSY_TIMEOUT,
            is_patient: true,
            is_spoilt,
            is_set: false,
            synchronous,
            changes_before: 0,
            identity: file.identity(),
            given_back: Instant::now(),
        })
    }

    /// Whether it sees what a new connection to the file that is there now would see.
    fn is_current(&self, there: Option<Identity>) -> bool {
        let is_there = there.zip(self.identity).is_some_and(|(there, before)| there.may_be(before));
        is_there && self.given_back.elapsed() < IDLE_TIMEOUT
    }

    /// Takes back what the guest before set.
    async fn reset(&mut self) -> libsql::Result<()> {
        if self.is_set {
            let sql = format!("PRAGMA synchronous = {}", self.synchronous);
            pragma(&self.connection, &sql).await?;
            pragma(&self.connection, AUTOCHECKPOINT).await?;
            self.patience = BUSY_TIMEOUT;
            self.connection.busy_timeout(BUSY_TIMEOUT)?;
            self.is_patient = true;
            self.is_set = false;
        }
        self.changes_before = self.connection.total_changes();
        Ok(())
    }

    /// Whether this guest has changed a row.
    pub(super) fn has_changes(&self) -> bool {
        self.connection.total_changes() != self.changes_before
    }

    /// Sets whether statements wait for another connection's lock.
    pub(super) fn wait_for_locks(&mut self, patient: bool) -> libsql::Result<()> {
        if self.is_patient != patient {
            self.connection.busy_timeout(if patient { self.patience } else { Duration::ZERO })?;
            self.is_patient = patient;
        }
        Ok(())
    }

    /// Takes note of a pragma that was run while statements waited for locks: it may have been `busy_timeout`.
    pub(super) async fn note_pragma(&mut self) {
        self.is_set = true;
        if let Ok(milliseconds) = pragma(&self.connection, "PRAGMA busy_timeout").await {
            self.patience = Duration::from_millis(u64::try_from(milliseconds).unwrap_or_default());
        }
    }
}

/// Runs a pragma; what it says, 0 where it says nothing.
async fn pragma(connection: &libsql::Connection, sql: &str) -> libsql::Result<i64> {
    let mut rows = connection.query(sql, ()).await?;
    match rows.next().await? {
        Some(row) => row.get::<i64>(0),
        None => Ok(0),
    }
}

/// Whether an action leaves behind what [`Opened::reset`] does not take back.
fn spoils(action: &AuthAction<'_>) -> bool {
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
