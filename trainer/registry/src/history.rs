//! Reads how a model came to be: its run's trials, its family's runs and every champion.

use connection::{Connection, Row};
use serde::Deserialize;
use serde_json::Value;

use crate::query::json;
use crate::registry::{Origin, origin};

/// What became of the searches, the runs and the promotions.
#[derive(Debug, Default)]
pub struct History {
    /// The latest run that gave the model; none for one that was trained elsewhere.
    pub origin: Option<Origin>,
    /// The trials of its run.
    pub trials: Vec<Trial>,
    /// The models of the family by the number of training rows.
    pub sizes: Vec<Size>,
    /// Every promotion, the oldest first.
    pub promotions: Vec<PastPromotion>,
}

/// One setting that the search for the model tried.
#[derive(Debug, Clone, Deserialize)]
pub struct Trial {
    /// The number of the trial.
    pub number: i64,
    /// The settings.
    #[serde(deserialize_with = "json")]
    pub params: Value,
    /// The mean absolute error in dollars; `None` where the trial gave none.
    pub score_usd: Option<f64>,
    /// How many rounds it took.
    pub rounds: Option<i64>,
    /// How long it took.
    pub seconds: f64,
    /// How it ended.
    pub ended: String,
}

/// A model of the family and how many rows taught it.
#[derive(Debug, Clone, Deserialize)]
pub struct Size {
    /// The id of the model.
    pub model_id: String,
    /// How many rows taught it.
    pub train_rows: f64,
    /// The mean absolute error on the held-out rows, in dollars.
    pub holdout_mae_usd: f64,
}

/// One promotion.
#[derive(Debug, Clone, Deserialize)]
pub struct PastPromotion {
    /// The id of the model.
    pub model_id: String,
    /// When it was promoted.
    pub promoted_at: String,
    /// Why, in words.
    pub reason: String,
    /// Whether it took the promotion before it back.
    pub rolls_back: bool,
    /// Of the model, which may be gone.
    pub family: Option<String>,
    /// The mean absolute error on the held-out rows, in dollars.
    pub holdout_mae_usd: Option<f64>,
    /// SHA-256 of the held-out rows.
    pub split_sha256: Option<String>,
}

/// Reads the history of a model.
///
/// # Errors
///
/// The database's own.
pub async fn load(
    connection: &Connection,
    id: &str,
    family: &str,
) -> Result<History, connection::Error> {
    Ok(History {
        origin: origin(connection, id).await?,
        trials: trials(connection, id, family).await?,
        sizes: sizes(connection, family).await?,
        promotions: promotions(connection).await?,
    })
}

/// The trials of the latest run that gave the model and has some of its family.
async fn trials(
    connection: &Connection,
    id: &str,
    family: &str,
) -> Result<Vec<Trial>, connection::Error> {
    let sql = "SELECT number, params, score AS score_usd, rounds, seconds, ended FROM trials \
         WHERE family = ?1 AND run_id = ( \
           SELECT r.id FROM runs r JOIN run_models rm ON rm.run_id = r.id \
           WHERE rm.model_id = ?2 AND EXISTS (SELECT 1 FROM trials t WHERE t.run_id = r.id AND t.family = ?1) \
           ORDER BY r.started_at DESC LIMIT 1) \
         ORDER BY number";
    connection.all(sql, [family, id], Row::record).await
}

async fn sizes(connection: &Connection, family: &str) -> Result<Vec<Size>, connection::Error> {
    let sql = "SELECT id AS model_id, json_extract(metrics, '$.train.n') AS train_rows, json_extract(metrics, '$.holdout.mae') AS holdout_mae_usd FROM models \
         WHERE family = ? AND typeof(train_rows) IN ('integer', 'real') AND train_rows > 0 \
           AND typeof(holdout_mae_usd) IN ('integer', 'real') AND holdout_mae_usd >= 0 \
         ORDER BY 2, created_at, id";
    connection.all(sql, [family], Row::record).await
}

async fn promotions(connection: &Connection) -> Result<Vec<PastPromotion>, connection::Error> {
    let sql = "SELECT p.model_id, p.promoted_at, p.reason, p.rolls_back, m.family, \
           json_extract(m.metrics, '$.holdout.mae') AS holdout_mae_usd, m.split_sha256 \
         FROM promotions p LEFT JOIN models m ON m.id = p.model_id ORDER BY p.seq";
    connection.all(sql, (), Row::record).await
}
