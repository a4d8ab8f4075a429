//! What a search reads before it begins and writes while it runs; where that is kept is the caller's.

use serde_json::Value;

use super::Trial;

/// Keeps trials.
pub(crate) trait Logbook: Sync {
    /// Settings of the family that did well on other rows: the search tries them first.
    fn known(&self, family: &str) -> Option<Value>;

    /// The trial of this number, where this run was interrupted after it.
    fn past(&self, family: &str, number: usize) -> Option<Trial>;

    /// Keeps a trial that has ended just now.
    fn keep(&self, family: &str, trial: &Trial);
}

/// Knows nothing and keeps nothing.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct NoLogbook;

#[cfg(test)]
impl Logbook for NoLogbook {
    fn known(&self, _: &str) -> Option<Value> {
        None
    }

    fn past(&self, _: &str, _: usize) -> Option<Trial> {
        None
    }

    fn keep(&self, _: &str, _: &Trial) {}
}
