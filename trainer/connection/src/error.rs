//! Why a statement did not run, or its result cannot be read.

/// Why a statement did not run, or its result cannot be read.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum Error {
    #[error(transparent)]
    File(#[from] libsql::Error),
    #[error(
        "{url:?} is no address of a database; allowed: the path of a file, http://…, https://… or libsql://…"
    )]
    Unaddressed { url: String },
    #[error("the libsql server did not answer: {0}")]
    Unreached(String),
    #[error("the libsql server answered with {0}")]
    Status(String),
    #[error("the libsql server: {0}")]
    Server(hrana::Error),
    #[error(
        "the libsql server ended the transaction, as it does after some idle seconds or when it restarts; nothing of it was kept; run the command again"
    )]
    TransactionLost,
    #[error("a statement began while the rows of the one before it were still read")]
    RowsUnread,
    #[error("column {column} holds {found} instead of {expected}")]
    Column { column: usize, found: &'static str, expected: &'static str },
    #[error("a row is none of the expected: {0}")]
    Record(String),
    #[error("a query that always has a row had none")]
    NoRow,
}

impl From<hrana::Error> for Error {
    fn from(error: hrana::Error) -> Error {
        Error::Server(error)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        Error::Unreached(error.to_string())
    }
}

impl serde::de::Error for Error {
    fn custom<T: std::fmt::Display>(message: T) -> Error {
        Error::Record(message.to_string())
    }
}

impl Error {
    /// Whether another connection's lock was in the way: `SQLITE_BUSY`, whatever kind of it.
    pub fn is_locked(&self) -> bool {
        const BUSY: i32 = 5;
        match self {
            Error::File(libsql::Error::SqliteFailure(code, _)) => code & 0xff == BUSY,
            Error::Server(hrana::Error::Refused(refusal)) => {
                refusal.code.as_deref().is_some_and(|code| code.starts_with("SQLITE_BUSY"))
            }
            _ => false,
        }
    }
}
