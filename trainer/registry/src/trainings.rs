//! Whether there is something to train on that was not trained on yet: the only SQL that asks this of `runs` and that knows
//! `failed_trainings`.

use connection::{Connection, Row};

/// Whether a training is due, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Whether to train.
    pub is_due: bool,
    /// Why, in words.
    pub reason: String,
}

/// Whether the database's rows, known by their hash, call for a training. What counts is the rows, not that a file came: a
/// watcher that is killed between the two finds the training due.
///
/// # Errors
///
/// The database's own.
pub async fn due(
    connection: &Connection,
    rows: usize,
    dataset_sha256: &str,
) -> Result<Due, connection::Error> {
    let no = |reason: String| Due { is_due: false, reason };
    if rows == 0 {
        return Ok(no(String::from("there are no rows")));
    }
    let pair = |row: &Row| Ok((row.get::<String>(0)?, row.get::<String>(1)?));
    let sql = "SELECT failed_at, reason FROM failed_trainings WHERE dataset_sha256 = ?";
    if let Some((failed_at, reason)) = connection.first(sql, [dataset_sha256], pair).await? {
        return Ok(no(format!(
            "training on these rows failed at {failed_at}: {reason}; more rows or `trainer train` try again"
        )));
    }
    // The last finished run over the database's rows, and which rows they were.
    let sql = "SELECT id, dataset_sha256 FROM runs \
         WHERE finished_at IS NOT NULL AND json_extract(arguments, '$.data') IS NULL \
         ORDER BY finished_at DESC, rowid DESC LIMIT 1";
    Ok(match connection.first(sql, (), pair).await? {
        Some((run, trained)) if trained == dataset_sha256 => {
            no(format!("run {run} trained on these rows"))
        }
        Some((run, _)) => Due { is_due: true, reason: format!("the rows changed since run {run}") },
        None => Due { is_due: true, reason: String::from("these rows were never trained on") },
    })
}

/// Whether a run that has finished was asked for because requests had drifted, and had these rows.
///
/// # Errors
///
/// The database's own.
pub async fn was_for_drift(
    connection: &Connection,
    dataset_sha256: &str,
) -> Result<bool, connection::Error> {
    let sql = "SELECT 1 FROM runs WHERE finished_at IS NOT NULL AND dataset_sha256 = ? \
         AND json_extract(arguments, '$.on_drift') LIMIT 1";
    Ok(connection.first(sql, [dataset_sha256], |_| Ok(())).await?.is_some())
}

/// Keeps that rows could not be trained on.
///
/// # Errors
///
/// The database's own.
pub async fn note_failure(
    connection: &Connection,
    dataset_sha256: &str,
    reason: &str,
) -> Result<(), connection::Error> {
    let sql = "INSERT INTO failed_trainings (dataset_sha256, failed_at, reason) \
         VALUES (?, strftime('%Y-%m-%dT%H:%M:%fZ'), ?) \
         ON CONFLICT (dataset_sha256) DO UPDATE SET failed_at = excluded.failed_at, reason = excluded.reason";
    connection.execute(sql, [dataset_sha256, reason]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Database;

    #[tokio::test]
    async fn training_is_due_when_rows_differ_from_the_last_finished_run() {
        let database = Database::scratch().await.unwrap();
        let connection = database.connect().await.unwrap();
        let run = async |id: &str, finished: &str, arguments: &str, dataset: &str| {
            let sql = format!(
                "INSERT INTO runs (id, started_at, finished_at, arguments, dataset_rows, dataset_sha256, split_sha256, split, seed) \
                 VALUES ('{id}', '2026-01-01', {finished}, '{arguments}', 1, '{dataset}', '', '', 1)"
            );
            connection.execute(&sql, ()).await.unwrap();
        };
        let check = async |rows: usize, dataset: &str, is_due: bool, reason: &str| {
            let due = due(&connection, rows, dataset).await.unwrap();
            assert!(due.is_due == is_due && due.reason.contains(reason), "{due:?}");
        };
        check(0, "a", false, "no rows").await;
        check(1, "a", true, "never").await;
        run("one", "'2026-01-01'", r#"{"data": null}"#, "a").await;
        check(1, "a", false, "run one trained").await;
        check(1, "b", true, "since run one").await;
        // Runs that were interrupted, and those over a file, say nothing of the database's rows.
        run("two", "NULL", r#"{"data": null}"#, "b").await;
        run("three", "'2026-01-03'", r#"{"data": "b.csv"}"#, "b").await;
        check(1, "b", true, "since run one").await;
        note_failure(&connection, "b", "too few").await.unwrap();
        check(1, "b", false, "failed at").await;
        check(1, "c", true, "since run one").await;
        run("four", "NULL", r#"{"data": null, "on_drift": true}"#, "a").await;
        assert!(!was_for_drift(&connection, "a").await.unwrap());
        run("five", "'2026-01-05'", r#"{"data": null, "on_drift": true}"#, "a").await;
        assert!(was_for_drift(&connection, "a").await.unwrap());
        assert!(!was_for_drift(&connection, "b").await.unwrap());
    }
}
