//! The journal: every exchange is committed before its answer leaves, in groups.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use api::journal::{DeadLetter, Record};

use crate::commit::Refused;
use crate::database::Database;
use crate::host::Host;
use crate::store::Store;
use crate::write_verifier::WriteVerifier;

/// How many bytes of bodies one statement takes at most, but for a record that has more by itself.
const GROUP_BYTES: usize = 1 << 20;

/// How many pauses in a row must bring no record before the others are written: a host starts a request in one and
/// brings it as far as the queue in the next.
const IDLE_YIELDS: usize = 3;

/// Where a record ended up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
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
    verifier: WriteVerifier,
    /// How many records one statement takes at most.
    group_rows: usize,
}

/// A record in the queue, and how its request hears of it.
#[derive(Debug)]
struct Waiting<B> {
    record: Rc<Record>,
    destination: Cell<Option<Destination>>,
    /// There while its request sleeps.
    notifier: RefCell<Option<B>>,
}

impl<B> Journal<B> {
    /// An empty queue; a statement takes at most so many records.
    pub(crate) fn of(group_rows: usize) -> Journal<B> {
        let verifier = WriteVerifier::default();
        Journal { queue: RefCell::default(), is_writing: Cell::new(false), verifier, group_rows }
    }

    /// Keeps a record; returns once it is committed or on standard error.
    pub(crate) async fn keep<D: Database>(
        &self,
        record: Record,
        store: &Store<D>,
        host: &impl Host<Notifier = B>,
    ) -> Destination {
        let record = Rc::new(record);
        let waiting =
            Rc::new(Waiting { record, destination: Cell::new(None), notifier: RefCell::new(None) });
        self.queue.borrow_mut().push_back(Rc::clone(&waiting));
        let slot = QueueSlot { journal: self, waiting: &waiting };
        loop {
            if let Some(destination) = slot.waiting.destination.get() {
                return destination;
            }
            if self.is_writing.get() {
                let (notifier, wait) = host.notify();
                slot.waiting.notifier.replace(Some(notifier));
                wait.await;
            } else {
                let guard = WriterGuard::take(self);
                guard.gather(host).await;
                guard.group().write(store, host).await;
            }
        }
    }

    /// Wakes the first request that sleeps in the queue, to write the next group.
    fn wake_next(&self) {
        let next = self.queue.borrow().iter().find_map(|waiting| waiting.notifier.take());
        drop(next);
    }
}

/// A request's place in the queue. A request that goes away after it was woken and before it wrote wakes the next
/// one in its stead.
struct QueueSlot<'a, B> {
    journal: &'a Journal<B>,
    waiting: &'a Waiting<B>,
}

impl<B> Drop for QueueSlot<'_, B> {
    fn drop(&mut self) {
        let was_asleep = self.waiting.notifier.take().is_some();
        if !was_asleep && self.waiting.destination.get().is_none() && !self.journal.is_writing.get()
        {
            self.journal.wake_next();
        }
    }
}

/// The turn to write: nobody else writes until it is dropped, and then the next request that sleeps is woken.
struct WriterGuard<'a, B>(&'a Journal<B>);

impl<'a, B> WriterGuard<'a, B> {
    fn take(journal: &'a Journal<B>) -> WriterGuard<'a, B> {
        journal.is_writing.set(true);
        WriterGuard(journal)
    }

    /// Lets the other requests of this instance come as far as the queue, until a few pauses in a row bring nobody.
    async fn gather(&self, host: &impl Host) {
        let waiting = || self.0.queue.borrow().len();
        let (mut before, mut idle) = (waiting(), 0);
        while idle < IDLE_YIELDS && before < self.0.group_rows {
            host.yield_now().await;
            let now = waiting();
            idle = if now == before { idle + 1 } else { 0 };
            before = now;
        }
    }

    /// Takes what waits out of the queue.
    fn group(self) -> Group<'a, B> {
        let mut queue = self.0.queue.borrow_mut();
        let mut bytes = 0;
        let fits = |(at, waiting): &(usize, &Rc<Waiting<B>>)| {
            bytes += waiting.record.kept_bytes();
            *at == 0 || bytes <= GROUP_BYTES
        };
        let count = queue.iter().take(self.0.group_rows).enumerate().take_while(fits).count();
        Group { members: queue.drain(..count).collect(), guard: self }
    }
}

impl<B> Drop for WriterGuard<'_, B> {
    fn drop(&mut self) {
        self.0.is_writing.set(false);
        self.0.wake_next();
    }
}

/// The records of one statement. Dropped before they are written, they go back to where they were.
struct Group<'a, B> {
    members: Vec<Rc<Waiting<B>>>,
    guard: WriterGuard<'a, B>,
}

impl<B> Group<'_, B> {
    async fn write<D: Database>(mut self, store: &Store<D>, host: &impl Host<Notifier = B>) {
        let records: Vec<Rc<Record>> =
            self.members.iter().map(|member| Rc::clone(&member.record)).collect();
        let refused = self.guard.0.verifier.commit(&records, store, host).await;
        for Refused { record, why } in &refused {
            host.log_error(&dead_letter_line(record, &why.to_string()));
        }
        store.add_failures(refused.len());
        let is_refused =
            |record: &Rc<Record>| refused.iter().any(|refused| Rc::ptr_eq(&refused.record, record));
        for member in self.members.drain(..) {
            let destination = if is_refused(&member.record) {
                Destination::StandardError
            } else {
                Destination::Database
            };
            member.destination.set(Some(destination));
            drop(member.notifier.take());
        }
        if refused.len() < records.len() {
            store.write_failures().await;
        }
    }
}

impl<B> Drop for Group<'_, B> {
    fn drop(&mut self) {
        for member in self.members.drain(..).rev() {
            self.guard.0.queue.borrow_mut().push_front(member);
        }
    }
}

/// A record that the database refused, as one line of JSON that can be read back.
fn dead_letter_line(record: &Record, why: &str) -> String {
    serde_json::to_string(&DeadLetter::new(record, why))
        .unwrap_or_else(|error| format!("{{\"loupe_journal\":\"lost\",\"why\":\"{error}\"}}"))
}
