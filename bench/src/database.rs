//! Opens SQLite files.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use connection::Connection;
use tokio::runtime::Runtime;

/// A runtime on this thread alone, where a local database does its work too.
pub(crate) fn runtime() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

pub(crate) fn run<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    runtime()?.block_on(work)
}

/// A connection that waits while another one writes.
pub(crate) async fn open(file: &Path) -> Result<Connection> {
    let open = async {
        let connection = Connection::to_file(file).await?;
        connection.set_busy_timeout(Duration::from_secs(30))?;
        anyhow::Ok(connection)
    };
    open.await.with_context(|| format!("{} cannot be opened", file.display()))
}

/// The single number that a query returns.
pub(crate) fn count(file: &Path, query: &str) -> Result<u64> {
    run(async {
        let count = open(file).await?.first(query, (), |row| row.get(0)).await?;
        count.with_context(|| format!("{query} returns no row"))
    })
}
