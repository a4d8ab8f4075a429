//! The outcome of one round, as text and as JSON.

use anyhow::anyhow;
use serde_json::{Value, json};

use super::training::{Training, TrainingResult};
use monitoring::inbox::Waiting;

/// What came of a round.
#[derive(Default)]
pub(super) struct Round {
    pub(super) began_at: String,
    /// The files that were done with, each with its report.
    pub(super) files: Vec<Value>,
    /// The files that could not be done with, and why; the next round tries again.
    pub(super) troubles: Vec<Value>,
    pub(super) waiting: Vec<Waiting>,
    /// Files of an unknown kind.
    pub(super) ignored: Vec<String>,
    /// The other process that does the work.
    pub(super) held_by: Option<String>,
    pub(super) dataset: Option<Value>,
    pub(super) training: Option<Training>,
    pub(super) error: Option<String>,
}

impl Round {
    /// Whether anything was done or went wrong.
    pub(super) fn has_news(&self) -> bool {
        let has_trained = self.training.as_ref().is_some_and(Training::is_news);
        !self.files.is_empty() || !self.troubles.is_empty() || has_trained
    }

    /// What a command that ends with this round fails with.
    pub(super) fn failure(self) -> Option<anyhow::Error> {
        let training = self.training.map(|training| training.result);
        if let Some(TrainingResult::Failed(error) | TrainingResult::Interrupted(error)) = training {
            return Some(error);
        }
        let count = self.troubles.len();
        (count > 0).then(|| anyhow!("{count} files could not be done with; each says why above"))
    }

    pub(super) fn to_json(&self) -> Value {
        let waiting = self.waiting.iter().map(
            |file| json!({ "file": file.file, "remaining_seconds": file.remaining.as_secs_f64() }),
        );
        json!({
            "began_at": self.began_at,
            "files": self.files,
            "troubles": self.troubles,
            "waiting": waiting.collect::<Vec<_>>(),
            "ignored": self.ignored,
            "held_by": self.held_by,
            "dataset": self.dataset,
            "training": self.training.as_ref().map(Training::to_json),
            "error": self.error,
        })
    }

    /// The round in one line.
    pub(super) fn to_text(&self) -> String {
        if let Some(error) = &self.error {
            return format!("the round failed, the next one tries again: {error}");
        }
        if let Some(held_by) = &self.held_by {
            return format!("waiting: {held_by} watches this database already");
        }
        let count =
            |verdict: &str| self.files.iter().filter(|file| file["verdict"] == verdict).count();
        let mut parts: Vec<String> = [
            (count("accepted"), "accepted"),
            (count("nothing new"), "with nothing new"),
            (count("rejected"), "rejected"),
            (self.troubles.len(), "not done with"),
            (self.waiting.len(), "not whole yet"),
            (self.ignored.len(), "ignored (no known ending)"),
        ]
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
        if parts.is_empty() {
            parts.push(String::from("none"));
        }
        let rows = self.dataset.as_ref().map_or(&Value::Null, |dataset| &dataset["rows"]);
        let training = self.training.as_ref().map_or_else(String::new, Training::to_text);
        format!("files: {}; {rows} rows; {training}", parts.join(", "))
    }
}
