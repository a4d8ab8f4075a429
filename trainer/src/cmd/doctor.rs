//! `trainer doctor`: checks whether everything is in order, and says what to do where it is not.

use std::path::Path;

use anyhow::Result;
use inference::{ModelId, Predictor};
use libsql::Connection;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Context, Failure};
use data::stone::hex;
use registry::Registry;
use registry::database::{self, Database, Place};
use registry::store;

/// One thing that was looked at.
struct Check {
    name: &'static str,
    /// What was found, or what is wrong.
    outcome: Result<String, String>,
    /// What to do where something is wrong.
    remedy: &'static str,
}

pub(super) async fn run(context: &Context) -> Result<()> {
    let checks = check_all(&context.place).await;
    let failed = checks.iter().filter(|check| check.outcome.is_err()).count();
    let document = json!({
        "ok": failed == 0,
        "checks": checks.iter().map(Check::to_json).collect::<Vec<_>>(),
    });
    context
        .print(&document, || checks.iter().map(Check::to_line).collect::<Vec<_>>().join("\n"))?;
    if failed == 0 {
        return Ok(());
    }
    Err(Failure::Failed(format!("{failed} of {} checks failed", checks.len())).into())
}

/// Looks at everything; what depends on something that failed is not looked at.
async fn check_all(place: &Place) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Place::File(path) = place {
        checks.push(Check {
            name: "folder",
            outcome: folder(path),
            remedy: "make the folder writable, or choose another place with --db",
        });
    }
    let (outcome, connection) = match open(place).await {
        Ok(connection) => (Ok(place.to_string()), Some(connection)),
        Err(problem) => (Err(problem), None),
    };
    let remedy = "`trainer ingest data/diamonds.csv` makes a database; --db names another";
    checks.push(Check { name: "database", outcome, remedy });
    let Some(connection) = connection else { return checks };
    checks.push(schema(&connection).await);
    if checks.iter().any(|check| check.outcome.is_err()) {
        return checks;
    }
    checks.push(Check {
        name: "writable",
        outcome: writable(&connection).await,
        remedy: "free the disk, make the file writable, or end the command that holds it",
    });
    if let Place::File(_) = place {
        checks.push(Check {
            name: "journal mode",
            outcome: is(&connection, "PRAGMA journal_mode", "wal").await,
            remedy: "move the database to a local disk: WAL does not work on network ones",
        });
        checks.push(Check {
            name: "integrity",
            outcome: is(&connection, "PRAGMA quick_check(1)", "ok").await,
            remedy: "restore the database from a copy",
        });
    }
    checks.push(Check {
        name: "diamonds",
        outcome: diamonds(&connection).await,
        remedy: "add rows with `trainer ingest data/diamonds.csv`",
    });
    let registry = Registry::new(connection);
    checks.push(Check {
        name: "champion",
        outcome: champion(&registry).await,
        remedy: "`trainer train` makes one; `trainer rollback` or `trainer promote ID` chooses another",
    });
    if let Ok(Some(id)) = registry.champion().await {
        checks.push(Check {
            name: "image",
            outcome: image(&registry, &id).await,
            remedy: "services decode the blob instead, which takes milliseconds for each of their instances; run `trainer migrate`",
        });
    }
    checks.push(Check {
        name: "blobs",
        outcome: blobs(&registry).await,
        remedy: "train the models named again, or restore the database from a copy",
    });
    checks
}

async fn open(place: &Place) -> Result<Connection, String> {
    if let Place::File(path) = place
        && !path.exists()
    {
        return Err(format!("there is no database at {}", path.display()));
    }
    let database = Database::at(place).await.map_err(|error| error.to_string())?;
    database.connect().await.map_err(|error| error.to_string())
}

fn folder(path: &Path) -> Result<String, String> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    // A file that really is made: permissions alone do not tell of a full or read-only disk.
    match tempfile::tempfile_in(folder) {
        Ok(_) => Ok(format!("{} is writable", folder.display())),
        Err(error) => Err(format!("{}: {error}", folder.display())),
    }
}

async fn schema(connection: &Connection) -> Check {
    let outcome = match migrations::version(connection).await {
        Ok(migrations::LATEST) => Ok(format!("version {}", migrations::LATEST)),
        Ok(found) => Err(format!("version {found}, this build's is {}", migrations::LATEST)),
        Err(error) => Err(error.to_string()),
    };
    Check { name: "schema", outcome, remedy: "run `trainer migrate`, or use the newer build" }
}

async fn writable(connection: &Connection) -> Result<String, String> {
    let attempt = async {
        let transaction = database::write(connection).await?;
        transaction.execute("CREATE TABLE doctor_was_here (x)", ()).await?;
        transaction.rollback().await
    };
    attempt
        .await
        .map(|()| String::from("a write was tried and taken back"))
        .map_err(|e| e.to_string())
}

/// Whether a pragma answers as it should.
async fn is(connection: &Connection, pragma: &str, wanted: &str) -> Result<String, String> {
    match first_text(connection, pragma).await {
        Ok(found) if found == wanted => Ok(found),
        Ok(found) => Err(found),
        Err(error) => Err(error.to_string()),
    }
}

async fn first_text(connection: &Connection, sql: &str) -> Result<String, libsql::Error> {
    let mut rows = connection.query(sql, ()).await?;
    match rows.next().await? {
        Some(row) => row.get(0),
        None => Ok(String::new()),
    }
}

async fn diamonds(connection: &Connection) -> Result<String, String> {
    match store::summary(connection).await {
        Ok((0, _)) => Err(String::from("there are none")),
        Ok((rows, _)) => Ok(format!("{rows} rows")),
        Err(error) => Err(error.to_string()),
    }
}

async fn champion(registry: &Registry) -> Result<String, String> {
    let entry = registry.find("champion").await.map_err(|error| error.to_string())?;
    let blob = registry.blob(&entry.id).await.map_err(|error| error.to_string())?;
    match Predictor::from_blob(&blob) {
        Ok(predictor) => Ok(format!("{} {}", predictor.header().family, entry.id)),
        Err(error) => Err(format!("{}: {error}", entry.id)),
    }
}

/// Whether services can load the champion without decoding it.
async fn image(registry: &Registry, id: &str) -> Result<String, String> {
    match registry.image(id).await {
        Ok(Ok(bytes)) => Ok(format!("of {id}, {bytes} bytes")),
        Ok(Err(why)) => Err(format!("of {id}: {why}")),
        Err(error) => Err(error.to_string()),
    }
}

async fn blobs(registry: &Registry) -> Result<String, String> {
    let models = registry.models().await.map_err(|error| error.to_string())?;
    let mut damaged = Vec::new();
    for entry in &models {
        let blob = registry.blob(&entry.id).await.map_err(|error| error.to_string())?;
        let is_whole = hex(&Sha256::digest(&blob)) == entry.blob_sha256
            && ModelId::of(&blob).as_str() == entry.id;
        if !is_whole {
            damaged.push(entry.id.clone());
        }
    }
    if damaged.is_empty() {
        Ok(format!("{} hold what was registered", models.len()))
    } else {
        Err(format!("changed since they were registered: {}", damaged.join(", ")))
    }
}

impl Check {
    fn to_json(&self) -> serde_json::Value {
        let (ok, detail) = match &self.outcome {
            Ok(found) => (true, found),
            Err(problem) => (false, problem),
        };
        let remedy = (!ok).then_some(self.remedy);
        json!({ "name": self.name, "ok": ok, "detail": detail, "remedy": remedy })
    }

    fn to_line(&self) -> String {
        match &self.outcome {
            Ok(found) => format!("ok      {:<13} {found}", self.name),
            Err(problem) => format!("failed  {:<13} {problem}; {}", self.name, self.remedy),
        }
    }
}
