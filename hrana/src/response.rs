//! What a server answers.

use std::fmt;

use serde::{Deserialize, Deserializer};

use crate::Value;

/// How much of a server's refusal is repeated.
const REFUSAL_CHARACTERS: usize = 200;

/// The answer to a pipeline.
#[derive(Debug, Deserialize)]
pub struct Answer {
    /// What the next request on the stream must name; `None` where the stream is closed.
    pub baton: Option<String>,
    /// Where the next request on the stream must go, where that is elsewhere.
    pub base_url: Option<String>,
    results: Vec<StepResult>,
}

impl Answer {
    /// Reads an answer.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`]
    pub fn parse(body: &[u8]) -> Result<Answer, Error> {
        serde_json::from_slice(body).map_err(Error::Unreadable)
    }

    /// What the first request gave.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] by the server; [`Error::Silent`] where the answer does not say.
    pub fn into_first(self) -> Result<ResultSet, Error> {
        match self.results.into_iter().next() {
            Some(StepResult { error: Some(refusal), .. }) => Err(Error::Refused(refusal)),
            Some(StepResult { response: Some(Response { result }), .. }) => {
                Ok(result.unwrap_or_default())
            }
            _ => Err(Error::Silent),
        }
    }
}

#[derive(Debug, Deserialize)]
struct StepResult {
    response: Option<Response>,
    error: Option<Refusal>,
}

#[derive(Debug, Deserialize)]
struct Response {
    result: Option<ResultSet>,
}

/// What a statement gave.
#[derive(Debug, Default, Deserialize)]
pub struct ResultSet {
    /// Its rows.
    pub rows: Vec<Vec<Value>>,
    /// How many rows it changed.
    #[serde(default)]
    pub affected_row_count: u64,
    /// The id of the row that was added last on this stream.
    #[serde(default, deserialize_with = "integer")]
    pub last_insert_rowid: Option<i64>,
}

/// Integers are texts.
fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

/// The first line of the answer to a cursor.
#[derive(Debug, Deserialize)]
pub struct Cursor {
    /// As of [`Answer::baton`].
    pub baton: Option<String>,
    /// As of [`Answer::base_url`].
    pub base_url: Option<String>,
}

impl Cursor {
    /// Reads the first line.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`]
    pub fn parse(line: &[u8]) -> Result<Cursor, Error> {
        serde_json::from_slice(line).map_err(Error::Unreadable)
    }
}

/// Every other line of the answer to a cursor.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Entry {
    /// The statement runs.
    StepBegin {
        /// The columns of its rows.
        cols: Vec<Column>,
    },
    /// A row.
    Row {
        /// Its values.
        row: Vec<Value>,
    },
    /// The statement did not run to its end.
    StepError {
        /// Why.
        error: Refusal,
    },
    /// The whole did not.
    Error {
        /// Why.
        error: Refusal,
    },
    /// What says nothing of rows.
    #[serde(other)]
    Other,
}

impl Entry {
    /// Reads a line.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`]; [`Error::Refused`] where the line says that the statement failed.
    pub fn parse(line: &[u8]) -> Result<Entry, Error> {
        match serde_json::from_slice(line).map_err(Error::Unreadable)? {
            Entry::StepError { error } | Entry::Error { error } => Err(Error::Refused(error)),
            entry => Ok(entry),
        }
    }
}

/// A column of a result.
#[derive(Debug, Deserialize)]
pub struct Column {
    /// Its name; `None` where it has none.
    pub name: Option<String>,
}

/// Why a server did not run a statement.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Refusal {
    /// In words.
    pub message: String,
    /// As one of the server's codes, such as `SQLITE_BUSY`.
    pub code: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{} ({code})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// What a status other than 200 means, in words. `token` and `url` are the settings to look at.
pub fn refusal(status: u16, body: &[u8], token: &str, url: &str) -> String {
    let said = String::from_utf8_lossy(body);
    let said: String = said.trim().chars().take(REFUSAL_CHARACTERS).collect();
    let remedy = match status {
        401 | 403 => format!("; {token} must be a token of this server's"),
        404 => format!("; {url} must be where a libsql server listens, without a path"),
        _ => String::new(),
    };
    let comma = if said.is_empty() { "" } else { ", " };
    format!("status {status}{comma}{said}{remedy}")
}

/// Why a statement gave nothing.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant is")]
pub enum Error {
    #[error("{0}")]
    Unsendable(serde_json::Error),
    #[error("its answer is not one of a libsql server: {0}")]
    Unreadable(serde_json::Error),
    #[error("{0}")]
    Refused(Refusal),
    #[error("its answer says nothing of the statement")]
    Silent,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipeline_gives_rows_changes_and_a_baton() {
        let answer = Answer::parse(
            br#"{"baton":"next","base_url":null,"results":[{"type":"ok","response":{"type":"execute","result":
                {"cols":[{"name":"a"}],"rows":[[{"type":"text","value":"x"}]],"affected_row_count":2,"last_insert_rowid":"7"}}}]}"#,
        )
        .unwrap();
        assert_eq!(answer.baton.as_deref(), Some("next"));
        let result = answer.into_first().unwrap();
        assert_eq!(result.rows, [[Value::Text("x".into())]]);
        assert_eq!((result.affected_row_count, result.last_insert_rowid), (2, Some(7)));
    }

    #[test]
    fn a_sequence_gives_nothing() {
        let answer = br#"{"results":[{"type":"ok","response":{"type":"sequence"}}]}"#;
        let result = Answer::parse(answer).unwrap().into_first().unwrap();
        assert!(result.rows.is_empty());
    }

    #[test]
    fn every_line_of_a_cursor_is_read() {
        assert_eq!(Cursor::parse(br#"{"baton":"b","base_url":null}"#).unwrap().baton.unwrap(), "b");
        let begin = Entry::parse(br#"{"type":"step_begin","step":0,"cols":[{"name":"a"}]}"#);
        assert!(matches!(begin.unwrap(), Entry::StepBegin { cols } if cols.len() == 1));
        let row = Entry::parse(br#"{"type":"row","row":[{"type":"null"}]}"#);
        assert!(matches!(row.unwrap(), Entry::Row { row } if row == [Value::Null]));
        for other in [
            r#"{"type":"step_end","affected_row_count":0,"last_insert_rowid":null}"#,
            r#"{"type":"replication_index","index":"9"}"#,
        ] {
            assert!(matches!(Entry::parse(other.as_bytes()).unwrap(), Entry::Other), "{other}");
        }
        for refused in [
            r#"{"type":"step_error","step":0,"error":{"message":"no","code":"SQLITE_BUSY"}}"#,
            r#"{"type":"error","error":{"message":"no","code":"SQLITE_BUSY"}}"#,
        ] {
            let error = Entry::parse(refused.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), "no (SQLITE_BUSY)");
        }
    }
}
