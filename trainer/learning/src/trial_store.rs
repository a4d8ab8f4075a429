//! The trials that a search reads before it begins and saves while it runs.

use serde_json::Value;

use crate::trial::Trial;

/// Stores trials.
pub trait TrialStore: Sync {
    /// Settings of the family that did well on other rows: the search tries them first.
    fn known(&self, family: &str) -> Option<Value>;

    /// The trial of this number, where this run was interrupted after it.
    fn past(&self, family: &str, number: usize) -> Option<Trial>;

    /// Keeps a trial that has ended just now.
    fn keep(&self, family: &str, trial: &Trial);
}

/// Stores nothing.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct NoTrialStore;

#[cfg(test)]
impl TrialStore for NoTrialStore {
    fn known(&self, _: &str) -> Option<Value> {
        None
    }

    fn past(&self, _: &str, _: usize) -> Option<Trial> {
        None
    }

    fn keep(&self, _: &str, _: &Trial) {}
}
