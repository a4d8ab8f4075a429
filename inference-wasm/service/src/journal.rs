//! The journal: every exchange is committed before its answer leaves, in groups.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use serde::Serialize;

use crate::database::{Database, DatabaseError};
use crate::host::Host;
use crate::record::Record;
use crate::store::Store;

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
/// While one request writes, the others queue up and wait; then the first of them writes all that queued up
/// meanwhile, in one statement. Hosts let a request run on when its caller goes away; where one does not, what the
/// request left in the queue, or was writing, goes out with the next group.
#[derive(Debug)]
pub(crate) struct Journal<B> {
    queue: RefCell<VecDeque<Rc<Waiting<B>>>>,
    is_writing: Cell<bool>,
    /// How many records one statement takes at most.
    group_rows: usize,
}

/// A record in the queue, and how its request hears of it.
#[derive(Debug)]
struct Waiting<B> {
    record: Record,
    kept: Cell<Option<Kept>>,
    /// There while its request sleeps.
    bell: RefCell<Option<B>>,
}

impl<B> Journal<B> {
    /// An empty queue; a statement takes at most so many records.
    pub(crate) fn of(group_rows: usize) -> Journal<B> {
        Journal { queue: RefCell::default(), is_writing: Cell::new(false), group_rows }
    }

    /// Keeps a record; returns once it is committed or on standard error.
    pub(crate) async fn keep<D: Database>(
        &self,
        record: Record,
        store: &Store<D>,
        host: &impl Host<Bell = B>,
    ) -> Kept {
        let waiting = Rc::new(Waiting { record, kept: Cell::new(None), bell: RefCell::new(None) });
        self.queue.borrow_mut().push_back(Rc::clone(&waiting));
        let place = Place { journal: self, waiting: &waiting };
        loop {
            if let Some(kept) = place.waiting.kept.get() {
                return kept;
            }
            if self.is_writing.get() {
                let (bell, wait) = host.bell();
                place.waiting.bell.replace(Some(bell));
                wait.await;
            } else {
                Group::take(self).write(store, host).await;
            }
        }
    }

    /// Wakes the first request that sleeps in the queue, to write the next group.
    fn wake_next(&self) {
        let next = self.queue.borrow().iter().find_map(|waiting| waiting.bell.take());
        drop(next);
    }
}

/// A request's place in the queue. A request that goes away after it was woken and before it wrote wakes the next
/// one in its stead.
struct Place<'a, B> {
    journal: &'a Journal<B>,
    waiting: &'a Waiting<B>,
}

impl<B> Drop for Place<'_, B> {
    fn drop(&mut self) {
        let was_asleep = self.waiting.bell.take().is_some();
        if !was_asleep && self.waiting.kept.get().is_none() && !self.journal.is_writing.get() {
            self.journal.wake_next();
        }
    }
}

/// The records of one statement. Dropped before they are written, they go back to where they were.
struct Group<'a, B> {
    members: Vec<Rc<Waiting<B>>>,
    journal: &'a Journal<B>,
}

impl<'a, B> Group<'a, B> {
    /// Takes what waits out of the queue and the turn to write it.
    fn take(journal: &'a Journal<B>) -> Group<'a, B> {
        journal.is_writing.set(true);
        let mut queue = journal.queue.borrow_mut();
        let count = queue.len().min(journal.group_rows);
        Group { members: queue.drain(..count).collect(), journal }
    }

    async fn write<D: Database>(mut self, store: &Store<D>, host: &impl Host<Bell = B>) {
        let records = || self.members.iter().map(|member| &member.record);
        let kept = match append(records().collect(), store).await {
            Ok(()) => Kept::Database,
            Err(error) => {
                records().for_each(|record| host.complain(&stray_line(record, &error.to_string())));
                Kept::StandardError
            }
        };
        for member in self.members.drain(..) {
            member.kept.set(Some(kept));
            drop(member.bell.take());
        }
    }
}

impl<B> Drop for Group<'_, B> {
    fn drop(&mut self) {
        for member in self.members.drain(..).rev() {
            self.journal.queue.borrow_mut().push_front(member);
        }
        self.journal.is_writing.set(false);
        self.journal.wake_next();
    }
}

/// Writes records; once more over a new connection if the first try fails, for a connection can go stale. A record
/// that got through after all is not doubled.
async fn append<D: Database>(records: Vec<&Record>, store: &Store<D>) -> Result<(), DatabaseError> {
    if store.append(&records).await.is_ok() {
        return Ok(());
    }
    store.reopen();
    store.append(&records).await
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
