//! Opens SQLite files with libsql.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use libsql::{Builder, Connection};
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
        let connection = Builder::new_local(file).build().await?.connect()?;
        connection.busy_timeout(Duration::from_secs(30))?;
        anyhow::Ok(connection)
    };
    open.await.with_context(|| format!("{} cannot be opened", file.display()))
}

/// The single number that a query returns.
pub(crate) fn count(file: &Path, query: &str) -> Result<u64> {
    run(async {
        let mut rows = open(file).await?.query(query, ()).await?;
        let row = rows.next().await?.with_context(|| format!("{query} returns no row"))?;
        Ok(row.get::<u64>(0)?)
    })
}
