//! Whether what was committed is in the database that everybody else sees.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use api::journal::Record;

use crate::commit::{Refused, commit};
use crate::database::Database;
use crate::host::Host;
use crate::store::Store;

/// How long commits are believed before a new connection looks whether they are there.
const MAX_AGE_US: u64 = 100_000;

/// The same in bytes of bodies, for they are kept meanwhile.
const KEPT_BYTES: usize = 1 << 20;

/// How many records are written again by one statement.
const AGAIN: usize = 64;

/// What the database took since it was last seen to have it.
///
/// SQLite goes on writing into a file that was removed or replaced while it was open, and says nothing. So a new
/// connection looks whether the last record is there: when a commit comes a tenth of a second or more after the last
/// look, before its requests are answered. If it is not there, what was written since the last look is written again,
/// to what is there now. What cannot be had back is what an instance wrote in less than a tenth of a second before it
/// came to its end.
#[derive(Debug, Default)]
pub(crate) struct WriteVerifier {
    unseen: RefCell<Vec<Rc<Record>>>,
    looked_at_us: Cell<Option<u64>>,
}

impl WriteVerifier {
    /// Commits records and keeps an eye on them; returns those that the database refused, which may be of an earlier
    /// commit.
    pub(crate) async fn commit<D: Database>(
        &self,
        records: &[Rc<Record>],
        store: &Store<D>,
        host: &impl Host,
    ) -> Vec<Refused> {
        let now_us = host.monotonic_us();
        let refused = commit(records, store).await;
        if store.is_file() {
            let is_taken = |record: &&Rc<Record>| {
                !refused.iter().any(|refused| Rc::ptr_eq(&refused.record, record))
            };
            self.unseen.borrow_mut().extend(records.iter().filter(is_taken).map(Rc::clone));
        }
        // An instance's first commit opens the connection it goes by, so there is nothing to look for yet.
        let looked_at_us = self.looked_at_us.get().unwrap_or(now_us);
        self.looked_at_us.set(Some(looked_at_us));
        let is_due = now_us.saturating_sub(looked_at_us) >= MAX_AGE_US
            || self.unseen_bytes() > KEPT_BYTES
            || refused.iter().any(|refused| !refused.why.is_transient());
        if !is_due {
            return refused;
        }
        self.looked_at_us.set(Some(now_us));
        self.look(refused, store, host).await
    }

    /// Looks whether the last record is there, and writes again what is not.
    async fn look<D: Database>(
        &self,
        mut refused: Vec<Refused>,
        store: &Store<D>,
        host: &impl Host,
    ) -> Vec<Refused> {
        let unseen = self.unseen.borrow().clone();
        let Some(last) = unseen.last() else { return refused };
        match store.finds(&last.id).await {
            Ok(true) => {
                self.unseen.borrow_mut().clear();
                return refused;
            }
            // Nobody knows; the next look will tell.
            Err(error) if error.is_lock() && self.unseen_bytes() <= KEPT_BYTES => return refused,
            Ok(false) | Err(_) => {}
        }
        host.log_error(&format!(
            "the database was removed, replaced or damaged while it was in use; written again: {} records",
            unseen.len()
        ));
        store.reopen();
        let mut again = Vec::new();
        for part in unseen.chunks(AGAIN) {
            again.extend(commit(part, store).await);
        }
        self.unseen.borrow_mut().clear();
        refused.extend(again);
        refused
    }

    fn unseen_bytes(&self) -> usize {
        self.unseen.borrow().iter().map(|record| record.kept_bytes()).sum()
    }
}
