//! Appends records to the journal.

use api::journal::{COLUMNS, Column, Record};

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
        let parameters = records.iter().flat_map(|record| record.columns().map(value)).collect();
        self.writer.query(&sql, parameters).await.map(drop)
    }
}

fn value(column: Column<'_>) -> Value {
    match column {
        Column::Null => Value::Null,
        Column::Integer(number) => Value::Integer(number),
        Column::Text(text) => Value::Text(text.into()),
        Column::Blob(bytes) => Value::Blob(bytes.into()),
    }
}
