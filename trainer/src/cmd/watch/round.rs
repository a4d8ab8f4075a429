//! One round: the files that are whole, then the training that is due.

use anyhow::Result;
use serde_json::{Value, json};

use super::training::Training;
use super::{Watch, files, training};
use crate::cmd::{Context, Failure};
use crate::data::dataset;
use crate::data::stone::hex;
use crate::data::store;
use crate::database::Database;
use crate::inbox::{Readiness, Waiting};
use crate::lease::{self, Keeper, Taken, WATCH};
use crate::registry::Registry;

/// What came of a round.
#[derive(Default)]
pub(super) struct Round {
    pub(super) began_at: String,
    /// The files that were done with, each with its report.
    pub(super) files: Vec<Value>,
    /// The files that could not be done with, and why; the next round tries again.
    pub(super) troubles: Vec<Value>,
    pub(super) waiting: Vec<Waiting>,
    /// Files of which nobody knows how to read them.
    pub(super) ignored: Vec<String>,
    /// Who else does the work.
    pub(super) held_by: Option<String>,
    pub(super) dataset: Option<Value>,
    pub(super) training: Option<Training>,
    pub(super) error: Option<String>,
}

/// Does one round, if nobody else is at it.
///
/// # Errors
///
/// Anything; the round has what was done until then, and whatever was not is done by a later one.
pub(super) async fn run(
    watch: &Watch<'_>,
    readiness: &mut Readiness,
    round: &mut Round,
) -> Result<()> {
    let database = Database::open_or_make(&watch.context.place).await?;
    let connection = database.connect().await?;
    if let Taken::Held { by, until } = lease::take(&connection, WATCH, &watch.holder).await? {
        let message = format!(
            "{by} watches this database already, and has the lease until {until}; nothing was done"
        );
        round.held_by = Some(by);
        return if watch.args.once { Err(Failure::Failed(message).into()) } else { Ok(()) };
    }
    let keeper = Keeper::start(watch.context.place.clone(), WATCH, watch.holder.clone())?;
    let outcome = work(watch, readiness, round, &database, &keeper).await;
    drop(keeper);
    outcome.and(give_back(watch, &database).await)
}

async fn give_back(watch: &Watch<'_>, database: &Database) -> Result<()> {
    let connection = database.connect().await?;
    Ok(lease::give_back(&connection, WATCH, &watch.holder).await?)
}

async fn work(
    watch: &Watch<'_>,
    readiness: &mut Readiness,
    round: &mut Round,
    database: &Database,
    keeper: &Keeper,
) -> Result<()> {
    let progress = Context::progress();
    round.began_at = Registry::new(database.connect().await?).now().await?;
    watch.inbox.sweep();
    let (arrivals, ignored) = watch.inbox.arrivals()?;
    let (ready, waiting) = readiness.sort(arrivals);
    (round.ignored, round.waiting) = (ignored, waiting);
    files::take_in(watch, database, ready, &progress, round).await?;
    if watch.stop.is_asked() || keeper.is_lost() {
        return Ok(());
    }
    let (rows, sha256) = store::summary(&database.connect().await?).await?;
    round.dataset = Some(dataset::summary(rows, &sha256));
    let training = training::run(watch, database, (rows, &hex(&sha256)), &progress).await;
    progress.finish();
    let training = round.training.insert(training?);
    if let Some((name, text)) = training.report() {
        watch.inbox.leave(&name, &text, &format!("{:#}\n", training.to_json()))?;
    }
    Ok(())
}

impl Round {
    /// Whether anything was done or went wrong.
    pub(super) fn has_news(&self) -> bool {
        let has_trained = self.training.as_ref().is_some_and(Training::is_news);
        !self.files.is_empty() || !self.troubles.is_empty() || has_trained
    }

    /// What a command that ends with this round fails with.
    pub(super) fn failure(self) -> Option<anyhow::Error> {
        match self.training {
            Some(Training::Failed { error, .. }) => return Some(error),
            Some(Training::Interrupted { message, .. }) => {
                return Some(Failure::Interrupted(message).into());
            }
            _ => {}
        }
        let count = self.troubles.len();
        (count > 0).then(|| {
            Failure::Failed(format!("{count} files could not be done with; each says why above"))
                .into()
        })
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
