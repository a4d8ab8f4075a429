//! Applies the database schema, which is a list of embedded, append-only SQL files.
//!
//! ```text
//! migrations/0001_init.sql    version 1
//! migrations/NNNN_name.sql    version NNNN: add a row to MIGRATIONS, never edit a released file
//! ```

#![forbid(unsafe_code)]

use connection::{Connection, Error, Transaction, params};

/// One version of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// 1, 2, 3 … without gaps.
    pub version: u32,
    /// A short description, as in the file's name.
    pub name: &'static str,
    /// The statements, separated by semicolons.
    pub sql: &'static str,
}

/// Every migration, in order.
pub const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "init", sql: include_str!("../0001_init.sql") }];

/// The schema version this build writes and reads.
pub const LATEST: u32 = MIGRATIONS[MIGRATIONS.len() - 1].version;

/// What only the schemas of earlier commits have.
const UNRELEASED: &str = "type = 'table' AND name = 'diamonds' AND instr(sql, 'row_sha256') > 0";

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database was written by a newer build.
    #[error(
        "the database has schema version {found}; this build knows versions up to {LATEST}; use the newer build that wrote it"
    )]
    Newer {
        /// The version found.
        found: u32,
    },
    /// The database was written by a commit from before the first release, when the schema was not final.
    #[error(
        "the database was made by an earlier commit, whose schema is no longer read; move the file away and seed anew: run `cargo xtask up`, or `trainer ingest` and `trainer train`"
    )]
    Unreleased,
    /// The database refused a statement.
    #[error("schema version {version} could not be applied: {source}; nothing of it was kept")]
    Refused {
        /// The version being applied; 0 while the current one is read.
        version: u32,
        /// The database's error.
        source: Error,
    },
}

/// Brings a database to [`LATEST`] and returns the applied migrations. Each is one transaction, so a crash leaves a complete
/// version. A concurrent caller waits and then has nothing to apply.
///
/// # Errors
///
/// [`MigrateError::Newer`] for a database from a newer build, [`MigrateError::Unreleased`] for one from an earlier commit,
/// [`MigrateError::Refused`] if SQL fails.
pub async fn apply(connection: &Connection) -> Result<Vec<Migration>, MigrateError> {
    let mut applied = Vec::new();
    for migration in MIGRATIONS {
        // Most starts have nothing to apply; this check needs no write lock.
        if is_missing(connection, migration).await? && step(connection, migration).await? {
            applied.push(*migration);
        }
    }
    Ok(applied)
}

/// The schema version of a database; 0 for an empty one.
///
/// # Errors
///
/// [`MigrateError::Unreleased`] for a database from an earlier commit, [`MigrateError::Refused`] if it cannot be read.
pub async fn version(connection: &Connection) -> Result<u32, MigrateError> {
    let refused = |source| MigrateError::Refused { version: 0, source };
    if exists(connection, UNRELEASED).await.map_err(refused)? {
        return Err(MigrateError::Unreleased);
    }
    if !exists(connection, "type = 'table' AND name = 'schema_migrations'")
        .await
        .map_err(refused)?
    {
        return Ok(0);
    }
    let sql = "SELECT coalesce(max(version), 0) FROM schema_migrations";
    let version = connection.first(sql, (), |row| row.get(0)).await.map_err(refused)?;
    Ok(version.unwrap_or_default())
}

/// Whether the schema has anything of which this is true.
async fn exists(connection: &Connection, condition: &str) -> Result<bool, Error> {
    let sql = format!("SELECT 1 FROM sqlite_schema WHERE {condition}");
    Ok(connection.first(&sql, (), |_| Ok(())).await?.is_some())
}

async fn is_missing(connection: &Connection, migration: &Migration) -> Result<bool, MigrateError> {
    match version(connection).await? {
        found if found > LATEST => Err(MigrateError::Newer { found }),
        found => Ok(found < migration.version),
    }
}

/// Applies one migration if it is still missing; returns whether it did.
async fn step(connection: &Connection, migration: &Migration) -> Result<bool, MigrateError> {
    let refused = |source| MigrateError::Refused { version: migration.version, source };
    let transaction = connection.transaction().await.map_err(refused)?;
    if !is_missing(&transaction, migration).await? {
        return Ok(false);
    }
    write(transaction, migration).await.map_err(refused)?;
    Ok(true)
}

async fn write(transaction: Transaction, migration: &Migration) -> Result<(), Error> {
    transaction
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS schema_migrations (
                 version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)",
        )
        .await?;
    transaction.execute_batch(migration.sql).await?;
    let sql = "INSERT INTO schema_migrations VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%fZ'))";
    transaction.execute(sql, params![migration.version, migration.name]).await?;
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn memory() -> Connection {
        Connection::to_file(":memory:").await.unwrap()
    }

    #[tokio::test]
    async fn a_second_apply_changes_nothing() {
        let connection = memory().await;
        assert_eq!(version(&connection).await.unwrap(), 0);
        assert_eq!(apply(&connection).await.unwrap().len(), MIGRATIONS.len());
        assert_eq!(version(&connection).await.unwrap(), LATEST);
        assert!(apply(&connection).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_database_from_a_newer_build_is_not_changed() {
        let connection = memory().await;
        apply(&connection).await.unwrap();
        connection
            .execute("INSERT INTO schema_migrations VALUES (9000, 'later', '')", ())
            .await
            .unwrap();
        assert!(matches!(apply(&connection).await, Err(MigrateError::Newer { found: 9000 })));
    }

    #[tokio::test]
    async fn a_database_from_an_earlier_commit_is_refused() {
        let connection = memory().await;
        let sql = "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY);
             INSERT INTO schema_migrations VALUES (1), (2), (3), (4);
             CREATE TABLE diamonds (id INTEGER PRIMARY KEY, row_sha256 TEXT NOT NULL)";
        connection.execute_batch(sql).await.unwrap();
        let error = apply(&connection).await.unwrap_err().to_string();
        assert!(error.contains("move the file away and seed anew"), "{error}");
        assert_eq!(version(&connection).await.unwrap_err().to_string(), error);
    }

    #[test]
    fn versions_have_no_gaps() {
        assert!(
            MIGRATIONS.iter().zip(1..).all(|(migration, version)| migration.version == version)
        );
    }
}
