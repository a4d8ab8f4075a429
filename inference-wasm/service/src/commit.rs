//! A group's way into the database: tried again, split, or given up, by what the database says.

use std::rc::Rc;

use api::journal::Record;

use crate::database::{Database, DatabaseError};
use crate::store::Store;

/// A record that the database did not take, and what it said.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) record: Rc<Record>,
    pub(crate) why: DatabaseError,
}

/// So many records refused one by one, with none taken before, mean that it is not for their sake.
const ENOUGH_ALONE: usize = 3;

/// Commits records, and returns those that the database refused. One record that it does not like does not keep the
/// others out: a group that fails for a reason that is not known to be the database's own is halved, down to single
/// records. What got through after all, though its answer was lost, is not doubled.
pub(crate) async fn commit<D: Database>(records: &[Rc<Record>], store: &Store<D>) -> Vec<Refused> {
    let mut refused = Vec::new();
    let mut went_through = false;
    let mut is_first = true;
    let mut parts = vec![records];
    while let Some(part) = parts.pop() {
        let why = match attempt(part, store, is_first).await {
            Ok(()) => {
                went_through = true;
                continue;
            }
            Err(why) => why,
        };
        is_first = false;
        match halves(part) {
            Some((front, back)) if !why.is_database_wide() => parts.extend([back, front]),
            _ => refused.extend(all(part, &why)),
        }
        if why.is_database_wide() || (!went_through && refused.len() >= ENOUGH_ALONE) {
            refused.extend(parts.drain(..).rev().flat_map(|part| all(part, &why)));
        }
    }
    refused
}

/// Writes records by one statement; the first time of a group once more over a new connection, for a connection can go
/// stale.
async fn attempt<D: Database>(
    records: &[Rc<Record>],
    store: &Store<D>,
    may_be_stale: bool,
) -> Result<(), DatabaseError> {
    let records: Vec<&Record> = records.iter().map(Rc::as_ref).collect();
    let append = async || {
        let outcome = store.append(&records).await;
        store.record_outcome(&outcome);
        outcome
    };
    match append().await {
        Err(error) if may_be_stale && !error.is_transient() => {
            store.reopen();
            append().await
        }
        outcome => outcome,
    }
}

/// Two parts of what is more than one.
fn halves<T>(part: &[T]) -> Option<(&[T], &[T])> {
    part.split_at_checked(part.len() / 2).filter(|(front, _)| !front.is_empty())
}

fn all(part: &[Rc<Record>], why: &DatabaseError) -> impl Iterator<Item = Refused> {
    part.iter().map(|record| Refused { record: Rc::clone(record), why: why.clone() })
}
