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

/// Writes down a run that has ended, whether or not it was there since it began.
pub(super) async fn insert_run(
    transaction: &Transaction,
    run: &Run,
    outcome: &str,
) -> Result<(), libsql::Error> {
    transaction
        .execute(
            "INSERT INTO runs (id, started_at, finished_at, arguments, dataset_rows, dataset_sha256, split_sha256, split, seed, outcome) VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%fZ'), ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET finished_at = excluded.finished_at, outcome = excluded.outcome",
            params![
                run.id.clone(),
                run.started_at.clone(),
                run.arguments.to_string(),
                run.dataset_rows as u64,
                run.dataset_sha256.clone(),
                run.split_sha256.clone(),
                run.split.to_string(),
                run.seed.cast_signed(),
                outcome
            ],
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
        seconds: match row.get_value(12)? {
            Sql::Real(seconds) => seconds,
            _ => 0.0,
        },
    })
}

/// A column that holds JSON; `null` where it does not.
pub(super) fn document(row: &libsql::Row, column: i32) -> Result<Value, libsql::Error> {
    let text: String = row.get(column)?;
    Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
}
