//! Trains in a round when training is due.

use anyhow::Result;
use serde_json::{Value, json};

use super::Watch;
use crate::cmd::load;
use crate::cmd::train::{self, Arguments, Order, Outcome, Unfinished};
use data::DataError;
use learning::progress::Progress;
use monitoring::drift;
use monitoring::journal::Moment;
use monitoring::traffic::Window;
use registry::database::Database;
use registry::trainings::{self, Due};

/// As far back as `trainer drift` looks by itself.
const DRIFT_WINDOW_DAYS: u32 = 7;

/// Why a training was due or not, and what came of it.
pub(super) struct Training {
    reason: String,
    pub(super) result: TrainingResult,
}

pub(super) enum TrainingResult {
    NotDue,
    Done {
        outcome: Box<Outcome>,
        document: Value,
    },
    /// Someone asked for an end; a later round trains.
    Interrupted(anyhow::Error),
    /// These rows cannot be trained on.
    Failed(anyhow::Error),
}

/// Trains on the database's rows, known by their number and hash, if that is due. It fails for what has nothing to do with
/// the rows; the next round tries again.
pub(super) async fn run(
    watch: &Watch<'_>,
    database: &Database,
    (rows, sha256): (usize, &str),
    progress: &Progress,
) -> Result<Training> {
    let Due { is_due, mut reason } =
        trainings::due(&database.connect().await?, rows, sha256).await?;
    let mut is_for_drift = false;
    if !is_due {
        let looks_for_drift = watch.args.on_drift && rows > 0;
        let drift = if looks_for_drift { drifted(database, sha256).await? } else { None };
        let Some(drift) = drift else {
            return Ok(Training { reason, result: TrainingResult::NotDue });
        };
        (reason, is_for_drift) = (drift, true);
    }
    progress.say(&format!("training is due: {reason}"));
    let result = match train(watch, database, is_for_drift, progress).await {
        Ok((outcome, document)) => TrainingResult::Done { outcome: Box::new(outcome), document },
        Err(error) if let Some(Unfinished::Interrupted { .. }) = error.downcast_ref() => {
            TrainingResult::Interrupted(error)
        }
        Err(error)
            if error.is::<Unfinished>() || error.chain().any(|cause| cause.is::<DataError>()) =>
        {
            let connection = database.connect().await?;
            trainings::note_failure(&connection, sha256, &error.to_string()).await?;
            TrainingResult::Failed(error)
        }
        Err(error) => return Err(error),
    };
    Ok(Training { reason, result })
}

/// What the requests have drifted in, unless these rows were trained on for that before: they would give the same model.
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
    on_drift: bool,
    progress: &Progress,
) -> Result<(Outcome, Value)> {
    let dataset = load(database).await?;
    let order = Order {
        dataset: &dataset,
        holdout: None,
        arguments: Arguments::of_watch(watch.args, on_drift),
        resumed: None,
        interruption: &watch.stop.interruption,
    };
    let outcome = train::train_and_promote(database, &order, progress).await?;
    let document = train::report(&outcome, &dataset);
    Ok((outcome, document))
}

impl Training {
    pub(super) fn is_news(&self) -> bool {
        !matches!(self.result, TrainingResult::NotDue)
    }

    pub(super) fn to_json(&self) -> Value {
        let mut document = json!({ "due": self.is_news(), "reason": self.reason });
        match &self.result {
            TrainingResult::NotDue => {}
            TrainingResult::Done { document: run, .. } => document["run"] = run.clone(),
            TrainingResult::Interrupted(error) => {
                document["interrupted"] = json!(error.to_string());
            }
            TrainingResult::Failed(error) => document["error"] = json!(error.to_string()),
        }
        document
    }

    /// The name of the run and a page on it, where there was one.
    pub(super) fn report(&self) -> Option<(String, String)> {
        let TrainingResult::Done { outcome, .. } = &self.result else { return None };
        let (run, reason) = (&outcome.run, &self.reason);
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
        match &self.result {
            TrainingResult::NotDue => format!("no training: {}", self.reason),
            TrainingResult::Done { outcome, .. } => train::decision(&outcome.verdict),
            TrainingResult::Interrupted(error) => format!("training was {error}"),
            TrainingResult::Failed(error) => format!("training failed: {error}"),
        }
    }
}
