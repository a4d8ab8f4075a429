//! The registry's statements, each on a connection or inside the caller's transaction.

use inference::{ModelId, image};
use libsql::{Connection, Transaction, Value as Sql, params};
use serde_json::Value;

use super::{Entry, Promotion, Registration, Run};

pub(super) async fn champion(connection: &Connection) -> Result<Option<String>, libsql::Error> {
    let mut rows =
        connection.query("SELECT model_id FROM promotions ORDER BY seq DESC LIMIT 1", ()).await?;
    rows.next().await?.map(|row| row.get(0)).transpose()
}

/// The ids that a statement selects.
pub(super) async fn ids(connection: &Connection, sql: &str) -> Result<Vec<String>, libsql::Error> {
    let mut rows = connection.query(sql, ()).await?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next().await? {
        ids.push(row.get(0)?);
    }
    Ok(ids)
}

pub(super) async fn promotions(connection: &Connection) -> Result<Vec<Promotion>, libsql::Error> {
    let mut rows = connection
        .query(
            "SELECT seq, model_id, promoted_at, reason, rolls_back, evidence FROM promotions ORDER BY seq",
            (),
        )
        .await?;
    let mut promotions = Vec::new();
    while let Some(row) = rows.next().await? {
        promotions.push(Promotion {
            seq: row.get(0)?,
            model_id: row.get(1)?,
            promoted_at: row.get(2)?,
            reason: row.get(3)?,
            rolls_back: row.get::<i64>(4)? != 0,
            evidence: row
                .get::<Option<String>>(5)?
                .and_then(|text| serde_json::from_str(&text).ok()),
        });
    }
    Ok(promotions)
}

/// Writes down a run; one that is there already stays as it is.
pub(super) async fn insert_run(connection: &Connection, run: &Run) -> Result<(), libsql::Error> {
    connection
        .execute(
            "INSERT INTO runs (id, started_at, arguments, dataset_rows, dataset_sha256, split_sha256, split, seed) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            params![
                run.id.clone(),
                run.started_at.clone(),
                run.arguments.to_string(),
                run.dataset_rows as u64,
                run.dataset_sha256.clone(),
                run.split_sha256.clone(),
                run.split.to_string(),
                run.seed.cast_signed()
            ],
        )
        .await?;
    Ok(())
}

/// Writes down that a run has ended, and how.
pub(super) async fn finish_run(
    connection: &Connection,
    id: &str,
    outcome: &str,
) -> Result<(), libsql::Error> {
    connection
        .execute(
            "UPDATE runs SET finished_at = strftime('%Y-%m-%dT%H:%M:%fZ'), outcome = ? WHERE id = ?",
            params![outcome, id],
        )
        .await?;
    Ok(())
}

/// Adds a model with its image unless its blob is there already, and says whether it did.
pub(super) async fn insert_model(
    transaction: &Transaction,
    model: &Registration,
) -> Result<bool, libsql::Error> {
    let id = ModelId::of(&model.blob);
    let added = transaction
        .execute(
            "INSERT INTO models (id, family, name, created_at, params, metrics, dataset_sha256, split_sha256, seed, blob, exact_blob, blob_sha256, blob_bytes, nodes, seconds, image) VALUES (?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ'), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            params![
                id.as_str(),
                model.family.clone(),
                model.name.clone(),
                model.params.to_string(),
                model.metrics.to_string(),
                model.dataset_sha256.clone(),
                model.split_sha256.clone(),
                model.seed.map(u64::cast_signed),
                model.blob.clone(),
                model.exact_blob.clone(),
                model.blob_sha256.clone(),
                model.blob.len() as u64,
                model.nodes as u64,
                model.seconds,
                // What is no model has none.
                image::encode(&model.blob).ok()
            ],
        )
        .await?;
    Ok(added > 0)
}

pub(super) async fn join_run(
    transaction: &Transaction,
    run_id: &str,
    model: &Registration,
) -> Result<(), libsql::Error> {
    let id = ModelId::of(&model.blob);
    transaction
        .execute(
            "INSERT INTO run_models (run_id, model_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            params![run_id, id.as_str()],
        )
        .await?;
    Ok(())
}

pub(super) async fn insert_promotion(
    transaction: &Transaction,
    id: &str,
    reason: &str,
    evidence: Option<&Value>,
) -> Result<(), libsql::Error> {
    transaction
        .execute(
            "INSERT INTO promotions (model_id, promoted_at, reason, evidence) VALUES (?, strftime('%Y-%m-%dT%H:%M:%fZ'), ?, ?)",
            params![id, reason, evidence.map(Value::to_string)],
        )
        .await?;
    Ok(())
}

pub(super) async fn insert_rollback(
    transaction: &Transaction,
    id: &str,
    reason: &str,
) -> Result<(), libsql::Error> {
    transaction
        .execute(
            "INSERT INTO promotions (model_id, promoted_at, reason, rolls_back) VALUES (?, strftime('%Y-%m-%dT%H:%M:%fZ'), ?, 1)",
            params![id, reason],
        )
        .await?;
    Ok(())
}

pub(super) async fn is_registered(
    connection: &Connection,
    id: &str,
) -> Result<bool, libsql::Error> {
    let mut rows = connection.query("SELECT 1 FROM models WHERE id = ?", [id]).await?;
    Ok(rows.next().await?.is_some())
}

pub(super) fn entry(row: &libsql::Row) -> Result<Entry, libsql::Error> {
    Ok(Entry {
        id: row.get(0)?,
        family: row.get(1)?,
        name: row.get(2)?,
        created_at: row.get(3)?,
        params: document(row, 4)?,
        metrics: document(row, 5)?,
        dataset_sha256: row.get(6)?,
        split_sha256: row.get(7)?,
        seed: row.get(8)?,
        blob_sha256: row.get(9)?,
        blob_bytes: row.get(10)?,
        nodes: row.get(11)?,
        seconds: real(row, 12)?.unwrap_or_default(),
    })
}

/// A number, however it was written down: a server may send a whole one as one. `None` for anything else.
#[expect(clippy::cast_precision_loss, reason = "counts and dollars are far below 2^53")]
pub(crate) fn real(row: &libsql::Row, column: i32) -> Result<Option<f64>, libsql::Error> {
    Ok(match row.get_value(column)? {
        Sql::Real(number) => Some(number),
        Sql::Integer(number) => Some(number as f64),
        _ => None,
    })
}

/// A column that holds JSON; `null` where it does not.
pub(crate) fn document(row: &libsql::Row, column: i32) -> Result<Value, libsql::Error> {
    let text: String = row.get(column)?;
    Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// What a model's run knew of its rows.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The id of the run.
    pub run_id: String,
    /// When the run began.
    pub started_at: String,
    /// How many rows the data set had.
    pub dataset_rows: u64,
    /// How the rows were divided.
    pub split: Value,
}

/// What the latest run that gave a model knew of its rows; `None` for one that was trained elsewhere.
pub(crate) async fn origin(
    connection: &Connection,
    model: &str,
) -> Result<Option<Origin>, libsql::Error> {
    let sql = "SELECT r.id, r.started_at, r.dataset_rows, r.split FROM runs r \
         JOIN run_models rm ON rm.run_id = r.id WHERE rm.model_id = ? \
         ORDER BY r.started_at DESC, r.rowid DESC LIMIT 1";
    let mut rows = connection.query(sql, [model]).await?;
    let Some(row) = rows.next().await? else { return Ok(None) };
    Ok(Some(Origin {
        run_id: row.get(0)?,
        started_at: row.get(1)?,
        dataset_rows: row.get(2)?,
        split: document(&row, 3)?,
    }))
}
