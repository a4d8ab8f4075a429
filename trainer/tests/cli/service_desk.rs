//! Runs the service over a test's database to fill its journal.

use std::cell::{Cell, RefCell};

use bytes::Bytes;
use connection::Connection;
use futures::channel::oneshot;
use http::{HeaderMap, HeaderValue, Method};
use service::{App, Body, Database, DatabaseError, Host, Moment, Request, Row, Settings, Value};

use crate::desk::{Desk, wait};

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
    wait(async {
        let file = File { connection: desk.connection().await, journal };
        let host = Machine::default();
        let settings = Settings { journal_body_bytes, ..Settings::default() };
        let app = App::new(&file, &file, &host, settings);
        for request in requests {
            app.handle(request).await;
        }
        host.lines.take()
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
    connection: Connection,
    journal: Journal,
}

impl Database for &File {
    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        if self.journal == Journal::Refuses && sql.contains("INTO requests") {
            return Err(DatabaseError("database or disk is full".into()));
        }
        let rows = self.connection.all(sql, parameters, |row| Ok(row.values().to_vec())).await;
        rows.map_err(|error| DatabaseError(error.to_string()))
    }

    fn reopen(&self) {}
}

/// A machine whose clock stands and whose chance counts up.
#[derive(Default)]
struct Machine {
    chance: Cell<u16>,
    lines: RefCell<Vec<String>>,
}

impl Host for &Machine {
    type Notifier = oneshot::Sender<()>;

    fn notify(&self) -> (Self::Notifier, impl Future<Output = ()>) {
        let (notifier, wait) = oneshot::channel();
        (notifier, async { wait.await.unwrap_or_default() })
    }

    async fn yield_now(&self) {
        tokio::task::yield_now().await;
    }

    fn unix_time_us(&self) -> u64 {
        RECEIVED.unix_time_us
    }

    fn monotonic_us(&self) -> u64 {
        0
    }

    fn random(&self) -> [u8; 10] {
        self.chance.set(self.chance.get() + 1);
        let [high, low] = self.chance.get().to_be_bytes();
        [0, 0, 0, 0, 0, 0, 0, 0, high, low]
    }

    fn file(&self, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn log_error(&self, line: &str) {
        self.lines.borrow_mut().push(line.to_owned());
    }
}
