//! Saves the trials of a run to the database while the search goes on.

use std::collections::BTreeMap;

use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use super::arguments::WarmStarts;
use learning::trial::Trial;
use learning::trial_store::TrialStore;
use registry::database::{Database, DatabaseError, Place};
use registry::{Registry, RegistryError, TrialEntry};

/// What a run's searches know and keep. Searches are computed in threads that cannot wait for a database, so whatever is
/// kept goes through a channel to a task that writes it.
pub(super) struct RunTrialStore {
    /// Settings to begin with, by family.
    known: WarmStarts,
    /// What an earlier attempt at this run tried.
    past: BTreeMap<(String, usize), Trial>,
    sender: UnboundedSender<TrialEntry>,
}

/// The task that writes; of what it could not write, it gives the first reason.
pub(super) type Writer = JoinHandle<Result<(), RegistryError>>;

impl RunTrialStore {
    pub(super) async fn open(
        place: &Place,
        run_id: &str,
        known: WarmStarts,
        past: Vec<TrialEntry>,
    ) -> Result<(RunTrialStore, Writer), DatabaseError> {
        let (sender, receiver) = unbounded_channel();
        let database = Database::at(place).await?;
        let writer = tokio::spawn(write(database, run_id.to_owned(), receiver));
        let past =
            past.into_iter().map(|TrialEntry { family, trial }| ((family, trial.number), trial));
        Ok((RunTrialStore { known, past: past.collect(), sender }, writer))
    }

    /// Waits until everything is written.
    pub(super) async fn close(self, writer: Writer) -> Result<(), RegistryError> {
        drop(self.sender);
        match writer.await {
            Ok(result) => result,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

impl TrialStore for RunTrialStore {
    fn known(&self, family: &str) -> Option<Value> {
        self.known.get(family).map(|start| start.settings.clone())
    }

    fn past(&self, family: &str, number: usize) -> Option<Trial> {
        self.past.get(&(family.to_owned(), number)).cloned()
    }

    fn keep(&self, family: &str, trial: &Trial) {
        // Where the writer has given up, it says so at the end.
        let _ = self.sender.send(TrialEntry { family: family.to_owned(), trial: trial.clone() });
    }
}

async fn write(
    database: Database,
    run_id: String,
    mut trials: UnboundedReceiver<TrialEntry>,
) -> Result<(), RegistryError> {
    let mut first_failure = Ok(());
    while let Some(TrialEntry { family, trial }) = trials.recv().await {
        // A connection each: a remote one does not outlive the time that a trial takes.
        let kept = async {
            let registry = Registry::new(database.connect().await?);
            registry.keep_trial(&run_id, &family, &trial).await
        };
        let kept = kept.await;
        if first_failure.is_ok() {
            first_failure = kept;
        }
    }
    first_failure
}
