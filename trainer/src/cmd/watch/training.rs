//! Trains in a round when training is due.

use anyhow::Result;
use serde_json::{Value, json};

use super::Watch;
use crate::cli::TrainArgs;
use crate::cmd::Failure;
use crate::cmd::train::{self, Arguments, Order, Outcome};
use data::DataError;
use learning::progress::Progress;
use monitoring::drift;
use monitoring::journal::Moment;
use monitoring::traffic::Window;
use registry::database::Database;
use registry::store;
use registry::trainings::{self, Due};

/// As far back as `trainer drift` looks by itself.
const DRIFT_WINDOW_DAYS: u32 = 7;

/// What came of it.
pub(super) enum Training {
    NotDue {
        reason: String,
    },
    Done {
        reason: String,
        outcome: Box<Outcome>,
        document: Value,
    },
    /// Somebody asked for an end; a later round trains.
    Interrupted {
        reason: String,
        message: String,
    },
    /// These rows cannot be trained on.
    Failed {
        reason: String,
        error: anyhow::Error,
    },
}

/// Trains on the database's rows, known by their number and hash, if that is due.
///
/// # Errors
///
/// What has nothing to do with the rows; the next round tries again.
pub(super) async fn run(
    watch: &Watch<'_>,
    database: &Database,
    (rows, sha256): (usize, &str),
    progress: &Progress,
) -> Result<Training> {
    let Due { is_due, reason } = trainings::due(&database.connect().await?, rows, sha256).await?;
    let drift = match is_due {
        false if watch.args.on_drift && rows > 0 => drifted(database, sha256).await?,
        _ => None,
    };
    let reason = match (is_due, &drift) {
        (false, None) => return Ok(Training::NotDue { reason }),
        (_, Some(drift)) => drift.clone(),
        (true, None) => reason,
    };
    progress.say(&format!("training is due: {reason}"));
    match train(watch, database, drift.is_some(), progress).await {
        Ok((outcome, document)) => {
            Ok(Training::Done { reason, outcome: Box::new(outcome), document })
        }
        Err(error) if was_interrupted(&error) => {
            Ok(Training::Interrupted { reason, message: error.to_string() })
        }
        Err(error) if lies_in_the_rows(&error) => {
            let connection = database.connect().await?;
            trainings::note_failure(&connection, sha256, &error.to_string()).await?;
            Ok(Training::Failed { reason, error })
        }
        Err(error) => Err(error),
    }
}

/// What the requests have drifted in, unless these rows were trained on for that before: they would give the same model.
///
/// # Errors
///
/// As [`drift::check`].
async fn drifted(database: &Database, sha256: &str) -> Result<Option<String>> {
    let connection = database.connect().await?;
    if trainings::was_for_drift(&connection, sha256).await? {
        return Ok(None);
    }
    let window = Window::new(Moment::now().days_before(DRIFT_WINDOW_DAYS), None);
    let drift = drift::check(database, window).await?;
    Ok(drift.has_drifted().then(|| drift.sentence()))
}

async fn train(
    watch: &Watch<'_>,
    database: &Database,
    is_for_drift: bool,
    progress: &Progress,
) -> Result<(Outcome, Value)> {
    let source = format!("the database {}", database.place());
    let dataset = store::load(&database.connect().await?, source).await?;
    let asked = TrainArgs {
        data: None,
        holdout: None,
        training: watch.args.training.clone(),
        no_promote: watch.args.no_promote,
        resume: None,
        sample: None,
    };
    let order = Order {
        dataset: &dataset,
        holdout: None,
        training: &asked.training,
        no_promote: asked.no_promote,
        arguments: Arguments::of(&asked).by_a_watcher_of(&watch.args.folder, is_for_drift),
        resumed: None,
        interruption: watch.stop.interruption(),
    };
    let outcome = train::train_and_promote(database, &order, progress).await?;
    let document = train::report(&outcome, &dataset);
    Ok((outcome, document))
}

fn was_interrupted(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| matches!(cause.downcast_ref(), Some(Failure::Interrupted(_))))
}

/// Whether the same rows would fail again.
fn lies_in_the_rows(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<DataError>() || matches!(cause.downcast_ref(), Some(Failure::Failed(_)))
    })
}

impl Training {
    pub(super) fn is_news(&self) -> bool {
        !matches!(self, Training::NotDue { .. })
    }

    pub(super) fn to_json(&self) -> Value {
        match self {
            Training::NotDue { reason } => json!({ "due": false, "reason": reason }),
            Training::Done { reason, document, .. } => {
                json!({ "due": true, "reason": reason, "run": document })
            }
            Training::Interrupted { reason, message } => {
                json!({ "due": true, "reason": reason, "interrupted": message })
            }
            Training::Failed { reason, error } => {
                json!({ "due": true, "reason": reason, "error": error.to_string() })
            }
        }
    }

    /// The name of the run and a page on it, where there was one.
    pub(super) fn report(&self) -> Option<(String, String)> {
        let Training::Done { reason, outcome, .. } = self else { return None };
        let run = &outcome.run;
        let page = format!(
            "Run {}\n\nTraining was due: {reason}.\n{} rows, SHA-256 {}\n\n{}\n",
            run.id,
            run.dataset_rows,
            run.dataset_sha256,
            train::describe(outcome)
        );
        Some((format!("run-{}", run.id), page))
    }

    pub(super) fn to_text(&self) -> String {
        match self {
            Training::NotDue { reason } => format!("no training: {reason}"),
            Training::Done { outcome, .. } => {
                let verdict = &outcome.verdict;
                let champion = verdict.champion.as_deref().unwrap_or("none");
                let verb = if verdict.decision.is_some() { "promoted" } else { "stays" };
                format!("champion {champion} {verb}: {}", verdict.reason)
            }
            Training::Interrupted { message, .. } => format!("training was {message}"),
            Training::Failed { error, .. } => format!("training failed: {error}"),
        }
    }
}
