//! Records the trials of the searches of a run.

use connection::{Row, params};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Registry, RegistryError};
use crate::query::document;
use learning::trial::{Ended, Fold, Trial};

/// A trial with the family it is of.
#[derive(Debug, Clone)]
pub struct TrialEntry {
    /// The model family.
    pub family: String,
    /// The trial.
    pub trial: Trial,
}

impl Registry {
    /// Keeps a trial of a run. One that was cut short and was run again takes its own place.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn keep_trial(
        &self,
        run_id: &str,
        family: &str,
        trial: &Trial,
    ) -> Result<(), RegistryError> {
        self.connection
            .execute(
                "INSERT INTO trials (run_id, family, number, params, folds, score, rounds, seconds, ended, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
                 ON CONFLICT (run_id, family, number) DO UPDATE SET params = excluded.params, folds = excluded.folds, score = excluded.score, rounds = excluded.rounds, seconds = excluded.seconds, ended = excluded.ended, reason = excluded.reason",
                params![
                    run_id,
                    family,
                    trial.number as u64,
                    trial.params.to_string(),
                    json!(trial.folds).to_string(),
                    trial.score,
                    trial.rounds().and_then(|rounds| i64::try_from(rounds).ok()),
                    trial.seconds,
                    trial.ended.name(),
                    trial.reason.clone()
                ],
            )
            .await?;
        Ok(())
    }

    /// The trials of a run, by family and number.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn trials(&self, run_id: &str) -> Result<Vec<TrialEntry>, RegistryError> {
        let sql = "SELECT family, number, params, folds, score, seconds, ended, reason FROM trials WHERE run_id = ? ORDER BY family, number";
        let entry = |row: &Row| Ok(TrialEntry { family: row.get(0)?, trial: trial(row)? });
        Ok(self.connection.all(sql, [run_id], entry).await?)
    }
}

#[derive(Deserialize)]
struct Numbers {
    score: Option<f64>,
    seconds: f64,
}

/// What cannot be read is a trial that failed: it is run again where a run goes on.
fn trial(row: &Row) -> Result<Trial, connection::Error> {
    let Numbers { score, seconds } = row.record()?;
    let folds = Vec::<Fold>::deserialize(document(row, 3)?).ok();
    let ended = Ended::parse(&row.get::<String>(6)?).filter(|_| folds.is_some());
    Ok(Trial {
        number: usize::try_from(row.get::<u64>(1)?).unwrap_or(usize::MAX),
        params: document(row, 2)?,
        folds: folds.unwrap_or_default(),
        score,
        seconds,
        ended: ended.unwrap_or(Ended::Failed),
        reason: row.get(7)?,
    })
}

impl TrialEntry {
    /// The JSON document that `--json` prints.
    pub fn to_json(&self) -> Value {
        let Trial { number, params, folds, score, seconds, ended, reason } = &self.trial;
        json!({
            "family": self.family,
            "number": number,
            "params": params,
            "folds": folds,
            "score": score,
            "rounds": self.trial.rounds(),
            "seconds": seconds,
            "ended": ended.name(),
            "reason": reason,
        })
    }
}
