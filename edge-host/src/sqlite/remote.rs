//! Connections to a libsql server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use libsql::Builder;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::timeout;

use super::execution::{End, Execution, Rows};
use super::{WAITING_ROWS, io_error, row_result, to_libsql};
use crate::bindings::sqlite::{Error, Value};

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a server may take for a statement's answer to begin, and then for each row: as long as a statement waits for
/// a file's lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// The same once a statement took longer than [`PATIENCE`], until one is answered again.
const BRIEF_PATIENCE: Duration = Duration::from_secs(1);

/// Where a libsql server is and what lets us in.
pub(crate) struct Server {
    url: String,
    token: String,
    /// Whether it left the last statement without an answer.
    is_silent: AtomicBool,
}

impl Server {
    /// A server at an `http://`, `https://` or `libsql://` URL; the last two are spoken to over TLS.
    ///
    /// # Errors
    ///
    /// Any other URL.
    pub(crate) fn parse(url: &str, token: &str) -> anyhow::Result<Self> {
        anyhow::ensure!(
            ["http://", "https://", "libsql://"].iter().any(|scheme| url.starts_with(scheme)),
            "--libsql-url is {url:?}; allowed: http://…, https://… or libsql://…"
        );
        let is_silent = AtomicBool::new(false);
        Ok(Self { url: url.to_owned(), token: token.to_owned(), is_silent })
    }

    /// Waits for an answer of the server, but not for ever: `None` where it takes too long.
    async fn answer<T>(&self, asked: impl Future<Output = T>) -> Option<T> {
        let is_silent = self.is_silent.load(Ordering::Relaxed);
        let answer = timeout(if is_silent { BRIEF_PATIENCE } else { PATIENCE }, asked).await.ok();
        self.is_silent.store(answer.is_none(), Ordering::Relaxed);
        answer
    }

    async fn connect(&self) -> libsql::Result<libsql::Connection> {
        let builder = Builder::new_remote(self.url.clone(), self.token.clone());
        // libsql's own connector wants the machine's certificates even where nothing is encrypted.
        let builder = if self.url.starts_with("http://") {
            let mut connector = hyper_legacy::client::HttpConnector::new();
            connector.set_nodelay(true);
            connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
            builder.connector(connector)
        } else {
            builder
        };
        builder.build().await?.connect()
    }
}

/// A connection to a server.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    server: Arc<Server>,
    opened: Arc<Mutex<Option<Opened>>>,
}

#[derive(Clone)]
struct Opened {
    connection: libsql::Connection,
    /// As far as the statements that went through tell; libsql does not know it of statements with rows.
    is_in_transaction: bool,
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
        let remote = self.clone();
        let work = tokio::spawn(async move {
            let parameters = parameters.into_iter().map(to_libsql).collect();
            let server = Arc::clone(&remote.server);
            let mut rows = match server.answer(remote.query(&sql, parameters)).await {
                Some(rows) => rows.map_err(io_error)?,
                None => return Err(remote.give_up().await),
            };
            let count = rows.column_count();
            let name = |column| rows.column_name(column).unwrap_or_default().to_owned();
            // Nobody waits for them if the guest gave up on the call.
            let _ = columns_sender.send((0..count).map(name).collect());
            loop {
                let row = match server.answer(rows.next()).await {
                    Some(row) => row.map_err(io_error)?,
                    None => return Err(remote.give_up().await),
                };
                let Some(row) = row else { break };
                let row = row_result(&row, count)?;
                row_sender
                    .send(row)
                    .await
                    .map_err(|_| Error::Io("the reader of the rows is gone".into()))?;
            }
            remote.note(&sql).await;
            Ok(())
        });
        // The sender is dropped where the statement failed at once: no columns, and the result says why.
        let columns = columns.await.unwrap_or_default();
        Ok(Execution { columns, rows: Rows::to_come(row_receiver), end: End::ToCome(work) })
    }

    /// Reads something that the connection remembers of its last statement.
    pub(super) async fn inspect<T>(
        &self,
        read: impl FnOnce(&libsql::Connection) -> T,
    ) -> Result<T, Error> {
        self.opened().await.map(|opened| read(&opened.connection)).map_err(io_error)
    }

    /// Runs one statement. Where the server closed the stream for idleness, a new one is opened and the statement is
    /// run once more, unless a transaction was open: its earlier statements are gone, and running the rest alone
    /// would be wrong.
    async fn query(
        &self,
        sql: &str,
        parameters: Vec<libsql::Value>,
    ) -> libsql::Result<libsql::Rows> {
        let opened = self.opened().await?;
        match opened.connection.query(sql, parameters.clone()).await {
            Err(error) if has_expired(&error) => {
                *self.opened.lock().await = None;
                if opened.is_in_transaction {
                    return Err(error);
                }
                self.opened().await?.connection.query(sql, parameters).await
            }
            outcome => outcome,
        }
    }

    /// Leaves a connection whose statement was not answered: whether it was done is not known, so nothing is to be
    /// built on it. A transaction is lost with it.
    async fn give_up(&self) -> Error {
        *self.opened.lock().await = None;
        Error::Io("the server did not answer in time".into())
    }

    /// Remembers what a statement that went through did to the transaction.
    async fn note(&self, sql: &str) {
        if let (Some(opened), Some(boundary)) = (&mut *self.opened.lock().await, boundary(sql)) {
            opened.is_in_transaction = boundary == Boundary::Begins;
        }
    }

    async fn opened(&self) -> libsql::Result<Opened> {
        let mut opened = self.opened.lock().await;
        if let Some(opened) = &*opened {
            return Ok(opened.clone());
        }
        let connection = self.server.connect().await?;
        Ok(opened.insert(Opened { connection, is_in_transaction: false }).clone())
    }
}

/// Whether the server gave up the stream that the connection used.
fn has_expired(error: &libsql::Error) -> bool {
    matches!(error, libsql::Error::Hrana(source) if source.to_string().contains("STREAM_EXPIRED"))
}

#[derive(Debug, PartialEq)]
enum Boundary {
    Begins,
    Ends,
}

/// What a statement does to the transaction, by its first words.
fn boundary(sql: &str) -> Option<Boundary> {
    let mut rest = sql.trim_start_matches([';', ' ', '\t', '\r', '\n']);
    loop {
        let behind = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, behind)| behind)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, behind)| behind)
        } else {
            break;
        };
        rest = behind.trim_start_matches([';', ' ', '\t', '\r', '\n']);
    }
    let is_separator = |character: char| !character.is_ascii_alphanumeric() && character != '_';
    let mut words =
        rest.split(is_separator).filter(|word| !word.is_empty()).map(str::to_ascii_uppercase);
    match words.next().as_deref() {
        Some("BEGIN" | "SAVEPOINT") => Some(Boundary::Begins),
        Some("COMMIT" | "END") => Some(Boundary::Ends),
        Some("ROLLBACK") if !words.any(|word| word == "TO") => Some(Boundary::Ends),
        _ => None,
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Server").field("url", &self.url).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let is_in_transaction = self.is_in_transaction;
        formatter
            .debug_struct("Opened")
            .field("is_in_transaction", &is_in_transaction)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_tell_where_a_transaction_begins_and_ends() {
        for (sql, expected) in [
            ("BEGIN IMMEDIATE", Some(Boundary::Begins)),
            (" begin;", Some(Boundary::Begins)),
            ("-- why\n/* and how */ savepoint a", Some(Boundary::Begins)),
            ("COMMIT", Some(Boundary::Ends)),
            ("end transaction", Some(Boundary::Ends)),
            ("ROLLBACK", Some(Boundary::Ends)),
            ("ROLLBACK TRANSACTION TO SAVEPOINT a", None),
            ("RELEASE a", None),
            ("SELECT 'BEGIN'", None),
            ("BEGINNING", None),
            ("-- nothing else", None),
            ("", None),
        ] {
            assert_eq!(boundary(sql), expected, "{sql:?}");
        }
    }
}
