//! A SQLite database, wherever it is: one statement in, all of its rows out.

use std::fmt;

pub use hrana::Value;
use serde_json::value::RawValue;

/// A SQLite database, wherever it is: one statement at a time.
#[allow(async_fn_in_trait, reason = "a component has one thread and its futures need not be Send")]
pub trait Database {
    /// Runs one statement to its end and returns all of its rows.
    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Vec<Row>, DatabaseError>;

    /// Drops whatever connection there is, so that the next statement opens a new one.
    fn reopen(&self);

    /// Whether a statement runs on the connection of the one before it, so that what a `PRAGMA` sets holds for it.
    fn keeps_connections(&self) -> bool {
        true
    }
}

/// One row of a result.
pub type Row = Vec<Value>;

/// What the database said when it refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseError(pub String);

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DatabaseError {}

impl DatabaseError {
    /// Whether another connection's lock was in the path.
    pub(crate) fn is_lock(&self) -> bool {
        self.says(&["is locked"])
    }

    /// Whether the same statement over a new connection would meet the same: a lock, a full disk, a server that took
    /// too long.
    pub(crate) fn is_transient(&self) -> bool {
        self.is_lock() || self.says(&["is full", "did not answer", "timed out"])
    }

    /// Whether the database refused whatever it was told, and not this statement's values.
    pub(crate) fn is_database_wide(&self) -> bool {
        const DATABASE_WIDE: [&str; 10] = [
            "readonly database",
            "disk I/O error",
            "unable to open",
            "no such table",
            "has no column",
            "is malformed",
            "not a database",
            "no database named",
            "does not give this component",
            "connection",
        ];
        self.is_transient() || self.says(&DATABASE_WIDE)
    }

    /// Hosts hand on SQLite's own words and nothing else, so words are what there is to go by. One that is not known
    /// costs a few statements more, never a record.
    fn says(&self, any: &[&str]) -> bool {
        any.iter().any(|words| self.0.contains(words))
    }
}

/// The values of a row, read from left to right.
pub(crate) struct Cells(std::vec::IntoIter<Value>);

impl From<Row> for Cells {
    fn from(row: Row) -> Cells {
        Cells(row.into_iter())
    }
}

impl Cells {
    pub(crate) fn next(&mut self) -> Result<Value, DatabaseError> {
        self.0.next().ok_or_else(|| DatabaseError("a row has too few columns".into()))
    }

    pub(crate) fn text(&mut self) -> Result<String, DatabaseError> {
        self.optional_text()?.ok_or_else(|| unexpected("a text", &Value::Null))
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<String>, DatabaseError> {
        match self.next()? {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            other => Err(unexpected("a text", &other)),
        }
    }

    pub(crate) fn integer(&mut self) -> Result<i64, DatabaseError> {
        self.optional_integer()?.ok_or_else(|| unexpected("an integer", &Value::Null))
    }

    pub(crate) fn optional_integer(&mut self) -> Result<Option<i64>, DatabaseError> {
        match self.next()? {
            Value::Integer(integer) => Ok(Some(integer)),
            Value::Null => Ok(None),
            other => Err(unexpected("an integer", &other)),
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "REAL columns hold integers only where they are small"
    )]
    pub(crate) fn number(&mut self) -> Result<f64, DatabaseError> {
        match self.next()? {
            Value::Real(real) => Ok(real),
            Value::Integer(integer) => Ok(integer as f64),
            other => Err(unexpected("a number", &other)),
        }
    }

    pub(crate) fn blob(&mut self) -> Result<Vec<u8>, DatabaseError> {
        self.optional_blob()?.ok_or_else(|| unexpected("a blob", &Value::Null))
    }

    pub(crate) fn optional_blob(&mut self) -> Result<Option<Vec<u8>>, DatabaseError> {
        match self.next()? {
            Value::Blob(bytes) => Ok(Some(bytes)),
            Value::Null => Ok(None),
            other => Err(unexpected("a blob", &other)),
        }
    }

    pub(crate) fn json(&mut self) -> Result<Box<RawValue>, DatabaseError> {
        let text = self.text()?;
        RawValue::from_string(text)
            .map_err(|error| DatabaseError(format!("a column is not JSON: {error}")))
    }
}

fn unexpected(wanted: &str, found: &Value) -> DatabaseError {
    DatabaseError(format!("a column holds {} instead of {wanted}", found.kind()))
}
