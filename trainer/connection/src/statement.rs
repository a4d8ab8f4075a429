//! A statement that is run many times.

use hrana::Value;

use crate::connection::{Connection, Kind, to_libsql};
use crate::error::Error;

/// A statement that is run many times; a file's is compiled once.
pub struct Statement {
    connection: Connection,
    sql: String,
    compiled: Option<libsql::Statement>,
}

impl Statement {
    pub(crate) async fn new(connection: &Connection, sql: &str) -> Result<Statement, Error> {
        let compiled = match &connection.0 {
            Kind::File(file) => Some(file.prepare(sql).await?),
            Kind::Server(_) => None,
        };
        Ok(Statement { connection: connection.clone(), sql: sql.to_owned(), compiled })
    }

    /// Runs it with these values; how many rows it changed.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn execute(&self, values: Vec<Value>) -> Result<u64, Error> {
        match &self.compiled {
            Some(compiled) => {
                let changed = compiled.execute(to_libsql(values)).await;
                compiled.reset();
                Ok(changed? as u64)
            }
            None => self.connection.execute(&self.sql, values).await,
        }
    }
}
