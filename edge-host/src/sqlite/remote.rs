//! Connections to a libsql server.

use std::sync::Arc;

use libsql::Builder;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::{Execution, WAITING_ROWS, io_error, row_result, to_libsql};
use crate::bindings::sqlite::{Error, Value};

/// Where a libsql server is and what lets us in.
pub(crate) struct Server {
    url: String,
    token: String,
}

impl Server {
    /// A server at an `http://` URL.
    ///
    /// # Errors
    ///
    /// Any other URL: this build speaks no TLS.
    pub(crate) fn parse(url: &str, token: &str) -> anyhow::Result<Self> {
        anyhow::ensure!(
            url.starts_with("http://"),
            "{url:?}: edge-host speaks plain http:// to a libsql server; put a TLS proxy in front for others"
        );
        Ok(Self { url: url.to_owned(), token: token.to_owned() })
    }

    async fn connect(&self) -> libsql::Result<libsql::Connection> {
        let mut connector = hyper_legacy::client::HttpConnector::new();
        connector.set_nodelay(true);
        let (url, token) = (self.url.clone(), self.token.clone());
        Builder::new_remote(url, token).connector(connector).build().await?.connect()
    }
}

/// A connection to a server.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    server: Arc<Server>,
    opened: Arc<Mutex<Option<libsql::Connection>>>,
}

impl Remote {
    pub(super) fn new(server: Arc<Server>) -> Self {
        Self { server, opened: Arc::default() }
    }

    pub(super) async fn start(
        &self,
        sql: String,
        parameters: Vec<Value>,
    ) -> Result<Execution, Error> {
        let (columns_sender, columns) = oneshot::channel();
        let (row_sender, row_receiver) = mpsc::channel(WAITING_ROWS);
        let (result_sender, result) = oneshot::channel();
        let remote = self.clone();
        let work = async move {
            let parameters = parameters.into_iter().map(to_libsql).collect();
            let mut rows = remote.query(&sql, parameters).await.map_err(io_error)?;
            let count = rows.column_count();
            let name = |column| rows.column_name(column).unwrap_or_default().to_owned();
            let _ = columns_sender.send((0..count).map(name).collect());
            while let Some(row) = rows.next().await.map_err(io_error)? {
                let row = row_result(&row, count)?;
                row_sender
                    .send(row)
                    .await
                    .map_err(|_| Error::Io("the reader of the rows is gone".into()))?;
            }
            Ok(())
        };
        tokio::spawn(async move {
            let _ = result_sender.send(work.await);
        });
        let columns = columns.await.unwrap_or_default();
        Ok(Execution { columns, rows: row_receiver, result })
    }

    /// Reads something that the connection remembers of its last statement.
    pub(super) async fn inspect<T>(
        &self,
        read: impl FnOnce(&libsql::Connection) -> T,
    ) -> Result<T, Error> {
        self.connection().await.map(|connection| read(&connection)).map_err(io_error)
    }

    /// Runs one statement. A stream that the server closed for idleness is reopened once, unless a transaction was
    /// open on it: its earlier statements are gone, and running the rest alone would be wrong.
    async fn query(
        &self,
        sql: &str,
        parameters: Vec<libsql::Value>,
    ) -> libsql::Result<libsql::Rows> {
        let connection = self.connection().await?;
        let was_autocommit = connection.is_autocommit();
        match connection.query(sql, parameters.clone()).await {
            Err(error) if was_autocommit && has_expired(&error) => {
                *self.opened.lock().await = None;
                self.connection().await?.query(sql, parameters).await
            }
            outcome => outcome,
        }
    }

    async fn connection(&self) -> libsql::Result<libsql::Connection> {
        let mut opened = self.opened.lock().await;
        if let Some(connection) = &*opened {
            return Ok(connection.clone());
        }
        let connection = self.server.connect().await?;
        *opened = Some(connection.clone());
        Ok(connection)
    }
}

/// Whether the server gave up the stream that the connection used.
fn has_expired(error: &libsql::Error) -> bool {
    matches!(error, libsql::Error::Hrana(source) if source.to_string().contains("STREAM_EXPIRED"))
}

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Server").field("url", &self.url).finish_non_exhaustive()
    }
}
