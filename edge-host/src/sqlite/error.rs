//! The error of a statement: a message for the guest.

/// Why a statement failed.
#[derive(Debug)]
pub(super) struct SqlError {
    pub(super) message: String,
    /// Whether another connection holds a lock: any kind of `SQLITE_BUSY`.
    pub(super) is_locked: bool,
}

impl SqlError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), is_locked: false }
    }

    /// The error of a statement whose thread has ended.
    pub(super) fn abandoned() -> Self {
        Self::new("the statement was abandoned: its thread panicked or the host is shutting down")
    }
}

impl From<libsql::Error> for SqlError {
    /// Keeps SQLite's message without the prefix that libsql adds.
    fn from(error: libsql::Error) -> Self {
        const BUSY: i32 = 5;
        match error {
            libsql::Error::SqliteFailure(code, message) => {
                Self { message, is_locked: code & 0xff == BUSY }
            }
            other => Self::new(other.to_string()),
        }
    }
}
