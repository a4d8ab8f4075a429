//! A summary of the latest part of the journal.

use super::BEHIND_ALL;
use crate::database::{Cells, Database, DatabaseError, Value};
use crate::store::Store;

/// The rows of one route, status and model.
#[derive(Debug)]
pub(crate) struct Group {
    /// `None` where a path led nowhere.
    pub(crate) route: Option<String>,
    pub(crate) status: i64,
    pub(crate) model_id: Option<String>,
    pub(crate) request_bytes: i64,
    pub(crate) response_bytes: i64,
    /// When the first of them was received.
    pub(crate) first_received_at: String,
    /// One a row, in no order.
    pub(crate) latencies_us: Vec<u64>,
}

impl<D: Database> Store<D> {
    /// The newest rows behind a key, at most so many.
    pub(crate) async fn window(
        &self,
        since: &str,
        most: usize,
    ) -> Result<Vec<Group>, DatabaseError> {
        let parameters = vec![
            Value::Text(since.into()),
            Value::Text(BEHIND_ALL.into()),
            Value::Integer(i64::try_from(most).unwrap_or(i64::MAX)),
        ];
        let rows = self.reader.query(WINDOW, parameters).await?;
        rows.into_iter().map(|row| group(row.into())).collect()
    }
}

/// A row a group and not a row a request: what a component is handed costs more than what SQLite adds up. Latencies
/// come as one text, since their percentiles are to be exact.
const WINDOW: &str = "
SELECT route, status, model_id, sum(request_bytes), sum(response_bytes), min(received_at), group_concat(latency_us)
FROM (
    SELECT route, status, model_id, request_bytes, response_bytes, received_at, latency_us FROM requests
    WHERE id > ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3)
GROUP BY route, status, model_id";

fn group(mut row: Cells) -> Result<Group, DatabaseError> {
    Ok(Group {
        route: row.optional_text()?,
        status: row.integer()?,
        model_id: row.optional_text()?,
        request_bytes: row.integer()?,
        response_bytes: row.integer()?,
        first_received_at: row.text()?,
        latencies_us: latencies(&row.text()?)?,
    })
}

fn latencies(text: &str) -> Result<Vec<u64>, DatabaseError> {
    let number = |text: &str| {
        text.parse()
            .map_err(|_| DatabaseError(format!("a latency is {text:?}, which is no number")))
    };
    text.split(',').map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::plan;

    #[tokio::test]
    async fn a_window_is_a_walk_along_the_key() {
        let parameters = connection::params!["0", BEHIND_ALL, 9_i64];
        let steps = plan::steps(&plan::empty_database().await, WINDOW, parameters).await;
        let walk = "SEARCH requests USING INDEX sqlite_autoindex_requests_1 (id>? AND id<?)";
        assert!(steps.iter().any(|step| step == walk), "{steps:#?}");
        assert!(!steps.iter().any(|step| step.starts_with("SCAN requests")), "{steps:#?}");
    }

    #[test]
    fn latencies_are_read_as_sqlite_joins_them() {
        assert_eq!(latencies("1,250,9223372036854775807").unwrap(), [1, 250, i64::MAX as u64]);
        assert!(latencies("").is_err());
        assert!(latencies("1.5").is_err());
    }
}
