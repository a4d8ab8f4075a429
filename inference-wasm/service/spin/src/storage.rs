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
    /// Two connections, to read and to write by; nothing is opened yet.
    pub(crate) fn pair(settings: &Settings) -> (Storage, Storage) {
        match &settings.libsql {
            Some(server) => {
                let libsql = Libsql::new(server, WasiHttp::default());
                (Storage::Server(libsql.clone()), Storage::Server(libsql))
            }
            None => (Storage::Host(SpinSqlite::default()), Storage::Host(SpinSqlite::default())),
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
        // Between statements to a server nothing is kept.
        if let Storage::Host(database) = self {
            database.reopen();
        }
    }

    fn keeps_connections(&self) -> bool {
        matches!(self, Storage::Host(_))
    }
}
