//! A libsql server as the service's database, for hosts without SQLite storage of their own.

use std::cell::Cell;
use std::time::Duration;

use bytes::Bytes;
use hrana::{Answer, PIPELINE_PATH, Request, Statement};

use crate::database::{Database, DatabaseError, Row, Value};
use crate::settings::LibsqlServer;

/// The rests before a statement is sent once more to a server whose database is locked, in milliseconds: 1.3 s in all. A
/// file waits as long by `PRAGMA busy_timeout`; a server that is short of time lets the second of two writers go at once.
const RETRY_DELAYS_MS: [u64; 6] = [20, 40, 80, 160, 320, 640];

/// HTTP requests to elsewhere, as far as a libsql server needs them.
#[allow(async_fn_in_trait, reason = "a component has one thread and its futures need not be Send")]
pub trait Outbound {
    /// Sends a POST to an `http://` or `https://` URL; the status and the body of the answer. It ends in bounded time.
    ///
    /// # Errors
    ///
    /// Why there is no answer, in words.
    async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<(u16, Bytes), String>;

    /// Waits.
    async fn sleep(&self, time: Duration);
}

/// A libsql server, spoken to by its HTTP protocol.
///
/// A statement is one request and one stream of the server's, opened and closed by it: nothing is kept between
/// statements, so nothing expires, and neither a `PRAGMA` nor a `BEGIN` reaches to the next one.
#[derive(Clone)]
pub struct Libsql<C> {
    outbound: C,
    url: String,
    token: String,
    /// Whether a lock outlasted all rests; then nothing rests until a statement goes through.
    is_locked: Cell<bool>,
}

impl<C: Outbound> Libsql<C> {
    /// The server; nothing is sent yet.
    pub fn new(server: &LibsqlServer, outbound: C) -> Libsql<C> {
        let url = format!("{}{PIPELINE_PATH}", server.url);
        Libsql { outbound, url, token: server.token.clone(), is_locked: Cell::new(false) }
    }

    /// Sends a request once.
    async fn ask(&self, request: Vec<u8>) -> Result<Vec<Row>, DatabaseError> {
        let posted = self.outbound.post(&self.url, &self.headers(), request).await;
        let (status, answer) = posted.map_err(|words| self.unreached(&words))?;
        match status {
            200 => {
                let result = Answer::parse(&answer).and_then(Answer::into_first);
                result.map(|result| result.rows).map_err(|error| self.refused(&error))
            }
            status => {
                let words = hrana::refusal(status, &answer, "libsql_token", "libsql_url");
                Err(self.unreached(&words))
            }
        }
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        if !self.token.is_empty() {
            headers.push(("authorization", format!("Bearer {}", self.token)));
        }
        headers
    }

    /// The server was not reached, or did not take the request.
    fn unreached(&self, words: &str) -> DatabaseError {
        self.error(&format!("the connection to the libsql server failed: {words}"))
    }

    /// The server refused the statement.
    fn refused(&self, error: &hrana::Error) -> DatabaseError {
        self.error(&format!("the libsql server: {error}"))
    }

    /// An error with this text, from which the token is removed: the text may come from the server.
    fn error(&self, words: &str) -> DatabaseError {
        DatabaseError(match self.token.as_str() {
            "" => words.to_owned(),
            token => words.replace(token, "…"),
        })
    }
}

impl<C: Outbound> Database for Libsql<C> {
    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        let execute = Request::Execute { stmt: Statement::new(sql, &parameters) };
        let request = hrana::pipeline(None, &[execute, Request::Close])
            .map_err(|error| self.refused(&error))?;
        let delays_ms: &[u64] = if self.is_locked.get() { &[] } else { &RETRY_DELAYS_MS };
        for delay_ms in delays_ms {
            match self.ask(request.clone()).await {
                Err(error) if error.is_lock() => {}
                outcome => return outcome,
            }
            self.outbound.sleep(Duration::from_millis(*delay_ms)).await;
        }
        let outcome = self.ask(request).await;
        self.is_locked.set(outcome.as_ref().is_err_and(DatabaseError::is_lock));
        outcome
    }

    fn reopen(&self) {}

    fn keeps_connections(&self) -> bool {
        false
    }
}

impl<C> std::fmt::Debug for Libsql<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Libsql").field("url", &self.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures::executor::block_on;

    use super::*;

    /// URL, headers and body.
    type Sent = (String, Vec<(&'static str, String)>, Vec<u8>);

    /// Answers with what it is given, and keeps what it was sent.
    #[derive(Default)]
    struct Wire {
        answer: Option<Result<(u16, &'static str), &'static str>>,
        sent: RefCell<Option<Sent>>,
        /// How many statements meet a lock before one is answered.
        locks: Cell<usize>,
        slept_ms: Cell<u128>,
    }

    const LOCKED: &str = r#"{"results":[{"type":"error","error":{"message":"SQLite error: database is locked","code":"SQLITE_BUSY"}},{"type":"ok","response":{"type":"close"}}]}"#;
    const ONE: &str = r#"{"baton":null,"base_url":null,"results":[
        {"type":"ok","response":{"type":"execute","result":{"cols":[{"name":"1"}],"rows":[[{"type":"integer","value":"1"}]]}}},
        {"type":"ok","response":{"type":"close"}}]}"#;

    impl Outbound for &Wire {
        async fn post(
            &self,
            url: &str,
            headers: &[(&'static str, String)],
            body: Vec<u8>,
        ) -> Result<(u16, Bytes), String> {
            self.sent.replace(Some((url.to_owned(), headers.to_vec(), body)));
            let locks = self.locks.get();
            self.locks.set(locks.saturating_sub(1));
            let answer = if locks > 0 { Ok((200, LOCKED)) } else { self.answer.unwrap() };
            let (status, body) = answer.map_err(str::to_owned)?;
            Ok((status, Bytes::from_static(body.as_bytes())))
        }

        async fn sleep(&self, time: Duration) {
            self.slept_ms.set(self.slept_ms.get() + time.as_millis());
        }
    }

    fn libsql<'wire>(wire: &'wire Wire, token: &str) -> Libsql<&'wire Wire> {
        let server = LibsqlServer { url: "http://db.example".into(), token: token.into() };
        Libsql::new(&server, wire)
    }

    fn query(libsql: &Libsql<&Wire>) -> Result<Vec<Row>, String> {
        block_on(libsql.query("SELECT 1", Vec::new())).map_err(|error| error.0)
    }

    /// What the server answers, and the error that is made of it.
    fn check(answer: Result<(u16, &'static str), &'static str>, expected: &str) {
        let wire = Wire { answer: Some(answer), ..Wire::default() };
        assert_eq!(query(&libsql(&wire, "hush")).unwrap_err(), expected);
    }

    #[test]
    fn a_statement_is_one_request_that_closes_its_stream() {
        for (token, expected) in [("hush", Some("Bearer hush")), ("", None)] {
            let wire = Wire { answer: Some(Ok((200, ONE))), ..Wire::default() };
            assert_eq!(query(&libsql(&wire, token)), Ok(vec![vec![Value::Integer(1)]]));
            let (url, headers, body) = wire.sent.take().unwrap();
            assert_eq!(url, "http://db.example/v3/pipeline");
            let authorization = headers.iter().find(|(name, _)| *name == "authorization");
            assert_eq!(authorization.map(|(_, value)| value.as_str()), expected);
            assert_eq!(
                String::from_utf8(body).unwrap(),
                r#"{"requests":[{"type":"execute","stmt":{"sql":"SELECT 1","args":[],"want_rows":true}},{"type":"close"}]}"#
            );
        }
    }

    #[test]
    fn a_lock_is_waited_for_once_and_not_by_everybody() {
        let wire = Wire { answer: Some(Ok((200, ONE))), ..Wire::default() };
        let libsql = libsql(&wire, "");
        // What each of a row of statements meets, whether it is answered, and how long it rested.
        for (locks, is_answered, slept_ms) in [
            (1, true, 20),
            (3, true, 140),
            (6, true, 1_260),
            (7, false, 1_260),
            (1, false, 0),
            (0, true, 0),
            (2, true, 60),
        ] {
            wire.locks.set(locks);
            wire.slept_ms.set(0);
            assert_eq!(query(&libsql).is_ok(), is_answered, "{locks} locks");
            assert_eq!(wire.slept_ms.get(), slept_ms, "{locks} locks");
        }
    }

    #[test]
    fn every_refusal_is_said_in_words_and_never_with_the_token() {
        let unreached =
            |words: &str| format!("the connection to the libsql server failed: {words}");
        check(Err("db.example did not answer"), &unreached("db.example did not answer"));
        check(
            Ok((401, "{\"error\":\"hush is no token\"}")),
            &unreached(
                "status 401, {\"error\":\"… is no token\"}; libsql_token must be a token of this server's",
            ),
        );
        check(
            Ok((404, "")),
            &unreached(
                "status 404; libsql_url must be where a libsql server listens, without a path",
            ),
        );
        check(Ok((503, " busy\n")), &unreached("status 503, busy"));
        check(
            Ok((
                200,
                r#"{"results":[{"type":"error","error":{"message":"SQLite error: no such table: t","code":"SQLITE_UNKNOWN"}},{"type":"ok","response":{"type":"close"}}]}"#,
            )),
            "the libsql server: SQLite error: no such table: t (SQLITE_UNKNOWN)",
        );
        check(
            Ok((200, "<html>")),
            "the libsql server: its answer is not one of a libsql server: expected value at line 1 column 1",
        );
        check(
            Ok((200, "{\"results\":[]}")),
            "the libsql server: its answer says nothing of the statement",
        );
    }
}
