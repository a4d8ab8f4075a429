//! What the service keeps in the database: the one place that knows SQL.

use std::cell::Cell;

use inference::similar::{self, Candidate};
use inference::{Clarity, Color, Cut};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::database::{Cells, Database, DatabaseError, Value};
use crate::json::Number;
use crate::record::Record;
use crate::settings::Sync;

/// The questions the service asks of a database.
///
/// What reads and what writes goes by connections of its own: a commit that waits for another process's write does not
/// hold up a question.
#[derive(Debug)]
pub(crate) struct Store<D> {
    reader: D,
    writer: D,
    sync: Sync,
    /// Whether the writer's present connection was prepared.
    is_prepared: Cell<bool>,
}

/// A stone of the data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Sample {
    pub(crate) id: i64,
    pub(crate) carat: Number,
    pub(crate) cut: String,
    pub(crate) color: String,
    pub(crate) clarity: String,
    pub(crate) depth: Number,
    pub(crate) table: Number,
    pub(crate) price: Number,
    pub(crate) x: Number,
    pub(crate) y: Number,
    pub(crate) z: Number,
}

impl Candidate for Sample {
    fn carat(&self) -> f64 {
        self.carat.0
    }

    fn id(&self) -> i64 {
        self.id
    }
}

/// A model of the registry without its blob.
#[derive(Debug, Serialize)]
pub(crate) struct ModelRow {
    pub(crate) id: String,
    pub(crate) family: String,
    pub(crate) name: Option<String>,
    pub(crate) created_at: String,
    pub(crate) champion: bool,
    pub(crate) promoted_at: Option<String>,
    pub(crate) metrics: Box<RawValue>,
    pub(crate) params: Box<RawValue>,
    pub(crate) dataset_sha256: Option<String>,
    pub(crate) split_sha256: Option<String>,
    pub(crate) seed: Option<i64>,
    pub(crate) blob_sha256: String,
    pub(crate) bytes: i64,
    pub(crate) nodes: i64,
}

/// What a beginning of an id stands for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Resolved {
    One(String),
    None,
    Several,
}

impl<D: Database> Store<D> {
    pub(crate) fn new(reader: D, writer: D, sync: Sync) -> Store<D> {
        Store { reader, writer, sync, is_prepared: Cell::new(false) }
    }

    /// Drops the writer's connection, so that the next commit opens a new one.
    pub(crate) fn reopen(&self) {
        self.writer.reopen();
        self.is_prepared.set(false);
    }

    /// Prepares the writer's connection: its commits do not wait for readers, and survive a killed process
    /// (`NORMAL`) or a power cut (`FULL`). A server that keeps its own counsel about both refuses these
    /// statements; that is no reason not to write.
    async fn prepare(&self) {
        if self.is_prepared.replace(true) {
            return;
        }
        let synchronous = match self.sync {
            Sync::Normal => "PRAGMA synchronous = NORMAL",
            Sync::Full => "PRAGMA synchronous = FULL",
        };
        for pragma in ["PRAGMA journal_mode = WAL", synchronous] {
            let _ = self.writer.query(pragma, Vec::new()).await;
        }
    }

    /// The `n` stones of this cut, color and clarity whose carat is nearest, in the order of
    /// [`similar::order`]: at most `n` of each side by two range scans of one index, then merged.
    pub(crate) async fn similar(
        &self,
        (cut, color, clarity): (Cut, Color, Clarity),
        carat: f64,
        n: usize,
    ) -> Result<Vec<Sample>, DatabaseError> {
        let parameters = vec![
            Value::Text(cut.as_str().into()),
            Value::Text(color.as_str().into()),
            Value::Text(clarity.as_str().into()),
            Value::Real(carat),
            Value::Integer(i64::try_from(n).unwrap_or(i64::MAX)),
        ];
        let rows = self.reader.query(SIMILAR, parameters).await?;
        let samples =
            rows.into_iter().map(|row| sample(row.into())).collect::<Result<Vec<_>, _>>()?;
        Ok(similar::nearest(carat, samples, n))
    }

    /// The id of the champion, `None` before the first promotion.
    pub(crate) async fn champion_id(&self) -> Result<Option<String>, DatabaseError> {
        let rows = self.reader.query(CHAMPION, Vec::new()).await?;
        rows.into_iter().next().map(|row| Cells::from(row).text()).transpose()
    }

    /// The blob of a model.
    pub(crate) async fn blob(&self, id: &str) -> Result<Option<Vec<u8>>, DatabaseError> {
        let sql = "SELECT blob FROM models WHERE id = ?";
        let rows = self.reader.query(sql, vec![Value::Text(id.into())]).await?;
        rows.into_iter().next().map(|row| Cells::from(row).blob()).transpose()
    }

    /// Which model an id or a beginning of one stands for. Ids are hexadecimal, so anything else is none.
    pub(crate) async fn resolve(&self, id: &str) -> Result<Resolved, DatabaseError> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Resolved::None);
        }
        let id = id.to_ascii_lowercase();
        let sql = "SELECT id FROM models WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2";
        let mut rows = self.reader.query(sql, vec![Value::Text(id)]).await?.into_iter();
        Ok(match (rows.next(), rows.next()) {
            (None, _) => Resolved::None,
            (Some(row), None) => Resolved::One(Cells::from(row).text()?),
            (Some(_), Some(_)) => Resolved::Several,
        })
    }

    /// Every model, the newest first.
    pub(crate) async fn models(&self) -> Result<Vec<ModelRow>, DatabaseError> {
        let sql = format!("{MODELS} ORDER BY models.created_at DESC, models.id");
        let rows = self.reader.query(&sql, Vec::new()).await?;
        rows.into_iter().map(|row| model_row(row.into())).collect()
    }

    /// One model.
    pub(crate) async fn model(&self, id: &str) -> Result<Option<ModelRow>, DatabaseError> {
        let sql = format!("{MODELS} WHERE models.id = ?");
        let rows = self.reader.query(&sql, vec![Value::Text(id.into())]).await?;
        rows.into_iter().next().map(|row| model_row(row.into())).transpose()
    }

    /// Commits records to the journal: one statement, all or none. A record that is there already, from a
    /// write whose answer was lost, stays as it is.
    pub(crate) async fn append(&self, records: &[&Record]) -> Result<(), DatabaseError> {
        self.prepare().await;
        let row = format!("({})", vec!["?"; REQUEST_COLUMNS.len()].join(","));
        let sql = format!(
            "INSERT OR IGNORE INTO requests ({}) VALUES {}",
            REQUEST_COLUMNS.join(","),
            vec![row; records.len()].join(",")
        );
        let parameters = records.iter().flat_map(|record| request_row(record)).collect();
        self.writer.query(&sql, parameters).await.map(drop)
    }
}

/// Two arms of at most n rows, each in the order of the index; LIMIT stands inside, or it would read the rest.
const SIMILAR: &str = r#"
SELECT * FROM (
    SELECT id, carat, cut, color, clarity, depth, "table", price, x, y, z FROM diamonds
    WHERE cut = ?1 AND color = ?2 AND clarity = ?3 AND carat >= ?4 ORDER BY carat, id LIMIT ?5)
UNION ALL
SELECT * FROM (
    SELECT id, carat, cut, color, clarity, depth, "table", price, x, y, z FROM diamonds
    WHERE cut = ?1 AND color = ?2 AND clarity = ?3 AND carat < ?4 ORDER BY carat DESC, id LIMIT ?5)"#;

const CHAMPION: &str = "SELECT model_id FROM promotions ORDER BY seq DESC LIMIT 1";

const MODELS: &str = "
SELECT models.id, family, name, created_at,
    models.id = (SELECT model_id FROM promotions ORDER BY seq DESC LIMIT 1),
    (SELECT max(promoted_at) FROM promotions WHERE model_id = models.id),
    metrics, params, dataset_sha256, split_sha256, seed, blob_sha256, blob_bytes, nodes
FROM models";

const REQUEST_COLUMNS: [&str; 21] = [
    "id",
    "received_at",
    "method",
    "path",
    "query",
    "route",
    "status",
    "latency_us",
    "request_type",
    "request_body",
    "request_bytes",
    "request_sha256",
    "response_type",
    "response_body",
    "response_bytes",
    "response_sha256",
    "model_id",
    "client",
    "user_agent",
    "caller_request_id",
    "trace_id",
];

fn request_row(record: &Record) -> [Value; REQUEST_COLUMNS.len()] {
    let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::Text);
    let count = |count: u64| Value::Integer(i64::try_from(count).unwrap_or(i64::MAX));
    let body = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok("") => Value::Null,
        // Some readers of SQLite end a text at its first NUL.
        Ok(text) if !bytes.contains(&0) => Value::Text(text.into()),
        _ => Value::Blob(bytes.into()),
    };
    [
        Value::Text(record.id.clone()),
        Value::Text(record.received_at.clone()),
        Value::Text(record.method.clone()),
        Value::Text(record.path.clone()),
        text(&record.query),
        record.route.map_or(Value::Null, |route| Value::Text(route.into())),
        Value::Integer(i64::from(record.status)),
        count(record.latency_us),
        text(&record.request.media),
        body(&record.request.kept),
        count(record.request.bytes),
        text(&record.request.sha256),
        text(&record.response.media),
        body(&record.response.kept),
        count(record.response.bytes),
        text(&record.response.sha256),
        text(&record.model_id),
        text(&record.client),
        text(&record.user_agent),
        text(&record.caller_request_id),
        text(&record.trace_id),
    ]
}

fn sample(mut row: Cells) -> Result<Sample, DatabaseError> {
    Ok(Sample {
        id: row.integer()?,
        carat: Number(row.number()?),
        cut: row.text()?,
        color: row.text()?,
        clarity: row.text()?,
        depth: Number(row.number()?),
        table: Number(row.number()?),
        price: Number(row.number()?),
        x: Number(row.number()?),
        y: Number(row.number()?),
        z: Number(row.number()?),
    })
}

fn model_row(mut row: Cells) -> Result<ModelRow, DatabaseError> {
    Ok(ModelRow {
        id: row.text()?,
        family: row.text()?,
        name: row.optional_text()?,
        created_at: row.text()?,
        // NULL before the first promotion.
        champion: row.optional_integer()? == Some(1),
        promoted_at: row.optional_text()?,
        metrics: row.json()?,
        params: row.json()?,
        dataset_sha256: row.optional_text()?,
        split_sha256: row.optional_text()?,
        seed: row.optional_integer()?,
        blob_sha256: row.text()?,
        bytes: row.integer()?,
        nodes: row.integer()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn similar_is_two_range_scans_of_the_index_and_sorts_no_more_than_ties() {
        let database = libsql::Builder::new_local(":memory:").build().await.unwrap();
        let connection = database.connect().unwrap();
        migrations::apply(&connection).await.unwrap();
        let plan = format!("EXPLAIN QUERY PLAN {SIMILAR}");
        let mut rows = connection.query(&plan, ("Ideal", "E", "VS1", 1.0, 5)).await.unwrap();
        let mut steps = Vec::new();
        while let Some(row) = rows.next().await.unwrap() {
            steps.push(row.get::<String>(3).unwrap());
        }
        let index = "SEARCH diamonds USING INDEX diamonds_by_kind_and_carat (cut=? AND color=? AND clarity=? AND carat";
        assert_eq!(steps.iter().filter(|step| step.starts_with(index)).count(), 2, "{steps:#?}");
        let sorts = |step: &&String| {
            step.contains("TEMP B-TREE") && !step.contains("LAST TERM OF ORDER BY")
        };
        assert_eq!(steps.iter().find(sorts), None, "{steps:#?}");
    }
}
