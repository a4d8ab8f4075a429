//! `trainer doctor` and `trainer migrate`: check whether everything is in order, and bring the schema up to date.

mod owner;

use std::path::Path;

use anyhow::{Result, anyhow, bail, ensure};
use connection::Connection;
use inference::{ModelId, Predictor};
use migrations::MigrateError;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Context;
use super::output::folder_of;
use data::stone::hex;
use registry::Registry;
use registry::database::{Database, Place};
use registry::store;

/// What to do where something is wrong.
const REMEDIES: [(&str, &str); 11] = [
    ("folder", "make the folder writable, or choose another place with --db"),
    ("owner", "run that line, and from then on the trainer as the user who serves"),
    ("database", "`cargo xtask up` or `trainer ingest FILE` makes a database; --db names another"),
    ("schema", "run `trainer migrate`, or use the newer build"),
    ("writable", "free the disk, make the file writable, or end the command that holds it"),
    ("journal mode", "move the database to a local disk: WAL does not work on network ones"),
    ("integrity", "restore the database from a copy"),
    ("diamonds", "add rows with `trainer ingest FILE`"),
    (
        "champion",
        "`trainer train` makes one; `trainer rollback` or `trainer promote ID` chooses another",
    ),
    (
        "image",
        "services decode the blob instead, which takes milliseconds for each of their instances; run `trainer migrate`",
    ),
    ("blobs", "train the models named again, or restore the database from a copy"),
];

/// One thing that was looked at, and what was found or is wrong.
struct Check {
    name: &'static str,
    outcome: Result<String>,
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
    ensure!(failed == 0, "{failed} of {} checks failed", checks.len());
    Ok(())
}

/// Looks at everything; what depends on something that failed is not looked at.
async fn check_all(place: &Place) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut check = |name, outcome: Result<String>| {
        let is_ok = outcome.is_ok();
        checks.push(Check { name, outcome });
        is_ok
    };
    let file = match place {
        Place::File(path) => Some(path),
        Place::Server(_) => None,
    };
    let is_writable = file.is_none_or(|path| check("folder", folder(path)));
    // Before the database is opened, which makes files next to it.
    if let Some(path) = file {
        check("owner", owner::check(path));
    }
    let opened = open(place).await;
    check(
        "database",
        opened.as_ref().map(|_| place.to_string()).map_err(|error| anyhow!("{error}")),
    );
    let Ok(connection) = opened else { return checks };
    let is_current = check("schema", schema(&connection).await);
    if !(is_writable && is_current) {
        return checks;
    }
    check("writable", writable(&connection).await);
    if file.is_some() {
        check("journal mode", is(&connection, "PRAGMA journal_mode", "wal").await);
        check("integrity", is(&connection, "PRAGMA quick_check(1)", "ok").await);
    }
    check("diamonds", diamonds(&connection).await);
    let registry = Registry::new(connection);
    check("champion", champion(&registry).await);
    if let Ok(Some(id)) = registry.champion().await {
        check("image", image(&registry, &id).await);
    }
    check("blobs", blobs(&registry).await);
    checks
}

async fn open(place: &Place) -> Result<Connection> {
    if let Place::File(path) = place {
        ensure!(path.exists(), "there is no database at {}", path.display());
    }
    Ok(Database::at(place).await?.connect().await?)
}

fn folder(path: &Path) -> Result<String> {
    let folder = folder_of(path).display();
    // A file that really is made: permissions alone do not tell of a full or read-only disk.
    tempfile::tempfile_in(folder_of(path)).map_err(|error| anyhow!("{folder}: {error}"))?;
    Ok(format!("{folder} is writable"))
}

async fn schema(connection: &Connection) -> Result<String> {
    let (found, latest) = (migrations::version(connection).await?, migrations::LATEST);
    ensure!(found == latest, "version {found}, this build's is {latest}");
    Ok(format!("version {latest}"))
}

async fn writable(connection: &Connection) -> Result<String> {
    let transaction = connection.transaction().await?;
    transaction.execute("CREATE TABLE doctor_was_here (x)", ()).await?;
    transaction.rollback().await?;
    Ok(String::from("a write was tried and taken back"))
}

/// Whether a pragma answers as it should.
async fn is(connection: &Connection, pragma: &str, wanted: &str) -> Result<String> {
    let found: String = connection.first(pragma, (), |row| row.get(0)).await?.unwrap_or_default();
    ensure!(found == wanted, found);
    Ok(found)
}

async fn diamonds(connection: &Connection) -> Result<String> {
    let (rows, _) = store::summary(connection).await?;
    ensure!(rows > 0, "there are none");
    Ok(format!("{rows} rows"))
}

async fn champion(registry: &Registry) -> Result<String> {
    let id = registry.find("champion").await?.id;
    let predictor = Predictor::from_blob(&registry.blob(&id).await?)
        .map_err(|error| anyhow!("{id}: {error}"))?;
    Ok(format!("{} {id}", predictor.header().family))
}

/// Whether services can load the champion without decoding it.
async fn image(registry: &Registry, id: &str) -> Result<String> {
    match registry.image(id).await? {
        Ok(bytes) => Ok(format!("of {id}, {bytes} bytes")),
        Err(why) => bail!("of {id}: {why}"),
    }
}

async fn blobs(registry: &Registry) -> Result<String> {
    let models = registry.models().await?;
    let mut damaged = Vec::new();
    for entry in &models {
        let blob = registry.blob(&entry.id).await?;
        let is_whole = hex(&Sha256::digest(&blob)) == entry.blob_sha256
            && ModelId::of(&blob).as_str() == entry.id;
        if !is_whole {
            damaged.push(entry.id.as_str());
        }
    }
    ensure!(damaged.is_empty(), "changed since they were registered: {}", damaged.join(", "));
    Ok(format!("{} hold what was registered", models.len()))
}

impl Check {
    /// What to do where it failed; an error of the schema says it itself.
    fn remedy(&self) -> Option<&'static str> {
        if self.outcome.as_ref().is_err_and(|error| error.is::<MigrateError>()) {
            return None;
        }
        REMEDIES.iter().find(|(name, _)| *name == self.name).map(|(_, remedy)| *remedy)
    }

    fn to_json(&self) -> Value {
        let (ok, detail) = match &self.outcome {
            Ok(found) => (true, found.clone()),
            Err(problem) => (false, problem.to_string()),
        };
        let remedy = self.remedy().filter(|_| !ok);
        json!({ "name": self.name, "ok": ok, "detail": detail, "remedy": remedy })
    }

    fn to_line(&self) -> String {
        match &self.outcome {
            Ok(found) => format!("ok      {:<13} {found}", self.name),
            Err(problem) => {
                let remedy = self.remedy().map_or_else(String::new, |remedy| format!("; {remedy}"));
                format!("failed  {:<13} {problem}{remedy}", self.name)
            }
        }
    }
}

pub(super) async fn migrate(context: &Context) -> Result<()> {
    let database = Database::at(&context.place).await?;
    let applied = migrations::apply(&database.connect().await?).await?;
    let images = Registry::new(database.connect().await?).make_images().await?;
    let steps: Vec<_> = applied
        .iter()
        .map(|migration| json!({ "version": migration.version, "name": migration.name }))
        .collect();
    let latest = migrations::LATEST;
    let document = json!({ "version": latest, "applied": steps, "images": images });
    context.print(&document, || {
        let mut text = match applied.len() {
            0 => format!("the schema is at version {latest} already"),
            count => format!("applied {count} migrations; the schema is at version {latest}"),
        };
        if !images.is_empty() {
            text += &format!("; made the images of {} models", images.len());
        }
        text
    })
}
