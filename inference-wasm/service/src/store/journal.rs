//! Appends records to the journal.

use api::journal::{COLUMNS, Record};

use super::Store;
use crate::database::{Database, DatabaseError, Value};

impl<D: Database> Store<D> {
    /// Commits records to the journal: one statement, all or none. A record that is there already, from a
    /// write whose answer was lost, stays as it is.
    pub(crate) async fn append(&self, records: &[&Record]) -> Result<(), DatabaseError> {
        self.prepare().await;
        let row = format!("({})", vec!["?"; COLUMNS.len()].join(","));
        let sql = format!(
            "INSERT INTO requests ({}) VALUES {} ON CONFLICT (id) DO NOTHING",
            COLUMNS.join(","),
            vec![row; records.len()].join(",")
        );
        let parameters = records.iter().flat_map(|record| request_row(record)).collect();
        self.writer.query(&sql, parameters).await.map(drop)
    }
}

fn request_row(record: &Record) -> [Value; COLUMNS.len()] {
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
        record.route.as_deref().map_or(Value::Null, |route| Value::Text(route.into())),
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
