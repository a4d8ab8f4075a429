//! The journal: every exchange is committed before its answer leaves, in groups.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use futures::lock::Mutex;
use serde::Serialize;

use crate::host::Host;
use crate::store::{Database, Store};

/// How many records one statement takes at most.
const GROUP: usize = 64;

/// How hard a commit is pressed to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sync {
    /// Survives a killed process; the last commits can be lost with the power.
    #[default]
    Normal,
    /// Survives a power cut, at the price of a flush a commit.
    Full,
}

/// One exchange, as the journal keeps it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) received_at: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) route: Option<&'static str>,
    pub(crate) status: u16,
    pub(crate) latency_us: u64,
    pub(crate) request: Content,
    pub(crate) response: Content,
    pub(crate) model_id: Option<String>,
    pub(crate) client: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) caller_request_id: Option<String>,
    pub(crate) trace_id: Option<String>,
}

/// A body, as much of it as the journal keeps.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Content {
    pub(crate) media: Option<String>,
    #[serde(serialize_with = "as_text_or_hexadecimal")]
    pub(crate) kept: Vec<u8>,
    pub(crate) bytes: u64,
    /// Of the whole body, where it is longer than what was kept.
    pub(crate) sha256: Option<String>,
}

/// Where a record ended up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// In the database.
    Database,
    /// On standard error, because the database refused it.
    StandardError,
}

/// The records that wait to be committed.
///
/// Whoever holds the turn writes everything that waits, its own record among it; the others find theirs written
/// when their turn comes. Nothing is lost with a caller that goes away: what it left in the queue, or was
/// writing, goes out with the next group.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    waiting: RefCell<VecDeque<Waiting>>,
    turn: Mutex<()>,
}

#[derive(Debug)]
struct Waiting {
    record: Record,
    kept: Rc<Cell<Option<Kept>>>,
}

impl Journal {
    /// Keeps a record; returns once it is committed or on standard error.
    pub(crate) async fn keep<D: Database>(
        &self,
        record: Record,
        store: &Store<D>,
        host: &impl Host,
    ) -> Kept {
        let kept = Rc::new(Cell::new(None));
        self.waiting.borrow_mut().push_back(Waiting { record, kept: Rc::clone(&kept) });
        loop {
            let _turn = self.turn.lock().await;
            if let Some(kept) = kept.get() {
                return kept;
            }
            self.write_group(store, host).await;
        }
    }

    async fn write_group<D: Database>(&self, store: &Store<D>, host: &impl Host) {
        let group = Group::take(&self.waiting);
        let records: Vec<Record> =
            group.members.iter().map(|member| member.record.clone()).collect();
        let outcome = match store.append(&records).await {
            Ok(()) => Ok(()),
            Err(_) => {
                // A connection can go stale under us; a record that got through after all is not doubled.
                store.reopen();
                store.append(&records).await
            }
        };
        match outcome {
            Ok(()) => group.settle(Kept::Database),
            Err(error) => {
                for record in &records {
                    host.complain(&stray_line(record, &error.to_string()));
                }
                group.settle(Kept::StandardError);
            }
        }
    }
}

/// A record that the database refused, as one line of JSON that can be read back.
fn stray_line(record: &Record, why: &str) -> String {
    #[derive(Serialize)]
    struct Stray<'a> {
        loupe_journal: &'static str,
        why: &'a str,
        record: &'a Record,
    }
    serde_json::to_string(&Stray { loupe_journal: "stray", why, record })
        .unwrap_or_else(|error| format!("{{\"loupe_journal\":\"lost\",\"why\":\"{error}\"}}"))
}

fn as_text_or_hexadecimal<S: serde::Serializer>(
    bytes: &[u8],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Bytes<'a> {
        Text(&'a str),
        Hexadecimal(String),
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Bytes::Text(text),
        Err(_) => Bytes::Hexadecimal(crate::request::hexadecimal(bytes)),
    }
    .serialize(serializer)
}

/// The records of one statement. Dropped before it is settled, it puts them back where they were.
struct Group<'a> {
    members: Vec<Waiting>,
    waiting: &'a RefCell<VecDeque<Waiting>>,
}

impl<'a> Group<'a> {
    fn take(waiting: &'a RefCell<VecDeque<Waiting>>) -> Group<'a> {
        let mut queue = waiting.borrow_mut();
        let count = queue.len().min(GROUP);
        Group { members: queue.drain(..count).collect(), waiting }
    }

    fn settle(mut self, kept: Kept) {
        for member in self.members.drain(..) {
            member.kept.set(Some(kept));
        }
    }
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        let mut queue = self.waiting.borrow_mut();
        for member in self.members.drain(..).rev() {
            queue.push_front(member);
        }
    }
}
