//! A libsql server, asked over HTTP by one stream of statements.

mod cursor;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hrana::{Answer, CURSOR_PATH, PIPELINE_PATH, Request, ResultSet, Statement, Value};
use ureq::http::Response;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

pub(crate) use self::cursor::Cursor;
use crate::error::Error;

/// How long connecting may take. A statement may take as long as it needs.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The setting that holds a server's token.
const TOKEN: &str = "TRAINER_DB_TOKEN";

/// Where a server is, and how to reach it.
#[derive(Clone)]
pub struct ServerAddress {
    /// As it was given, for messages.
    given: String,
    url: String,
    token: String,
    agent: Agent,
}

impl ServerAddress {
    /// Reads an address; the token is empty where the server asks for none. `libsql://` is `https://`.
    ///
    /// # Errors
    ///
    /// [`Error::Unaddressed`]
    pub fn parse(given: &str, token: &str) -> Result<ServerAddress, Error> {
        let host = match given.split_once("://") {
            Some(("https" | "libsql", host)) => format!("https://{host}"),
            Some(("http", host)) => format!("http://{host}"),
            _ => return Err(Error::Unaddressed { url: given.to_owned() }),
        };
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .http_status_as_error(false)
            .build()
            .new_agent();
        let url = host.trim_end_matches('/').to_owned();
        Ok(ServerAddress { given: given.to_owned(), url, token: token.to_owned(), agent })
    }
}

impl PartialEq for ServerAddress {
    fn eq(&self, other: &ServerAddress) -> bool {
        (&self.url, &self.token) == (&other.url, &other.token)
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.given)
    }
}

impl fmt::Debug for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerAddress").field("url", &self.url).finish_non_exhaustive()
    }
}

/// A stream of statements; a clone is the same one.
///
/// The server forgets a stream after some idle seconds. Outside a transaction nothing is lost then, and a new stream takes
/// its place.
#[derive(Clone)]
pub(crate) struct Stream(Arc<Mutex<State>>);

struct State {
    address: ServerAddress,
    /// Where the stream's next request goes.
    url: String,
    /// What the stream's next request has to name; `None` before the first one.
    baton: Option<String>,
    is_in_transaction: bool,
    /// Whether the rows of a cursor are still read.
    is_reading: bool,
    last_insert_rowid: i64,
}

impl Stream {
    pub(crate) fn to(address: &ServerAddress) -> Stream {
        Stream(Arc::new(Mutex::new(State {
            address: address.clone(),
            url: address.url.clone(),
            baton: None,
            is_in_transaction: false,
            is_reading: false,
            last_insert_rowid: 0,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn query(&self, sql: &str, values: &[Value]) -> Result<Cursor, Error> {
        let mut state = self.lock();
        let body = |baton: Option<&str>| hrana::cursor(baton, Statement::new(sql, values));
        let response = state.send(CURSOR_PATH, body)?;
        Cursor::open(self, &mut state, response)
    }

    pub(crate) fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, Error> {
        let request = Request::Execute { stmt: Statement::new(sql, values) };
        Ok(self.lock().run(&[request])?.affected_row_count)
    }

    pub(crate) fn execute_batch(&self, sql: &str) -> Result<(), Error> {
        self.lock().run(&[Request::Sequence { sql }]).map(drop)
    }

    pub(crate) fn last_insert_rowid(&self) -> i64 {
        self.lock().last_insert_rowid
    }

    pub(crate) fn begin(&self) -> Result<(), Error> {
        self.execute("BEGIN IMMEDIATE", &[])?;
        self.lock().is_in_transaction = true;
        Ok(())
    }

    pub(crate) fn commit(&self) -> Result<(), Error> {
        self.execute("COMMIT", &[])?;
        self.lock().is_in_transaction = false;
        Ok(())
    }

    /// Ends a transaction without keeping what it wrote, where there is one.
    pub(crate) fn roll_back(&self) {
        let mut state = self.lock();
        if state.is_in_transaction {
            state.close();
        }
    }
}

impl State {
    /// Sends requests of which the first one's result counts.
    fn run(&mut self, requests: &[Request<'_>]) -> Result<ResultSet, Error> {
        let mut response = self.send(PIPELINE_PATH, |baton| hrana::pipeline(baton, requests))?;
        let body = response.body_mut().with_config().limit(u64::MAX).read_to_vec();
        let mut answer = Answer::parse(&body.map_err(|error| self.unreached(&error))?)?;
        self.go_on(answer.baton.take(), answer.base_url.take());
        let result = answer.into_first()?;
        self.last_insert_rowid = result.last_insert_rowid.unwrap_or(self.last_insert_rowid);
        Ok(result)
    }

    /// Sends a request on the stream, or on a new one where the server has forgotten it; the answer has status 200.
    fn send(
        &mut self,
        path: &str,
        body: impl Fn(Option<&str>) -> Result<Vec<u8>, hrana::Error>,
    ) -> Result<Response<Body>, Error> {
        if self.is_reading {
            return Err(Error::RowsUnread);
        }
        loop {
            let url = format!("{}{path}", self.url);
            let mut request =
                self.address.agent.post(url).header("content-type", "application/json");
            if !self.address.token.is_empty() {
                let bearer = format!("Bearer {}", self.address.token);
                request = request.header("authorization", bearer);
            }
            let sent = request.send(&body(self.baton.as_deref())?[..]);
            let mut response = sent.map_err(|error| self.unreached(&error))?;
            let status = response.status();
            if status == 200 {
                return Ok(response);
            }
            if status.is_client_error() && self.baton.is_some() {
                self.forget();
                if std::mem::take(&mut self.is_in_transaction) {
                    return Err(Error::TransactionLost);
                }
                continue;
            }
            let body = response.body_mut().read_to_vec().unwrap_or_default();
            // Before it is shortened, which could leave a part of the token.
            let body = self.without_token(&String::from_utf8_lossy(&body));
            let words = hrana::refusal(status.as_u16(), body.as_bytes(), TOKEN, "--db");
            return Err(Error::Status(words));
        }
    }

    fn go_on(&mut self, baton: Option<String>, base_url: Option<String>) {
        self.baton = baton;
        if let Some(url) = base_url {
            self.url = url.trim_end_matches('/').to_owned();
        }
    }

    fn forget(&mut self) {
        self.baton = None;
        self.url.clone_from(&self.address.url);
    }

    /// Ends the stream, and with it what is not committed; a server that cannot be reached does so by itself.
    fn close(&mut self) {
        self.is_in_transaction = false;
        self.is_reading = false;
        if self.baton.is_some() {
            let _ = self.send(PIPELINE_PATH, |baton| hrana::pipeline(baton, &[Request::Close]));
        }
        self.forget();
    }

    fn unreached(&self, error: &ureq::Error) -> Error {
        Error::Unreached(format!("{}: {}", self.url, self.without_token(&error.to_string())))
    }

    /// A text that may come from the server, from which the token is removed.
    fn without_token(&self, text: &str) -> String {
        match self.address.token.as_str() {
            "" => text.to_owned(),
            token => text.replace(token, "…"),
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.close();
    }
}
