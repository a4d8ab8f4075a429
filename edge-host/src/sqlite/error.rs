//! The error of a statement: a message for the guest.

/// Why a statement failed.
#[derive(Debug)]
pub(super) struct SqlError(pub(super) String);

impl SqlError {
    /// The error of a statement whose thread has ended.
    pub(super) fn abandoned() -> Self {
        Self("the statement was abandoned: its thread panicked or the host is shutting down".into())
    }
}

impl From<libsql::Error> for SqlError {
    /// Keeps SQLite's message without the prefix that libsql adds.
    fn from(error: libsql::Error) -> Self {
        Self(match error {
            libsql::Error::SqliteFailure(_, message) => message,
            other => other.to_string(),
        })
    }
}
