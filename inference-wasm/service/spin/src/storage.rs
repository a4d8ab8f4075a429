//! Where the database is: with the host, or on a libsql server.

use service::{Database, DatabaseError, Libsql, Row, Settings, Value};

use crate::outbound::WasiHttp;
use crate::sqlite::SpinSqlite;

/// One connection to the database that the settings name.
pub(crate) enum Storage {
    /// The host's, by `spin:sqlite`.
    Host(SpinSqlite),
    /// A libsql server's, by HTTP.
    Server(Libsql<WasiHttp>),
}

impl Storage {
    /// A connection; nothing is opened yet.
    pub(crate) fn new(settings: &Settings) -> Storage {
        match &settings.libsql {
            Some(server) => Storage::Server(Libsql::new(server, WasiHttp)),
            None => Storage::Host(SpinSqlite::default()),
        }
    }
}

impl Database for Storage {
    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        match self {
            Storage::Host(database) => database.query(sql, parameters).await,
            Storage::Server(database) => database.query(sql, parameters).await,
        }
    }

    fn reopen(&self) {
        match self {
            Storage::Host(database) => database.reopen(),
            Storage::Server(database) => database.reopen(),
        }
    }

    fn keeps_connections(&self) -> bool {
        match self {
            Storage::Host(database) => database.keeps_connections(),
            Storage::Server(database) => database.keeps_connections(),
        }
    }
}
