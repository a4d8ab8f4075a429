//! Opens the database: a SQLite file or a libsql server.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use connection::{Connection, ServerAddress};
use tempfile::TempDir;

/// How long a command waits for another one to finish writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// A database that was found; each phase of a command takes a connection of its own.
#[derive(Debug)]
pub struct Database {
    place: Place,
    /// A folder that goes away with the database.
    _scratch: Option<TempDir>,
}

/// Where a database is.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// A SQLite file.
    File(PathBuf),
    /// A libsql server.
    Server(ServerAddress),
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum DatabaseError {
    #[error("there is no database at {}; `trainer ingest FILE` makes one, or name another with --db", .0.display())]
    Missing(PathBuf),
    #[error("{}: cannot be made: {source}; choose another place with --db", folder.display())]
    Folder { folder: PathBuf, source: std::io::Error },
    #[error("a temporary database cannot be made: {0}; is the temporary folder writable?")]
    Scratch(std::io::Error),
    #[error(
        "the database has schema version {found}, this build reads version {}; run `trainer migrate`",
        migrations::LATEST
    )]
    Outdated { found: u32 },
    #[error(transparent)]
    Migrate(#[from] migrations::MigrateError),
    #[error(
        "the database cannot be opened at {place}: {source}; is it a database, and is the server running?"
    )]
    Unopened { place: String, source: connection::Error },
    #[error("the database refused: {0}")]
    Refused(#[from] connection::Error),
}

impl Place {
    /// Reads what `--db` was given.
    ///
    /// # Errors
    ///
    /// [`connection::Error::Unaddressed`]
    pub fn parse(db: &str, token: Option<&str>) -> Result<Place, connection::Error> {
        if db.contains("://") {
            ServerAddress::parse(db, token.unwrap_or_default()).map(Place::Server)
        } else {
            Ok(Place::File(PathBuf::from(db)))
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::File(path) => path.display().fmt(f),
            Place::Server(address) => address.fmt(f),
        }
    }
}

impl Database {
    /// Opens a database that is there already, to read from it.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`], also for a schema that is not this build's.
    pub async fn open(place: &Place) -> Result<Database, DatabaseError> {
        if let Place::File(path) = place
            && !path.exists()
        {
            return Err(DatabaseError::Missing(path.clone()));
        }
        let database = Database::at(place).await?;
        match migrations::version(&database.connect().await?).await? {
            migrations::LATEST => Ok(database),
            found if found > migrations::LATEST => {
                Err(migrations::MigrateError::Newer { found }.into())
            }
            found => Err(DatabaseError::Outdated { found }),
        }
    }

    /// Opens a database to write to it: makes it if there is none and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`]
    pub async fn open_or_make(place: &Place) -> Result<Database, DatabaseError> {
        let database = Database::at(place).await?;
        migrations::apply(&database.connect().await?).await?;
        Ok(database)
    }

    /// Opens whatever is there, or makes an empty file, and leaves the schema alone.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`]
    pub async fn at(place: &Place) -> Result<Database, DatabaseError> {
        if let Place::File(path) = place {
            make_folder_of(path)?;
        }
        let database = Database { place: place.clone(), _scratch: None };
        // Opening alone touches neither a file nor a server.
        match database.ping().await {
            Ok(()) => Ok(database),
            Err(DatabaseError::Refused(source)) => {
                Err(DatabaseError::Unopened { place: place.to_string(), source })
            }
            Err(other) => Err(other),
        }
    }

    /// An empty database that is gone when the command ends.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`]
    pub async fn scratch() -> Result<Database, DatabaseError> {
        let folder = tempfile::tempdir().map_err(DatabaseError::Scratch)?;
        let place = Place::File(folder.path().join("scratch.db"));
        let database = Database::open_or_make(&place).await?;
        Ok(Database { _scratch: Some(folder), ..database })
    }

    /// A new connection.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Refused`]
    pub async fn connect(&self) -> Result<Connection, DatabaseError> {
        match &self.place {
            Place::File(path) => {
                let connection = Connection::to_file(path).await?;
                connection.set_busy_timeout(BUSY_TIMEOUT)?;
                keep_log(&connection).await?;
                connection.query("PRAGMA foreign_keys = ON", ()).await?.next().await?;
                Ok(connection)
            }
            Place::Server(address) => Ok(Connection::to_server(address)),
        }
    }

    /// Waits while another process makes the database: SQLite does not wait for a lock by itself where it changes how the
    /// file is written.
    async fn ping(&self) -> Result<(), DatabaseError> {
        const PAUSE: Duration = Duration::from_millis(50);
        let began = Instant::now();
        loop {
            match self.count_tables().await {
                Err(DatabaseError::Refused(error))
                    if error.is_locked() && began.elapsed() < BUSY_TIMEOUT =>
                {
                    tokio::time::sleep(PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn count_tables(&self) -> Result<(), DatabaseError> {
        self.connect().await?.query("SELECT count(*) FROM sqlite_schema", ()).await?.next().await?;
        Ok(())
    }

    /// Where the database is.
    pub fn place(&self) -> &Place {
        &self.place
    }
}

/// Writes straight into the file, with a journal of what was there before, until [`keep_log`]: much that is new is then
/// written once and not twice. Where another process has the database open, the write-ahead log stays.
///
/// # Errors
///
/// The database's own.
pub async fn leave_log(connection: &Connection) -> Result<(), connection::Error> {
    connection.set_busy_timeout(Duration::ZERO)?;
    // Answers with the mode that it is, or refuses because of a lock.
    if let Ok(mut mode) = connection.query("PRAGMA journal_mode = DELETE", ()).await {
        let _ = mode.next().await;
    }
    connection.set_busy_timeout(BUSY_TIMEOUT)?;
    connection.query("PRAGMA synchronous = FULL", ()).await?.next().await?;
    Ok(())
}

/// Writes to the write-ahead log first, as is usual.
///
/// # Errors
///
/// The database's own.
pub async fn keep_log(connection: &Connection) -> Result<(), connection::Error> {
    for pragma in ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL"] {
        // journal_mode answers with a row, so this is a query.
        connection.query(pragma, ()).await?.next().await?;
    }
    Ok(())
}

fn make_folder_of(path: &Path) -> Result<(), DatabaseError> {
    match path.parent() {
        Some(folder) if folder != Path::new("") => std::fs::create_dir_all(folder)
            .map_err(|source| DatabaseError::Folder { folder: folder.to_owned(), source }),
        _ => Ok(()),
    }
}
