//! Reads and prunes the request journal. The only SQL of the trainer that knows its table.

mod row;

mod dead_letter;

mod moment;

pub use api::journal::{COLUMNS, Column, Record, StatusFilter};
use connection::{Connection, Value, params};

pub use self::dead_letter::{DeadLetter, DeadLetters};
pub use self::moment::Moment;
pub use self::row::{BODIES, to_json};
use registry::database::DatabaseError;

/// The journal of one database.
pub struct Journal {
    connection: Connection,
}

/// Which rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Rows behind this key.
    pub behind: Option<String>,
    /// Rows before this key.
    pub before: Option<String>,
    /// Only rows of this status.
    pub status: Option<StatusFilter>,
    /// Only rows of this route.
    pub route: Option<RouteFilter>,
}

/// A route by its pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteFilter {
    /// Exactly this pattern.
    Pattern(String),
    /// Paths that led nowhere.
    Nowhere,
    /// Any of these patterns.
    AnyOf(&'static [&'static str]),
}

/// Where a file's free pages are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Space {
    /// In the file, for new rows to take.
    pub reusable_bytes: u64,
    /// Given back to the disk just now.
    pub returned_bytes: u64,
}

/// Why the journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum JournalError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("the database refused: {0}")]
    Refused(#[from] connection::Error),
    #[error("row {id} of the journal: {why}")]
    InvalidRow { id: String, why: String },
}

#[expect(
    clippy::missing_errors_doc,
    reason = "the database's own, and a row that is not one of the service"
)]
impl Journal {
    /// The journal behind a connection.
    pub fn new(connection: Connection) -> Journal {
        Journal { connection }
    }

    /// At most so many of the newest rows, the oldest of them first.
    pub async fn latest(&self, filter: &Filter, limit: u32) -> Result<Vec<Record>, JournalError> {
        let mut rows = self.rows(filter, "DESC", limit).await?;
        rows.reverse();
        Ok(rows)
    }

    /// At most so many of the oldest rows, in key order: a page, after whose last row the next one begins.
    pub async fn page(&self, filter: &Filter, limit: u32) -> Result<Vec<Record>, JournalError> {
        self.rows(filter, "ASC", limit).await
    }

    async fn rows(
        &self,
        filter: &Filter,
        direction: &str,
        limit: u32,
    ) -> Result<Vec<Record>, JournalError> {
        let (walk, mut parameters) = filter.sql();
        parameters.push(limit.into());
        let sql = format!(
            "SELECT {} {walk} ORDER BY id {direction} LIMIT ?{}",
            COLUMNS.join(", "),
            parameters.len()
        );
        let mut rows = self.connection.query(&sql, parameters).await?;
        let mut read = Vec::new();
        while let Some(row) = rows.next().await? {
            read.push(row::read(&row)?);
        }
        Ok(read)
    }

    /// The key behind which so many of the newest rows lie; `None` where there are no more than those.
    pub(crate) async fn key_before_latest(
        &self,
        filter: &Filter,
        count: u32,
    ) -> Result<Option<String>, JournalError> {
        let (walk, mut parameters) = filter.sql();
        parameters.push(count.into());
        let mark = parameters.len();
        let sql = format!("SELECT id {walk} ORDER BY id DESC LIMIT 1 OFFSET ?{mark}");
        Ok(self.connection.first(&sql, parameters, |row| row.get(0)).await?)
    }

    /// How many rows there are before a key.
    pub async fn count_before(&self, key: &str) -> Result<u64, JournalError> {
        let sql = "SELECT count(*) FROM requests WHERE id < ?";
        Ok(self.connection.first(sql, [key], |row| row.get(0)).await?.unwrap_or_default())
    }

    /// Removes at most so many of the oldest rows before a key, in a transaction of their own; how many there were.
    pub async fn prune(&self, key: &str, most: u32) -> Result<u64, JournalError> {
        let sql = "DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE id < ? ORDER BY id LIMIT ?)";
        Ok(self.connection.execute(sql, params![key, most]).await?)
    }

    /// Gives free pages back to the disk where the database keeps track of them for that (`auto_vacuum = INCREMENTAL`),
    /// and says where they are. `None` for a server, which keeps its own counsel about its file.
    pub async fn release(&self) -> Result<Option<Space>, JournalError> {
        const INCREMENTAL: u64 = 2;
        let Ok(page_bytes) = self.pragma("page_size").await else { return Ok(None) };
        let before = self.pragma("freelist_count").await?;
        if self.pragma("auto_vacuum").await? == INCREMENTAL {
            let mut steps = self.connection.query("PRAGMA incremental_vacuum", ()).await?;
            while steps.next().await?.is_some() {}
        }
        let after = self.pragma("freelist_count").await?;
        Ok(Some(Space {
            reusable_bytes: after * page_bytes,
            returned_bytes: before.saturating_sub(after) * page_bytes,
        }))
    }

    async fn pragma(&self, name: &str) -> Result<u64, connection::Error> {
        let value = self.connection.first(&format!("PRAGMA {name}"), (), |row| row.get(0)).await?;
        value.ok_or(connection::Error::NoRow)
    }

    /// Adds records, all or none; how many were not there yet. One that is there stays as it is.
    pub async fn add(&self, records: &[Record]) -> Result<u64, JournalError> {
        let marks = format!("({})", vec!["?"; COLUMNS.len()].join(","));
        let sql = format!(
            "INSERT INTO requests ({}) VALUES {} ON CONFLICT (id) DO NOTHING",
            COLUMNS.join(","),
            vec![marks; records.len()].join(",")
        );
        let columns = records.iter().flat_map(Record::columns);
        let values: Vec<Value> = columns.map(row::value).collect();
        let transaction = self.connection.transaction().await?;
        let added = transaction.execute(&sql, values).await?;
        transaction.commit().await?;
        Ok(added)
    }

    /// Makes a new key that callers' addresses are hashed with.
    pub async fn rotate_client_key(&self) -> Result<(), JournalError> {
        let sql = "INSERT INTO secrets (name, value) VALUES ('client_key', randomblob(32)) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.connection.execute(sql, ()).await?;
        Ok(())
    }
}

impl Filter {
    /// What follows `SELECT …`, without an order.
    fn sql(&self) -> (String, Vec<Value>) {
        // Keys are hexadecimal: all of them lie between these.
        let mut parameters = vec![
            Value::from(self.behind.as_deref().unwrap_or_default()),
            Value::from(self.before.as_deref().unwrap_or("g")),
        ];
        let mut conditions = vec![String::from("id > ?1 AND id < ?2")];
        let mut select = |condition: &str, values: Vec<Value>| {
            let first = parameters.len() + 1;
            parameters.extend(values);
            let marks = (first..=parameters.len()).map(|at| format!("?{at}"));
            conditions.push(condition.replace('?', &marks.collect::<Vec<_>>().join(", ")));
        };
        match self.status {
            Some(StatusFilter::One(status)) => select("status = ?", vec![status.into()]),
            Some(StatusFilter::Class(class)) => select("status / 100 = ?", vec![class.into()]),
            None => {}
        }
        let mut index = "";
        if self.status.is_some_and(StatusFilter::is_of_failures) {
            index = "INDEXED BY requests_failed";
            select("status >= 400", Vec::new());
        }
        match &self.route {
            Some(RouteFilter::Pattern(route)) => select("route = ?", vec![route.as_str().into()]),
            Some(RouteFilter::Nowhere) => select("route IS NULL", Vec::new()),
            Some(RouteFilter::AnyOf(routes)) => {
                select("route IN (?)", routes.iter().map(|route| (*route).into()).collect());
            }
            None => {}
        }
        (format!("FROM requests {index} WHERE {}", conditions.join(" AND ")), parameters)
    }
}

#[cfg(test)]
mod tests;
