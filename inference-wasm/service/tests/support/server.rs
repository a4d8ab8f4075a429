//! A real libsql server, and the plainest way to ask it.

use std::time::Duration;

use acceptance::Sqld;
use bytes::Bytes;
use connection::{Connection, ServerAddress};
use service::{Libsql, LibsqlServer, Outbound};

/// A server of one test's own.
pub(crate) struct Server {
    pub(crate) libsql: Libsql<Plain>,
    sqld: Sqld,
}

impl Server {
    pub(crate) fn start() -> Server {
        let sqld = Sqld::start();
        let server = LibsqlServer { url: sqld.url(), token: "of no use here".into() };
        let libsql = Libsql::new(&server, Plain);
        Server { libsql, sqld }
    }

    /// The trainer's way to it, which makes the schema.
    pub(crate) async fn connect(&self) -> Connection {
        let address = ServerAddress::parse(&self.sqld.url(), "").unwrap();
        let connection = Connection::to_server(&address);
        migrations::apply(&connection).await.unwrap();
        connection
    }
}

/// A connection a request.
pub(crate) struct Plain;

impl Outbound for Plain {
    async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<(u16, Bytes), String> {
        // Long enough for other requests to queue up behind this one.
        tokio::task::yield_now().await;
        let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let fields: String =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        let head = format!(
            "POST /{path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n{fields}\r\n"
        );
        let answer = acceptance::Connection::open(address)
            .try_send([head.as_bytes(), &body].concat())
            .map_err(|error| error.to_string())?;
        Ok((answer.status, answer.body.into()))
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
