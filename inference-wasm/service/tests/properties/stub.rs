//! A database and a machine that are ready at once, so that a whole exchange is one poll: no runtime, no thread, no file.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use service::{Database, DatabaseError, Host, RELEASED_MODEL, Row, Value};

/// The released model that answers: a log-linear one, trained on the public table.
const MODEL: &[u8] = include_bytes!("../../../inference/tests/golden/format-1/log-linear.loupe");

/// An empty database that takes everything, and remembers what the journal was told.
#[derive(Debug, Default)]
pub(crate) struct Stub {
    journal: RefCell<Vec<Entry>>,
    chance: Cell<u64>,
}

/// A record of the journal, as far as it is looked at.
#[derive(Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) status: i64,
}

impl Stub {
    /// What the journal was told since this was last asked.
    pub(crate) fn journal(&self) -> Vec<Entry> {
        self.journal.take()
    }
}

impl Database for &Stub {
    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        if let Some((_, columns)) = sql.split_once("INTO requests (") {
            let columns: Vec<&str> = columns.split(')').next().unwrap().split(',').collect();
            let place = |name| columns.iter().position(|column| column.trim() == name).unwrap();
            for row in parameters.chunks(columns.len()) {
                match (&row[place("id")], &row[place("status")]) {
                    (Value::Text(id), Value::Integer(status)) => {
                        self.journal.borrow_mut().push(Entry { id: id.clone(), status: *status });
                    }
                    other => panic!("the journal is told {other:?}"),
                }
            }
        }
        Ok(Vec::new())
    }

    fn reopen(&self) {}
}

impl Host for &Stub {
    type Notifier = ();

    /// One request is answered after the other, so nobody ever waits.
    fn notify(&self) -> (Self::Notifier, impl Future<Output = ()>) {
        ((), async {})
    }

    async fn yield_now(&self) {}

    fn unix_time_us(&self) -> u64 {
        1_795_453_200_000_000
    }

    fn monotonic_us(&self) -> u64 {
        0
    }

    fn random(&self) -> [u8; 10] {
        self.chance.set(self.chance.get() + 1);
        let mut bytes = [0; 10];
        bytes[2..].copy_from_slice(&self.chance.get().to_be_bytes());
        bytes
    }

    fn file(&self, path: &str) -> Option<Vec<u8>> {
        (path == RELEASED_MODEL).then(|| MODEL.to_vec())
    }

    fn log_error(&self, line: &str) {
        panic!("nothing is wrong with this machine, and yet: {line}");
    }
}

/// The outcome of a future that waits for nobody.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("a request waits, though everything is ready"),
    }
}
