//! Tests `migrate`, `doctor`, `completions`, and where the database is.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, chown};

use serde_json::json;

use crate::desk::{Desk, diamonds, redacted};

#[test]
fn a_new_database_is_migrated_once_and_in_order_once_filled() {
    let desk = Desk::new();
    let doctor = desk.run("doctor");
    assert_eq!(doctor.code, 1);
    assert!(doctor.stdout.contains("there is no database at .spin/sqlite_db.db"), "{doctor:?}");
    let first = desk.json("migrate");
    assert_eq!(first["applied"][0]["name"], "init");
    assert_eq!(desk.json("migrate")["applied"], json!([]));
    let doctor = desk.run("doctor --json");
    assert_eq!(doctor.code, 1);
    insta::assert_snapshot!(doctor.stdout);
    desk.file("rows.csv", diamonds(60));
    desk.run("ingest rows.csv").ok();
    desk.run("train --families linear --folds 2").ok();
    let doctor = desk.json("doctor");
    assert_eq!(doctor["ok"], true, "{doctor:#}");
    assert!(!redacted(&doctor).contains("false"));
}

#[test]
fn a_file_of_another_user_or_that_is_locked_is_found() {
    let desk = Desk::new();
    desk.run("migrate").ok();
    let path = desk.path(".spin/sqlite_db.db");
    // Only root can give a file away; anyone else can lock it.
    let said = if chown(&path, Some(12_345), None).is_ok() {
        "belongs to 12345, not to root; `sudo chown root .spin/sqlite_db.db`"
    } else {
        std::fs::set_permissions(&path, Permissions::from_mode(0o444)).unwrap();
        "`chmod u+w .spin/sqlite_db.db`"
    };
    let doctor = desk.run("doctor");
    assert_eq!(doctor.code, 1);
    assert!(doctor.stdout.contains("failed  owner"), "{doctor:?}");
    assert!(doctor.stdout.contains(said), "{doctor:?}");
}

#[test]
fn images_that_cannot_be_loaded_are_found_and_made_anew() {
    let (desk, _) = Desk::trained(60, "linear,log-linear --folds 2");
    assert_eq!(desk.json("migrate")["images"], json!([]));
    let check = |sql: &str, models: usize, said: &str| {
        desk.sql(sql);
        let doctor = desk.run("doctor");
        assert_eq!(doctor.code, 1, "{sql}");
        assert!(doctor.stdout.contains(said), "{sql}: {doctor:?}");
        assert!(doctor.stdout.contains("trainer migrate"), "{sql}: {doctor:?}");
        let migrated = desk.json("migrate");
        assert_eq!(migrated["images"].as_array().unwrap().len(), models, "{sql}");
        desk.run("doctor").ok();
        assert_eq!(desk.json("migrate")["images"], json!([]));
    };
    // As an older build left it; of another layout; damaged; another model's.
    check("UPDATE models SET image = NULL", 2, "it has none");
    let head = "CAST(substr(image, 1, 8) || x'ffff' || substr(image, 11) AS BLOB)";
    check(&format!("UPDATE models SET image = {head}"), 2, "image of layout 65535");
    check("UPDATE models SET image = substr(image, 1, 100)", 2, "bytes where");
    let other = "(SELECT image FROM models other WHERE other.id <> models.id)";
    let champion = "id = (SELECT model_id FROM promotions)";
    check(&format!("UPDATE models SET image = {other} WHERE {champion}"), 1, "it is of");
}

#[test]
fn a_missing_an_older_and_a_newer_database_say_what_to_do() {
    let desk = Desk::new();
    desk.run("list").refused(1, "trainer ingest");
    assert!(!desk.path(".spin").exists());
    desk.run("migrate").ok();
    desk.sql("DELETE FROM schema_migrations");
    desk.run("list").refused(1, "run `trainer migrate`");
    // As an earlier commit left it.
    desk.sql("ALTER TABLE diamonds RENAME COLUMN row_hash TO row_sha256");
    for command in ["list", "train", "migrate", "ingest data.csv", "doctor"] {
        desk.file("data.csv", diamonds(1000));
        let outcome = desk.run(command);
        let said = outcome.stdout + &outcome.stderr;
        assert_eq!(outcome.code, 1, "{command}: {said}");
        assert!(said.contains("move the file away and seed anew"), "{command}: {said}");
        assert!(!said.contains("run `trainer migrate`"), "{command}: {said}");
    }
    desk.sql("ALTER TABLE diamonds RENAME COLUMN row_sha256 TO row_hash");
    desk.sql("INSERT INTO schema_migrations VALUES (9000, 'later', '')");
    for command in ["list", "train", "migrate"] {
        desk.run(command).refused(1, "use the newer build");
    }
    let text = "this is no database, only a long enough text to be read as a header of one";
    desk.file("text.db", text.repeat(20));
    desk.run("list --db text.db").failed(1);
}

#[test]
fn the_database_comes_from_the_option_the_environment_or_a_file() {
    let desk = Desk::new();
    desk.run("migrate --db one/a.db").ok();
    assert!(desk.path("one/a.db").exists());
    let by_environment = desk.command("migrate").env("TRAINER_DB", "two.db").status().unwrap();
    assert!(by_environment.success() && desk.path("two.db").exists());
    desk.file(".env", "TRAINER_DB=three.db\n");
    desk.run("migrate").ok();
    assert!(desk.path("three.db").exists() && !desk.path(".spin").exists());
    for address in ["http://127.0.0.1:1", "https://127.0.0.1:1", "libsql://127.0.0.1:1"] {
        let message = desk.run(format!("list --db {address}")).refused(1, address);
        assert!(message.contains("is the server running"), "{message}");
    }
    desk.run("list --db ftp://127.0.0.1:1").refused(2, "libsql://");
    for nowhere in ["''", ":memory:"] {
        desk.run(format!("list --db {nowhere}")).refused(2, "--db is");
    }
}

#[test]
fn a_broken_env_file_stops_the_command() {
    let desk = Desk::new();
    desk.file(".env", "FOO=bar baz\nTRAINER_DB=other.db\n");
    desk.run("doctor").refused(2, ".env");
}

#[test]
fn shells_are_told_the_commands() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish"] {
        desk.run(format!("completions {shell}")).prints("rollback");
    }
    insta::assert_snapshot!(desk.run("--help").ok().stdout);
}
