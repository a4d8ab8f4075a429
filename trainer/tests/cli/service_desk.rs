//! Runs the service over a test's database to fill its journal.

use std::cell::{Cell, RefCell};

use bytes::Bytes;
use futures::channel::oneshot;
use http::{HeaderMap, HeaderValue, Method};
use service::{App, Body, Database, DatabaseError, Host, Moment, Request, Row, Settings, Value};

use crate::desk::Desk;

/// When every request arrives.
pub(crate) const RECEIVED: Moment = Moment { unix_time_us: 1_795_453_200_000_000, monotonic_us: 0 };

/// Whether the database takes the journal's rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Journal {
    Takes,
    Refuses,
}

/// Answers requests over the desk's database and returns what went to standard error. The same requests get the same ids
/// and times whenever they are sent.
pub(crate) fn serve(desk: &Desk, journal: Journal, requests: Vec<Request>) -> Vec<String> {
    // Longer bodies are cut.
    serve_keeping(100, desk, journal, requests)
}

/// The same with so many bytes of each body kept.
pub(crate) fn serve_keeping(
    journal_body_bytes: usize,
    desk: &Desk,
    journal: Journal,
    requests: Vec<Request>,
) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let path = desk.path(".spin/sqlite_db.db");
        let connection = libsql::Builder::new_local(path).build().await.unwrap().connect().unwrap();
        let file = File { connection, journal };
        let machine = Machine::default();
        let settings = Settings { journal_body_bytes, ..Settings::default() };
        let app = App::new(&file, &file, &machine, settings);
        for request in requests {
            app.handle(request).await;
        }
        machine.lines.take()
    })
}

pub(crate) fn request(
    method: Method,
    target: &str,
    headers: &[(&'static str, &'static str)],
    body: impl Into<Bytes>,
) -> Request {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
        None => (target.to_owned(), None),
    };
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
        .collect();
    Request { method, path, query, headers, body: Body::whole(body), received: RECEIVED }
}

struct File {
    connection: libsql::Connection,
    journal: Journal,
}

impl Database for &File {
    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        if self.journal == Journal::Refuses && sql.contains("INTO requests") {
            return Err(DatabaseError("database or disk is full".into()));
        }
        let refused = |error: libsql::Error| DatabaseError(error.to_string());
        let parameters: Vec<libsql::Value> = parameters.into_iter().map(to_libsql).collect();
        let mut rows = self.connection.query(sql, parameters).await.map_err(refused)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().await.map_err(refused)? {
            let value = |at| row.get_value(at).map(from_libsql).map_err(refused);
            all.push((0..row.column_count()).map(value).collect::<Result<Row, _>>()?);
        }
        Ok(all)
    }

    fn reopen(&self) {}
}

fn to_libsql(value: Value) -> libsql::Value {
    match value {
        Value::Null => libsql::Value::Null,
        Value::Integer(integer) => libsql::Value::Integer(integer),
        Value::Real(real) => libsql::Value::Real(real),
        Value::Text(text) => libsql::Value::Text(text),
        Value::Blob(bytes) => libsql::Value::Blob(bytes),
    }
}

fn from_libsql(value: libsql::Value) -> Value {
    match value {
        libsql::Value::Null => Value::Null,
        libsql::Value::Integer(integer) => Value::Integer(integer),
        libsql::Value::Real(real) => Value::Real(real),
        libsql::Value::Text(text) => Value::Text(text),
        libsql::Value::Blob(bytes) => Value::Blob(bytes),
    }
}

/// A machine whose clock and chance count up by one a request.
#[derive(Default)]
struct Machine {
    requests: Cell<u8>,
    lines: RefCell<Vec<String>>,
}

impl Host for &Machine {
    type Bell = oneshot::Sender<()>;

    fn bell(&self) -> (Self::Bell, impl Future<Output = ()>) {
        let (bell, wait) = oneshot::channel();
        (bell, async { wait.await.unwrap_or_default() })
    }

    async fn pause(&self) {}

    fn unix_time_us(&self) -> u64 {
        RECEIVED.unix_time_us
    }

    fn monotonic_us(&self) -> u64 {
        u64::from(self.requests.get())
    }

    fn random(&self) -> [u8; 10] {
        self.requests.set(self.requests.get() + 1);
        [0, 0, 0, 0, 0, 0, 0, 0, 0, self.requests.get()]
    }

    fn released_model(&self) -> Option<Vec<u8>> {
        None
    }

    fn page_file(&self, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn complain(&self, line: &str) {
        self.lines.borrow_mut().push(line.to_owned());
    }
}
