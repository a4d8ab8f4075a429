//! What is sent to a server.

use serde::Serialize;

use crate::Value;
use crate::response::Error;

/// Where pipelines are posted to.
pub const PIPELINE_PATH: &str = "/v3/pipeline";

/// Where cursors are posted to.
pub const CURSOR_PATH: &str = "/v3/cursor";

/// One request of a pipeline.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Request<'a> {
    /// Runs one statement.
    Execute {
        /// The statement.
        stmt: Statement<'a>,
    },
    /// Runs statements that are separated by semicolons, and gives no rows.
    Sequence {
        /// The statements.
        sql: &'a str,
    },
    /// Ends the stream, and with it a transaction that is not committed.
    Close,
}

/// A statement and the values of its marks.
#[derive(Debug, Serialize)]
pub struct Statement<'a> {
    sql: &'a str,
    args: &'a [Value],
    want_rows: bool,
}

impl<'a> Statement<'a> {
    /// A statement whose rows are wanted.
    pub fn new(sql: &'a str, args: &'a [Value]) -> Statement<'a> {
        Statement { sql, args, want_rows: true }
    }
}

#[derive(Serialize)]
struct Pipeline<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    baton: Option<&'a str>,
    requests: &'a [Request<'a>],
}

#[derive(Serialize)]
struct CursorRequest<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    baton: Option<&'a str>,
    batch: Batch<'a>,
}

#[derive(Serialize)]
struct Batch<'a> {
    steps: [Step<'a>; 1],
}

#[derive(Serialize)]
struct Step<'a> {
    stmt: Statement<'a>,
}

/// The body for [`PIPELINE_PATH`]: requests on the stream of a baton, or on a new one.
///
/// # Errors
///
/// [`Error::Unsendable`] for a number that is not finite.
pub fn pipeline(baton: Option<&str>, requests: &[Request<'_>]) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(&Pipeline { baton, requests }).map_err(Error::Unsendable)
}

/// The body for [`CURSOR_PATH`]: one statement on the stream of a baton, or on a new one.
///
/// # Errors
///
/// As of [`pipeline`].
pub fn cursor(baton: Option<&str>, stmt: Statement<'_>) -> Result<Vec<u8>, Error> {
    let batch = Batch { steps: [Step { stmt }] };
    serde_json::to_vec(&CursorRequest { baton, batch }).map_err(Error::Unsendable)
}
