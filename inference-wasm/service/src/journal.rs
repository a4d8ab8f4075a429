//! The journal: every exchange is committed before its answer leaves, in groups.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use serde::Serialize;

use crate::commit::Refused;
use crate::database::Database;
use crate::host::Host;
use crate::record::Record;
use crate::store::Store;
use crate::vigil::Vigil;

/// How many bytes of bodies one statement takes at most, but for a record that has more by itself.
const GROUP_BYTES: usize = 1 << 20;

/// How many pauses in a row must bring no record before the others are written: a host starts a request in one and
/// brings it as far as the queue in the next.
const PAUSES: usize = 3;

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
    vigil: Vigil,
    /// How many records one statement takes at most.
    group_rows: usize,
}

/// A record in the queue, and how its request hears of it.
#[derive(Debug)]
struct Waiting<B> {
    record: Rc<Record>,
    kept: Cell<Option<Kept>>,
    /// There while its request sleeps.
    bell: RefCell<Option<B>>,
}

impl<B> Journal<B> {
    /// An empty queue; a statement takes at most so many records.
    pub(crate) fn of(group_rows: usize) -> Journal<B> {
        let vigil = Vigil::default();
        Journal { queue: RefCell::default(), is_writing: Cell::new(false), vigil, group_rows }
    }

    /// Keeps a record; returns once it is committed or on standard error.
    pub(crate) async fn keep<D: Database>(
        &self,
        record: Record,
        store: &Store<D>,
        host: &impl Host<Bell = B>,
    ) -> Kept {
        let record = Rc::new(record);
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
                let turn = Turn::take(self);
                turn.gather(host).await;
                turn.group().write(store, host).await;
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

/// The turn to write: nobody else writes until it is dropped, and then the next request that sleeps is woken.
struct Turn<'a, B>(&'a Journal<B>);

impl<'a, B> Turn<'a, B> {
    fn take(journal: &'a Journal<B>) -> Turn<'a, B> {
        journal.is_writing.set(true);
        Turn(journal)
    }

    /// Lets the other requests of this instance come as far as the queue, until a few pauses in a row bring nobody.
    async fn gather(&self, host: &impl Host) {
        let waiting = || self.0.queue.borrow().len();
        let (mut before, mut idle) = (waiting(), 0);
        while idle < PAUSES && before < self.0.group_rows {
            host.pause().await;
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
        Group { members: queue.drain(..count).collect(), turn: self }
    }
}

impl<B> Drop for Turn<'_, B> {
    fn drop(&mut self) {
        self.0.is_writing.set(false);
        self.0.wake_next();
    }
}

/// The records of one statement. Dropped before they are written, they go back to where they were.
struct Group<'a, B> {
    members: Vec<Rc<Waiting<B>>>,
    turn: Turn<'a, B>,
}

impl<B> Group<'_, B> {
    async fn write<D: Database>(mut self, store: &Store<D>, host: &impl Host<Bell = B>) {
        let records: Vec<Rc<Record>> =
            self.members.iter().map(|member| Rc::clone(&member.record)).collect();
        let refused = self.turn.0.vigil.commit(&records, store, host).await;
        for Refused { record, why } in &refused {
            host.complain(&stray_line(record, &why.to_string()));
        }
        store.failures.add(refused.len());
        let is_refused =
            |record: &Rc<Record>| refused.iter().any(|refused| Rc::ptr_eq(&refused.record, record));
        for member in self.members.drain(..) {
            let kept =
                if is_refused(&member.record) { Kept::StandardError } else { Kept::Database };
            member.kept.set(Some(kept));
            drop(member.bell.take());
        }
        if refused.len() < records.len() {
            store.write_failures().await;
        }
    }
}

impl<B> Drop for Group<'_, B> {
    fn drop(&mut self) {
        for member in self.members.drain(..).rev() {
            self.turn.0.queue.borrow_mut().push_front(member);
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
