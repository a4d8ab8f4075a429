//! SQLite files, by libsql.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use libsql::{Builder, Connection};

/// Runs on this thread alone; so does what a local database does.
pub(crate) fn run<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// A connection that waits for another's write.
pub(crate) async fn open(file: &Path) -> Result<Connection> {
    let open = async {
        let connection = Builder::new_local(file).build().await?.connect()?;
        connection.busy_timeout(Duration::from_secs(30))?;
        anyhow::Ok(connection)
    };
    open.await.with_context(|| format!("{} cannot be opened", file.display()))
}

/// The one number that a question has for an answer.
pub(crate) fn count(file: &Path, question: &str) -> Result<u64> {
    run(async {
        let mut rows = open(file).await?.query(question, ()).await?;
        let row = rows.next().await?.with_context(|| format!("{question}: nothing"))?;
        Ok(row.get::<u64>(0)?)
    })
}
