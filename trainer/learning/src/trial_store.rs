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

/// Keeps the trials of one family in memory.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct MemoryStore {
    pub(crate) known: Option<Value>,
    pub(crate) trials: std::sync::Mutex<std::collections::BTreeMap<usize, Trial>>,
}

#[cfg(test)]
impl TrialStore for MemoryStore {
    fn known(&self, _: &str) -> Option<Value> {
        self.known.clone()
    }

    fn past(&self, _: &str, number: usize) -> Option<Trial> {
        self.trials.lock().unwrap().get(&number).cloned()
    }

    fn keep(&self, _: &str, trial: &Trial) {
        self.trials.lock().unwrap().insert(trial.number, trial.clone());
    }
}
